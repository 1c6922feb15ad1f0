//! What answers and questions mean, in the spaces of the models an operator named.
//!
//! An answer is placed in every model that covers its language, a question in the first that
//! covers its own: so a model of many languages finds answers across them, and a language that
//! no model covers is searched by words alone.

use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::vectors::{QueryVector, Vectors, key};
use super::{ModelError, SentenceModel};
use crate::analysis::KEYS;
use crate::answer::IndexedAnswer;
use crate::error::IndexError;

/// Characters of a text that are offered to a model; beyond lies outside every window.
const READ_CHARS: usize = 3000;
/// Phrasings of an answer that are embedded, the newest.
const PHRASINGS: usize = 8;

/// Key of a text that is empty and has no vector.
pub(crate) const NOTHING: u64 = 0;

/// The models in force with the vectors made so far.
pub(crate) struct Meaning {
    pub(crate) spaces: Vec<Space>,
}

/// One model and its vectors.
pub(crate) struct Space {
    pub(crate) model: Arc<dyn SentenceModel>,
    pub(crate) vectors: Vectors,
    /// Whether answers in several languages lie in it.
    pub(crate) is_multilingual: bool,
    scale: Scale,
}

/// What cosines mean in a model's space; models differ widely.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Scale {
    /// Mean cosine of questions about different things.
    unlike: f32,
    /// Mean cosine of questions that ask the same in other words.
    alike: f32,
}

/// Questions of any support desk, each with another that asks the same.
const PAIRS: [[&str; 2]; 8] = [
    ["How do I reset my password?", "The password is lost and I cannot sign in any more"],
    ["When will my parcel arrive?", "Where is my order, it should have been delivered already"],
    ["The left earbud is silent", "No sound comes from one side of my headphones"],
    ["Can I get my money back?", "I want a refund for what I bought"],
    ["How do I update the firmware?", "Installing the latest software on the device"],
    ["The battery runs out too fast", "My phone does not last a day without charging"],
    ["How can I cancel my subscription?", "Please stop my monthly plan"],
    ["Does it work under water?", "Is the watch waterproof enough for swimming?"],
];

impl Scale {
    fn of(model: &dyn SentenceModel) -> Result<Self, ModelError> {
        let first = model.embed(&PAIRS.map(|pair| pair[0]))?;
        let second = model.embed(&PAIRS.map(|pair| pair[1]))?;
        let (mut alike, mut unlike) = (0.0, 0.0);
        for (n, a) in first.iter().enumerate() {
            for (m, b) in second.iter().enumerate() {
                let cosine: f32 = a.iter().zip(b).map(|(a, b)| a * b).sum();
                if n == m {
                    alike += cosine / 8.0;
                } else {
                    unlike += cosine / 56.0;
                }
            }
        }
        // A model that tells nothing apart keeps plain cosines.
        Ok(if alike - unlike > 0.05 {
            Self { unlike, alike }
        } else {
            Self { unlike: 0.0, alike: 1.0 }
        })
    }
}

/// A question placed in one of the spaces.
pub(crate) struct Placed {
    /// Number of the space.
    pub(crate) space: usize,
    pub(crate) query: QueryVector,
}

/// The texts of an answer that are embedded: what was asked, what was answered, the title alone,
/// and in which other words it was asked. A text that says nothing new is empty.
pub(crate) fn texts(answer: &IndexedAnswer) -> Vec<String> {
    let asked = format!("{}\n{}", answer.title, answer.question);
    let first = [asked.as_str(), &answer.answer, &answer.title];
    let skipped = answer.phrasings.len().saturating_sub(PHRASINGS);
    let phrasings = answer.phrasings[skipped..].iter().map(String::as_str);
    first
        .into_iter()
        .chain(phrasings)
        .map(|text| text.trim().chars().take(READ_CHARS).collect())
        .collect()
}

/// The keys of [`texts`], in the same order.
pub(crate) fn keys(texts: &[String]) -> Vec<u64> {
    texts.iter().map(|text| if text.is_empty() { NOTHING } else { key(text).max(1) }).collect()
}

impl Meaning {
    /// The models with their vectors in `dir`, or in memory; a guest only reads what is there.
    pub(crate) fn open(
        models: Vec<Arc<dyn SentenceModel>>,
        dir: Option<&Path>,
        is_guest: bool,
    ) -> Result<Self, IndexError> {
        let space = |model: Arc<dyn SentenceModel>| {
            let vectors = match dir {
                Some(dir) if is_guest => Vectors::look(dir, model.name(), model.dims())
                    .map_err(IndexError::io("read the vectors in", dir))?,
                Some(dir) => Vectors::open(dir, model.name(), model.dims())
                    .map_err(IndexError::io("open the vectors in", dir))?,
                None => Vectors::in_ram(model.dims()),
            };
            let scale = Scale::of(&*model)?;
            let is_multilingual = KEYS.iter().filter(|key| model.covers(key)).count() > 1;
            Ok::<_, IndexError>(Space { model, vectors, is_multilingual, scale })
        };
        Ok(Self { spaces: models.into_iter().map(space).collect::<Result<_, _>>()? })
    }

    /// Embeds what is not yet known of `answers`; durable when this returns.
    pub(crate) fn learn<'a>(
        &self,
        answers: impl Iterator<Item = &'a IndexedAnswer>,
    ) -> Result<(), IndexError> {
        let answers: Vec<&IndexedAnswer> = answers.collect();
        self.spaces.iter().try_for_each(|space| space.learn(&answers))
    }

    /// A cosine in `space` as likeness: 0 for texts with nothing in common, 1 for paraphrases.
    pub(crate) fn likeness(&self, space: usize, cosine: f32) -> f32 {
        let Scale { unlike, alike } = self.spaces[space].scale;
        ((cosine - unlike) / (alike - unlike)).clamp(0.0, 1.5)
    }

    /// Places a question by the first model that covers the first of `langs` that any covers, as
    /// `read` puts it for that model.
    pub(crate) fn place(
        &self,
        langs: &[&str],
        read: impl Fn(&dyn SentenceModel) -> String,
    ) -> Result<Option<Placed>, ModelError> {
        let covers = |lang: &&str| self.spaces.iter().position(|space| space.model.covers(lang));
        let covering = langs.iter().find_map(covers);
        let Some(space) = covering else { return Ok(None) };
        let model = &*self.spaces[space].model;
        let vectors = model.embed(&[&read(model)])?;
        Ok(vectors.first().map(|vector| Placed { space, query: QueryVector::new(vector) }))
    }
}

impl Space {
    fn learn(&self, answers: &[&IndexedAnswer]) -> Result<(), IndexError> {
        let mut seen = HashSet::new();
        let covered = answers.iter().filter(|answer| self.model.covers(&answer.lang));
        let mut missing: Vec<(u64, String)> = covered
            .flat_map(|answer| {
                let texts = texts(answer);
                keys(&texts).into_iter().zip(texts)
            })
            .filter(|(key, _)| *key != NOTHING && self.vectors.row_of(*key).is_none())
            .filter(|(key, _)| seen.insert(*key))
            .collect();
        // Texts of like length together: a short one is not kept waiting in a long one's batch.
        missing.sort_by_key(|(_, text)| text.len());
        let texts: Vec<&str> = missing.iter().map(|(_, text)| text.as_str()).collect();
        let vectors = self.model.embed(&texts).map_err(IndexError::Model)?;
        let keyed: Vec<_> = missing.iter().map(|(key, _)| *key).zip(vectors).collect();
        let kept: io::Result<()> = self.vectors.append(&keyed);
        kept.map_err(IndexError::io("write the vectors of", self.model.name()))
    }
}
