//! Understanding what a customer wrote, without any model.

mod folding;
pub mod sensitive;
pub mod small_talk;
