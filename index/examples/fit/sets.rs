//! The evaluation sets: an index and its questions.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use flate2::read::GzDecoder;
use serde_json::Value;
use superfan_index::semantic::SentenceModel;
use superfan_index::{Index, IndexedAnswer, Question};

/// An indexed corpus with judged questions.
pub(crate) struct Set {
    pub(crate) name: String,
    /// Sets of one family share questions and are left out together.
    pub(crate) family: &'static str,
    /// Which index it is; sets of one corpus share theirs.
    place: String,
    /// Share in the fit of the ranking, and in the fit of the confidence.
    pub(crate) weight: f32,
    pub(crate) trust: f32,
    /// The answers' texts are left out, since they name what is asked for.
    pub(crate) blank: bool,
    /// Whether a sentence model reads along.
    pub(crate) placed: bool,
    pub(crate) index: Arc<Index>,
    pub(crate) queries: Vec<Query>,
}

/// Questions in other languages, against the English answers only.
const ABROAD: &str = "abroad";

/// Languages whose passages are translations of the English ones, under the same numbers.
const PARALLEL: [&str; 5] = ["es", "de", "ar", "th", "zh"];

/// A judged question.
pub(crate) struct Query {
    pub(crate) id: String,
    pub(crate) question: Question,
    pub(crate) relevant: Vec<String>,
    pub(crate) lang: String,
}

/// Reads and indexes all sets under `folder`.
///
/// With models, each set is there once for every model that can read it; vectors are kept in
/// `cache`, so that only the first fit embeds the sets.
pub(crate) fn load(
    folder: &Path,
    models: &[Model],
    cache: &Path,
) -> Result<Vec<Set>, Box<dyn Error>> {
    let plans: [(&str, &str, f32, f32, bool, &str); 8] = [
        ("stackfaq", "forum-en", 1.0, 1.5, false, "stackfaq"),
        ("thunderbird", "forum-en", 0.5, 1.0, false, "thunderbird"),
        ("multi", "multi", 3.0, 1.5, false, ""),
        ("abroad", "multi", 1.0, 0.5, false, ABROAD),
        ("clinc", "intents-clinc", 0.0, 0.5, false, ""),
        ("clinc-blank", "intents-clinc", 1.5, 0.5, true, ""),
        ("banking77", "intents-banking77", 0.0, 0.5, false, ""),
        ("banking77-blank", "intents-banking77", 1.0, 0.5, true, ""),
    ];
    let readers: Vec<Option<&Model>> =
        if models.is_empty() { vec![None] } else { models.iter().map(Some).collect() };
    let mut sets: Vec<Set> = Vec::new();
    for (name, family, weight, trust, blank, source) in plans {
        for (number, model) in readers.iter().enumerate() {
            let kind = model.map_or("words", |model| model.name());
            let is_abroad = source == ABROAD;
            let kept = if is_abroad {
                "-en"
            } else if blank {
                "-blank"
            } else {
                ""
            };
            let place = format!("{family}{kept}-{kind}");
            let folder = folder.join(family);
            let known = sets.iter().find(|set| set.place == place).map(|set| set.index.clone());
            let index = match known {
                Some(index) => index,
                None => Arc::new(index(&folder, kept, *model, &cache.join(&place))?),
            };
            let mut queries = queries(&folder, source)?;
            if let Some(model) = model {
                queries.retain(|query| model.covers(&query.lang));
            }
            if queries.is_empty() || (is_abroad && model.is_none()) {
                continue;
            }
            // The first model is the one for its languages; others must not spoil its weights.
            let is_second = number > 0 && family != "multi";
            let (weight, trust) =
                if is_second { (weight / 3.0, trust / 3.0) } else { (weight, trust) };
            let name = format!("{name} {}", kind.split('-').next().unwrap_or(kind));
            let placed = model.is_some();
            sets.push(Set { name, family, place, weight, trust, blank, placed, index, queries });
        }
    }
    Ok(sets)
}

/// A sentence model to fit with.
pub(crate) type Model = Arc<dyn SentenceModel>;

fn index(
    folder: &Path,
    kept: &str,
    model: Option<&Model>,
    cache: &Path,
) -> Result<Index, Box<dyn Error>> {
    let answers = rows(&folder.join("corpus.jsonl.gz"))?;
    let here = answers.iter().filter(|row| kept != "-en" || row["lang"] == "en");
    let mut answers = here.map(|row| IndexedAnswer {
        id: text(row, "id"),
        lang: text(row, "lang"),
        title: text(row, "title"),
        question: text(row, "question"),
        answer: if kept == "-blank" { String::new() } else { text(row, "answer") },
        tags: texts(row, "tags"),
        votes: row["score"].as_i64().unwrap_or(0),
        sendable: true,
        ..IndexedAnswer::default()
    });
    let index = match model {
        Some(model) => {
            let index = Index::open(cache)?;
            index.set_models(vec![model.clone()])?;
            index
        }
        None => Index::in_ram(),
    };
    let number = index.build(&mut answers, 1, &|_| {})?;
    index.swap_to(number)?;
    Ok(index)
}

fn queries(folder: &Path, source: &str) -> Result<Vec<Query>, Box<dyn Error>> {
    let rows = rows(&folder.join("queries.dev.jsonl.gz"))?;
    let is_abroad = source == ABROAD;
    let chosen = rows.iter().filter(|row| match source {
        "" => true,
        ABROAD => PARALLEL.iter().any(|lang| row["lang"] == *lang),
        source => row["source"] == source,
    });
    let meant = |id: String| match id.split_once('-') {
        Some((_, number)) if is_abroad => format!("en-{number}"),
        _ => id,
    };
    let queries = chosen.map(|row| Query {
        id: text(row, "id"),
        // The language is not told: a customer does not tell it either.
        question: Question { text: text(row, "text"), lang: None },
        relevant: texts(row, "relevant").into_iter().map(meant).collect(),
        lang: text(row, "lang"),
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
