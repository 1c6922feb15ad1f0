//! Words of what the base could not answer: gaps, incidents, questions on their way to the forum.

use super::UnknownWord;

vocabulary! {
    /// How far a question is on its way to the forum and back.
    BridgeState {
        /// The customer was asked whether it may be posted.
        Asked = "asked",
        /// They do not want that.
        Declined = "declined",
        /// They agreed; it is not posted yet.
        Agreed = "agreed",
        /// It is being posted.
        Posting = "posting",
        /// It waits for another's topic to be opened.
        Waiting = "waiting",
        /// It stands there, without an accepted answer.
        Open = "open",
        /// The answer is on its way to the customer.
        Telling = "telling",
        /// The customer has the answer.
        Told = "told",
        /// There is an answer, and the customer cannot be told.
        Untold = "untold",
        /// The forum did not take it, or lost it.
        Failed = "failed",
        /// Nobody waits for it any more.
        Ended = "ended",
    }
}

vocabulary! {
    /// Where a gap in the base stands, as people say.
    GapState {
        /// Nobody does anything about it yet.
        Open = "open",
        /// Somebody will.
        Planned = "planned",
        /// There is an answer.
        Answered = "answered",
        /// Nothing will be done.
        Dismissed = "dismissed",
    }
}

vocabulary! {
    /// The life of an incident.
    IncidentState {
        /// A moderator has to decide.
        Noticed = "noticed",
        /// Those who wait are told.
        Open = "open",
        /// It is over.
        Closed = "closed",
        /// It was none.
        Dismissed = "dismissed",
    }
}
