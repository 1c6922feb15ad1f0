//! The Tantivy schema: one search field, one key, one payload, one column of statistics.

use tantivy::IndexSettings;
use tantivy::schema::{
    FAST, Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::store::Compressor;
use tantivy::tokenizer::{TextAnalyzer, WhitespaceTokenizer};

/// Raised with every change of schema, payload or analysis; an index of another number is
/// [`crate::IndexError::Outdated`].
pub(crate) const SCHEMA: u32 = 2;

/// Name of the column of text keys.
pub(crate) const TEXTS: &str = "texts";

const TOKENIZER: &str = "prepared";

/// Handles of the schema's fields.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    /// The answer's id, for replacing and removing.
    pub(crate) id: Field,
    /// All words, prepared by our own analysis and prefixed with its key.
    ///
    /// One field rather than one for each part: block-max WAND then skips most postings.
    pub(crate) body: Field,
    /// [`crate::payload::Payload`].
    pub(crate) payload: Field,
    /// Analysis and length, see [`crate::statistics`].
    pub(crate) shape: Field,
    /// Keys of the texts that sentence models see, see [`crate::semantic::meaning::texts`].
    pub(crate) texts: Field,
}

pub(crate) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let words = TextFieldIndexing::default()
        .set_tokenizer(TOKENIZER)
        .set_index_option(IndexRecordOption::WithFreqs)
        .set_fieldnorms(true);
    let fields = Fields {
        id: builder.add_text_field("id", STRING),
        body: builder.add_text_field("body", TextOptions::default().set_indexing_options(words)),
        payload: builder.add_bytes_field("payload", STORED),
        shape: builder.add_u64_field("shape", FAST),
        texts: builder.add_u64_field(TEXTS, FAST),
    };
    (builder.build(), fields)
}

/// How payloads are kept: a search reads dozens from all over the index and each brings its block
/// along, so blocks are small, and plain, for hashes hardly shrink.
pub(crate) fn settings() -> IndexSettings {
    IndexSettings {
        docstore_compression: Compressor::None,
        docstore_compress_dedicated_thread: false,
        docstore_blocksize: 4_096,
        ..IndexSettings::default()
    }
}

/// Words are analysed before they reach Tantivy; it only splits them at spaces.
pub(crate) fn register_tokenizer(index: &tantivy::Index) {
    index.tokenizers().register(TOKENIZER, TextAnalyzer::from(WhitespaceTokenizer::default()));
}
