//! Where the weights of `weights.tsv` come from: fitted to the labelled answers of the real forum.
//!
//! `make fit-sendable SUPERFAN_EVAL_DIR=DIR` fits anew, writes the table, and prints what
//! cross-validation reaches; without `FIT_SENDABLE` the test only checks that the table is where a
//! fit ends. The fresh labels are not read here.

mod solve;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest, Sha256};

use self::solve::{Problem, Row};
use super::features::{NAMES, features};
use super::tests::{answers, demo, is_not_for_sending, labels};
use super::weights::{Model, WORDED};
use super::words::words;
use crate::answers::read::SourceAnswer;

/// How many words and pairs the table has at most.
const MOST_WORDS: usize = 600;
/// How many labelled answers must have a word.
const LEAST_ANSWERS: usize = 4;
/// An answer on which careful readers differ counts so much against sending.
const EITHER_WEIGHS: f64 = 0.3;
/// An answer of the demo base, which is about something else, counts so much.
const DEMO_WEIGHS: f64 = 0.3;
/// A sign may weigh more than a word: its value is multiplied by so much before the fit.
const SIGN_SCALE: f64 = 2.0;
/// How much an error costs against a weight of one.
const COST: f64 = 0.1;
/// Parts of the labels that take turns at being left out.
const PARTS: u8 = 10;
/// What share of those that pass should be instructions where the line is drawn.
const AIM: f64 = 0.97;

/// Names of this forum's matter and people, which say nothing about another brand's answers.
const TOPICS: [&str; 79] = [
    "thunderbird",
    "tb",
    "tbird",
    "mozilla",
    "firefox",
    "gmail",
    "google",
    "yahoo",
    "outlook",
    "hotmail",
    "microsoft",
    "office365",
    "com",
    "aol",
    "comcast",
    "xfinity",
    "att",
    "verizon",
    "spectrum",
    "imap",
    "pop",
    "pop3",
    "smtp",
    "oauth2",
    "oauth",
    "email",
    "emails",
    "mail",
    "mails",
    "inbox",
    "windows",
    "mac",
    "macos",
    "linux",
    "ubuntu",
    "esr",
    "david",
    "matt",
    "wayne",
    "christ1",
    "support",
    "org",
    "www",
    "https",
    "http",
    "us",
    "kb",
    "html",
    "addons",
    "addon",
    "norton",
    "bitdefender",
    "avast",
    "mcafee",
    "calendar",
    "addressbook",
    "bugzilla",
    "apple",
    "icloud",
    "iphone",
    "android",
    "win10",
    "win11",
    "sfhowes",
    "toad",
    "hall",
    "spam",
    "junk",
    "contacts",
    "sent",
    "trash",
    "drafts",
    "password",
    "profile",
    "address",
    "book",
    "ssl",
    "tls",
    "e",
];

/// An answer as the fit sees it.
struct Seen {
    id: String,
    /// 1.0 for instructions, 0.0 for others and those between.
    is_good: bool,
    weight: f64,
    signs: Vec<f64>,
    /// Words with `word` or `asker` before them, as the table has them.
    words: BTreeSet<String>,
}

/// The labelled answers of the forum, then those of the demo base whose words are learned.
fn seen(folder: &Path) -> Vec<Seen> {
    let labels = labels(include_str!("../../../index/tests/sendable_labels.tsv"));
    let answers = answers(&folder.join("forum"));
    let labelled = answers.iter().filter_map(|answer| Some((answer, *labels.get(&*answer.id)?)));
    let mut seen: Vec<Seen> = labelled
        .map(|(answer, label)| {
            let weight = if label == "either" { EITHER_WEIGHS } else { 1.0 };
            one(answer, label == "instructions", weight)
        })
        .collect();
    let is_worded = |answer: &&SourceAnswer| WORDED.contains(&answer.lang.as_deref().unwrap_or(""));
    for answer in demo().iter().filter(is_worded) {
        seen.push(one(answer, !is_not_for_sending(answer), DEMO_WEIGHS));
    }
    seen
}

fn one(answer: &SourceAnswer, is_good: bool, weight: f64) -> Seen {
    let mut named = BTreeSet::new();
    for word in words(&answer.answer).into_iter().filter(|word| !is_topic(word)) {
        if answer.is_self_answer() && !word.contains(' ') {
            named.insert(format!("asker\t{word}"));
        }
        named.insert(format!("word\t{word}"));
    }
    let signs = features(answer).iter().map(|value| f64::from(*value) * SIGN_SCALE).collect();
    Seen { id: answer.id.clone(), is_good, weight, signs, words: named }
}

fn is_topic(words: &str) -> bool {
    words.split(' ').any(|word| TOPICS.contains(&word))
}

/// Weights of the signs, of words by their name in the table, and where the sum starts.
struct Fitted {
    bias: f64,
    signs: Vec<f64>,
    words: BTreeMap<String, f64>,
}

/// Fits with every frequent word, keeps those that do most, and fits again.
fn fit(seen: &[&Seen]) -> Fitted {
    let mut n_answers: BTreeMap<&str, usize> = BTreeMap::new();
    for word in seen.iter().flat_map(|one| &one.words) {
        *n_answers.entry(word).or_default() += 1;
    }
    n_answers.retain(|_, n| *n >= LEAST_ANSWERS);
    let first = fit_to(seen, n_answers.keys().copied().collect());
    let mut by_worth: Vec<(f64, &str)> = n_answers
        .iter()
        .map(|(word, n)| {
            (first.words[*word].abs() * f64::from(u32::try_from(*n).unwrap()).sqrt(), *word)
        })
        .collect();
    by_worth.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let mut kept: Vec<&str> = by_worth.into_iter().take(MOST_WORDS).map(|(_, word)| word).collect();
    kept.sort_unstable();
    fit_to(seen, kept)
}

fn fit_to(seen: &[&Seen], words: Vec<&str>) -> Fitted {
    let solved = problem(seen, &words).solve();
    let (signs, of_words) = solved.weights.split_at(NAMES.len());
    Fitted {
        bias: solved.bias,
        signs: signs.iter().map(|weight| weight * SIGN_SCALE).collect(),
        words: words.into_iter().map(str::to_owned).zip(of_words.iter().copied()).collect(),
    }
}

fn problem(seen: &[&Seen], words: &[&str]) -> Problem {
    let places: HashMap<&str, usize> = words.iter().copied().zip(NAMES.len()..).collect();
    let row = |one: &&Seen| {
        let signs = one.signs.iter().copied().enumerate().filter(|(_, value)| *value != 0.0);
        let words = one.words.iter().filter_map(|word| Some((*places.get(word.as_str())?, 1.0)));
        Row { values: signs.chain(words).collect(), is_good: one.is_good, cost: COST * one.weight }
    };
    Problem { n_weights: NAMES.len() + words.len(), rows: seen.iter().map(row).collect() }
}

impl Fitted {
    fn score(&self, one: &Seen) -> f64 {
        let signs =
            one.signs.iter().zip(&self.signs).map(|(value, weight)| value / SIGN_SCALE * weight);
        let words = one.words.iter().filter_map(|word| self.words.get(word));
        let sum = self.bias + signs.sum::<f64>() + words.sum::<f64>();
        1.0 / (1.0 + (-sum).exp())
    }

    fn table(&self, line: f64) -> String {
        let mut table = String::from(
            "# Written by `make fit-sendable`: kind, name, weight. Above zero speaks for sending.\n",
        );
        writeln!(table, "line\t-\t{line:.3}\nbias\t-\t{:.4}", self.bias).unwrap();
        for ((name, _), weight) in NAMES.iter().zip(&self.signs) {
            writeln!(table, "sign\t{name}\t{weight:.4}").unwrap();
        }
        for (word, weight) in &self.words {
            writeln!(table, "{word}\t{weight:.4}").unwrap();
        }
        table
    }
}

/// Every answer's score by a fit that did not see its part, and whether it is good; those on which
/// readers differ are left out. Of the other parts so many 256ths are fitted to.
fn cross_validated(seen: &[Seen], n_256ths: u16) -> Vec<(f64, bool)> {
    let part = |one: &Seen| Sha256::digest(one.id.as_bytes())[0] % PARTS;
    let is_used = |one: &Seen| u16::from(Sha256::digest(one.id.as_bytes())[1]) < n_256ths;
    let mut scores = Vec::new();
    for left_out in 0..PARTS {
        let (out, used): (Vec<&Seen>, Vec<&Seen>) =
            seen.iter().partition(|one| part(one) == left_out);
        let used: Vec<&Seen> = used.into_iter().filter(|one| is_used(one)).collect();
        let fitted = fit(&used);
        let counted = out.into_iter().filter(|one| one.weight > 0.9);
        scores.extend(counted.map(|one| (fitted.score(one), one.is_good)));
    }
    scores.sort_by(|a, b| b.0.total_cmp(&a.0));
    scores
}

/// The lowest score above which so large a share is good, and the share of the good below it.
fn drawn(scores: &[(f64, bool)], aim: f64) -> (f64, f64) {
    let n_good = scores.iter().filter(|(_, is_good)| *is_good).count();
    let (mut n, mut good, mut best) = (0.0, 0.0, (1.0, 1.0));
    for (score, is_good) in scores {
        n += 1.0;
        good += f64::from(u8::from(*is_good));
        if good / n >= aim {
            best = (*score, 1.0 - good / f64::from(u32::try_from(n_good).unwrap()));
        }
    }
    best
}

#[test]
fn the_weights_are_where_a_fit_ends() {
    let Some(folder) = std::env::var_os("SUPERFAN_EVAL_DIR") else {
        eprintln!("NOT MEASURED: set SUPERFAN_EVAL_DIR to fit to the labelled forum answers");
        return;
    };
    let seen = seen(Path::new(&folder));
    if std::env::var_os("FIT_SENDABLE").is_some() {
        for n_256ths in [32, 64, 128, 256] {
            let scores = cross_validated(&seen, n_256ths);
            for aim in [0.99, 0.98, 0.97, 0.96, 0.95, 0.94, 0.93, 0.92, 0.91, 0.90] {
                let (line, blocked) = drawn(&scores, aim);
                eprintln!(
                    "{n_256ths}/256, precision {aim:.2}: line {line:.3}, blocked {blocked:.3}"
                );
            }
        }
        let scores = cross_validated(&seen, 256);
        let table = fit(&seen.iter().collect::<Vec<_>>()).table(drawn(&scores, AIM).0);
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/answers/sendable/weights.tsv");
        std::fs::write(path, table).unwrap();
        return;
    }
    let model = Model::read(include_str!("weights.tsv")).unwrap();
    let of_words = model.words.iter().map(|(word, weight)| (format!("word\t{word}"), *weight));
    let of_asker =
        model.asker_words.iter().map(|(word, weight)| (format!("asker\t{word}"), *weight));
    let table: BTreeMap<String, f32> = of_words.chain(of_asker).collect();
    let words: Vec<&str> = table.keys().map(String::as_str).collect();
    let signs = model.signs.iter().map(|weight| f64::from(*weight) / SIGN_SCALE);
    let weights: Vec<f64> = signs.chain(table.values().map(|weight| f64::from(*weight))).collect();
    let slope =
        problem(&seen.iter().collect::<Vec<_>>(), &words).slope(&weights, f64::from(model.bias));
    let steepest = slope.iter().fold(0.0_f64, |most, slope| most.max(slope.abs()));
    assert!(steepest < 0.05, "a fit would go on from here: {steepest}; run `make fit-sendable`");
}
