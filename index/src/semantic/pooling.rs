//! How the vectors of a text's tokens become one, as a sentence-transformers folder says.

use std::path::Path;

use serde::Deserialize;

use super::ModelError;
use super::files::{optional_json, unsupported};
use super::matrix::{add, unit};

/// The ways of pooling that are known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Pooling {
    /// The first token's vector.
    First,
    /// The mean over all tokens; scaled to length one, the sum is the same.
    Mean,
    /// The greatest value of each column.
    Max,
}

#[derive(Deserialize)]
struct Module {
    path: String,
    r#type: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the file's own shape: one flag per way of pooling"
)]
struct PoolingFile {
    pooling_mode_cls_token: bool,
    pooling_mode_mean_tokens: bool,
    pooling_mode_max_tokens: bool,
    pooling_mode_mean_sqrt_len_tokens: bool,
    pooling_mode_weightedmean_tokens: bool,
    pooling_mode_lasttoken: bool,
}

impl Pooling {
    /// Reads `modules.json` and the pooling file it names; without them the mean is meant.
    pub(super) fn open(folder: &Path) -> Result<Self, ModelError> {
        let list = folder.join("modules.json");
        let modules: Vec<Module> = optional_json(&list)?.unwrap_or_default();
        let mut path = "1_Pooling".to_owned();
        for module in modules {
            match module.r#type.rsplit('.').next().unwrap_or_default() {
                "Pooling" => path = module.path,
                "Transformer" | "Normalize" => {}
                other => return Err(unsupported(&list, format!("it asks for a {other} layer"))),
            }
        }
        let path = folder.join(path).join("config.json");
        let Some(file) = optional_json::<PoolingFile>(&path)? else {
            return Ok(Self::Mean);
        };
        let mean = file.pooling_mode_mean_tokens || file.pooling_mode_mean_sqrt_len_tokens;
        let other = file.pooling_mode_weightedmean_tokens || file.pooling_mode_lasttoken;
        match (file.pooling_mode_cls_token, mean, file.pooling_mode_max_tokens, other) {
            (true, false, false, false) => Ok(Self::First),
            (false, true, false, false) => Ok(Self::Mean),
            (false, false, true, false) => Ok(Self::Max),
            _ => Err(unsupported(&path, "exactly one of cls, mean and max pooling is known")),
        }
    }

    /// One unit vector of length `dims` from the rows of `tokens`.
    pub(super) fn apply(self, tokens: &[f32], dims: usize) -> Vec<f32> {
        let mut pooled = tokens[..dims].to_vec();
        for row in tokens.chunks_exact(dims).skip(1) {
            match self {
                Self::First => break,
                Self::Mean => add(&mut pooled, row),
                Self::Max => {
                    for (value, other) in pooled.iter_mut().zip(row) {
                        *value = value.max(*other);
                    }
                }
            }
        }
        unit(pooled)
    }
}
