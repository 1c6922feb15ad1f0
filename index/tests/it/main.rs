//! The index from outside.

mod compat;
mod finding;
mod generations;
mod leaks;
mod meaning;
mod strangers;
mod support;
mod twins;
