//! `tokenizer.json`: which tokenizer a BERT-style folder wants, with its marks for start and end.
//!
//! `WordPiece` with BERT's preparation and unigram with a precompiled character map are known;
//! others (byte-pair encodings) are refused by name.

use std::collections::HashMap;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use super::ModelError;
use super::charsmap::Charsmap;
use super::files::{damaged, json, unsupported};
use super::unigram::{Unigram, mark_words};
use super::wordpiece::{Folding, WordPiece};

/// Turns a text into the numbers of its pieces.
#[derive(Debug)]
pub(super) struct Tokenizer {
    pieces: Pieces,
    start: u32,
    end: u32,
    /// Size of the vocabulary.
    pub(super) n_pieces: usize,
}

#[derive(Debug)]
enum Pieces {
    Word(WordPiece),
    Unigram { unigram: Unigram, charsmap: Charsmap, lower: bool },
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    added_tokens: Vec<AddedToken>,
    normalizer: Option<Normalizer>,
    post_processor: Option<Value>,
    model: Model,
}

#[derive(Deserialize)]
struct AddedToken {
    id: u32,
    content: String,
    #[serde(default)]
    special: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Normalizer {
    r#type: String,
    normalizers: Vec<Normalizer>,
    lowercase: Option<bool>,
    strip_accents: Option<bool>,
    precompiled_charsmap: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Model {
    Unigram {
        vocab: Vec<(String, f32)>,
        unk_id: u32,
    },
    WordPiece {
        vocab: HashMap<String, u32>,
        unk_token: String,
        continuing_subword_prefix: String,
        max_input_chars_per_word: usize,
    },
    Other {
        r#type: Option<String>,
    },
}

impl Tokenizer {
    /// Reads `path`.
    pub(super) fn open(path: &Path) -> Result<Self, ModelError> {
        let mut file: File = json(path)?;
        let marks = |names: [&str; 2]| {
            let id =
                |name: &str| file.added_tokens.iter().find(|t| t.content == name).map(|t| t.id);
            Some((id(names[0])?, id(names[1])?))
        };
        let (start, end) = named_marks(file.post_processor.as_ref())
            .or_else(|| marks(["[CLS]", "[SEP]"]))
            .or_else(|| marks(["<s>", "</s>"]))
            .ok_or_else(|| damaged(path, "it names no tokens for start and end"))?;
        let mut steps = Vec::new();
        flatten(file.normalizer.take().unwrap_or_default(), &mut steps);
        let special: Vec<&str> =
            file.added_tokens.iter().filter(|t| t.special).map(|t| &*t.content).collect();
        let (pieces, n_pieces) = match file.model {
            Model::WordPiece {
                vocab,
                unk_token,
                continuing_subword_prefix,
                max_input_chars_per_word,
            } => {
                let n_pieces = vocab.len();
                let unknown = *vocab
                    .get(&unk_token)
                    .ok_or_else(|| damaged(path, "its unknown token is not in its vocabulary"))?;
                let pieces = WordPiece {
                    pieces: vocab,
                    unknown,
                    continuation: continuing_subword_prefix,
                    max_word: max_input_chars_per_word,
                    folding: folding(path, &steps)?,
                };
                (Pieces::Word(pieces), n_pieces)
            }
            Model::Unigram { vocab, unk_id } => {
                let n_pieces = vocab.len();
                let pieces = (0..)
                    .zip(vocab)
                    .filter(|(id, (text, _))| *id != unk_id && !special.contains(&&**text))
                    .map(|(id, (text, score))| (text, id, score));
                let unigram = Unigram::new(pieces, unk_id, true);
                let (charsmap, lower) = unigram_steps(path, &steps)?;
                (Pieces::Unigram { unigram, charsmap, lower }, n_pieces)
            }
            Model::Other { r#type } => {
                let kind = r#type.unwrap_or_else(|| "an unnamed kind".into());
                let reason = format!("its tokenizer is {kind}; WordPiece and Unigram are known");
                return Err(unsupported(path, reason));
            }
        };
        Ok(Self { pieces, start, end, n_pieces })
    }

    /// The ids of `text` between the marks for start and end, at most `max` in all.
    pub(super) fn ids(&self, text: &str, max: usize) -> Vec<u32> {
        let inner = match &self.pieces {
            Pieces::Word(word_piece) => word_piece.ids(text),
            Pieces::Unigram { unigram, charsmap, lower } => {
                let mapped = charsmap.apply(text);
                let mapped = if *lower { mapped.to_lowercase() } else { mapped };
                unigram.ids(&mark_words(&mapped))
            }
        };
        let mut ids = vec![self.start];
        ids.extend(inner.into_iter().take(max.saturating_sub(2)));
        ids.push(self.end);
        ids
    }
}

/// The ids that the post-processor puts around a single text.
fn named_marks(post_processor: Option<&Value>) -> Option<(u32, u32)> {
    let post = post_processor?;
    let id = |value: &Value| u32::try_from(value.as_u64()?).ok();
    if let (Some(start), Some(end)) = (post.pointer("/cls/1"), post.pointer("/sep/1")) {
        return Some((id(start)?, id(end)?));
    }
    let single = post.get("single")?.as_array()?;
    let named = |item: &Value| {
        let name = item.pointer("/SpecialToken/id")?.as_str()?;
        id(post.get("special_tokens")?.get(name)?.pointer("/ids/0")?)
    };
    Some((named(single.first()?)?, named(single.last()?)?))
}

fn flatten(normalizer: Normalizer, steps: &mut Vec<Normalizer>) {
    if normalizer.r#type == "Sequence" {
        for step in normalizer.normalizers {
            flatten(step, steps);
        }
    } else if !normalizer.r#type.is_empty() {
        steps.push(normalizer);
    }
}

fn folding(path: &Path, steps: &[Normalizer]) -> Result<Folding, ModelError> {
    let [step] = steps else {
        return Err(unsupported(path, "its WordPiece is not prepared by one BertNormalizer"));
    };
    if step.r#type != "BertNormalizer" {
        let reason = format!("its WordPiece is prepared by {}, not BertNormalizer", step.r#type);
        return Err(unsupported(path, reason));
    }
    let lower = step.lowercase.unwrap_or(true);
    Ok(match (lower, step.strip_accents.unwrap_or(lower)) {
        (false, false) => Folding::Cased,
        (true, false) => Folding::Lower,
        (false, true) => Folding::Bare,
        (true, true) => Folding::LowerBare,
    })
}

fn unigram_steps(path: &Path, steps: &[Normalizer]) -> Result<(Charsmap, bool), ModelError> {
    let (mut charsmap, mut lower) = (Charsmap::default(), false);
    for step in steps {
        match &*step.r#type {
            "Precompiled" => {
                let text = step.precompiled_charsmap.as_deref().unwrap_or_default();
                charsmap = STANDARD
                    .decode(text)
                    .ok()
                    .and_then(|bytes| Charsmap::decode(&bytes))
                    .ok_or_else(|| damaged(path, "its precompiled character map cannot be read"))?;
            }
            "Lowercase" => lower = true,
            // White space is collapsed in any case.
            "Replace" | "Strip" | "Nmt" | "NFKC" => {}
            other => return Err(unsupported(path, format!("it prepares texts by {other}"))),
        }
    }
    Ok((charsmap, lower))
}
