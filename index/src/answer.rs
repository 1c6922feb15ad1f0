//! What goes into the index.

/// An accepted answer as the index sees it: its words and what is known about its worth.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IndexedAnswer {
    /// Public id, unique in the index; a later [`Change::Put`] with the same id replaces it.
    pub id: String,
    /// Language of the text, BCP 47: `en`, `zh`, `zh-Hant`. Unknown ones get the generic analysis.
    pub lang: String,
    /// Title of the thread; may be empty.
    pub title: String,
    /// The question as asked; may be empty.
    pub question: String,
    /// The accepted answer, plain text.
    pub answer: String,
    /// Topic words of the source.
    pub tags: Vec<String>,
    /// What the answer is about, in the application's own words; carried through to
    /// [`crate::Hit::product`].
    pub product: Option<String>,
    /// Votes at the source; may be negative.
    pub votes: i64,
    /// How many customers it helped.
    pub confirmations: u32,
    /// How many customers it did not help.
    pub refusals: u32,
    /// Whether it may be sent to a stranger; carried through to [`crate::Hit::sendable`].
    pub sendable: bool,
    /// Words in which other customers asked the same.
    pub phrasings: Vec<String>,
}

/// One live change of the answer base.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Adds the answer or replaces the one with its id.
    Put(Box<IndexedAnswer>),
    /// Takes the answer with this id out; unknown ids are no error.
    Remove(String),
}
