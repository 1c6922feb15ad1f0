//! Taking an answer back from everyone who got it: edited or deleted where the platform allows it,
//! else corrected once; and what of it waits to be sent goes to people instead.
//!
//! In: a moderator's word, or the forum's. Out: rows of the outbox, paced like any other, and the
//! progress. Must not know: what platforms can do, SQL.

mod acts;
mod messages;
mod offers;
mod work;

pub use acts::{confirm, dismiss, report_wrong};
pub use offers::{Offer, offer, take_offer_back};
pub use work::Recaller;
