//! Super fans: who of the community solved whose questions, on the forum and elsewhere.
//!
//! In: the forum's acceptances, and cases that customers confirmed. Out: solves that count (nobody
//! helps themselves, the same press again is no second solve, two who only press for each other
//! are a ring), leaderboards, letters of thanks. Must not know: pages, HTTP, platforms.

mod acts;
mod board;
mod credit;
mod posting;
mod programme;
mod rings;
mod thanks;

pub use acts::{name_author, name_oneself};
pub use board::{Board, Fan, Period, Trend, Wanted, board};
pub(crate) use credit::credit_cases;
pub use credit::keep_up;
pub use posting::{Letter, post_thanks};
pub use programme::{Invited, Plan, answered, end_event, invite, invited, named_beside, plan};
pub use thanks::{Thanks, thanks};
