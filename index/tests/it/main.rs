//! The index from outside.

mod compat;
mod finding;
mod generations;
mod groups;
mod leaks;
mod meaning;
mod strangers;
mod support;
mod twins;
