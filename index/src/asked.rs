//! A question in one analysis: its words, how telling each is, and what stands for those the
//! base does not know.

use std::collections::BTreeMap;

use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use crate::analysis::{Token, TokenKind, analyse};
use crate::frame::framing;
use crate::payload::{hash, term};
use crate::spelling::Speller;
use crate::synonyms::synonyms;
use crate::vocabulary::idf;

/// Words of a question that are looked for, the most telling ones. A mask of them fits a `u64`.
pub(crate) const MOST_WORDS: usize = 40;

/// How much a synonym counts.
const SYNONYM: f32 = 0.5;

/// Synonyms looked for in place of one word.
const MOST_SYNONYMS: usize = 6;

/// Sentences of a question compared one by one.
const MOST_SENTENCES: usize = 8;

/// Below this many nats a sentence (`Please help!`) fits everything.
const TELLING_MASS: f32 = 12.0;

/// Unknown words that are looked up by spelling; more than a few is another language.
const MOST_RESPELLED: usize = 4;

/// A question's words in one analysis.
pub(crate) struct Asked {
    pub(crate) key: &'static str,
    /// Most telling first.
    pub(crate) words: Vec<AskedWord>,
    /// Neighbouring words, as places in `words`.
    pub(crate) pairs: Vec<(u8, u8)>,
    /// Sentences of a longer question that carry enough to be compared alone, as bits and mass.
    pub(crate) sentences: Vec<(u64, f32)>,
    /// Sum of the words' weights.
    pub(crate) mass: f32,
    /// Part of `mass` on words the base does not know.
    unknown: f32,
    /// Answers in this analysis.
    pub(crate) answers: u64,
}

/// One word of a question.
pub(crate) struct AskedWord {
    /// As written, normalised.
    pub(crate) surface: String,
    /// How telling it is: its rarity, lowered for words that frame any question.
    pub(crate) weight: f32,
    /// Below 1 for a word that only frames the question.
    pub(crate) framing: f32,
    /// What counts as this word in an answer, and how much: itself, a respelling, parts.
    pub(crate) readings: Vec<Reading>,
    /// The word of the base that this one is most likely a slip of.
    meant: Option<String>,
    places: Vec<(u32, u32)>,
}

/// A term that stands for a word of the question.
pub(crate) struct Reading {
    pub(crate) term: Term,
    pub(crate) hash: u32,
    /// Answers that hold it.
    pub(crate) frequency: u64,
    /// 1 for the word itself, less for what merely resembles it.
    pub(crate) strength: f32,
}

impl Asked {
    /// Reads `text` in the analysis `key`, whose answers are `answers`.
    pub(crate) fn read(
        text: &str,
        key: &'static str,
        searcher: &Searcher,
        body: Field,
        answers: u64,
    ) -> tantivy::Result<Self> {
        Self::of(&analyse(text, key), key, searcher, body, answers)
    }

    /// The same for a question that is analysed already.
    pub(crate) fn of(
        tokens: &[Token],
        key: &'static str,
        searcher: &Searcher,
        body: Field,
        answers: u64,
    ) -> tantivy::Result<Self> {
        let base = Base { key, searcher, body, answers };
        let mut words = base.words(tokens)?;
        most_telling_first(&mut words);
        words.truncate(MOST_WORDS);
        let mut n_respelled = 0;
        for word in words.iter_mut().filter(|word| word.readings.is_empty()) {
            if n_respelled < MOST_RESPELLED {
                base.respell(word)?;
                n_respelled += 1;
            }
        }
        most_telling_first(&mut words);
        let mass = words.iter().map(|word| word.weight).sum();
        let unknown = words.iter().filter(|w| w.readings.is_empty()).map(|w| w.weight).sum();
        let (pairs, sentences) = (pairs(&words), sentences(&words));
        Ok(Self { key, words, pairs, sentences, mass, unknown, answers })
    }
}

impl Asked {
    /// How many of the question's words the base knows as they are.
    pub(crate) fn n_known(&self) -> usize {
        let known = |word: &&AskedWord| word.readings.iter().any(|reading| reading.strength >= 1.0);
        self.words.iter().filter(known).count()
    }

    /// `text` with each slip undone in a word that neither the base nor `is_known` knows.
    pub(crate) fn mended(&self, text: &str, is_known: impl Fn(&str) -> bool) -> String {
        let meant = |word: &str| {
            let surface = word.to_lowercase();
            let asked = self.words.iter().find(|asked| asked.surface == surface)?;
            asked.meant.as_deref().filter(|_| !is_known(&surface))
        };
        let mut mended = String::with_capacity(text.len());
        for part in text.split_inclusive(|c: char| !c.is_alphabetic()) {
            let word = part.trim_end_matches(|c: char| !c.is_alphabetic());
            mended.push_str(meant(word).unwrap_or(word));
            mended.push_str(&part[word.len()..]);
        }
        mended
    }

    /// Share of the question that lies on words the base knows, 0..=1.
    pub(crate) fn known(&self) -> f32 {
        if self.mass > 0.0 { 1.0 - self.unknown / self.mass } else { 0.0 }
    }
}

/// The part of the base that a question is read against.
struct Base<'a> {
    key: &'static str,
    searcher: &'a Searcher,
    body: Field,
    answers: u64,
}

impl Base<'_> {
    fn words(&self, tokens: &[Token]) -> tantivy::Result<Vec<AskedWord>> {
        let mut words: Vec<AskedWord> = Vec::new();
        let mut stems: Vec<&str> = Vec::new();
        for token in tokens.iter().filter(|token| token.kind != TokenKind::Part) {
            let place = (token.sentence, token.position);
            if let Some(known) = stems.iter().position(|stem| *stem == token.stem) {
                words[known].places.push(place);
                continue;
            }
            let (reading, frequency) = self.reading(&token.stem, 1.0)?;
            stems.push(&token.stem);
            let mut readings: Vec<Reading> = reading.into_iter().collect();
            if readings.is_empty() && token.kind == TokenKind::Code {
                readings = self.parts(tokens, token.position)?;
            }
            readings.extend(self.synonyms(&token.stem)?);
            let framing = framing(hash(term(self.key, &token.stem).as_bytes()));
            words.push(AskedWord {
                surface: token.surface.clone(),
                framing,
                weight: idf(frequency, self.answers) * framing,
                readings,
                meant: None,
                places: vec![place],
            });
        }
        Ok(words)
    }

    /// A code nobody wrote in full may be known by its parts.
    fn parts(&self, tokens: &[Token], position: u32) -> tantivy::Result<Vec<Reading>> {
        let mut readings = Vec::new();
        let same = |t: &&Token| t.kind == TokenKind::Part && t.position == position;
        for part in tokens.iter().filter(same) {
            readings.extend(self.reading(&part.stem, 0.5)?.0);
        }
        Ok(readings)
    }

    fn synonyms(&self, stem: &str) -> tantivy::Result<Vec<Reading>> {
        let mut readings = Vec::new();
        for synonym in synonyms(self.key, stem).iter().take(MOST_SYNONYMS) {
            readings.extend(self.reading(synonym, SYNONYM)?.0);
        }
        Ok(readings)
    }

    /// The term of `stem` if the base knows it, and how many answers hold it.
    fn reading(&self, stem: &str, strength: f32) -> tantivy::Result<(Option<Reading>, u64)> {
        let text = term(self.key, stem);
        let term = Term::from_field_text(self.body, &text);
        let frequency = self.searcher.doc_freq(&term)?;
        let hash = hash(text.as_bytes());
        Ok(((frequency > 0).then_some(Reading { term, hash, frequency, strength }), frequency))
    }

    /// Gives an unknown word the readings that resemble it, and makes it as telling as they are:
    /// the more answers hold one of them, the likelier it is what was meant.
    fn respell(&self, word: &mut AskedWord) -> tantivy::Result<()> {
        let &Self { key, searcher, body, answers } = self;
        for near in (Speller { key, searcher, body }).nearest(&word.surface)? {
            word.readings.extend(self.reading(&near.stem, near.strength)?.0);
            word.meant = word.meant.take().or(near.word);
        }
        let all: u64 = word.readings.iter().map(|reading| reading.frequency).sum();
        if all > 0 {
            #[expect(clippy::cast_precision_loss, reason = "a share needs no more")]
            let share = |reading: &Reading| reading.frequency as f32 / all as f32;
            let telling =
                |reading: &Reading| idf(reading.frequency, answers) * framing(reading.hash);
            let readings = || word.readings.iter();
            word.weight = readings().map(|r| share(r) * telling(r)).sum();
            word.framing = readings().map(|r| framing(r.hash)).fold(0.0, f32::max);
        }
        Ok(())
    }
}

fn most_telling_first(words: &mut [AskedWord]) {
    words.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.places.cmp(&b.places)));
}

/// Which words stand next to each other, with at most one word between them.
fn pairs(words: &[AskedWord]) -> Vec<(u8, u8)> {
    let mut places: Vec<(u32, u32, u8)> = Vec::new();
    for (number, word) in (0..).zip(words) {
        places.extend(word.places.iter().map(|(sentence, place)| (*sentence, *place, number)));
    }
    places.sort_unstable();
    let mut pairs: Vec<(u8, u8)> = places
        .windows(2)
        .filter(|pair| pair[0].0 == pair[1].0 && pair[1].1 - pair[0].1 <= 2)
        .map(|pair| (pair[0].2, pair[1].2))
        .filter(|(a, b)| a != b)
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs.truncate(64);
    pairs
}

/// The whole question, then its first sentences as far as they tell enough by themselves.
fn sentences(words: &[AskedWord]) -> Vec<(u64, f32)> {
    let mut own: BTreeMap<u32, (u64, f32)> = BTreeMap::new();
    for (number, word) in words.iter().enumerate() {
        let mut seen = u32::MAX;
        for (sentence, _) in &word.places {
            if *sentence != seen {
                let (bits, mass) = own.entry(*sentence).or_default();
                *bits |= 1 << number;
                *mass += word.weight;
                seen = *sentence;
            }
        }
    }
    let telling = own.into_values().take(MOST_SENTENCES).filter(|(_, m)| *m >= TELLING_MASS);
    let all = words.iter().map(|word| word.weight).sum();
    std::iter::once((u64::MAX, all)).chain(telling).collect()
}
