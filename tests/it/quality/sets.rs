//! The evaluation sets, asked the way a customer's question is.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::read::GzDecoder;
use serde_json::Value;
use superfan::answerer::Policy;
use superfan::answerer::ask::{decide_text, policy};
use superfan::config::{Rules, Settings};
use superfan::products::{Products, Subject, Thread};
use superfan::search::Search;
use superfan::vocabulary::Action;
use superfan_index::semantic::{self, SentenceModel};
use superfan_index::{Index, IndexedAnswer, Question};

use super::figures::{Case, HITS, Outcome, gain};

#[path = "../../../index/examples/fit/slips.rs"]
mod slips;

/// Threads that ask; the tests themselves run side by side.
const THREADS: usize = 2;

/// How a set is asked.
#[derive(Clone, Copy)]
pub(super) struct Asking {
    /// The folder of the set.
    pub(super) set: &'static str,
    /// The folder of a sentence model in `models/`, and the languages that are asked with it; all
    /// questions by words alone without one.
    pub(super) model: Option<(&'static str, &'static [&'static str])>,
    /// Whether the answers' texts are left out, since they name what is asked for.
    pub(super) is_blank: bool,
    /// Whether only the English answers are there, for questions in other languages.
    pub(super) is_abroad: bool,
    /// One answer in so many is there of those that no question of the set wants; embedding every
    /// long thread of a forum takes minutes.
    pub(super) others_every: usize,
    /// One question in so many is asked again with a slip of the finger; 0 for none.
    pub(super) slip_every: usize,
}

impl Asking {
    /// By words alone, each question again with a slip.
    pub(super) const fn words(set: &'static str) -> Self {
        Self { set, model: None, is_blank: false, is_abroad: false, others_every: 1, slip_every: 1 }
    }

    /// Asks all dev questions; the language is not told.
    pub(super) fn cases(self, eval: &Path) -> Vec<Case> {
        let folder = eval.join(self.set);
        let mut corpus = rows(&folder.join("corpus.jsonl.gz"));
        let mut asked = rows(&folder.join("queries.dev.jsonl.gz"));
        if let Some((_, langs)) = self.model {
            asked.retain(|row| langs.iter().any(|lang| row["lang"] == *lang));
        }
        let wanted: HashSet<String> = asked.iter().flat_map(|row| texts(row, "relevant")).collect();
        let mut others = 0..;
        corpus.retain(|row| {
            wanted.contains(&text(row, "id"))
                || others.next().is_some_and(|n| n % self.others_every == 0)
        });
        if self.is_abroad {
            corpus.retain(|row| row["lang"] == "en");
        }
        let search = self.search_over(&corpus);
        let rules = Rules::read(&Settings::from_pairs([])).unwrap();
        let desk = Desk { search: &search, policy: policy(&search, &rules), rules: &rules };
        side_by_side(&asked, |at, row| self.case(&desk, at, row))
    }

    fn case(self, desk: &Desk, at: usize, row: &Value) -> Case {
        let relevant: HashSet<String> = texts(row, "relevant").map(|id| self.meant(id)).collect();
        let words = text(row, "text");
        let (confidence, right, outcome) = desk.ask(&words, &relevant);
        let is_slipped = self.slip_every > 0 && at.is_multiple_of(self.slip_every);
        let slipped = (is_slipped && !relevant.is_empty()).then(|| {
            let (_, right, _) = desk.ask(&slips::slipped(&words, at as u64), &relevant);
            gain(&right, relevant.len())
        });
        Case {
            lang: text(row, "lang"),
            source: text(row, "source"),
            answerable: !relevant.is_empty(),
            confidence,
            first_right: right.first() == Some(&true),
            gain: gain(&right, relevant.len()),
            slipped,
            outcome,
        }
    }

    /// The id of the answer that is there: passages in other languages are the English ones'
    /// translations, under the same numbers.
    fn meant(self, id: String) -> String {
        match id.split_once('-') {
            Some((_, number)) if self.is_abroad => format!("en-{number}"),
            _ => id,
        }
    }

    fn search_over(self, corpus: &[Value]) -> Search {
        let mut answers = corpus.iter().map(|row| IndexedAnswer {
            id: text(row, "id"),
            lang: text(row, "lang"),
            title: text(row, "title"),
            question: text(row, "question"),
            answer: if self.is_blank { String::new() } else { text(row, "answer") },
            product: about(row).written(),
            votes: row["score"].as_i64().unwrap_or(0),
            sendable: true,
            ..IndexedAnswer::default()
        });
        let index = match self.model {
            None => Index::in_ram(),
            Some((name, _)) => {
                // Vectors are kept by content, so that only the first run embeds the answers.
                let index = Index::open(&kept(&format!("{}-{name}", self.set))).unwrap();
                index.set_models(model(name).into_iter().collect()).unwrap();
                index
            }
        };
        let generation = index.build(&mut answers, 1, &|_| {}).unwrap();
        index.swap_to(generation).unwrap();
        Search::new(Arc::new(index))
    }
}

/// What a question is put to.
struct Desk<'a> {
    search: &'a Search,
    policy: Policy,
    rules: &'a Rules,
}

impl Desk<'_> {
    /// How sure the first hit is (below 0 without one), which hits are right, and what became of it.
    fn ask(&self, words: &str, relevant: &HashSet<String>) -> (f32, Vec<bool>, Outcome) {
        let question = Question { text: words.to_owned(), lang: None };
        let found = self.search.index().search(&question, HITS).unwrap();
        let right: Vec<bool> = found.hits.iter().map(|hit| relevant.contains(&hit.id)).collect();
        let decision = decide_text(words, &found, &self.policy, self.rules);
        let shows_right = decision.picks.iter().any(|at| right[*at]);
        let outcome = match decision.action {
            Action::Answer if shows_right => Outcome::Right,
            Action::Answer => Outcome::Wrong,
            _ if shows_right => Outcome::Listed,
            _ => Outcome::Left,
        };
        (found.hits.first().map_or(-1.0, |hit| hit.confidence.get()), right, outcome)
    }
}

/// The folder of the sets.
pub(super) fn eval_dir() -> Option<PathBuf> {
    outside("eval")
}

/// The folder of the real forum.
pub(super) fn forum_dir() -> Option<PathBuf> {
    outside("forum")
}

fn outside(folder: &str) -> Option<PathBuf> {
    let dir = std::env::var_os("SUPERFAN_EVAL_DIR").map(PathBuf::from);
    if dir.is_none() {
        eprintln!("SUPERFAN_EVAL_DIR IS NOT SET: {folder} is not measured");
    }
    dir.map(|dir| dir.join(folder))
}

/// The folder of the sets, if the sentence model `name` is there as well.
pub(super) fn eval_dir_with(name: &str) -> Option<PathBuf> {
    let dir = eval_dir()?;
    folder(name).map(|_| dir)
}

/// The sentence model `name`, if it is there.
pub(crate) fn model(name: &str) -> Option<Arc<dyn SentenceModel>> {
    folder(name).map(|folder| semantic::load(&folder).unwrap().into())
}

fn folder(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(name);
    let is_there = folder.is_dir();
    if !is_there {
        eprintln!("models/{name} IS NOT THERE: what it comes to is not measured; see make model");
    }
    is_there.then_some(folder)
}

/// A folder that outlives the run.
pub(crate) fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("quality").join(name)
}

/// What `make` makes of each item, two at a time, in order.
pub(super) fn side_by_side<T: Sync, R: Send>(
    items: &[T],
    make: impl Fn(usize, &T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut made = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return made };
            made.push((at, make(at, item)));
        }
    };
    let mut made: Vec<(usize, R)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    made.sort_unstable_by_key(|(at, _)| *at);
    made.into_iter().map(|(_, made)| made).collect()
}

fn rows(path: &Path) -> Vec<Value> {
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines = BufReader::new(GzDecoder::new(file)).lines();
    lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
}

fn text(row: &Value, key: &str) -> String {
    row[key].as_str().unwrap_or_default().to_owned()
}

fn texts(row: &Value, key: &str) -> impl Iterator<Item = String> {
    row[key].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned)
}

/// What an answer is about, by generic patterns alone.
fn about(row: &Value) -> Subject {
    let (title, question, answer) =
        (text(row, "title"), text(row, "question"), text(row, "answer"));
    let thread =
        Thread { title: &title, question: &question, answer: &answer, ..Thread::default() };
    Products::default().answer(&thread)
}
