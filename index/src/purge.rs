//! Erasing from the files what was only marked as deleted.

use crate::error::IndexError;
use crate::index::Index;

impl Index {
    /// Writes anew whatever still holds deleted or replaced answers, in every complete generation,
    /// so that their words are in no file any more.
    ///
    /// Bring the generations that are not in service up to date first, with [`Self::apply_in`].
    /// Costs a merge of the segments concerned; searches go on meanwhile.
    pub fn purge(&self) -> Result<(), IndexError> {
        for generation in self.generations() {
            self.other(generation.number)?.purge()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::answer::{Change, IndexedAnswer};
    use crate::index::Index;

    /// Whether the term dictionaries of the generation in service hold a word, deleted or not.
    fn is_kept(index: &Index, word: &str) -> bool {
        let serving = index.serving.load();
        let searcher = serving.view().searcher;
        searcher.segment_readers().iter().any(|segment| {
            let inverted = segment.inverted_index(serving.fields.body).unwrap();
            inverted.terms().term_ord(format!("en:{word}").as_bytes()).unwrap().is_some()
        })
    }

    fn put(phrasings: &[&str]) -> Change {
        Change::Put(Box::new(IndexedAnswer {
            id: "a".to_owned(),
            lang: "en".to_owned(),
            title: "Battery drains".to_owned(),
            answer: "Switch off the light.".to_owned(),
            phrasings: phrasings.iter().map(|text| (*text).to_owned()).collect(),
            ..IndexedAnswer::default()
        }))
    }

    #[test]
    fn what_was_replaced_is_kept_until_it_is_purged() {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::open(folder.path()).unwrap();
        let other = IndexedAnswer { id: "b".to_owned(), ..IndexedAnswer::default() };
        index.apply(&[put(&["zanzolinox"]), Change::Put(Box::new(other))], 1).unwrap();
        index.apply(&[put(&[])], 2).unwrap();
        assert!(is_kept(&index, "zanzolinox"));
        index.purge().unwrap();
        assert!(!is_kept(&index, "zanzolinox") && is_kept(&index, "batteri"));
        assert_eq!((index.len(), index.seq()), (2, 2));
        assert_eq!(Index::open_read_only(folder.path()).unwrap().len(), 2);
    }
}
