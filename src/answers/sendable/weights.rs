//! How much each sign weighs, fitted on the labelled answers that are not held out.

use super::features::NAMES;

/// The score from which an answer may be sent; chosen on the answers it was fitted on.
pub(super) const PASSES_AT: f32 = 0.475;

/// What an answer without any sign starts from: above the line, so that such a one passes.
pub(super) const BIAS: f32 = 0.3;

/// In the order of [`NAMES`]; above zero speaks for sending.
pub(super) const WEIGHTS: [f32; NAMES.len()] = [
    -2.94, // self_answer
    -1.88, // thanks_first
    -2.89, // thanks
    -1.07, // works_now
    -1.92, // unexplained
    -1.50, // closed
    -5.85, // asks_back
    -1.24, // ends_in_question
    -2.37, // all_questions
    -3.51, // pointer
    -1.53, // only_link
    -3.30, // own_story
    -1.42, // very_short
    -0.72, // bare_reply
    2.33,  // acts
    1.76,  // commands
    0.81,  // interface
    1.64,  // addressed
    1.97,  // path
    0.95,  // steps
    1.01,  // exact
    0.64,  // long
    -0.54, // only_a_story
];
