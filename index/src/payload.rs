//! What is stored beside the search field for each answer: enough to re-rank and to report it
//! without the texts, which live in the store.

use crate::analysis::{Token, TokenKind, analyse, analysis_key};
use crate::answer::IndexedAnswer;

/// Stored words per part; later ones still are found, but do not count as evidence.
const WORDS_PER_PART: usize = 600;

/// Number of [`Part`]s.
pub(crate) const PARTS: usize = 4;

/// The parts of an answer that words are looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Part {
    Title = 0,
    Question = 1,
    Phrasing = 2,
    Answer = 3,
}

impl Part {
    pub(crate) const ALL: [Self; PARTS] =
        [Self::Title, Self::Question, Self::Phrasing, Self::Answer];

    /// Words that the part of an ordinary answer has, for judging longer and shorter ones.
    pub(crate) fn usual_length(self) -> f32 {
        [10.0, 80.0, 40.0, 80.0][self as usize]
    }

    pub(crate) fn name(self) -> &'static str {
        ["title", "question", "phrasing", "answer"][self as usize]
    }
}

/// An answer's identity, worth and words. Words are hashes; 0 ends a sentence.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Payload {
    pub(crate) id: String,
    pub(crate) lang: String,
    pub(crate) product: Option<String>,
    pub(crate) sendable: bool,
    pub(crate) votes: i64,
    pub(crate) confirmations: u32,
    pub(crate) refusals: u32,
    pub(crate) words: [Vec<u32>; PARTS],
}

/// An answer ready to be written.
pub(crate) struct Prepared {
    pub(crate) payload: Payload,
    pub(crate) key: &'static str,
    /// The search field: terms separated by spaces, the title's three times.
    pub(crate) body: String,
    /// Terms in `body`.
    pub(crate) n_terms: u64,
}

/// The term under which a stem is found: languages do not share words, analyses do.
pub(crate) fn term(key: &str, stem: &str) -> String {
    format!("{key}:{stem}")
}

/// The hash that stands for a term in a payload; never 0.
pub(crate) fn hash(term: &[u8]) -> u32 {
    // FNV-1a, folded to 32 bits: stable across builds and machines, unlike std's hasher.
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for byte in term {
        state = (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let folded = u32::try_from((state ^ (state >> 32)) & 0xffff_ffff).unwrap_or(1);
    folded.max(1)
}

impl Prepared {
    /// Analyses all texts of `answer`.
    pub(crate) fn from_answer(answer: &IndexedAnswer) -> Self {
        let key = analysis_key(&answer.lang);
        let mut prepared =
            Self { payload: Payload::of(answer), key, body: String::new(), n_terms: 0 };
        let parts: [(Part, &str, usize); 3] = [
            (Part::Title, own_title(answer), 3),
            (Part::Question, &answer.question, 1),
            (Part::Answer, &answer.answer, 1),
        ];
        for (part, text, weight) in parts {
            prepared.add(part, text, weight);
        }
        for phrasing in &answer.phrasings {
            prepared.add(Part::Phrasing, phrasing, 2);
        }
        let tags = analyse(&answer.tags.join("\n"), key);
        prepared.write_body(&tags, 1);
        prepared
    }

    fn add(&mut self, part: Part, text: &str, weight: usize) {
        let tokens = analyse(text, self.key);
        self.write_body(&tokens, weight);
        let words = &mut self.payload.words[part as usize];
        let mut sentence = tokens.first().map_or(0, |token| token.sentence);
        for token in tokens.iter().filter(|token| token.kind != TokenKind::Part) {
            if words.len() >= WORDS_PER_PART {
                break;
            }
            if token.sentence != sentence {
                words.push(0);
                sentence = token.sentence;
            }
            words.push(hash(term(self.key, &token.stem).as_bytes()));
        }
        if words.last().is_some_and(|last| *last != 0) {
            words.push(0);
        }
    }

    fn write_body(&mut self, tokens: &[Token], weight: usize) {
        for _ in 0..weight {
            for token in tokens {
                self.body.push_str(self.key);
                self.body.push(':');
                self.body.push_str(&token.stem);
                self.body.push(' ');
                self.n_terms += 1;
            }
        }
    }
}

/// The title, unless it is only the beginning of the text that follows: then it would count
/// the same words twice.
fn own_title(answer: &IndexedAnswer) -> &str {
    let title = answer.title.trim().trim_end_matches(['…', '.']);
    let repeats = |text: &str| !title.is_empty() && text.trim_start().starts_with(title);
    if repeats(&answer.question) || repeats(&answer.answer) { "" } else { &answer.title }
}

impl Payload {
    fn of(answer: &IndexedAnswer) -> Self {
        Self {
            id: answer.id.clone(),
            lang: answer.lang.clone(),
            product: answer.product.clone(),
            sendable: answer.sendable,
            votes: answer.votes,
            confirmations: answer.confirmations,
            refusals: answer.refusals,
            words: Default::default(),
        }
    }

    /// The stored form; little-endian, lengths before their content.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + 4 * self.words.iter().map(Vec::len).sum::<usize>());
        put_text(&mut out, &self.id);
        put_text(&mut out, &self.lang);
        put_text(&mut out, self.product.as_deref().unwrap_or(""));
        out.push(u8::from(self.sendable) | (u8::from(self.product.is_some()) << 1));
        out.extend_from_slice(&self.votes.to_le_bytes());
        out.extend_from_slice(&self.confirmations.to_le_bytes());
        out.extend_from_slice(&self.refusals.to_le_bytes());
        for words in &self.words {
            put_len(&mut out, words.len());
            for word in words {
                out.extend_from_slice(&word.to_le_bytes());
            }
        }
        out
    }

    /// Reads the stored form; `None` if it is cut or malformed.
    pub(crate) fn decode(mut bytes: &[u8]) -> Option<Self> {
        let input = &mut bytes;
        let id = take_text(input)?;
        let lang = take_text(input)?;
        let product = take_text(input)?;
        let [flags] = take(input)?;
        let votes = i64::from_le_bytes(take(input)?);
        let confirmations = u32::from_le_bytes(take(input)?);
        let refusals = u32::from_le_bytes(take(input)?);
        let mut words: [Vec<u32>; PARTS] = Default::default();
        for part in &mut words {
            let n_words = take_len(input)?;
            let (raw, rest) = input.split_at_checked(n_words.checked_mul(4)?)?;
            part.extend(raw.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])));
            *input = rest;
        }
        let product = (flags & 2 != 0).then_some(product);
        let sendable = flags & 1 != 0;
        Some(Self { id, lang, product, sendable, votes, confirmations, refusals, words })
    }
}

fn put_len(out: &mut Vec<u8>, len: usize) {
    out.extend_from_slice(&u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes());
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_len(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn take<const N: usize>(input: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = input.split_first_chunk::<N>()?;
    *input = rest;
    Some(*head)
}

fn take_len(input: &mut &[u8]) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(take(input)?)).ok()
}

fn take_text(input: &mut &[u8]) -> Option<String> {
    let len = take_len(input)?;
    let (raw, rest) = input.split_at_checked(len)?;
    *input = rest;
    String::from_utf8(raw.to_vec()).ok()
}
