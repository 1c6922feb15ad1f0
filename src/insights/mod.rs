//! How well customers are served, honestly counted: every question is a case, and every case ends
//! in one of five ways. Silence is no success.
//!
//! In: what was decided, said and done ([`crate::store::case_history`]). Out: cases, kept by
//! [`keep_up`], and [`Report`]s over their daily sums. Must not know: pages, HTTP, platforms.

mod acts;
mod alike;
mod cases;
mod chart;
mod csv;
mod days;
mod keep;
mod kept;
mod report;
mod tally;
#[cfg(test)]
mod tests;

pub use acts::{Targets, set_targets, targets};
pub use cases::{Case, End, History, Said, cases};
pub(crate) use chart::over_time;
pub use csv::csv;
pub use days::{USUAL_DAYS, day_name, span};
pub use keep::keep_up;
pub use kept::Reports;
pub use report::{Line, Named, Report, SOLVED_LINE, Span, Waits, report};
