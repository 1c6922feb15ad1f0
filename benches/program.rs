//! The program as people run it: how long an import takes until everything is searchable, against
//! bare Tantivy with the same analysis on as many threads; how long a start takes; what it weighs
//! at rest.
//!
//! `cargo bench --workspace --bench program`, with `SUPERFAN_EVAL_DIR` for the real forum; without
//! it as many synthetic answers stand for them.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints and may fail")]

mod served;
mod synthetic;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;
use served::{Server, import, write_answers};
use superfan_index::analysis::{TokenKind, analyse};
use tantivy::doc;
use tantivy::schema::{IndexRecordOption, Schema, TextFieldIndexing, TextOptions};

/// Answers of the comparison, and of the forum that the other figures are about.
const MANY: u64 = 50_000;
const FORUM: u64 = 5_104;
/// How long the program is left alone before it is weighed.
const REST: Duration = Duration::from_secs(5);

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let many = dir.path().join("many.jsonl");
    write_answers(&many, MANY);
    let bare = seconds(|| index_bare(&dir.path().join("bare"), &many));
    let imported = seconds(|| import(&dir.path().join("many"), "jsonl", &many));
    println!("{MANY} answers: superfan {imported:.1} s, bare Tantivy {bare:.1} s");
    println!("bare / superfan: {:.2} (at least 0.7)", bare / imported);

    let (kind, forum) = forum(dir.path());
    let data_dir = dir.path().join("forum-data");
    let took = seconds(|| import(&data_dir, kind, &forum));
    println!("import of {}: {took:.1} s (at most 10)", forum.display());
    Server::start(&data_dir, &[]).0.end();
    let started = Instant::now();
    let (server, _) = Server::start(&data_dir, &[]);
    println!("start to ready: {:.2} s (under 1)", started.elapsed().as_secs_f64());
    std::thread::sleep(REST);
    println!("at rest: {} MB resident (under 120)", server.memory("VmRSS:"));
    server.end();
}

fn seconds(act: impl FnOnce()) -> f64 {
    let started = Instant::now();
    act();
    started.elapsed().as_secs_f64()
}

/// The real forum where it is, or as many answers.
fn forum(dir: &Path) -> (&'static str, PathBuf) {
    if let Some(folder) = std::env::var_os("SUPERFAN_EVAL_DIR") {
        return ("stackexchange", PathBuf::from(folder).join("forum"));
    }
    println!("SUPERFAN_EVAL_DIR IS NOT SET: {FORUM} synthetic answers stand for the forum");
    let path = dir.join("forum.jsonl");
    write_answers(&path, FORUM);
    ("jsonl", path)
}

/// The same file into one field of an index, analysed on every core.
fn index_bare(dir: &Path, path: &Path) {
    std::fs::create_dir(dir).unwrap();
    let mut schema = Schema::builder();
    let words = TextFieldIndexing::default()
        .set_tokenizer("whitespace")
        .set_index_option(IndexRecordOption::WithFreqs);
    let body = schema.add_text_field("body", TextOptions::default().set_indexing_options(words));
    let index = tantivy::Index::create_in_dir(dir, schema.build()).unwrap();
    let mut writer = index.writer_with_num_threads(1, 100_000_000).unwrap();
    let lines = Mutex::new(BufReader::new(File::open(path).unwrap()).lines());
    let n_threads = std::thread::available_parallelism().unwrap().get();
    let work = || {
        while let Some(line) = { lines.lock().unwrap().next() } {
            let row: Value = serde_json::from_str(&line.unwrap()).unwrap();
            let parts = ["title", "title", "title", "question", "answer"];
            let texts = parts.iter().map(|part| stems(row[*part].as_str().unwrap()));
            let text = texts.collect::<Vec<_>>().join(" ");
            writer.add_document(doc!(body => text)).unwrap();
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..n_threads {
            scope.spawn(work);
        }
    });
    writer.commit().unwrap();
    writer.wait_merging_threads().unwrap();
}

fn stems(text: &str) -> String {
    let words = analyse(text, "en").into_iter().filter(|token| token.kind != TokenKind::Part);
    words.map(|token| token.stem).collect::<Vec<_>>().join(" ")
}
