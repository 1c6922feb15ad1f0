//! The index from outside.

mod generations;
mod support;
