//! The answer-quality gate: what the evaluation sets come to with what is shipped, by words alone
//! and with each sentence model that was fetched.
//!
//! The sets are read where `SUPERFAN_EVAL_DIR` says; without it this says so and measures nothing.
//! Means are over seeded resamples of the questions, so that a lucky draw does not pass. Every
//! figure is printed beside its aim; where an aim is missed, what is reached is held.

#![expect(clippy::cast_precision_loss, reason = "some thousand questions")]

mod alarms;
mod figures;
mod sets;

use std::path::Path;
use std::sync::OnceLock;

use figures::{Case, Held, check, interval, mean_of_languages, missed, oracle, reached, realised};
use sets::{Asking, eval_dir, eval_dir_with};
pub(crate) use sets::{kept, model};

/// The sets, each with its questions' answers.
type Sets = [(&'static str, Vec<Case>); 4];

const SETS: [&str; 4] = ["forum-en", "multi", "intents-clinc", "intents-banking77"];

pub(crate) const MINILM: &str = "all-minilm-l6-v2";
pub(crate) const USE: &str = "use-multilingual";

/// Shares of right automatic answers that are held of what is pooled: the lower bound's floor, and
/// the target that no single set may clearly miss.
const POOLED: f64 = 0.93;
const TARGET: f64 = 0.95;

/// All sets by words alone, asked once for all tests.
fn by_words(eval: &Path) -> &'static Sets {
    static SETS_BY_WORDS: OnceLock<Sets> = OnceLock::new();
    SETS_BY_WORDS.get_or_init(|| SETS.map(|set| (set, Asking::words(set).cases(eval))))
}

/// All sets as far as they are in English, with the small English model; a slip in one question of
/// three, and of the forum's other threads one in eight.
fn with_minilm(eval: &Path) -> &'static Sets {
    static SETS_WITH_MINILM: OnceLock<Sets> = OnceLock::new();
    SETS_WITH_MINILM.get_or_init(|| {
        SETS.map(|set| {
            let others_every = if set == "forum-en" { 8 } else { 1 };
            let model = Some((MINILM, ["en"].as_slice()));
            let asking = Asking { model, others_every, slip_every: 3, ..Asking::words(set) };
            (set, asking.cases(eval))
        })
    })
}

fn of<'a>(sets: &'a Sets, name: &str) -> &'a [Case] {
    &sets.iter().find(|(set, _)| *set == name).unwrap().1
}

fn part(cases: &[Case], is: impl Fn(&Case) -> bool) -> Vec<Case> {
    cases.iter().filter(|case| is(case)).cloned().collect()
}

/// Fails with every figure that fell below its floor.
struct Gate(Vec<String>);

impl Gate {
    fn hold(&mut self, name: &str, cases: &[Case], held: &[Held]) {
        check(name, cases, held, &mut self.0);
    }

    /// Holds the precision of what was answered automatically at the shipped line, and how much of
    /// what could have been answered was.
    fn hold_precision(&mut self, name: &str, sets: &Sets, least_coverage: f64) {
        let pooled: Vec<Case> = sets.iter().flat_map(|(_, cases)| cases.clone()).collect();
        for (set, cases) in sets.iter().map(|(set, cases)| (*set, cases)).chain([("all", &pooled)])
        {
            let (right, n) = realised(cases);
            let (low, high) = interval(right, n);
            let (covered, best) = (n / cases.len() as f64, oracle(cases));
            eprintln!(
                "{name}, {set}: {right} of {n} automatic answers right, {:.3} ({low:.3}–{high:.3}); \
                 answered {covered:.3}, {:.2} of what hindsight allows ({best:.3}) [aim 0.8]",
                right / n,
                covered / best
            );
            let is_pooled = set == "all";
            if !is_pooled && high < TARGET {
                self.0.push(format!("{name}, {set}: at most {high:.4} right, below {TARGET}"));
            }
            if is_pooled && low < POOLED {
                self.0.push(format!("{name}: perhaps only {low:.4} right, below {POOLED}"));
            }
            if is_pooled && covered < least_coverage * best {
                self.0.push(format!("{name}: {covered:.4} answered of {best:.4}"));
            }
        }
    }

    fn close(self) {
        assert!(self.0.is_empty(), "{:#?}", self.0);
    }
}

#[test]
fn the_real_forum_is_answered_as_well_as_promised() {
    let Some(eval) = eval_dir() else { return };
    let cases = of(by_words(&eval), "forum-en");
    let mut gate = Gate(Vec::new());
    let held = [
        reached("ndcg", 0.75),
        reached("auroc", 0.82),
        reached("cov_p95", 0.08),
        reached("solved", 0.45),
        reached("right", 0.95),
    ];
    gate.hold("forum-en stackfaq", &part(cases, |case| case.source == "stackfaq"), &held);
    let held = [reached("auroc", 0.80), reached("cov_p95", 0.05), reached("slip_keeps", 0.97)];
    gate.hold("forum-en", cases, &held);
    gate.close();
}

#[test]
fn nine_languages_are_answered_as_well_as_promised() {
    let Some(eval) = eval_dir() else { return };
    let cases = of(by_words(&eval), "multi");
    let mut gate = Gate(Vec::new());
    let held = [
        missed("ndcg", 0.962, 0.960),
        missed("auroc", 0.955, 0.945),
        reached("cov_p95", 0.52),
        reached("solved", 0.85),
        reached("right", 0.95),
        reached("slip_keeps", 0.97),
    ];
    gate.hold("multi", cases, &held);
    for lang in ["en", "es", "fr", "de", "el", "ar", "th", "zh", "zh-Hant"] {
        let ndcg = reached("ndcg", if lang == "fr" { 0.88 } else { 0.90 });
        gate.hold(&format!("multi {lang}"), &part(cases, |case| case.lang == lang), &[ndcg]);
    }
    gate.close();
}

#[test]
fn everyday_requests_are_answered_as_well_as_promised() {
    let Some(eval) = eval_dir() else { return };
    let mut gate = Gate(Vec::new());
    let ndcgs =
        [("intents-clinc", reached("ndcg", 0.90)), ("intents-banking77", reached("ndcg", 0.915))];
    for (set, ndcg) in ndcgs {
        let held = [ndcg, reached("slip_keeps", 0.97)];
        gate.hold(set, of(by_words(&eval), set), &held);
        let blank = Asking { is_blank: true, slip_every: 0, ..Asking::words(set) };
        gate.hold(&format!("{set}, answers blanked"), &blank.cases(&eval), &[]);
    }
    gate.close();
}

#[test]
fn automatic_answers_are_as_often_right_as_the_target_says() {
    let Some(eval) = eval_dir() else { return };
    let mut gate = Gate(Vec::new());
    gate.hold_precision("words", by_words(&eval), 0.8);
    gate.close();
}

#[test]
fn a_small_model_answers_as_well_as_promised() {
    let Some(eval) = eval_dir_with(MINILM) else { return };
    let (sets, words) = (with_minilm(&eval), by_words(&eval));
    let mut gate = Gate(Vec::new());
    let held = [
        reached("ndcg", 0.960),
        reached("auroc", 0.935),
        reached("cov_p95", 0.50),
        reached("solved", 0.85),
        reached("right", 0.95),
    ];
    let forum = of(sets, "forum-en");
    let stackfaq = part(forum, |case| case.source == "stackfaq");
    gate.hold("MiniLM, forum-en stackfaq, every eighth other thread", &stackfaq, &held);
    let held = [reached("auroc", 0.86), reached("cov_p95", 0.22), reached("slip_keeps", 0.97)];
    gate.hold("MiniLM, forum-en, every eighth other thread", forum, &held);
    let english = part(of(words, "multi"), |case| case.lang == "en");
    let held = [reached("ndcg", mean_of_languages(&english)), reached("slip_keeps", 0.97)];
    gate.hold("MiniLM, multi en", of(sets, "multi"), &held);
    let clinc = [reached("ndcg", 0.945), missed("slip_keeps", 0.97, 0.965)];
    gate.hold("MiniLM, intents-clinc", of(sets, "intents-clinc"), &clinc);
    let banking = [reached("ndcg", 0.950), reached("slip_keeps", 0.97)];
    gate.hold("MiniLM, intents-banking77", of(sets, "intents-banking77"), &banking);
    gate.hold_precision("MiniLM", sets, 0.8);
    gate.close();
}

#[test]
fn a_model_of_many_languages_answers_across_them_and_costs_none() {
    const LANGS: [&str; 8] = ["en", "es", "fr", "de", "ar", "th", "zh", "zh-Hant"];
    let Some(eval) = eval_dir_with(USE) else { return };
    let mut gate = Gate(Vec::new());
    let asking = Asking { slip_every: 0, ..Asking::words("multi") };
    let across =
        Asking { model: Some((USE, &["es", "de", "ar", "th", "zh"])), is_abroad: true, ..asking };
    let across = across.cases(&eval);
    let mean = mean_of_languages(&across);
    gate.hold(
        &format!("USE, across languages (mean of five {mean:.3})"),
        &across,
        &[reached("ndcg", 0.85)],
    );
    let own = Asking { model: Some((USE, &LANGS)), ..asking }.cases(&eval);
    let words = part(of(by_words(&eval), "multi"), |case| LANGS.contains(&case.lang.as_str()));
    let without = mean_of_languages(&words);
    gate.hold("USE, multi in its languages", &own, &[]);
    let with = mean_of_languages(&own);
    eprintln!("USE, mean of its languages: {with:.4}, by words alone {without:.4}");
    if with < without {
        gate.0.push(format!("USE costs: {with:.4} instead of {without:.4}"));
    }
    gate.close();
}
