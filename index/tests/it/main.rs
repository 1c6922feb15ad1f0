//! The index from outside.

mod compat;
mod finding;
mod generations;
mod leaks;
mod meaning;
mod support;
mod twins;
