//! The name of every sentence the bot can say. In: nothing. Out: [`Key`], the names used in the
//! language files. Must not know: any wording.

use serde::{Deserialize, Serialize};

/// Declares the enum and the list of all its values from one list of names.
macro_rules! keys {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// Names one sentence of the bot; the language files use the name in `snake_case`.
        ///
        /// Placeholders are named in each key's description.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Key {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Key {
            /// Every key, in the order of the language files.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];
        }
    };
}

keys! {
    /// First contact: who runs it (`brand`), that it is automatic, the commands.
    Greeting,
    /// First contact when no brand name is set ("our").
    GreetingOwn,
    /// What the bot can do, and the commands.
    Help,

    /// Whose answer it is: `author`.
    Credit,
    /// Whose answer it is, and that it was confirmed once: `author`.
    CreditOnce,
    /// Whose answer it is, and how often it was confirmed (two or more): `author`, `n`.
    CreditTimes,
    /// An accepted answer without a known author.
    CreditNobody,
    /// An accepted answer without a known author, confirmed once.
    CreditNobodyOnce,
    /// An accepted answer without a known author, confirmed two times or more: `n`.
    CreditNobodyTimes,
    /// Under which licence the answer is passed on: `licence`.
    Licence,
    /// Where the whole answer stands: `url`.
    ReadMore,

    /// Button: the answer helped.
    Helped,
    /// Button: the answer did not help.
    DidntHelp,
    /// Button: a person, please.
    Human,
    /// Asked after a person's reply.
    HelpedQuestion,
    /// Stands above two or three answers to choose from.
    ChoicesIntro,
    /// Button below the choices.
    NoneOfThese,
    /// Stands above the second answer after the first did not help.
    RunnerUpIntro,
    /// The question is too thin to be answered.
    AskBack,

    /// Passed to the team: `number`.
    Escalated,
    /// Added to an escalation that is open already: `number`.
    EscalatedAgain,
    /// Passed on because the customer asked for a person: `number`.
    EscalatedOnRequest,
    /// Passed on because the answers did not help: `number`.
    EscalatedRefused,
    /// Passed on because a person must take such topics: `number`.
    EscalatedSensitive,
    /// Said before anything else where somebody may be in danger.
    SafetyFirst,
    /// Follows an escalation outside opening hours; `opens` is a date or time on its own.
    OutOfHours,
    /// Passed to the team after an outage: `number`.
    Late,
    /// A person takes over: `name`.
    HumanJoined,
    /// The person has finished and the bot answers again.
    HandedBack,

    /// After *Helped*: `author` is credited.
    ThanksHelped,
    /// After *Helped*, author unknown.
    ThanksHelpedNobody,
    /// A press was taken.
    PressNoted,
    /// The same press again.
    PressNotedBefore,
    /// Somebody else's press in a group.
    PressNotYours,

    /// Reply to a bare greeting.
    HelloBack,
    /// Reply to bare thanks.
    YouAreWelcome,
    /// Reply to a goodbye.
    Goodbye,
    /// A voice message, a picture or an emoji alone.
    PleaseWrite,
    /// Too many messages from one customer.
    TooMany,

    /// Automatic replies end.
    Stopped,
    /// Automatic replies begin again.
    StartedAgain,
    /// Asked before everything about the customer is erased.
    ForgetConfirm,
    /// Button: erase.
    ForgetYes,
    /// Button: do not erase.
    ForgetNo,
    /// The customer chose to keep the data.
    ForgetKept,
    /// Everything was erased.
    Forgotten,
    /// Stands above the languages to choose from.
    LanguageChoose,
    /// The language was set: `language`, by its own name.
    LanguageSet,
    /// Not one of ours: `languages`, the names of those we know.
    LanguageUnknown,
    /// How a second account is linked: `code`.
    LinkCode,
    /// Two accounts are one person's: `channel` of the other.
    LinkDone,
    /// The code after `/link` cannot be used.
    LinkUnknown,
    /// The code came from the account that it was made for.
    LinkOwn,
    /// Button: the accounts are two again.
    LinkUndo,
    /// The accounts are two again.
    LinkUndone,

    /// Stands above the right answer after a recall.
    Corrected,
    /// A recall without a better answer.
    Withdrawn,

    /// Asks whether the question may go to the forum: `number`, `text` as it would be posted.
    ForumAsk,
    /// Button: it may.
    ForumYes,
    /// Button: it may not.
    ForumNo,
    /// The customer agreed: `number`.
    ForumAgreed,
    /// The customer did not agree: `number`.
    ForumDeclined,
    /// Stands below what is posted.
    ForumFooter,
    /// Stands above the answer that came from there: `number`.
    ForumAnswered,
    /// Many ask the same right now: `number`.
    Incident,

    /// An expert's account was linked: `name`.
    ExpertLinked,
    /// The code after `/expert` cannot be used.
    ExpertCodeUnknown,
    /// The account is no longer an expert's.
    ExpertUnlinked,
    /// What an expert said of themselves was kept: `langs`, `skills`, `*` for all.
    ExpertProfile,
    /// How to say what one knows: `example`.
    ExpertProfileHow,
    /// Offers a question to an expert: `number`, `lang`, `question`.
    ExpertPage,
    /// Button: take the question.
    ExpertTake,
    /// Button: leave the question to others.
    ExpertPass,
    /// The expert has the question: `number`, `name`.
    ExpertTaken,
    /// Somebody else has the question: `number`, `name`.
    ExpertTooLate,
    /// The expert left the question to others.
    ExpertPassed,
    /// The expert's words go to the customer: `number`.
    ExpertSent,
    /// Button: the question is solved.
    ExpertDone,
    /// The expert closed the question: `number`.
    ExpertClosed,
    /// The expert's words are read by a moderator first: `number`.
    ExpertReview,
    /// The expert's words may not go out: `found`, what stands in the way.
    ExpertBlocked,
    /// The expert was idle and others are asked: `number`.
    ExpertReleased,
    /// What the customer says to the expert: `number`, `text`.
    ExpertCustomer,
}
