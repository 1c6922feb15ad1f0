//! A sentence model that embeds each single text once: a fit asks the same questions many times.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use superfan_index::semantic::{ModelError, SentenceModel};

/// A model and what it has embedded.
pub(crate) struct Remembering {
    model: Box<dyn SentenceModel>,
    known: Mutex<HashMap<String, Vec<f32>>>,
}

impl Remembering {
    pub(crate) fn new(model: Box<dyn SentenceModel>) -> Self {
        Self { model, known: Mutex::default() }
    }
}

impl SentenceModel for Remembering {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn dims(&self) -> usize {
        self.model.dims()
    }

    fn covers(&self, lang: &str) -> bool {
        self.model.covers(lang)
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, ModelError> {
        let [text] = texts else { return self.model.embed(texts) };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(vector) = known.get(*text) {
            return Ok(vec![vector.clone()]);
        }
        let vectors = self.model.embed(texts)?;
        known.extend(vectors.first().map(|vector| ((*text).to_owned(), vector.clone())));
        Ok(vectors)
    }
}
