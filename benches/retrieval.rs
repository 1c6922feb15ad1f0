//! How fast candidates are found: superfan, and bare Tantivy with a flat OR of the same terms over
//! one field of the same text, question by question in turn. Ratios count; absolute figures move
//! with the machine.
//!
//! With folders of sentence models, how fast whole searches are with each, and what its vectors take.
//! The questions are embedded for real; the answers' vectors are made up, as embedding so many texts
//! takes hours and a search compares as many numbers whatever they are.
//!
//! `cargo bench --workspace --bench retrieval -- 100000` (the number of answers, and folders of
//! models; several of each at will)

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints and may fail")]

mod synthetic;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use superfan_index::analysis::{TokenKind, analyse};
use superfan_index::semantic::{self, ModelError, SentenceModel};
use superfan_index::{Index, IndexedAnswer, Question};
use synthetic::Language;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::{ReloadPolicy, Searcher, Term, doc};

/// Questions asked before anything is measured, and measured.
const WARM_UP: u64 = 200;
const QUESTIONS: u64 = 2_000;
/// Words of a question.
const WORDS: usize = 8;
/// Candidates that superfan looks at closely, and hits of an ordinary search.
const CANDIDATES: usize = 64;
const HITS: usize = 10;

fn main() {
    let sizes: Vec<u64> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let models: Vec<String> =
        arguments.filter(|argument| argument.parse::<u64>().is_err()).collect();
    for n_answers in if sizes.is_empty() { vec![100_000] } else { sizes } {
        measure(n_answers);
        for model in &models {
            measure_with(model, n_answers);
        }
    }
}

/// Whole searches by words and by the meaning that a model sees.
fn measure_with(folder: &str, n_answers: u64) {
    let language = Language::new();
    let dir = tempfile::tempdir().unwrap();
    let model = semantic::load(Path::new(folder)).unwrap();
    let (name, dims) = (model.name().to_owned(), model.dims());
    let index = Index::open(dir.path()).unwrap();
    index.set_models(vec![Arc::new(MadeUp(model))]).unwrap();
    let mut answers = (0..n_answers).map(|n| language.answer(n));
    let number = index.build(&mut answers, 1, &|_| {}).unwrap();
    index.swap_to(number).unwrap();
    let mut times = Vec::new();
    for n in 0..WARM_UP + QUESTIONS {
        let text = ask(&language, n, n_answers);
        let question = Question { text, lang: Some("en".to_owned()) };
        let took = time(|| index.search(&question, HITS).unwrap().hits.len());
        if n >= WARM_UP {
            times.push(took);
        }
    }
    times.sort_unstable();
    let at = |share: usize| times[times.len() * share / 100].as_secs_f64() * 1e3;
    println!("{n_answers} answers, whole search with {name}: {:.3} ms {:.3} ms", at(50), at(99));
    let bytes = std::fs::metadata(dir.path().join("vectors").join(&name)).unwrap().len();
    // What was asked, what was answered, and the title.
    let n_vectors = 3 * n_answers * dims as u64;
    #[expect(clippy::cast_precision_loss, reason = "a share needs no more")]
    let each = bytes as f64 / n_vectors as f64;
    println!("its vectors: {each:.3} bytes a dimension (at most 1.2), no graph beside them");
}

/// A model that reads single texts, which are questions, and makes up the vectors of many.
struct MadeUp(Box<dyn SentenceModel>);

impl SentenceModel for MadeUp {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn dims(&self) -> usize {
        self.0.dims()
    }

    fn covers(&self, lang: &str) -> bool {
        self.0.covers(lang)
    }

    fn knows(&self, word: &str) -> bool {
        self.0.knows(word)
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, ModelError> {
        if let [_] = texts {
            return self.0.embed(texts);
        }
        let made_up = |text: &&str| {
            let mut chance = SmallRng::seed_from_u64(semantic::vectors::key(text));
            let vector: Vec<f32> =
                (0..self.dims()).map(|_| chance.random_range(-1.0_f32..1.0)).collect();
            let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
            vector.into_iter().map(|value| value / length).collect()
        };
        Ok(texts.iter().map(made_up).collect())
    }
}

fn measure(n_answers: u64) {
    let language = Language::new();
    let dir = tempfile::tempdir().unwrap();
    let index = superfan_index(&dir.path().join("superfan"), &language, n_answers);
    let bare = Bare::new(&dir.path().join("bare"), &language, n_answers);
    let mut times: [Vec<Duration>; 4] = Default::default();
    for n in 0..WARM_UP + QUESTIONS {
        let text = ask(&language, n, n_answers);
        let question = Question { text, lang: Some("en".to_owned()) };
        let terms = bare.terms(&question.text);
        let took = [
            time(|| index.candidates(&question).unwrap()),
            time(|| bare.search(&terms, CANDIDATES)),
            time(|| bare.search(&terms, HITS)),
            time(|| index.search(&question, HITS).unwrap().hits.len()),
        ];
        if n >= WARM_UP {
            for (all, took) in times.iter_mut().zip(took) {
                all.push(took);
            }
        }
    }
    println!("{n_answers} answers, {QUESTIONS} questions, one core; median and 99th percentile");
    let names =
        ["superfan, candidates", "bare, 64 hits", "bare, 10 hits", "superfan, whole search"];
    let medians = names.iter().zip(&mut times).map(|(name, times)| {
        times.sort_unstable();
        let at = |share: usize| times[times.len() * share / 100].as_secs_f64() * 1e3;
        println!("{name:24} {:7.3} ms {:7.3} ms", at(50), at(99));
        at(50)
    });
    let medians: Vec<f64> = medians.collect();
    println!("candidates / bare, 64 hits: {:.2} (at most 1.3)", medians[0] / medians[1]);
    println!("candidates / bare, 10 hits: {:.2}", medians[0] / medians[2]);
}

/// A question about one of the answers, half in other words; one word in twenty is mistyped.
fn ask(language: &Language, n: u64, n_answers: u64) -> String {
    let mut chance = SmallRng::seed_from_u64(u64::MAX - n);
    let answer = language.answer(chance.random_range(0..n_answers));
    let known = answer.title.split(' ').chain(answer.question.split(' ')).take(16);
    let known: Vec<&str> = known.map(|word| word.trim_end_matches('.')).collect();
    let mut words: Vec<String> =
        language.text(&mut chance, WORDS / 2).into_iter().map(str::to_owned).collect();
    while words.len() < WORDS {
        words.push(known[chance.random_range(0..known.len())].to_owned());
    }
    for word in &mut words {
        if chance.random_ratio(1, 20) && word.len() > 4 {
            word.remove(chance.random_range(1..word.len()));
        }
    }
    words.join(" ")
}

fn time(act: impl FnOnce() -> usize) -> Duration {
    let started = Instant::now();
    std::hint::black_box(act());
    started.elapsed()
}

fn superfan_index(dir: &std::path::Path, language: &Language, n_answers: u64) -> Index {
    let index = Index::open(dir).unwrap();
    let mut answers = (0..n_answers).map(|n| language.answer(n));
    let number = index.build(&mut answers, 1, &|_| {}).unwrap();
    index.swap_to(number).unwrap();
    index
}

/// Tantivy with one field and nothing else.
struct Bare {
    searcher: Searcher,
    body: Field,
}

impl Bare {
    fn new(dir: &std::path::Path, language: &Language, n_answers: u64) -> Self {
        std::fs::create_dir(dir).unwrap();
        let mut schema = Schema::builder();
        let words = TextFieldIndexing::default()
            .set_tokenizer("whitespace")
            .set_index_option(IndexRecordOption::WithFreqs);
        let body =
            schema.add_text_field("body", TextOptions::default().set_indexing_options(words));
        let index = tantivy::Index::create_in_dir(dir, schema.build()).unwrap();
        let mut writer = index.writer_with_num_threads(1, 100_000_000).unwrap();
        for n in 0..n_answers {
            writer.add_document(doc!(body => text(&language.answer(n)))).unwrap();
        }
        writer.commit().unwrap();
        writer.wait_merging_threads().unwrap();
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual);
        let reader: tantivy::IndexReader = reader.try_into().unwrap();
        Self { searcher: reader.searcher(), body }
    }

    /// The terms of a question, each once.
    fn terms(&self, question: &str) -> Vec<Term> {
        let mut stems: Vec<String> = stems(question).collect();
        stems.sort_unstable();
        stems.dedup();
        stems.iter().map(|stem| Term::from_field_text(self.body, stem)).collect()
    }

    fn search(&self, terms: &[Term], n: usize) -> usize {
        let clause = |term: &Term| -> (Occur, Box<dyn Query>) {
            let query = TermQuery::new(term.clone(), IndexRecordOption::WithFreqs);
            (Occur::Should, Box::new(query))
        };
        let query = BooleanQuery::new(terms.iter().map(clause).collect());
        let best = TopDocs::with_limit(n).order_by_score();
        self.searcher.search(&query, &best).unwrap().len()
    }
}

/// The text that superfan's search field holds: the title three times.
fn text(answer: &IndexedAnswer) -> String {
    let parts = [&answer.title, &answer.title, &answer.title, &answer.question, &answer.answer];
    parts.into_iter().flat_map(|part| stems(part)).collect::<Vec<_>>().join(" ")
}

fn stems(text: &str) -> impl Iterator<Item = String> {
    let words = analyse(text, "en").into_iter().filter(|token| token.kind != TokenKind::Part);
    words.map(|token| token.stem)
}
