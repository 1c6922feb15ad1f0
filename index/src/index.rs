//! The index as its users see it: searched at any time, changed live, rebuilt beside itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::{ArcSwap, ArcSwapOption};

use crate::answer::{Change, IndexedAnswer};
use crate::build::fill;
use crate::calibration::Calibration;
use crate::directory::{self, Current};
use crate::error::{IndexError, SearchError};
use crate::found::{Found, Question};
use crate::generation::{Generation, first_generation};
use crate::info::{BuildProgress, GenerationInfo, GenerationState};
use crate::language::Detected;
use crate::search::{Looked, language, search};
use crate::semantic::meaning::Meaning;

/// An index of accepted answers.
///
/// All methods take `&self` and may be called from many threads. Searches never wait: not for
/// changes, not for builds, not for swaps.
pub struct Index {
    pub(crate) dir: Option<PathBuf>,
    /// Opened beside the process that owns the folder.
    pub(crate) is_guest: bool,
    pub(crate) serving: ArcSwap<Generation>,
    calibration: ArcSwap<Calibration>,
    pub(crate) meaning: ArcSwapOption<Meaning>,
    others: Mutex<Others>,
}

/// Generations beside the one in service, and what a running build has missed so far.
#[derive(Default)]
pub(crate) struct Others {
    previous: Option<u64>,
    pub(crate) open: BTreeMap<u64, Arc<Generation>>,
    building: Option<u64>,
    missed: Vec<(Vec<Change>, u64)>,
}

impl Index {
    /// Opens the index in `dir`; an empty or missing folder becomes an empty generation 1.
    ///
    /// What a killed build left is removed; a torn `CURRENT` means the latest complete
    /// generation. Errors: [`IndexError::Outdated`] if another version wrote it, then call
    /// [`Self::open_outdated`] and build.
    pub fn open(dir: &Path) -> Result<Self, IndexError> {
        std::fs::create_dir_all(dir).map_err(IndexError::io("create", dir))?;
        directory::sweep(dir)?;
        let current = match directory::current(dir) {
            Some(current) => current,
            None => first_generation(dir)?,
        };
        let folder = directory::folder(dir, current.serving);
        directory::check_schema(&folder)?;
        let generation = Generation::open(current.serving, &folder)?;
        generation.meet_strangers(&Calibration::shipped(), false)?;
        let previous = current
            .previous
            .filter(|n| directory::check_schema(&directory::folder(dir, *n)).is_ok());
        Ok(Self::serving(Some(dir), generation, previous))
    }

    /// Opens a folder whose index is outdated or damaged: nothing is found until a build is
    /// swapped in. What is on disk stays there until then.
    pub fn open_outdated(dir: &Path) -> Result<Self, IndexError> {
        directory::sweep(dir)?;
        let newest = directory::complete(dir).last().copied().unwrap_or(0);
        Ok(Self::serving(Some(dir), Generation::create(newest, None)?, None))
    }

    /// Opens the index in `dir` for looking beside the process that owns it: nothing is swept or
    /// made, and what the owner changes later is not seen. Only the owner may call what writes.
    ///
    /// A folder without an index is an empty one. Errors: as [`Self::open`].
    pub fn open_read_only(dir: &Path) -> Result<Self, IndexError> {
        let Some(current) = directory::current(dir) else { return Ok(Self::in_ram()) };
        let folder = directory::folder(dir, current.serving);
        directory::check_schema(&folder)?;
        let generation = Generation::open(current.serving, &folder)?;
        generation.meet_strangers(&Calibration::shipped(), true)?;
        Ok(Self { is_guest: true, ..Self::serving(Some(dir), generation, current.previous) })
    }

    /// An empty index that lives in memory, for tests and previews.
    pub fn in_ram() -> Self {
        let generation = Generation::create(1, None).expect("memory has no I/O to fail");
        Self::serving(None, generation, None)
    }

    fn serving(dir: Option<&Path>, generation: Generation, previous: Option<u64>) -> Self {
        Self {
            dir: dir.map(Path::to_path_buf),
            is_guest: false,
            serving: ArcSwap::from_pointee(generation),
            calibration: ArcSwap::from_pointee(Calibration::shipped()),
            meaning: ArcSwapOption::empty(),
            others: Mutex::new(Others { previous, ..Others::default() }),
        }
    }

    /// Judges hits by `calibration` from the next search on.
    pub fn set_calibration(&self, calibration: Arc<Calibration>) {
        self.calibration.store(calibration);
        if let Err(error) = self.meet_strangers(&self.serving.load()) {
            tracing::error!(%error, "judging by what was measured before");
        }
    }

    /// The calibration in force.
    pub fn calibration(&self) -> Arc<Calibration> {
        self.calibration.load_full()
    }

    /// Finds the accepted answers closest to `question`, best first.
    ///
    /// At most `n` hits of all languages, confidence descending, ties by id. Empty when nothing
    /// shares a word. Errors: [`SearchError::Corrupt`] if a segment cannot be read.
    pub fn search(&self, question: &Question, n: usize) -> Result<Found, SearchError> {
        search(&self.serving.load(), &self.calibration.load(), question, n)
    }

    /// How many answers [`Self::search`] would weigh: finding them without judging them, as the
    /// benchmarks measure it.
    pub fn candidates(&self, question: &Question) -> Result<usize, SearchError> {
        let generation = self.serving.load();
        Ok(Looked::at(&generation, &generation.view(), question)?.1.places.len())
    }

    /// The language of `text`: by its script and words, and where those leave it open, by the words
    /// that the answers use. `hint` (BCP 47) wins unless the script contradicts it.
    ///
    /// Errors: [`SearchError::Corrupt`] if a segment cannot be read.
    pub fn language(&self, text: &str, hint: Option<&str>) -> Result<Detected, SearchError> {
        Ok(language(&self.serving.load(), text, hint)?)
    }

    /// Like [`Self::search`], in one complete generation: an exam compares two of them.
    pub fn search_in(
        &self,
        generation: u64,
        question: &Question,
        n: usize,
    ) -> Result<Found, SearchError> {
        let generation =
            self.other(generation).map_err(|_| SearchError::NoGeneration(generation))?;
        search(&generation, &self.calibration.load(), question, n)
    }

    /// Carries out live changes: searchable and durable when this returns.
    ///
    /// `seq` is the store's change sequence after them. A build that runs or waits gets them as
    /// well. A commit costs an fsync, so batch what comes within some hundred milliseconds.
    pub fn apply(&self, changes: &[Change], seq: u64) -> Result<(), IndexError> {
        let mut others = self.others();
        let serving = self.serving.load_full();
        serving.apply(changes, seq)?;
        self.meet_strangers(&serving)?;
        if others.building.is_some() {
            others.missed.push((changes.to_vec(), seq));
        }
        for (_, built) in others.open.range(serving.number + 1..) {
            built.apply(changes, seq)?;
        }
        Ok(())
    }

    /// Like [`Self::apply`], in a generation that is not in service, before going back to it.
    pub fn apply_in(&self, number: u64, changes: &[Change], seq: u64) -> Result<(), IndexError> {
        self.other(number)?.apply(changes, seq)
    }

    /// The store's change sequence up to which the generation in service is complete.
    pub fn seq(&self) -> u64 {
        self.serving.load().seq()
    }

    /// Whether what is in service cannot be kept: the folder's index was outdated or damaged, and
    /// only a build that is swapped in is durable; or a model came that has seen no answer yet.
    pub fn needs_build(&self) -> bool {
        let serving = self.serving.load();
        self.dir.is_some() && (serving.dir.is_none() || serving.lacks_vectors())
    }

    /// Answers in service.
    pub fn len(&self) -> u64 {
        self.serving.load().len()
    }

    /// Whether there is nothing to find.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of the generation in service.
    pub fn generation(&self) -> u64 {
        self.serving.load().number
    }

    /// Builds the next generation beside the one in service and returns its number.
    ///
    /// `answers` are all answers (ids unique) as of the store's change `seq`; changes applied
    /// meanwhile are caught up at the end. It is not served before [`Self::swap_to`]. Killed on
    /// the way it leaves nothing behind. Errors: [`IndexError::Building`] if one runs already.
    pub fn build(
        &self,
        answers: &mut dyn Iterator<Item = IndexedAnswer>,
        seq: u64,
        progress: &dyn Fn(BuildProgress),
    ) -> Result<u64, IndexError> {
        let number = self.start_build()?;
        let built = self.build_generation(number, answers, seq, progress);
        let mut others = self.others();
        others.building = None;
        let missed = std::mem::take(&mut others.missed);
        let generation = match built {
            Ok(generation) => Arc::new(generation),
            Err(error) => {
                drop(others);
                self.remove_building(number);
                return Err(error);
            }
        };
        for (changes, seq) in missed.iter().filter(|(_, change_seq)| *change_seq > seq) {
            generation.apply(changes, *seq)?;
        }
        others.open.insert(number, generation);
        Ok(number)
    }

    fn start_build(&self) -> Result<u64, IndexError> {
        let mut others = self.others();
        if others.building.is_some() {
            return Err(IndexError::Building);
        }
        let on_disk = self.dir.as_deref().map(directory::complete).unwrap_or_default();
        let newest = others.open.keys().copied().chain(on_disk).max().unwrap_or(0);
        let number = newest.max(self.generation()) + 1;
        others.building = Some(number);
        Ok(number)
    }

    fn build_generation(
        &self,
        number: u64,
        answers: &mut dyn Iterator<Item = IndexedAnswer>,
        seq: u64,
        progress: &dyn Fn(BuildProgress),
    ) -> Result<Generation, IndexError> {
        let Some(dir) = &self.dir else {
            let generation = Generation::create(number, None)?;
            generation.attach(self.meaning.load_full())?;
            fill(&generation, answers, seq, progress)?;
            self.meet_strangers(&generation)?;
            return Ok(generation);
        };
        let building = directory::building_folder(dir, number);
        let generation = Generation::create(number, Some(&building))?;
        generation.attach(self.meaning.load_full())?;
        fill(&generation, answers, seq, progress)?;
        drop(generation);
        let generation = Generation::open(number, &directory::complete_build(dir, number)?)?;
        generation.attach(self.meaning.load_full())?;
        self.meet_strangers(&generation)?;
        Ok(generation)
    }

    fn remove_building(&self, number: u64) {
        let Some(dir) = &self.dir else { return };
        let folder = directory::building_folder(dir, number);
        if let Err(error) = std::fs::remove_dir_all(&folder) {
            tracing::warn!(%error, "could not remove {} after a failed build", folder.display());
        }
    }

    /// Puts a complete generation in service, atomically and durably; keeps the one before it
    /// for [`Self::rollback`] and deletes older ones.
    ///
    /// Errors: [`IndexError::NoGeneration`] if it is not there.
    pub fn swap_to(&self, generation: u64) -> Result<(), IndexError> {
        let next = self.other(generation)?;
        let mut others = self.others();
        let before = self.serving.load_full();
        if before.number == generation {
            return Ok(());
        }
        if let Some(dir) = &self.dir {
            let previous = before.dir.is_some().then_some(before.number);
            directory::write_current(dir, Current { serving: generation, previous })?;
        }
        others.previous = Some(before.number);
        others.open.remove(&generation);
        others.open.insert(before.number, before.clone());
        self.serving.store(next);
        let keep = [generation, before.number];
        others.open.retain(|number, _| keep.contains(number));
        self.remove_older(keep);
        Ok(())
    }

    /// Removes a complete generation that is neither in service nor kept for going back: an exam
    /// found against it, or its answers were cut short.
    pub fn discard(&self, generation: u64) -> Result<(), IndexError> {
        let mut others = self.others();
        if generation == self.generation() || others.previous == Some(generation) {
            return Err(IndexError::NoGeneration(generation));
        }
        others.open.remove(&generation);
        let Some(dir) = &self.dir else { return Ok(()) };
        let folder = directory::folder(dir, generation);
        std::fs::remove_dir_all(&folder).map_err(IndexError::io("remove", &folder))
    }

    /// Old folders are only in the way: failing to remove one is logged, not an error.
    fn remove_older(&self, keep: [u64; 2]) {
        let Some(dir) = &self.dir else { return };
        for number in directory::complete(dir).into_iter().filter(|n| !keep.contains(n)) {
            let folder = directory::folder(dir, number);
            if let Err(error) = std::fs::remove_dir_all(&folder) {
                tracing::warn!(%error, "could not remove old generation {}", folder.display());
            }
        }
    }

    /// Puts the previous generation back in service and returns its number.
    ///
    /// Its [`Self::seq`] is older: bring it up to date first with [`Self::apply_in`]. Errors:
    /// [`IndexError::NothingToRollBackTo`].
    pub fn rollback(&self) -> Result<u64, IndexError> {
        let previous = self.others().previous.ok_or(IndexError::NothingToRollBackTo)?;
        self.swap_to(previous)?;
        Ok(previous)
    }

    /// All generations, ascending by number.
    pub fn generations(&self) -> Vec<GenerationInfo> {
        let (building, previous) = {
            let others = self.others();
            (others.building, others.previous)
        };
        let serving = self.generation();
        let mut numbers = self.dir.as_deref().map(directory::complete).unwrap_or_default();
        numbers.extend(self.others().open.keys().copied().chain([serving]));
        numbers.sort_unstable();
        numbers.dedup();
        let state = |number| match number {
            n if n == serving => GenerationState::Serving,
            n if Some(n) == previous => GenerationState::Previous,
            _ => GenerationState::Built,
        };
        let complete = numbers.into_iter().filter_map(|number| {
            let generation = self.other(number).ok()?;
            Some(GenerationInfo {
                number,
                answers: generation.len(),
                seq: generation.seq(),
                state: state(number),
                bytes: generation.dir.as_deref().map_or(0, directory::size),
                built_at: generation.dir.as_deref().and_then(directory::completed_at),
            })
        });
        let building = building.map(|number| GenerationInfo {
            number,
            answers: 0,
            seq: 0,
            bytes: 0,
            state: GenerationState::Building,
            built_at: None,
        });
        complete.chain(building).collect()
    }

    /// The complete generation `number`, opened if it is not.
    pub(crate) fn other(&self, number: u64) -> Result<Arc<Generation>, IndexError> {
        let serving = self.serving.load_full();
        if serving.number == number {
            return Ok(serving);
        }
        let mut others = self.others();
        if let Some(open) = others.open.get(&number) {
            return Ok(open.clone());
        }
        let dir = self.dir.as_deref().filter(|dir| directory::complete(dir).contains(&number));
        let folder = directory::folder(dir.ok_or(IndexError::NoGeneration(number))?, number);
        directory::check_schema(&folder)?;
        let generation = Arc::new(Generation::open(number, &folder)?);
        generation.attach(self.meaning.load_full())?;
        self.meet_strangers(&generation)?;
        others.open.insert(number, generation.clone());
        Ok(generation)
    }

    pub(crate) fn others(&self) -> MutexGuard<'_, Others> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
