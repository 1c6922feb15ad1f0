//! x

pub mod words;
