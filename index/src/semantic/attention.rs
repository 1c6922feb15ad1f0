//! Self-attention over the tokens of several texts that pass through a layer together.

use std::ops::Range;

use super::simd::attend;

/// One head's view of one text, reused from head to head.
pub(super) struct Head {
    /// Dimensions of the head.
    pub(super) width: usize,
    /// A row per token, already scaled.
    pub(super) queries: Vec<f32>,
    /// A row per dimension, so that one step serves all tokens.
    pub(super) keys: Vec<f32>,
    /// A row per token.
    pub(super) values: Vec<f32>,
    /// Scratch: one weight per token.
    pub(super) weights: Vec<f32>,
    /// The result, a row per token.
    pub(super) out: Vec<f32>,
}

impl Head {
    fn new(n_tokens: usize, width: usize) -> Self {
        let zeros = || vec![0.0; n_tokens * width];
        Self {
            width,
            queries: zeros(),
            keys: zeros(),
            values: zeros(),
            weights: vec![0.0; n_tokens],
            out: zeros(),
        }
    }

    /// Takes columns `start..` of the queries, keys and values that stand side by side in `rows`.
    fn fill(&mut self, rows: &[f32], hidden: usize, start: usize) {
        let n_tokens = self.weights.len();
        #[expect(clippy::cast_precision_loss, reason = "a head has a few dozen dimensions")]
        let scale = 1.0 / (self.width as f32).sqrt();
        for (token, row) in rows.chunks_exact(3 * hidden).enumerate() {
            let part = |kind: usize| &row[kind * hidden + start..][..self.width];
            for (i, (query, key)) in part(0).iter().zip(part(1)).enumerate() {
                self.queries[token * self.width + i] = query * scale;
                self.keys[i * n_tokens + token] = *key;
            }
            self.values[token * self.width..][..self.width].copy_from_slice(part(2));
        }
    }
}

/// What every token gathers from the tokens of its own text, through all heads.
///
/// `projected` holds a row per token with queries, keys and values side by side, `hidden` wide
/// each; `texts` are the rows of each text.
pub(super) fn mix(
    projected: &[f32],
    texts: &[Range<usize>],
    hidden: usize,
    n_heads: usize,
) -> Vec<f32> {
    let width = hidden / n_heads;
    let mut mixed = vec![0.0; projected.len() / 3];
    for text in texts {
        let rows = &projected[text.start * 3 * hidden..text.end * 3 * hidden];
        let mixed = &mut mixed[text.start * hidden..text.end * hidden];
        let mut head = Head::new(text.len(), width);
        for start in (0..hidden).step_by(width) {
            head.fill(rows, hidden, start);
            attend(&mut head);
            for (to, from) in mixed.chunks_exact_mut(hidden).zip(head.out.chunks_exact(width)) {
                to[start..][..width].copy_from_slice(from);
            }
        }
    }
    mixed
}
