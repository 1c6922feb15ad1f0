//! How long the help page takes to show what was found in a large base: the server's own time, from
//! the router's request to the whole body, for the page and for the fragment that search-as-you-type
//! loads; questions as they are typed, from their first words on. Ends with an error where the aim is
//! missed.
//!
//! `cargo bench --workspace --bench help -- 100000` (the number of answers, and how many questions
//! are asked)

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints and may fail")]

mod base;
mod synthetic;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use base::Base;
use jiff::SignedDuration;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use superfan::clock::{TestClock, from_millis};

/// Answers and questions where nobody says how many.
const ANSWERS: u64 = 100_000;
const QUESTIONS: u64 = 2_000;
/// The longest question, in words.
const WORDS: usize = 10;
/// What 95 of 100 requests must stay under.
const AIM: Duration = Duration::from_millis(50);

#[tokio::main]
async fn main() -> ExitCode {
    let mut sizes = std::env::args().filter_map(|argument| argument.parse::<u64>().ok());
    let (n_answers, n_questions) =
        (sizes.next().unwrap_or(ANSWERS), sizes.next().unwrap_or(QUESTIONS));
    let clock = Arc::new(TestClock::starting(from_millis(1_790_000_000_000)));
    let base = Base::of(n_answers, clock.clone()).await;
    let mut is_reached = true;
    for (what, parameter) in [("page", ""), ("fragment", "&fragment")] {
        let mut took = Vec::new();
        // A tenth more, to warm up.
        for n in 0..n_questions + n_questions / 10 {
            // The page is asked for ten times a second at most.
            clock.advance(SignedDuration::from_secs(1));
            let question = typed(&base, n, n_answers).replace(' ', "+");
            let path = format!("/help?lang=en&q={question}{parameter}");
            let request = Request::get(path).body(Body::empty()).unwrap();
            let started = Instant::now();
            let page = base.ask(request).await;
            took.push(started.elapsed());
            assert!(page.contains("/help/answers/"), "nothing was found for {question}: {page}");
        }
        took.drain(..took.len() / 11);
        took.sort_unstable();
        let at = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)];
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        println!(
            "{} answers, {} {what}s: median {:.1} ms, 95 of 100 within {:.1} ms (under {}), \
             99 within {:.1} ms",
            base.desk.search.index().len(),
            took.len(),
            ms(at(50)),
            ms(at(95)),
            AIM.as_millis(),
            ms(at(99)),
        );
        is_reached &= at(95) < AIM;
    }
    if is_reached { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The beginning of a question about one of the answers.
fn typed(base: &Base, n: u64, n_answers: u64) -> String {
    let mut chance = SmallRng::seed_from_u64(n);
    let answer = base.language.answer(chance.random_range(0..n_answers));
    let text = [answer.title, answer.question].join(" ");
    let words: Vec<&str> = text.split(' ').map(|word| word.trim_end_matches('.')).collect();
    words[..chance.random_range(1..=WORDS)].join(" ")
}
