//! Which questions were found to be asked before: the duplicates of `PostLinks.xml`.

use std::path::Path;

use super::xml::{Next, Rows};
use crate::answers::read::error::ReadError;
use crate::answers::read::input::{Input, Meter};

/// The `LinkTypeId` of a duplicate; other kinds only mention a question.
const DUPLICATE: i64 = 3;

/// Pairs of a question and one that was asked before, by question.
#[derive(Default)]
pub(super) struct Links(Vec<(i64, i64)>);

impl Links {
    /// Reads all duplicates. A bad row costs one of them at most, so it is passed over.
    pub(super) fn read(path: &Path, meter: &Meter) -> Result<Self, ReadError> {
        let mut rows = Rows::open(Input::open(path, meter)?, "postlinks")?;
        let mut links = Vec::new();
        loop {
            match rows.next_row()? {
                Next::End => break,
                Next::Row(row) if row.number("LinkTypeId") == Some(DUPLICATE) => {
                    links.extend(row.number("PostId").zip(row.number("RelatedPostId")));
                }
                Next::Row(_) | Next::Bad { .. } => {}
            }
        }
        links.sort_unstable();
        links.dedup();
        Ok(Self(links))
    }

    /// The questions that ask the same as `question` and were asked before it.
    pub(super) fn of(&self, question: i64) -> impl Iterator<Item = i64> {
        let from = self.0.partition_point(|(post, _)| *post < question);
        self.0[from..].iter().take_while(move |(post, _)| *post == question).map(|link| link.1)
    }
}
