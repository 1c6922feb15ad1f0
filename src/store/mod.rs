//! The durable store: one SQL text for SQLite and PostgreSQL.
//!
//! In: questions of the nouns' modules, as methods of [`Tx`], one module per table. Out: their
//! rows. SQL lives nowhere else; [`Tx`] hides which database runs it, and what differs (claiming,
//! waking) is in `backend`. Must not know: channels' payloads, the index, HTTP.

mod backend;
pub mod backup;
mod db;
mod error;
mod rings;
mod row;

pub mod alerts;
pub mod answer_links;
pub mod answer_pages;
pub mod answers;
pub mod arrivals;
pub mod attributes;
pub mod audit;
pub mod bridges;
pub mod calibrations;
pub mod case_history;
pub mod cases;
pub mod channel_accounts;
pub mod channels;
pub mod chat;
pub mod conversations;
pub mod customers;
pub mod decisions;
pub mod drafts;
mod erase;
pub mod escalations;
pub mod experts;
mod forum_names;
pub mod forums;
pub mod gap_list;
mod gap_months;
pub mod gaps;
pub mod golden;
mod handovers;
pub mod helpdesk;
pub mod imports;
pub mod inbox;
pub mod incidents;
pub mod index_state;
pub mod leases;
pub mod links;
mod named;
pub mod outbox;
pub mod pages;
pub mod people;
pub mod personal;
pub mod phrasings;
pub mod programme;
pub mod recalls;
pub mod replay_cases;
pub mod replays;
mod rules;
pub mod settings;
pub mod solves;
pub mod sources;
pub mod staff;
pub mod thanks;
pub mod waking;
pub mod wishes;

pub use db::{Store, Tx};
pub use error::StoreError;
pub use row::{Cell, Row};

pub(crate) use row::cells;
