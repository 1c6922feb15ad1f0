//! Named points where a test can kill the process, to prove that a restart loses nothing.
//!
//! In a release build a point is nothing at all.

/// Every point that a message passes, in order.
pub const POINTS: &[&str] = &[
    "before_store",
    "after_store",
    "before_sort",
    "after_sort",
    "before_claim",
    "after_claim",
    "before_decide",
    "after_decide",
    "before_commit",
    "after_commit",
    "before_take",
    "after_take",
    "before_send",
    "after_send",
    "before_mark",
    "after_mark",
];

/// The points that a question on its way to the forum passes.
pub const POSTING: &[&str] = &["before_post", "after_post"];

/// The points that a card for the brand's own people passes.
pub const CARDS: &[&str] = &["before_card", "after_card"];

/// Dies here, without any clean-up, if `SUPERFAN_CRASH_AT` names this point.
#[inline]
pub fn point(name: &str) {
    #[cfg(debug_assertions)]
    {
        use std::sync::OnceLock;
        static AT: OnceLock<Option<String>> = OnceLock::new();
        let at = AT.get_or_init(|| std::env::var("SUPERFAN_CRASH_AT").ok());
        if at.as_deref() == Some(name) {
            std::process::abort();
        }
    }
    #[cfg(not(debug_assertions))]
    let _ = name;
}
