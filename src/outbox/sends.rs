//! The sends of one channel account that are under way, side by side: no conversation waits for
//! another one's send. Within one nothing overtakes, for a row that is being sent keeps back what
//! follows it.

use futures::future::join_all;
use jiff::Timestamp;
use tokio::task::{JoinError, JoinSet};

use super::send::{Ended, Sender};
use crate::crash;
use crate::store::StoreError;

/// How many sends are under way at most.
const MOST: usize = 128;
/// How many rows are looked at in one transaction.
const LOOK: usize = 32;

/// A sender at work. Dropping it breaks off what is under way; [`Sender::recover`] puts that in
/// order.
pub struct Sends {
    sender: Sender,
    under_way: JoinSet<Ended>,
    /// Made, but not written down: the store is asked again until it takes them, for what the
    /// platform said is known here and nowhere else.
    ended: Vec<Ended>,
}

/// What a look at the outbox came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many parts are on their way to the platform.
    Started(usize),
    /// Nothing may leave before then (`None`: nothing is due at all), or before a send ends.
    Idle(Option<Timestamp>),
}

impl Sends {
    /// Nothing is under way yet.
    pub fn new(sender: Sender) -> Self {
        Self { sender, under_way: JoinSet::new(), ended: Vec::new() }
    }

    /// Writes down what has ended, takes what is due and may leave, and starts sending it.
    pub async fn start_due(&mut self) -> Result<Progress, StoreError> {
        self.write_down().await;
        let room = MOST.saturating_sub(self.under_way.len() + self.ended.len()).min(LOOK);
        if room == 0 {
            return Ok(Progress::Idle(None));
        }
        crash::point("before_take");
        let taken = self.sender.take(room).await?;
        crash::point("after_take");
        if taken.rows.is_empty() {
            return Ok(Progress::Idle(self.sender.next_due(&taken).await?));
        }
        let n_taken = taken.rows.len();
        for takeoff in taken.rows {
            self.under_way.spawn(self.sender.clone().send(takeoff));
        }
        Ok(Progress::Started(n_taken))
    }

    /// Waits until a send has ended, and takes those along that ended beside it; for ever when none
    /// is under way. Nothing is lost when the wait is broken off.
    pub async fn one_ended(&mut self) {
        let Some(first) = self.under_way.join_next().await else {
            return std::future::pending().await;
        };
        self.note(first);
        while let Some(another) = self.under_way.try_join_next() {
            self.note(another);
        }
    }

    fn note(&mut self, ended: Result<Ended, JoinError>) {
        match ended {
            Ok(ended) => self.ended.push(ended),
            Err(error) => {
                tracing::error!(channel = %self.sender.channel, "a send broke off: {error}");
            }
        }
    }

    /// Waits until everything under way has ended, and writes it down.
    pub async fn all_ended(&mut self) {
        while !self.under_way.is_empty() {
            self.one_ended().await;
        }
        self.write_down().await;
    }

    async fn write_down(&mut self) {
        let ended = std::mem::take(&mut self.ended);
        if self.sender.write_down(&ended).await.is_ok() {
            return;
        }
        // One that cannot be written must not keep the others back.
        let each = ended.iter().map(|one| self.sender.write_down(std::slice::from_ref(one)));
        let written = join_all(each).await;
        for (one, written) in ended.into_iter().zip(written) {
            if let Err(error) = written {
                tracing::error!(
                    delivery.id = %one.row.id, channel = %self.sender.channel,
                    "could not write down what became of {}: {}", one.row.id, error.reason()
                );
                self.ended.push(one);
            }
        }
    }
}
