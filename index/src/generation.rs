//! One complete index: a Tantivy directory with its statistics and its place in the store's
//! sequence of changes.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, ArcSwapOption};
use tantivy::directory::MmapDirectory;
use tantivy::index::SegmentId;
use tantivy::{IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, Term};

use crate::answer::{Change, IndexedAnswer};
use crate::calibration::Calibration;
use crate::directory::{self, Current};
use crate::error::IndexError;
use crate::payload::Prepared;
use crate::schema::{Fields, register_tokenizer, schema, settings};
use crate::semantic::meaning::{Meaning, keys, texts};
use crate::semantic::places::Places;
use crate::statistics::{Statistics, shape};
use crate::strangers::Strangers;
use crate::vocabulary::Vocabulary;

/// Memory of the writer for live changes; Tantivy's smallest.
const LIVE_WRITER_BYTES: usize = 15_000_000;

/// A complete index, searched and changed.
pub(crate) struct Generation {
    pub(crate) number: u64,
    pub(crate) fields: Fields,
    pub(crate) dir: Option<PathBuf>,
    index: tantivy::Index,
    reader: IndexReader,
    /// Made at the first change: a generation that is only read needs no writer's memory.
    writer: Mutex<Option<IndexWriter>>,
    statistics: ArcSwap<Statistics>,
    vocabulary: ArcSwap<Vocabulary>,
    seq: AtomicU64,
    meaning: ArcSwapOption<Meaning>,
    places: ArcSwap<Places>,
    strangers: ArcSwap<Strangers>,
}

/// What a search reads.
pub(crate) struct View {
    pub(crate) searcher: Searcher,
    pub(crate) statistics: Arc<Statistics>,
    pub(crate) vocabulary: Arc<Vocabulary>,
    /// The models in force and where the answers lie in their spaces.
    pub(crate) meaning: Option<(Arc<Meaning>, Arc<Places>)>,
}

impl Generation {
    /// Makes an empty generation in `dir`, or in memory.
    pub(crate) fn create(number: u64, dir: Option<&Path>) -> Result<Self, IndexError> {
        let blank = tantivy::Index::builder().schema(schema().0).settings(settings());
        let index = match dir {
            Some(dir) => {
                std::fs::create_dir_all(dir).map_err(IndexError::io("create", dir))?;
                blank.create_in_dir(dir)
            }
            None => blank.create_in_ram(),
        };
        Self::from_index(number, dir, index.map_err(IndexError::engine("create an index"))?)
    }

    /// Opens the generation in `dir`.
    pub(crate) fn open(number: u64, dir: &Path) -> Result<Self, IndexError> {
        let opening = IndexError::engine("open the index");
        let directory = MmapDirectory::open(dir)
            .map_err(|source| IndexError::engine("open the folder")(source.into()))?;
        let index = tantivy::Index::open(directory).map_err(opening)?;
        Self::from_index(number, Some(dir), index)
    }

    fn from_index(
        number: u64,
        dir: Option<&Path>,
        index: tantivy::Index,
    ) -> Result<Self, IndexError> {
        register_tokenizer(&index);
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(16)
            .try_into()
            .map_err(IndexError::engine("read the index"))?;
        let generation = Self {
            number,
            fields: schema().1,
            dir: dir.map(Path::to_path_buf),
            index,
            reader,
            writer: Mutex::new(None),
            statistics: ArcSwap::default(),
            vocabulary: ArcSwap::default(),
            seq: AtomicU64::new(0),
            meaning: ArcSwapOption::empty(),
            places: ArcSwap::default(),
            strangers: ArcSwap::from_pointee(dir.and_then(Strangers::read).unwrap_or_default()),
        };
        generation.refresh()?;
        Ok(generation)
    }

    /// What can be searched now, with statistics of the same moment or a little older.
    pub(crate) fn view(&self) -> View {
        View {
            searcher: self.reader.searcher(),
            statistics: self.statistics.load_full(),
            vocabulary: self.vocabulary.load_full(),
            meaning: self.meaning(),
        }
    }

    /// Number of answers.
    pub(crate) fn len(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// The change of the store up to which this generation is complete.
    pub(crate) fn seq(&self) -> u64 {
        self.seq.load(Ordering::Acquire)
    }

    /// Carries out a batch of changes; searchable and durable when this returns.
    pub(crate) fn apply(&self, changes: &[Change], seq: u64) -> Result<(), IndexError> {
        let mut slot = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let writer = self.writer_of(&mut slot)?;
        // A writer that failed is dropped and made anew, so that half a batch cannot linger.
        let writer = self.write(writer, changes, seq)?;
        *slot = Some(writer);
        drop(slot);
        self.refresh()
    }

    /// Writes anew the segments that still hold deleted answers, and removes the old ones.
    pub(crate) fn purge(&self) -> Result<(), IndexError> {
        let mut slot = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.refresh()?;
        let searcher = self.reader.searcher();
        let segments = searcher.segment_readers().iter();
        let stale: Vec<SegmentId> = segments
            .filter(|segment| segment.has_deletes())
            .map(tantivy::SegmentReader::segment_id)
            .collect();
        drop(searcher);
        if !stale.is_empty() {
            let mut writer = self.writer_of(&mut slot)?;
            writer.merge(&stale).wait().map_err(IndexError::engine("merge"))?;
            *slot = Some(writer);
        }
        self.refresh()?;
        if let Some(writer) = slot.as_ref() {
            let collected = writer.garbage_collect_files().wait();
            collected.map_err(IndexError::engine("remove old files"))?;
        }
        Ok(())
    }

    /// The writer out of its slot, or a new one.
    fn writer_of(&self, slot: &mut Option<IndexWriter>) -> Result<IndexWriter, IndexError> {
        match slot.take() {
            Some(writer) => Ok(writer),
            None => self
                .index
                .writer_with_num_threads(1, LIVE_WRITER_BYTES)
                .map_err(IndexError::engine("open a writer")),
        }
    }

    /// Searches by `meaning` as well from now on, if there is one.
    pub(crate) fn attach(&self, meaning: Option<Arc<Meaning>>) -> Result<(), IndexError> {
        self.meaning.store(meaning);
        self.places.store(Arc::default());
        self.look_up_places(&self.reader.searcher())
    }

    /// What strangers score here, as measured last.
    pub(crate) fn strangers(&self) -> Arc<Strangers> {
        self.strangers.load_full()
    }

    /// Measures what strangers score by `calibration`, unless what is known still holds; a guest
    /// keeps it to itself.
    pub(crate) fn meet_strangers(
        &self,
        calibration: &Calibration,
        is_guest: bool,
    ) -> Result<(), IndexError> {
        let meaning = self.meaning.load();
        let spaces = meaning.iter().flat_map(|meaning| &meaning.spaces);
        let models: Vec<String> = spaces.map(|space| space.model.name().to_owned()).collect();
        if self.strangers.load().describes(self.len(), calibration, &models) {
            return Ok(());
        }
        let measured = Strangers::measure(self, calibration, models);
        let measured = measured.map_err(IndexError::engine("ask it its own questions"))?;
        if let Some(dir) = self.dir.as_deref().filter(|_| !is_guest) {
            measured.write(dir)?;
        }
        self.strangers.store(Arc::new(measured));
        Ok(())
    }

    fn meaning(&self) -> Option<(Arc<Meaning>, Arc<Places>)> {
        Some((self.meaning.load_full()?, self.places.load_full()))
    }

    /// Embeds what is new in `answers`, before they are written.
    pub(crate) fn learn<'a>(
        &self,
        answers: impl Iterator<Item = &'a IndexedAnswer>,
    ) -> Result<(), IndexError> {
        self.meaning.load().as_ref().map_or(Ok(()), |meaning| meaning.learn(answers))
    }

    /// Whether a model in force covers answers here and has not seen a single one.
    pub(crate) fn lacks_vectors(&self) -> bool {
        let keys = self.statistics.load().keys();
        let meaning = self.meaning.load();
        let mut spaces = meaning.iter().flat_map(|meaning| &meaning.spaces);
        spaces.any(|space| {
            space.vectors.rows().is_empty() && keys.iter().any(|key| space.model.covers(key))
        })
    }

    fn look_up_places(&self, searcher: &tantivy::Searcher) -> Result<(), IndexError> {
        if let Some(meaning) = self.meaning.load_full() {
            let places = self.places.load().updated(searcher, &meaning);
            self.places.store(Arc::new(places.map_err(IndexError::engine("read its texts"))?));
        }
        Ok(())
    }

    fn write(
        &self,
        mut writer: IndexWriter,
        changes: &[Change],
        seq: u64,
    ) -> Result<IndexWriter, IndexError> {
        self.learn(changes.iter().filter_map(|change| match change {
            Change::Put(answer) => Some(&**answer),
            Change::Remove(_) => None,
        }))?;
        for change in changes {
            let id = match change {
                Change::Put(answer) => &answer.id,
                Change::Remove(id) => id,
            };
            writer.delete_term(Term::from_field_text(self.fields.id, id));
            if let Change::Put(answer) = change {
                add(&writer, &self.fields, answer)?;
            }
        }
        commit(&mut writer, seq)?;
        Ok(writer)
    }

    /// Reads again what is on disk.
    pub(crate) fn refresh(&self) -> Result<(), IndexError> {
        self.reader.reload().map_err(IndexError::engine("reload"))?;
        let statistics = self.statistics.load().updated(&self.reader.searcher());
        self.statistics.store(Arc::new(statistics.map_err(IndexError::engine("count"))?));
        self.recount()?;
        self.look_up_places(&self.reader.searcher())?;
        let meta = self.index.load_metas().map_err(IndexError::engine("read its metadata"))?;
        let seq = meta.payload.as_deref().and_then(|seq| seq.parse().ok()).unwrap_or(0);
        self.seq.store(seq, Ordering::Release);
        Ok(())
    }

    /// Counts the words again once the base has changed by a tenth; how telling a word is does
    /// not hang on the last answer.
    fn recount(&self) -> Result<(), IndexError> {
        let searcher = self.reader.searcher();
        let counted = self.vocabulary.load().answers;
        if searcher.num_docs().abs_diff(counted) * 10 > counted {
            let vocabulary = Vocabulary::count(&searcher, self.fields.body);
            self.vocabulary.store(Arc::new(vocabulary.map_err(IndexError::engine("count"))?));
        }
        Ok(())
    }

    /// A writer for filling a generation that is not served yet.
    pub(crate) fn bulk_writer(&self, bytes: usize) -> Result<IndexWriter, IndexError> {
        self.index.writer_with_num_threads(1, bytes).map_err(IndexError::engine("open a writer"))
    }
}

/// Analyses an answer and hands it to the writer.
pub(crate) fn add(
    writer: &IndexWriter,
    fields: &Fields,
    answer: &IndexedAnswer,
) -> Result<(), IndexError> {
    let prepared = Prepared::from_answer(answer);
    let mut document = TantivyDocument::new();
    document.add_text(fields.id, &answer.id);
    document.add_text(fields.body, &prepared.body);
    document.add_bytes(fields.payload, &prepared.payload.encode());
    document.add_u64(fields.shape, shape(prepared.key, prepared.n_terms));
    for key in keys(&texts(answer)) {
        document.add_u64(fields.texts, key);
    }
    writer.add_document(document).map_err(IndexError::engine("add an answer"))?;
    Ok(())
}

/// Makes everything written durable, marked with the store's sequence number.
pub(crate) fn commit(writer: &mut IndexWriter, seq: u64) -> Result<(), IndexError> {
    let failed = IndexError::engine("commit");
    let mut prepared = writer.prepare_commit().map_err(failed)?;
    prepared.set_payload(&seq.to_string());
    prepared.commit().map_err(IndexError::engine("commit"))?;
    Ok(())
}

/// Makes the empty first generation of a folder and puts it in service.
pub(crate) fn first_generation(dir: &Path) -> Result<Current, IndexError> {
    Generation::create(1, Some(&directory::building_folder(dir, 1)))?;
    directory::complete_build(dir, 1)?;
    let current = Current { serving: 1, previous: None };
    directory::write_current(dir, current)?;
    Ok(current)
}
