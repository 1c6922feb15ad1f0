//! An error with its causes, in one line: for logs and for rows that people read.

use std::error::Error;
use std::iter::successors;

/// What the error and each of its causes say, joined by colons.
pub(crate) fn chain(error: &dyn Error) -> String {
    let causes = successors(Some(error), |cause| (*cause).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
