//! Customers as people with rights: what is kept about one of them, handed out or erased.
//!
//! In: a customer's id. Out: everything that is kept, or nothing left of it. Must not know: pages,
//! HTTP, platforms.

mod acts;

pub use acts::{Export, erase, export};
