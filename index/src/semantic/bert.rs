//! BERT and XLM-R style folders: `config.json`, `tokenizer.json`, `model.safetensors` and, where
//! there is one, the sentence-transformers description of pooling.
//!
//! Layers are held in memory, laid out for the kernel; the table of token vectors, which is most
//! of a multilingual model, stays on disk and is read row by row.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::attention::mix;
use super::files::{digest, json, optional_json, unsupported};
use super::matrix::{Dense, LayerNorm, add};
use super::pooling::Pooling;
use super::safetensors::Tensors;
use super::simd::{gelu, gelu_tanh};
use super::tokenizer::Tokenizer;
use super::{ModelError, SentenceModel};

/// Names the architecture and its sizes.
pub(super) const CONFIG: &str = "config.json";
/// Holds the tensors.
pub(super) const WEIGHTS: &str = "model.safetensors";
const TOKENIZER: &str = "tokenizer.json";
const SENTENCES: &str = "sentence_bert_config.json";

/// Vocabularies of one language have about 30,000 pieces, multilingual ones at least 100,000.
const MULTILINGUAL_PIECES: usize = 80_000;
/// Tokens that pass through the layers together: enough that reading the weights is shared.
const BATCH_TOKENS: usize = 512;

/// A transformer encoder with its tokenizer and pooling.
pub(super) struct Bert {
    name: String,
    tokenizer: Tokenizer,
    pooling: Pooling,
    shape: Shape,
    max_tokens: usize,
    tensors: Tensors,
    token_table: String,
    /// One row per position, with the vector of the first token type added.
    positions: Vec<f32>,
    norm: LayerNorm,
    layers: Vec<Layer>,
}

struct Layer {
    /// Queries, keys and values of all heads, side by side.
    attention: Dense,
    attention_out: Dense,
    attention_norm: LayerNorm,
    up: Dense,
    down: Dense,
    norm: LayerNorm,
}

#[derive(Deserialize)]
struct Shape {
    model_type: String,
    hidden_size: usize,
    intermediate_size: usize,
    num_attention_heads: usize,
    num_hidden_layers: usize,
    max_position_embeddings: usize,
    vocab_size: usize,
    #[serde(default = "one")]
    type_vocab_size: usize,
    layer_norm_eps: f32,
    hidden_act: Activation,
    #[serde(default)]
    pad_token_id: usize,
    #[serde(default)]
    position_embedding_type: Option<String>,
}

fn one() -> usize {
    1
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Activation {
    Gelu,
    GeluNew,
    #[serde(rename = "gelu_pytorch_tanh")]
    GeluTanh,
}

#[derive(Deserialize)]
struct SentenceFile {
    max_seq_length: Option<usize>,
}

impl Shape {
    fn check(&self, file: &Path) -> Result<(), ModelError> {
        let known = ["bert", "roberta", "xlm-roberta", "camembert"];
        if !known.contains(&&*self.model_type) {
            let reason = format!("its architecture is {}; known are {known:?}", self.model_type);
            return Err(unsupported(file, reason));
        }
        if self.position_embedding_type.as_deref().is_some_and(|kind| kind != "absolute") {
            return Err(unsupported(file, "its positions are not absolute"));
        }
        let heads = self.num_attention_heads;
        let sizes = [
            self.hidden_size,
            self.intermediate_size,
            self.vocab_size,
            self.max_position_embeddings,
        ];
        if heads == 0 || sizes.contains(&0) || !self.hidden_size.is_multiple_of(heads) {
            return Err(unsupported(file, "its sizes are zero or not a multiple of its heads"));
        }
        Ok(())
    }

    /// Position of the first token: `RoBERTa` counts from behind its padding number.
    fn first_position(&self) -> usize {
        if self.model_type == "bert" { 0 } else { self.pad_token_id + 1 }
    }
}

impl Bert {
    /// Opens the model in `folder` and checks every tensor it will use.
    pub(super) fn open(folder: &Path) -> Result<Self, ModelError> {
        let config = folder.join(CONFIG);
        let shape: Shape = json(&config)?;
        shape.check(&config)?;
        let tokenizer = Tokenizer::open(&folder.join(TOKENIZER))?;
        let pooling = Pooling::open(folder)?;
        let sentences: Option<SentenceFile> = optional_json(&folder.join(SENTENCES))?;
        let tensors = Tensors::open(&folder.join(WEIGHTS))?;

        let suffix = "embeddings.word_embeddings.weight";
        let prefix = tensors.prefix_of(suffix)?;
        let reader = Reader { tensors: &tensors, prefix: &prefix, shape: &shape };
        let positions = reader.positions()?;
        let norm = reader.norm("embeddings.LayerNorm")?;
        let layers =
            (0..shape.num_hidden_layers).map(|n| reader.layer(n)).collect::<Result<_, _>>()?;
        let token_table = format!("{prefix}{suffix}");
        tensors.row(&token_table, [shape.vocab_size, shape.hidden_size], 0)?;

        let window = shape.max_position_embeddings.saturating_sub(shape.first_position());
        let wanted = sentences.and_then(|file| file.max_seq_length).unwrap_or(window);
        let files = [CONFIG, TOKENIZER, WEIGHTS].map(|name| folder.join(name));
        Ok(Self {
            name: format!("bert-{}-{}", shape.hidden_size, identity(&files, pooling, folder)?),
            max_tokens: wanted.min(window).max(3),
            tokenizer,
            pooling,
            shape,
            tensors,
            token_table,
            positions,
            norm,
            layers,
        })
    }

    /// The first layer's input: one row per token.
    fn embeddings(&self, ids: &[u32]) -> Result<Vec<f32>, ModelError> {
        let hidden = self.shape.hidden_size;
        let mut rows = Vec::with_capacity(ids.len() * hidden);
        for (id, position) in ids.iter().zip(self.positions.chunks_exact(hidden)) {
            let id = usize::try_from(*id).unwrap_or(usize::MAX);
            let mut row =
                self.tensors.row(&self.token_table, [self.shape.vocab_size, hidden], id)?;
            add(&mut row, position);
            rows.append(&mut row);
        }
        Ok(rows)
    }

    /// Runs all layers over the rows of several texts, whose places are `texts`.
    fn encode(&self, mut rows: Vec<f32>, texts: &[Range<usize>]) -> Vec<f32> {
        self.norm.apply(&mut rows);
        for layer in &self.layers {
            let projected = layer.attention.apply(&rows);
            let mixed =
                mix(&projected, texts, self.shape.hidden_size, self.shape.num_attention_heads);
            add(&mut rows, &layer.attention_out.apply(&mixed));
            layer.attention_norm.apply(&mut rows);
            let mut wide = layer.up.apply(&rows);
            match self.shape.hidden_act {
                Activation::Gelu => gelu(&mut wide),
                Activation::GeluNew | Activation::GeluTanh => gelu_tanh(&mut wide),
            }
            add(&mut rows, &layer.down.apply(&wide));
            layer.norm.apply(&mut rows);
        }
        rows
    }
}

impl SentenceModel for Bert {
    fn name(&self) -> &str {
        &self.name
    }

    fn dims(&self) -> usize {
        self.shape.hidden_size
    }

    fn covers(&self, lang: &str) -> bool {
        self.tokenizer.n_pieces >= MULTILINGUAL_PIECES || lang.split('-').next() == Some("en")
    }

    fn knows(&self, word: &str) -> bool {
        // Between the marks for start and end.
        self.tokenizer.ids(word, self.max_tokens).len() == 3
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, ModelError> {
        let hidden = self.shape.hidden_size;
        let mut vectors = Vec::with_capacity(texts.len());
        let mut waiting = texts.iter().peekable();
        while waiting.peek().is_some() {
            let (mut rows, mut places) = (Vec::new(), Vec::new());
            let mut n_tokens = 0;
            while n_tokens < BATCH_TOKENS
                && let Some(text) = waiting.next()
            {
                let ids = self.tokenizer.ids(text, self.max_tokens);
                rows.append(&mut self.embeddings(&ids)?);
                places.push(n_tokens..n_tokens + ids.len());
                n_tokens += ids.len();
            }
            let rows = self.encode(rows, &places);
            vectors.extend(places.iter().map(|place| {
                self.pooling.apply(&rows[place.start * hidden..place.end * hidden], hidden)
            }));
        }
        Ok(vectors)
    }
}

/// Digest of the files and of the pooling, which changes every vector.
fn identity(files: &[PathBuf], pooling: Pooling, folder: &Path) -> Result<String, ModelError> {
    let mut files = files.to_vec();
    files.extend([folder.join(SENTENCES)].into_iter().filter(|file| file.is_file()));
    Ok(match pooling {
        Pooling::Mean => digest(&files)?,
        Pooling::First => format!("{}-first", digest(&files)?),
        Pooling::Max => format!("{}-max", digest(&files)?),
    })
}

/// Reads layers by the names all these architectures share.
struct Reader<'a> {
    tensors: &'a Tensors,
    prefix: &'a str,
    shape: &'a Shape,
}

impl Reader<'_> {
    fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        self.tensors.values(&format!("{}{name}", self.prefix), shape)
    }

    fn positions(&self) -> Result<Vec<f32>, ModelError> {
        let Shape { hidden_size: hidden, max_position_embeddings: max, type_vocab_size, .. } =
            *self.shape;
        let mut positions = self.values("embeddings.position_embeddings.weight", &[max, hidden])?;
        let types =
            self.values("embeddings.token_type_embeddings.weight", &[type_vocab_size, hidden])?;
        for row in positions.chunks_exact_mut(hidden) {
            add(row, &types[..hidden]);
        }
        let skipped = self.shape.first_position().min(max) * hidden;
        Ok(positions.split_off(skipped))
    }

    fn norm(&self, name: &str) -> Result<LayerNorm, ModelError> {
        let shape = [self.shape.hidden_size];
        Ok(LayerNorm {
            scale: self.values(&format!("{name}.weight"), &shape)?,
            shift: self.values(&format!("{name}.bias"), &shape)?,
            epsilon: self.shape.layer_norm_eps,
        })
    }

    fn dense(&self, names: &[String], n_in: usize, n_out: usize) -> Result<Dense, ModelError> {
        let (mut weights, mut bias) = (Vec::new(), Vec::new());
        for name in names {
            weights.append(&mut self.values(&format!("{name}.weight"), &[n_out, n_in])?);
            bias.append(&mut self.values(&format!("{name}.bias"), &[n_out])?);
        }
        Ok(Dense::from_outputs(&weights, bias, n_in))
    }

    fn layer(&self, n: usize) -> Result<Layer, ModelError> {
        let (hidden, wide) = (self.shape.hidden_size, self.shape.intermediate_size);
        let name = |part: &str| format!("encoder.layer.{n}.{part}");
        let attention =
            ["query", "key", "value"].map(|part| name(&format!("attention.self.{part}")));
        Ok(Layer {
            attention: self.dense(&attention, hidden, hidden)?,
            attention_out: self.dense(&[name("attention.output.dense")], hidden, hidden)?,
            attention_norm: self.norm(&name("attention.output.LayerNorm"))?,
            up: self.dense(&[name("intermediate.dense")], hidden, wide)?,
            down: self.dense(&[name("output.dense")], wide, hidden)?,
            norm: self.norm(&name("output.LayerNorm"))?,
        })
    }
}
