//! What customers notice while the base changes at large: an import beside the running desk, a
//! rebuild with its exam, generations swapped and rolled back, all while questions are asked without
//! a pause and messages arrive. Nothing fails, nothing is found empty, a swap takes less than a
//! second, and a question takes hardly longer than when nothing else happens in the same run. Ends
//! with an error where an aim is missed.
//!
//! `cargo bench --workspace --bench swap -- 50000` (the number of answers; half as many are imported)

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints and may fail")]

mod base;
mod synthetic;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, header};
use base::{Base, TOKEN};
use jiff::Timestamp;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use serde_json::json;
use superfan::answers::import::{ImportRequest, Importing, import};
use superfan::answers::read::Format;
use superfan::answers::{IndexWork, Indexer, ask_index};
use superfan::clock::{SharedClock, SystemClock};
use superfan::people::Actor;
use superfan::store::Store;
use superfan_bots::{Author, AuthorKind, Content, InboundMessage, Place, ReplyAddress};
use tokio_util::sync::CancellationToken;

/// Answers where nobody says how many.
const ANSWERS: u64 = 50_000;
/// Questions asked each time nothing else happens.
const QUESTIONS: usize = 1_500;
/// How often generations are rolled back and swapped in again.
const TURNS: u32 = 10;
/// How much longer a question may take than when nothing else happens, and a swap at most.
const WORSE: f64 = 1.2;
const SWAP: Duration = Duration::from_secs(1);
/// How long a message may take to be stored: what the most impatient platform waits.
const STORED: Duration = Duration::from_secs(3);

/// What happens beside the questions.
const PHASES: [&str; 4] = ["nothing else", "import, build, swap", "rebuild, exam, swap", "swaps"];
const ALONE: usize = 0;
const IMPORT: usize = 1;
const REBUILD: usize = 2;
const SWAPS: usize = 3;

#[tokio::main]
async fn main() -> ExitCode {
    let n_answers = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(ANSWERS);
    let clock: SharedClock = Arc::new(SystemClock);
    let base = Arc::new(Base::of(n_answers, clock).await);
    let crowd = Arc::new(Crowd::default());
    let stop = CancellationToken::new();
    let indexing = tokio::spawn(Indexer::of(&base.desk).run(stop.clone()));
    let asking = tokio::spawn(Crowd::asks(crowd.clone(), base.clone(), n_answers));
    let writing = tokio::spawn(Crowd::writes(crowd.clone(), base.clone()));

    crowd.has_asked(QUESTIONS / 5).await;
    crowd.times.lock().unwrap()[ALONE].clear();
    crowd.has_asked(QUESTIONS).await;
    crowd.turns_to(IMPORT);
    import_beside(&base, n_answers).await;
    crowd.turns_to(ALONE);
    crowd.has_asked(QUESTIONS).await;
    crowd.turns_to(REBUILD);
    let rebuilt = work(&base, IndexWork::Rebuild).await;
    crowd.turns_to(ALONE);
    crowd.has_asked(QUESTIONS).await;
    crowd.turns_to(SWAPS);
    let swaps = swap_back_and_forth(&base).await;
    let rolled_back = work(&base, IndexWork::Rollback).await;
    crowd.stopped.store(true, Ordering::Relaxed);
    asking.await.unwrap();
    writing.await.unwrap();
    stop.cancel();
    indexing.await.unwrap();

    println!("rebuild: {:.1} s; rollback, asked for: {:.2} s", s(rebuilt), s(rolled_back));
    let longest = swaps.into_iter().max().unwrap_or_default();
    println!("{} swaps, the longest: {:.3} s (under {})", 2 * TURNS, s(longest), s(SWAP));
    let is_kept = crowd.report() && longest < SWAP && rolled_back < SWAP;
    if is_kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Seconds.
fn s(time: Duration) -> f64 {
    time.as_secs_f64()
}

/// Those who ask and write, and what they noticed.
#[derive(Default)]
struct Crowd {
    phase: AtomicUsize,
    stopped: AtomicBool,
    /// How long questions took, by what happened beside them.
    times: Mutex<[Vec<Duration>; 4]>,
    /// How long messages took to be stored.
    stored: Mutex<[Vec<Duration>; 4]>,
}

impl Crowd {
    fn turns_to(&self, phase: usize) {
        self.phase.store(phase, Ordering::Relaxed);
    }

    fn is_at_work(&self) -> bool {
        !self.stopped.load(Ordering::Relaxed)
    }

    /// Waits until so many more questions were answered.
    async fn has_asked(&self, n: usize) {
        let count = || self.times.lock().unwrap().iter().map(Vec::len).sum::<usize>();
        let before = count();
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        while count() < before + n {
            looks.tick().await;
        }
    }

    /// Asks one question after the other about answers that are there.
    async fn asks(crowd: Arc<Self>, base: Arc<Base>, n_answers: u64) {
        let mut chance = SmallRng::seed_from_u64(1);
        while crowd.is_at_work() {
            let phase = crowd.phase.load(Ordering::Relaxed);
            let answer = base.language.answer(chance.random_range(0..n_answers));
            let body = json!({ "text": answer.title, "lang": "en" }).to_string();
            let request = Request::post("/api/v1/ask")
                .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body));
            let started = Instant::now();
            let said = base.ask(request.unwrap()).await;
            let took = started.elapsed();
            assert!(said.contains("\"hits\":[{"), "{}: nothing was found: {said}", PHASES[phase]);
            crowd.times.lock().unwrap()[phase].push(took);
        }
    }

    /// Writes to the desk twenty times a second.
    async fn writes(crowd: Arc<Self>, base: Arc<Base>) {
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        let mut n = 0_u64;
        while crowd.is_at_work() {
            ticks.tick().await;
            let phase = crowd.phase.load(Ordering::Relaxed);
            n += 1;
            let message = message(n, base.desk.clock.now());
            let started = Instant::now();
            base.desk.inbox.store("webchat", message).await.unwrap();
            crowd.stored.lock().unwrap()[phase].push(started.elapsed());
        }
    }

    /// Prints what was noticed; whether it stayed within the aims.
    fn report(&self) -> bool {
        let sorted = |times: &Mutex<[Vec<Duration>; 4]>| {
            let mut times = times.lock().unwrap().clone();
            for times in &mut times {
                times.sort_unstable();
            }
            times
        };
        let (times, stored) = (sorted(&self.times), sorted(&self.stored));
        let at = |times: &[Duration], share: usize| {
            times.get(times.len() * share / 100).map_or(f64::NAN, |time| s(*time) * 1e3)
        };
        let mut is_kept = true;
        for (phase, name) in PHASES.iter().enumerate() {
            let (asked, stored) = (&times[phase], &stored[phase]);
            let [median, p95] = [50, 95].map(|share| at(asked, share) / at(&times[ALONE], share));
            let longest = stored.last().copied().unwrap_or_default();
            println!(
                "{name:20} {:5} questions, median {:.2} ms ({median:.2}×), 95 of 100 within {:.2} ms \
                 ({p95:.2}×); a message is stored within {:.1} ms, 95 of 100 within {:.1} ms, all \
                 within {:.0} ms",
                asked.len(),
                at(asked, 50),
                at(asked, 95),
                at(stored, 50),
                at(stored, 95),
                s(longest) * 1e3,
            );
            is_kept &= median <= WORSE && longest < STORED;
        }
        println!("at most {WORSE}×, and {} s", STORED.as_secs());
        is_kept
    }
}

/// What somebody new writes.
fn message(n: u64, now: Timestamp) -> InboundMessage {
    let somebody = format!("somebody {n}");
    InboundMessage {
        event_key: format!("msg:{n}"),
        conversation: somebody.clone(),
        address: ReplyAddress { value: somebody.clone(), expires_at: None },
        place: Place::Private,
        author: Author { id: somebody, name: None, lang: None, kind: AuthorKind::Person },
        message_id: None,
        reply_to: None,
        content: Content::Text { text: "who painted the moon?".to_owned() },
        sent_at: now,
    }
}

/// Imports half as many answers again over a connection of its own, as a command beside the server
/// does; ends when all of them are in service.
async fn import_beside(base: &Base, n_answers: u64) {
    let path = base.desk.config.data_dir.join("more.jsonl");
    write_answers(base, &path, n_answers);
    let store = Store::open_embedded(&base.desk.config.data_dir).await.unwrap();
    let request = ImportRequest {
        format: Format::Jsonl,
        path,
        source: "more".to_owned(),
        dry_run: false,
        forum: None,
    };
    let desk = &base.desk;
    let importing = Importing { stage: desk.stage(), clock: &*desk.clock, progress: &|_| {} };
    let started = Instant::now();
    let summary = import(&store, importing, &Actor::operator(), &request).await.unwrap();
    let imported = started.elapsed();
    let index = desk.search.index();
    let n_all = n_answers + summary.kept;
    let mut looks = tokio::time::interval(Duration::from_millis(20));
    while index.len() < n_all {
        looks.tick().await;
    }
    let n = summary.kept;
    println!("import of {n}: {:.1} s, in service after {:.1} s", s(imported), s(started.elapsed()));
    store.close().await;
}

fn write_answers(base: &Base, path: &PathBuf, n_answers: u64) {
    let mut out = BufWriter::new(File::create(path).unwrap());
    for n in n_answers..n_answers + n_answers / 2 {
        let answer = base.language.answer(n);
        let row = json!({
            "id": answer.id, "lang": "en", "title": answer.title, "question": answer.question,
            "answer": answer.answer, "author": format!("author {}", n % 40),
        });
        writeln!(out, "{row}").unwrap();
    }
    out.flush().unwrap();
}

/// Has work on the index done; how long it took from the asking.
async fn work(base: &Base, kind: IndexWork) -> Duration {
    let desk = &base.desk;
    let started = Instant::now();
    let mut tx = desk.store.begin().await.unwrap();
    let id = ask_index(&mut tx, &desk.stage(), &Actor::operator(), kind).await.unwrap().id;
    tx.commit().await.unwrap();
    desk.wakes.answers();
    let mut looks = tokio::time::interval(Duration::from_millis(20));
    loop {
        looks.tick().await;
        let work = desk.store.read().await.unwrap().index_work(id).await.unwrap().unwrap();
        match work.state.as_str() {
            "done" => return started.elapsed(),
            "failed" => panic!("{}", work.progress),
            _ => {}
        }
    }
}

/// Goes back to the generation before and to the new one again; how long each took.
async fn swap_back_and_forth(base: &Base) -> Vec<Duration> {
    let index = base.desk.search.index();
    let newest = index.generation();
    let mut took = Vec::new();
    let mut looks = tokio::time::interval(Duration::from_millis(100));
    for _ in 0..TURNS {
        for is_back in [true, false] {
            looks.tick().await;
            let index = Arc::clone(index);
            let swap = move || {
                let started = Instant::now();
                if is_back {
                    index.rollback().unwrap();
                } else {
                    index.swap_to(newest).unwrap();
                }
                started.elapsed()
            };
            took.push(tokio::task::spawn_blocking(swap).await.unwrap());
        }
    }
    took
}
