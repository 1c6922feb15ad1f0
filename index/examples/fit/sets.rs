//! The evaluation sets: an index and its questions.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::Value;
use superfan_index::{Index, IndexedAnswer, Question};

/// An indexed corpus with judged questions.
pub(crate) struct Set {
    pub(crate) name: &'static str,
    /// Sets of one family share questions and are left out together.
    pub(crate) family: &'static str,
    /// Share in the fit of the ranking, and in the fit of the confidence.
    pub(crate) weight: f32,
    pub(crate) trust: f32,
    /// The answers' texts are left out, since they name what is asked for.
    pub(crate) blank: bool,
    pub(crate) index: Index,
    pub(crate) queries: Vec<Query>,
}

/// A judged question.
pub(crate) struct Query {
    pub(crate) id: String,
    pub(crate) question: Question,
    pub(crate) relevant: Vec<String>,
}

/// Reads and indexes all sets under `folder`.
pub(crate) fn load(folder: &Path) -> Result<Vec<Set>, Box<dyn Error>> {
    let plans: [(&str, &str, f32, f32, bool, &str); 7] = [
        ("stackfaq", "forum-en", 1.0, 1.5, false, "stackfaq"),
        ("thunderbird", "forum-en", 0.5, 1.0, false, "thunderbird"),
        ("multi", "multi", 3.0, 1.5, false, ""),
        ("clinc", "intents-clinc", 0.0, 0.5, false, ""),
        ("clinc-blank", "intents-clinc", 1.5, 0.5, true, ""),
        ("banking77", "intents-banking77", 0.0, 0.5, false, ""),
        ("banking77-blank", "intents-banking77", 1.0, 0.5, true, ""),
    ];
    let sets = plans.into_iter().map(|(name, family, weight, trust, blank, source)| {
        let folder = folder.join(family);
        let index = index(&folder, blank)?;
        let queries = queries(&folder, source)?;
        Ok(Set { name, family, weight, trust, blank, index, queries })
    });
    sets.collect()
}

fn index(folder: &Path, blank: bool) -> Result<Index, Box<dyn Error>> {
    let answers = rows(&folder.join("corpus.jsonl.gz"))?;
    let mut answers = answers.iter().map(|row| IndexedAnswer {
        id: text(row, "id"),
        lang: text(row, "lang"),
        title: text(row, "title"),
        question: text(row, "question"),
        answer: if blank { String::new() } else { text(row, "answer") },
        tags: texts(row, "tags"),
        votes: row["score"].as_i64().unwrap_or(0),
        sendable: true,
        ..IndexedAnswer::default()
    });
    let index = Index::in_ram();
    let number = index.build(&mut answers, 1, &|_| {})?;
    index.swap_to(number)?;
    Ok(index)
}

fn queries(folder: &Path, source: &str) -> Result<Vec<Query>, Box<dyn Error>> {
    let rows = rows(&folder.join("queries.dev.jsonl.gz"))?;
    let chosen = rows.iter().filter(|row| source.is_empty() || row["source"] == source);
    let queries = chosen.map(|row| Query {
        id: text(row, "id"),
        // The language is not told: a customer does not tell it either.
        question: Question { text: text(row, "text"), lang: None },
        relevant: texts(row, "relevant"),
    });
    Ok(queries.collect())
}

fn rows(path: &Path) -> Result<Vec<Value>, Box<dyn Error>> {
    let lines = BufReader::new(GzDecoder::new(File::open(path)?)).lines();
    lines.map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}

fn text(row: &Value, key: &str) -> String {
    row[key].as_str().unwrap_or("").to_owned()
}

fn texts(row: &Value, key: &str) -> Vec<String> {
    let list = row[key].as_array().into_iter().flatten();
    list.filter_map(|item| item.as_str().map(str::to_owned)).collect()
}
