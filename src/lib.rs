//! superfan answers a brand's customers where they ask, with answers its community has accepted,
//! and calls a human when it is not sure. ARCHITECTURE.md has the picture.

pub mod answerer;
pub mod answers;
pub mod api;
mod assets;
pub mod calibrate;
mod chain;
pub mod channels;
mod chart;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod crash;
pub mod desk;
pub mod escalation;
pub mod help;
pub mod http;
pub mod ids;
pub mod inbox;
pub mod insights;
mod interval;
pub mod lock;
pub mod open;
pub mod outbox;
pub mod people;
pub mod privacy;
mod public_words;
pub mod replay;
pub mod search;
pub mod serve;
pub mod store;
pub mod vocabulary;
pub mod wakes;
pub mod webchat;
pub mod webhooks;
pub mod words;
