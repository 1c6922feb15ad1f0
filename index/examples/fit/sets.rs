//! The evaluation sets: an index and its questions.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use flate2::read::GzDecoder;
use serde_json::Value;
use superfan_index::semantic::{self, SentenceModel};
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
    /// Most of its answers are left out: for the fit only, its precision is another set's.
    pub(crate) is_cut: bool,
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

/// What is made of a corpus and its questions.
struct Plan {
    name: &'static str,
    family: &'static str,
    /// Questions of this source; empty for all, [`ABROAD`] for those in other languages.
    source: &'static str,
    kept: Kept,
    /// By words, with a model of one language, with one of many.
    weight: [f32; 3],
    trust: f32,
}

/// What is kept of a corpus.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    All,
    /// Everything but the answers' texts.
    Blank,
    English,
    /// So many answers of each language: a small base is judged as well as a large one, and the
    /// questions whose answer went are as near to it as unanswerable ones can be.
    Few(usize),
}

const PLANS: [Plan; 10] = [
    plan("stackfaq", "forum-en", "stackfaq", Kept::All, ([1.0, 2.0, 0.4], 1.5)),
    plan("thunderbird", "forum-en", "thunderbird", Kept::All, ([0.5, 0.5, 0.2], 0.3)),
    plan("multi", "multi", "", Kept::All, ([3.0, 2.0, 3.0], 1.5)),
    plan("multi-few", "multi", "", Kept::Few(30), ([0.0; 3], 1.0)),
    plan("multi-some", "multi", "", Kept::Few(80), ([0.0; 3], 0.5)),
    plan("abroad", "multi", ABROAD, Kept::English, ([0.0, 0.0, 1.0], 0.5)),
    plan("clinc", "intents-clinc", "", Kept::All, ([0.0; 3], 0.5)),
    plan("clinc-blank", "intents-clinc", "", Kept::Blank, ([1.5, 1.5, 0.5], 0.5)),
    plan("banking77", "intents-banking77", "", Kept::All, ([0.0; 3], 0.5)),
    plan("banking77-blank", "intents-banking77", "", Kept::Blank, ([1.0, 1.0, 0.4], 0.5)),
];

const fn plan(
    name: &'static str,
    family: &'static str,
    source: &'static str,
    kept: Kept,
    (weight, trust): ([f32; 3], f32),
) -> Plan {
    Plan { name, family, source, kept, weight, trust }
}

impl Kept {
    fn suffix(self) -> String {
        match self {
            Self::All => String::new(),
            Self::Blank => "-blank".to_owned(),
            Self::English => "-en".to_owned(),
            Self::Few(n) => format!("-{n}"),
        }
    }

    /// The rows of `corpus` that are kept, by the digest of their ids where few are.
    fn of(self, mut corpus: Vec<Value>) -> Vec<Value> {
        match self {
            Self::All | Self::Blank => {}
            Self::English => corpus.retain(|row| row["lang"] == "en"),
            Self::Few(n) => {
                corpus.sort_by_key(|row| semantic::vectors::key(&text(row, "id")));
                let mut counts: HashMap<String, usize> = HashMap::new();
                corpus.retain(|row| {
                    let count = counts.entry(text(row, "lang")).or_default();
                    *count += 1;
                    *count <= n
                });
            }
        }
        corpus
    }
}

/// Reads and indexes all sets under `folder`, as words alone or `model` beside them read them.
///
/// Vectors are kept in `cache`, so that only the first fit embeds the sets.
pub(crate) fn load(
    folder: &Path,
    model: Option<&Model>,
    cache: &Path,
) -> Result<Vec<Set>, Box<dyn Error>> {
    let mut sets: Vec<Set> = Vec::new();
    for plan in &PLANS {
        if plan.source == ABROAD && !model.is_some_and(is_multilingual) {
            continue;
        }
        sets.push(plan.set(folder, model, cache, &sets)?);
    }
    Ok(sets)
}

/// Whether a model reads other languages than English.
pub(crate) fn is_multilingual(model: &Model) -> bool {
    PARALLEL.iter().any(|lang| model.covers(lang))
}

impl Plan {
    /// Its set as the model with this number reads it, sharing its index with one of `others`.
    fn set(
        &self,
        folder: &Path,
        model: Option<&Model>,
        cache: &Path,
        others: &[Set],
    ) -> Result<Set, Box<dyn Error>> {
        let kind = model.map_or("words", |model| model.name());
        let folder = folder.join(self.family);
        let corpus = self.kept.of(rows(&folder.join("corpus.jsonl.gz"))?);
        let place = format!("{}{}-{kind}", self.family, self.kept.suffix());
        let index = match others.iter().find(|set| set.place == place) {
            Some(set) => set.index.clone(),
            None => Arc::new(index(&corpus, self.kept, model, &cache.join(&place))?),
        };
        let mut queries = queries(&folder, self.source)?;
        if let Some(model) = model {
            queries.retain(|query| model.covers(&query.lang));
        }
        if let Kept::Few(_) = self.kept {
            thin_out(&mut queries, &corpus);
        }
        let basis = model.map_or(0, |model| if is_multilingual(model) { 2 } else { 1 });
        Ok(Set {
            name: format!("{} {}", self.name, kind.split('-').next().unwrap_or(kind)),
            family: self.family,
            place,
            weight: self.weight[basis],
            trust: self.trust,
            blank: self.kept == Kept::Blank,
            is_cut: matches!(self.kept, Kept::Few(_)),
            placed: model.is_some(),
            index,
            queries,
        })
    }
}

/// Forgets answers that are not in `corpus`, and keeps half as many questions without an answer
/// as there are with one.
fn thin_out(queries: &mut Vec<Query>, corpus: &[Value]) {
    let here: HashSet<String> = corpus.iter().map(|row| text(row, "id")).collect();
    for query in queries.iter_mut() {
        query.relevant.retain(|id| here.contains(id));
    }
    queries.sort_by_key(|query| (query.relevant.is_empty(), semantic::vectors::key(&query.id)));
    let n_answerable = queries.iter().filter(|query| !query.relevant.is_empty()).count();
    queries.truncate(n_answerable + n_answerable / 2);
}

/// A sentence model to fit with.
pub(crate) type Model = Arc<dyn SentenceModel>;

fn index(
    corpus: &[Value],
    kept: Kept,
    model: Option<&Model>,
    cache: &Path,
) -> Result<Index, Box<dyn Error>> {
    let mut answers = corpus.iter().map(|row| IndexedAnswer {
        id: text(row, "id"),
        lang: text(row, "lang"),
        title: text(row, "title"),
        question: text(row, "question"),
        answer: if kept == Kept::Blank { String::new() } else { text(row, "answer") },
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
