//! Google's multilingual universal sentence encoder (version 3) as packaged for `NumPy`: `sp.model`
//! and `weights.npz`, 16 languages in one space, about two milliseconds a question.
//!
//! Byte-sized token vectors pass through three residual convolutions over two, three and five
//! neighbours; their normalised sum, over the root of the length, passes four small layers.

use std::path::Path;

use super::files::digest;
use super::matrix::{Dense, LayerNorm, add, relu, unit};
use super::npz::Arrays;
use super::sentencepiece::SentencePieces;
use super::{ModelError, SentenceModel};

/// Holds the tokenizer.
pub(super) const PIECES: &str = "sp.model";
/// Holds the arrays.
pub(super) const WEIGHTS: &str = "weights.npz";

const DIMS: usize = 512;
const WIDTH: usize = 256;
/// How many neighbours each branch looks at.
const ORDERS: [usize; 3] = [2, 3, 5];
const ALL_WIDTHS: usize = ORDERS.len() * WIDTH;
const N_FEATURES: usize = DIMS + ALL_WIDTHS;
/// The table comes in this many parts; row `id` is row `id / N_PARTS` of part `id % N_PARTS`.
const N_PARTS: usize = 17;
const PART_ROWS: usize = 7530;
const MAX_TOKENS: usize = 512;
const START: u32 = 1;
const END: u32 = 2;
/// What a text without any piece is taken for.
const UNKNOWN: u32 = 0;

const LANGUAGES: [&str; 15] =
    ["ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"];

/// The encoder with its tokenizer.
pub(super) struct SentenceTables {
    name: String,
    pieces: SentencePieces,
    parts: Vec<Part>,
    /// Narrows a token for the three branches, which are normalised together.
    narrow: Dense,
    narrow_norm: LayerNorm,
    branches: Vec<Branch>,
    norm: LayerNorm,
    projection: Dense,
    head: Head,
    epsilon: f32,
}

/// Token vectors, a byte a value: `low + byte × step`.
struct Part {
    bytes: Vec<u8>,
    low: f32,
    step: f32,
}

/// One residual convolution over `n_neighbours` tokens.
struct Branch {
    n_neighbours: usize,
    /// How many of the neighbours stand before the token.
    before: usize,
    first: Dense,
    second: Dense,
}

struct Head {
    d0: Dense,
    d1: Dense,
    d2: Dense,
    d3: Dense,
    p1: Dense,
    p3: Dense,
}

impl SentenceTables {
    /// Opens the model in `folder` and checks every array it will use.
    pub(super) fn open(folder: &Path) -> Result<Self, ModelError> {
        let files = [PIECES, WEIGHTS].map(|name| folder.join(name));
        let pieces = SentencePieces::open(&files[0])?;
        let arrays = Arrays::open(&files[1])?;
        let epsilon = arrays.bytes("eps", "<f8", &[])?;
        #[expect(clippy::cast_possible_truncation, reason = "a power of ten, near enough")]
        let epsilon = <[u8; 8]>::try_from(epsilon).map_or(0.0, f64::from_le_bytes) as f32;
        let dense = |name: &str, n_in, n_out| {
            let weights = arrays.floats(name, &[n_in, n_out])?;
            Ok::<_, ModelError>(Dense::from_inputs(&weights, vec![0.0; n_out], n_out))
        };
        let (narrow, narrow_norm) = narrow(&arrays, epsilon)?;
        Ok(Self {
            name: format!("use-{DIMS}-{}", digest(&files)?),
            pieces,
            parts: parts(&arrays)?,
            narrow,
            narrow_norm,
            branches: [(ORDERS[0], 0), (ORDERS[1], 1), (ORDERS[2], 2)]
                .into_iter()
                .map(|(n, before)| Branch::open(&arrays, n, before))
                .collect::<Result<_, _>>()?,
            norm: LayerNorm {
                scale: arrays.floats("ln_g", &[N_FEATURES])?,
                shift: arrays.floats("ln_b", &[N_FEATURES])?,
                epsilon,
            },
            projection: Dense::from_inputs(
                &arrays.floats("cnn_W", &[N_FEATURES, DIMS])?,
                arrays.floats("cnn_b", &[DIMS])?,
                DIMS,
            ),
            head: Head {
                d0: dense("d0", 512, 320)?,
                d1: dense("d1", 320, 320)?,
                d2: dense("d2", 320, 512)?,
                d3: dense("d3", 512, 512)?,
                p1: dense("p1", 512, 320)?,
                p3: dense("p3", 320, 512)?,
            },
            epsilon,
        })
    }

    fn ids(&self, text: &str) -> Vec<u32> {
        let mut ids = vec![START];
        ids.extend(self.pieces.ids(text).into_iter().take(MAX_TOKENS));
        if ids.len() == 1 {
            ids.push(UNKNOWN);
        }
        ids.push(END);
        ids
    }

    fn token(&self, id: u32) -> impl Iterator<Item = f32> {
        let id = usize::try_from(id).unwrap_or(0).min(N_PARTS * PART_ROWS - 1);
        let Part { bytes, low, step } = &self.parts[id % N_PARTS];
        let row = &bytes[id / N_PARTS * DIMS..][..DIMS];
        row.iter().map(move |byte| low + f32::from(*byte) * step)
    }

    fn embed_one(&self, text: &str) -> Vec<f32> {
        let ids = self.ids(text);
        let tokens: Vec<f32> = ids.iter().flat_map(|id| self.token(*id)).collect();
        let mut narrow = self.narrow.apply(&tokens);
        self.narrow_norm.apply(&mut narrow);
        let branches: Vec<Vec<f32>> = (0..)
            .zip(&self.branches)
            .map(|(n, branch)| branch.apply(columns(&narrow, n)))
            .collect();
        let mut features = Vec::with_capacity(ids.len() * N_FEATURES);
        for (n, token) in tokens.chunks_exact(DIMS).enumerate() {
            features.extend_from_slice(token);
            for branch in &branches {
                features.extend_from_slice(&branch[n * WIDTH..][..WIDTH]);
            }
        }
        self.norm.apply(&mut features);
        // The projection is linear, so the mean may be taken before it: one row instead of many.
        let mut mean = vec![0.0; N_FEATURES];
        for row in features.chunks_exact(N_FEATURES) {
            add(&mut mean, row);
        }
        #[expect(clippy::cast_precision_loss, reason = "at most 514 tokens")]
        let n_tokens = ids.len() as f32;
        for value in &mut mean {
            *value /= n_tokens;
        }
        let mut sentence = self.projection.apply(&mean);
        for value in &mut sentence {
            *value *= n_tokens.sqrt();
        }
        self.head.apply(&sentence, self.epsilon)
    }
}

impl SentenceModel for SentenceTables {
    fn name(&self) -> &str {
        &self.name
    }

    fn dims(&self) -> usize {
        DIMS
    }

    fn covers(&self, lang: &str) -> bool {
        lang.split('-').next().is_some_and(|lang| LANGUAGES.contains(&lang))
    }

    fn knows(&self, word: &str) -> bool {
        self.pieces.ids(word).len() == 1
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, ModelError> {
        Ok(texts.iter().map(|text| self.embed_one(text)).collect())
    }
}

fn parts(arrays: &Arrays) -> Result<Vec<Part>, ModelError> {
    let low = arrays.floats("lo", &[N_PARTS])?;
    let step = arrays.floats("scale", &[N_PARTS])?;
    (1..)
        .zip(low.into_iter().zip(step))
        .map(|(n, (low, step))| {
            let bytes = arrays.bytes(&format!("q{n}"), "|u1", &[PART_ROWS, DIMS])?;
            Ok(Part { bytes, low, step })
        })
        .collect()
}

/// The three branches' projections side by side, and the normalisation over all of them.
fn narrow(arrays: &Arrays, epsilon: f32) -> Result<(Dense, LayerNorm), ModelError> {
    let mut weights = vec![0.0; DIMS * ALL_WIDTHS];
    let (mut bias, mut scale, mut shift) = (Vec::new(), Vec::new(), Vec::new());
    for (branch, n) in ORDERS.into_iter().enumerate() {
        let part = arrays.floats(&format!("proj{n}"), &[DIMS, WIDTH])?;
        for (row, part) in weights.chunks_exact_mut(ALL_WIDTHS).zip(part.chunks_exact(WIDTH)) {
            row[branch * WIDTH..][..WIDTH].copy_from_slice(part);
        }
        bias.append(&mut arrays.floats(&format!("proj_b{n}"), &[WIDTH])?);
        scale.append(&mut arrays.floats(&format!("ln_g{n}"), &[WIDTH])?);
        shift.append(&mut arrays.floats(&format!("ln_b{n}"), &[WIDTH])?);
    }
    let norm = LayerNorm { scale, shift, epsilon };
    Ok((Dense::from_inputs(&weights, bias, ALL_WIDTHS), norm))
}

/// The columns of branch `n` in rows of all branches.
fn columns(rows: &[f32], n: usize) -> Vec<f32> {
    rows.chunks_exact(ALL_WIDTHS).flat_map(|row| &row[n * WIDTH..][..WIDTH]).copied().collect()
}

impl Branch {
    fn open(arrays: &Arrays, n: usize, before: usize) -> Result<Self, ModelError> {
        let column = |name: &str| arrays.floats(&format!("{name}{n}"), &[WIDTH]);
        let dense = |weights: &str, n_in, bias| {
            let weights = arrays.floats(weights, &[n_in, WIDTH])?;
            Ok::<_, ModelError>(Dense::from_inputs(&weights, bias, WIDTH))
        };
        Ok(Self {
            n_neighbours: n,
            before,
            first: dense(&format!("w1_{n}"), n * WIDTH, column("b1_")?)?,
            second: dense(&format!("w2_{n}"), n * WIDTH, column("b2_")?)?,
        })
    }

    fn apply(&self, mut rows: Vec<f32>) -> Vec<f32> {
        for convolution in [&self.first, &self.second] {
            let mut out = convolution.apply(&self.windows(&rows));
            relu(&mut out);
            add(&mut out, &rows);
            rows = out;
        }
        rows
    }

    /// Every token's neighbours side by side, zero beyond both ends.
    fn windows(&self, rows: &[f32]) -> Vec<f32> {
        let n_tokens = rows.len() / WIDTH;
        let mut windows = vec![0.0; rows.len() * self.n_neighbours];
        for (token, window) in windows.chunks_exact_mut(self.n_neighbours * WIDTH).enumerate() {
            for (slot, cell) in window.chunks_exact_mut(WIDTH).enumerate() {
                let neighbour = (token + slot).checked_sub(self.before);
                if let Some(neighbour) = neighbour.filter(|n| *n < n_tokens) {
                    cell.copy_from_slice(&rows[neighbour * WIDTH..][..WIDTH]);
                }
            }
        }
        windows
    }
}

impl Head {
    fn apply(&self, sentence: &[f32], epsilon: f32) -> Vec<f32> {
        let mut first = self.d0.apply(sentence);
        relu(&mut first);
        let mut second = self.p1.apply(sentence);
        add(&mut second, &self.d1.apply(&first));
        relu(&mut second);
        let mut third = self.d2.apply(&second);
        relu(&mut third);
        let mut out = self.p3.apply(&second);
        add(&mut out, &self.d3.apply(&third));
        for value in &mut out {
            *value = value.tanh();
        }
        // Below this the original leaves the vector short; it cannot be compared then anyway.
        debug_assert!(out.iter().map(|v| v * v).sum::<f32>() >= epsilon);
        unit(out)
    }
}
