//! The console's tests: pages through the router on a store of their own, and every template.

mod acts;
mod base;
mod channels;
mod fans;
mod forum_question;
mod gaps;
mod house;
mod insights;
mod pages;
mod programme;
mod replay;
pub(super) mod samples;
mod sign_in;
mod templates;
