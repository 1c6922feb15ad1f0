//! Words of the programme for super fans, and of thanking them.

use super::UnknownWord;

vocabulary! {
    /// What super fans are invited to.
    EventKind {
        /// People meet.
        Event = "event",
        /// Something new is shown.
        Launch = "launch",
        /// They try it before others.
        Trial = "trial",
    }
}

vocabulary! {
    /// What super fans get; never money.
    Perk {
        /// They are named for what they did.
        Recognition = "recognition",
        /// They see it before others.
        EarlyAccess = "early_access",
        /// They keep a product to try it.
        Product = "product",
        /// A seat.
        Ticket = "ticket",
        /// They learn from those who make it.
        Training = "training",
    }
}

vocabulary! {
    /// Whether an event is still to come.
    EventState {
        /// It is.
        Planned = "planned",
        /// It is not.
        Over = "over",
    }
}

vocabulary! {
    /// What somebody said to an invitation.
    InvitationAnswer {
        /// Nothing yet.
        None = "none",
        /// They come.
        Yes = "yes",
        /// They do not.
        No = "no",
    }
}

vocabulary! {
    /// Where a letter of thanks to an author stands.
    ThanksState {
        /// It is on its way to the forum.
        Posting = "posting",
        /// It is there.
        Posted = "posted",
        /// The forum did not take it, or they do not want it.
        Failed = "failed",
    }
}
