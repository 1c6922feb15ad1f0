//! How long the figures of a million questions take to read: at first, and again while nothing
//! was counted since.
//!
//! `cargo bench --workspace --bench insights`

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints and may fail")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use superfan::insights::{Reports, Span};
use superfan::store::Store;
use superfan::store::cases::{Tally, TallyKey};
use superfan::vocabulary::{Ending, Handler};

const QUESTIONS: u32 = 1_000_000;
const DAYS: i64 = 365;
const TODAY: i64 = 20_400;
/// Tallies written in one transaction.
const AT_ONCE: usize = 20_000;
const TIMES: usize = 20;

#[tokio::main]
async fn main() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open_embedded(dir.path()).await.unwrap();
    let tallies = tallies();
    for some in tallies.chunks(AT_ONCE) {
        let mut tx = store.begin().await.unwrap();
        tx.add_to_tallies(some).await.unwrap();
        tx.commit().await.unwrap();
    }
    println!("{QUESTIONS} questions in {DAYS} days, {} daily sums; p95 of {TIMES}", tallies.len());
    for days in [30, 90, DAYS] {
        let span = Span { from: TODAY - days + 1, to: TODAY };
        let (mut cold, mut again) = (Vec::new(), Vec::new());
        for _ in 0..TIMES {
            let reports = Reports::default();
            for times in [&mut cold, &mut again] {
                let begun = Instant::now();
                let mut tx = store.read().await.unwrap();
                let report = reports.read(&mut tx, span).await.unwrap();
                times.push(begun.elapsed());
                assert!(report.all.n() > 0);
            }
        }
        println!("{days:>4} days: cold {:.1?}, again {:.1?}", p95(cold), p95(again));
    }
}

fn p95(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[(times.len() * 95).div_ceil(100) - 1]
}

/// The daily sums of questions that came as they do: some authors and tags far more than others.
fn tallies() -> Vec<(TallyKey, Tally)> {
    const ENDINGS: [Ending; 5] =
        [Ending::Confirmed, Ending::Silent, Ending::Refused, Ending::Escalated, Ending::AskedAgain];
    let mut random = StdRng::seed_from_u64(17);
    let mut sums: BTreeMap<TallyKey, Tally> = BTreeMap::new();
    for _ in 0..QUESTIONS {
        let day = TODAY - random.random_range(0..DAYS);
        let ending = ENDINGS[random.random_range(0..ENDINGS.len())];
        let is_complex = random.random_bool(0.3);
        let mut few = |most: u32| {
            let up_to = random.random_range(1..=most);
            random.random_range(0..up_to).to_string()
        };
        let parts = [
            ("all", String::new()),
            ("channel", few(5)),
            ("lang", few(9)),
            ("product", few(20)),
            ("author", few(400)),
            ("tag", few(60)),
            ("tag", few(60)),
        ];
        for (dimension, value) in parts {
            let is_complex = is_complex && dimension == "all";
            let handler = Handler::All;
            let key = TallyKey { dimension, day, value, handler, is_complex, ending };
            sums.entry(key).or_default().n += 1;
        }
    }
    sums.into_iter().collect()
}
