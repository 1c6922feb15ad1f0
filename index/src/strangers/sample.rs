//! Some answers of every language with what was asked there, read back from the index itself.

use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};

use tantivy::DocAddress;

use crate::analysis::{KEYS, Token, TokenKind};
use crate::candidates::payload;
use crate::generation::View;
use crate::payload::{Part, Payload, hash};
use crate::schema::{Fields, TEXTS};

/// Answers that are sampled, and the least for a language that has them.
const SAMPLED: usize = 120;
const LEAST: usize = 8;
/// Words of a question that are asked.
const HEAD: usize = 35;
/// Words of a single sentence that are asked.
const SENTENCE: usize = 20;

/// An answer whose questions are asked of all the others.
pub(crate) struct Stranger {
    pub(crate) key: &'static str,
    pub(crate) at: DocAddress,
    pub(crate) own: Payload,
    /// What was asked: the title, the question's beginning, its first sentence.
    pub(crate) questions: Vec<Vec<Token>>,
}

/// The same answers for the same base, however it was built.
pub(crate) fn sample(view: &View, fields: &Fields) -> tantivy::Result<Vec<Stranger>> {
    let mut payloads = Vec::new();
    for (key, at) in chosen(view)? {
        payloads.push((key, at, payload(&view.searcher, fields, at)?));
    }
    let asked: Vec<Vec<Vec<Vec<u32>>>> = payloads.iter().map(|(.., own)| questions(own)).collect();
    let known: HashSet<u32> = asked.iter().flatten().flatten().flatten().copied().collect();
    let words = words(view, fields, &known)?;
    let strangers = payloads.into_iter().zip(asked).map(|((key, at, own), asked)| {
        let questions = asked.iter().map(|question| tokens(question, &words)).collect();
        Stranger { key, at, own, questions }
    });
    Ok(strangers.collect())
}

/// The answers with the least keys of their texts, so many of each analysis as its share.
fn chosen(view: &View) -> tantivy::Result<Vec<(&'static str, DocAddress)>> {
    let all = view.searcher.num_docs().max(1);
    let quota = |key: &str| {
        let own = usize::try_from(view.statistics.of(key).answers).unwrap_or(usize::MAX);
        let share = own.saturating_mul(SAMPLED) / usize::try_from(all).unwrap_or(usize::MAX);
        share.max(LEAST)
    };
    let mut least: BTreeMap<usize, BinaryHeap<(u64, DocAddress)>> = BTreeMap::new();
    for (ordinal, segment) in (0..).zip(view.searcher.segment_readers()) {
        let (shape, texts) =
            (segment.fast_fields().u64("shape")?, segment.fast_fields().u64(TEXTS)?);
        for doc in segment.doc_ids_alive() {
            let number = usize::try_from(shape.first(doc).unwrap_or(0) & 0xff).unwrap_or(0);
            let number = number.min(KEYS.len() - 1);
            let heap = least.entry(number).or_default();
            let text =
                texts.values_for_doc(doc).fold(0, |mixed: u64, key| mixed.rotate_left(1) ^ key);
            heap.push((text, DocAddress::new(ordinal, doc)));
            if heap.len() > quota(KEYS[number]) {
                heap.pop();
            }
        }
    }
    let chosen = least.into_iter().flat_map(|(number, heap)| {
        heap.into_sorted_vec().into_iter().map(move |(_, at)| (KEYS[number], at))
    });
    Ok(chosen.collect())
}

/// What was asked in an answer's thread, as hashes by sentence; its own words where nobody asked.
fn questions(own: &Payload) -> Vec<Vec<Vec<u32>>> {
    let part = |part: Part| -> Vec<Vec<u32>> {
        let sentences = own.words[part as usize].split(|word| *word == 0);
        sentences.filter(|sentence| !sentence.is_empty()).map(<[u32]>::to_vec).collect()
    };
    let (title, question, answer) = (part(Part::Title), part(Part::Question), part(Part::Answer));
    let first = |parts: [&Vec<Vec<u32>>; 3]| {
        parts.into_iter().find(|part| !part.is_empty()).cloned().unwrap_or_default()
    };
    let head = head(first([&title, &question, &answer]), HEAD);
    let body = self::head(first([&question, &title, &answer]), HEAD);
    let sentence = self::head(body.iter().take(1).cloned().collect(), SENTENCE);
    let mut asked = vec![head];
    for other in [body, sentence] {
        if !asked.contains(&other) {
            asked.push(other);
        }
    }
    asked.retain(|question| !question.is_empty());
    asked
}

/// The first `n` words.
fn head(sentences: Vec<Vec<u32>>, n: usize) -> Vec<Vec<u32>> {
    let mut left = n;
    let mut head = Vec::new();
    for mut sentence in sentences {
        sentence.truncate(left);
        left -= sentence.len();
        if !sentence.is_empty() {
            head.push(sentence);
        }
    }
    head
}

/// The stems behind the hashes in `known`.
fn words(
    view: &View,
    fields: &Fields,
    known: &HashSet<u32>,
) -> tantivy::Result<HashMap<u32, String>> {
    let mut words = HashMap::new();
    for segment in view.searcher.segment_readers() {
        let inverted = segment.inverted_index(fields.body)?;
        let mut terms = inverted.terms().stream()?;
        while let Some((term, _)) = terms.next() {
            let hash = hash(term);
            if known.contains(&hash) {
                let text = String::from_utf8_lossy(term);
                let stem = text.split_once(':').map_or("", |(_, stem)| stem);
                words.insert(hash, stem.to_owned());
            }
        }
    }
    Ok(words)
}

fn tokens(asked: &[Vec<u32>], words: &HashMap<u32, String>) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut position = 0;
    for (sentence, hashes) in (0..).zip(asked) {
        for stem in hashes.iter().filter_map(|hash| words.get(hash)) {
            tokens.push(Token {
                stem: stem.clone(),
                surface: stem.clone(),
                position,
                sentence,
                kind: TokenKind::Word,
            });
            position += 1;
        }
    }
    tokens
}
