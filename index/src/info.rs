//! What people see of generations and builds.

use std::time::SystemTime;

/// Progress of [`crate::Index::build`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuildProgress {
    /// Answers taken from the source so far.
    pub answers: u64,
}

/// One generation as shown to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenerationInfo {
    /// Its number; higher is newer.
    pub number: u64,
    /// Answers in it; 0 while it is building.
    pub answers: u64,
    /// Change of the store up to which it is complete.
    pub seq: u64,
    /// What it is doing.
    pub state: GenerationState,
    /// Its size on disk, in bytes; 0 in memory and while building.
    pub bytes: u64,
    /// When it was completed; `None` in memory and while building.
    pub built_at: Option<SystemTime>,
}

/// What a generation is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GenerationState {
    /// Being filled; cannot be searched.
    Building,
    /// Complete and waiting for [`crate::Index::swap_to`].
    Built,
    /// Answering searches.
    Serving,
    /// In service before; [`crate::Index::rollback`] returns to it.
    Previous,
}
