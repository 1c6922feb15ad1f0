//! Answers out of a Stack Exchange dump: a folder with `Posts.xml`, `Users.xml`, `PostLinks.xml`.
//!
//! Questions and answers come in any order, so the posts are read twice: the first pass puts
//! each question with an accepted answer aside in a [`Spill`] on disk, the second meets the
//! answers. In memory stay 40 bytes a question, 16 bytes a user and a duplicate. The dump's layout:
//! <https://meta.stackexchange.com/questions/2677>.

mod links;
mod posts;
mod spill;
mod users;
mod xml;

use std::fs;
use std::path::{Path, PathBuf};

use self::links::Links;
use self::posts::{Kept, Posts};
use self::spill::Spill;
use self::users::Users;
use super::error::{Place, ReadError};
use super::input::Meter;
use super::{Item, Skipped};

/// The accepted answers of one dump, in the order of its posts.
pub(super) struct Dump {
    posts: PathBuf,
    users: Option<PathBuf>,
    links: Option<PathBuf>,
    meter: Meter,
    stage: Stage,
}

enum Stage {
    New,
    Reading(Box<Reading>),
    Done,
}

struct Reading {
    spill: Spill,
    users: Users,
    posts: Posts,
    kept: Kept,
    /// What is told after the last answer: rows of the first pass, questions left without one.
    skipped: Vec<Skipped>,
}

impl Dump {
    /// Finds the files; reading starts with the first item.
    pub(super) fn open(path: &Path) -> Result<Self, ReadError> {
        let Files { posts, users, links } = find_files(path)?;
        let meter = Meter::default();
        let size = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
        let beside = [&users, &links].into_iter().flatten().map(|path| size(path)).sum::<u64>();
        meter.expect(2 * size(&posts) + beside);
        // A missing right or a wrong format should show at once, not at the first item.
        posts::open_posts(&posts, &Meter::default())?;
        Ok(Self { posts, users, links, meter, stage: Stage::New })
    }

    pub(super) fn meter(&self) -> Meter {
        self.meter.clone()
    }

    fn start(&self) -> Result<Reading, ReadError> {
        let mut spill = Spill::new()?;
        let users = match &self.users {
            Some(path) => Users::read(path, &self.meter, &mut spill)?,
            None => Users::default(),
        };
        let links = match &self.links {
            Some(path) => Links::read(path, &self.meter)?,
            None => Links::default(),
        };
        let mut skipped = Vec::new();
        let posts = posts::open_posts(&self.posts, &self.meter)?;
        let kept = Kept::collect(posts, links, &mut spill, &mut skipped)?;
        spill.finish()?;
        let posts = Posts::new(posts::open_posts(&self.posts, &self.meter)?);
        skipped.reverse();
        Ok(Reading { spill, users, posts, kept, skipped })
    }
}

impl Iterator for Dump {
    type Item = Result<Item, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if matches!(self.stage, Stage::New) {
            match self.start() {
                Ok(reading) => self.stage = Stage::Reading(Box::new(reading)),
                Err(error) => {
                    self.stage = Stage::Done;
                    return Some(Err(error));
                }
            }
        }
        let Stage::Reading(reading) = &mut self.stage else { return None };
        if let Some(skipped) = reading.skipped.pop() {
            return Some(Ok(Item::Skipped(skipped)));
        }
        let next = reading.posts.next_answer(&mut reading.kept, &reading.users, &mut reading.spill);
        match next {
            Ok(Some(item)) => Some(Ok(item)),
            Ok(None) => match reading.kept.next_unanswered(&mut reading.spill) {
                Ok(None) => {
                    self.stage = Stage::Done;
                    None
                }
                Ok(Some(skipped)) => Some(Ok(Item::Skipped(skipped))),
                Err(error) => Some(Err(error)),
            },
            Err(error) => Some(Err(error)),
        }
    }
}

/// The files of a dump that are read.
struct Files {
    posts: PathBuf,
    users: Option<PathBuf>,
    links: Option<PathBuf>,
}

/// The posts, and the others if they are there, for a folder or for the posts themselves.
fn find_files(path: &Path) -> Result<Files, ReadError> {
    let cannot_open = |source| ReadError::Open { file: path.to_owned(), source };
    let is_folder = fs::metadata(path).map_err(cannot_open)?.is_dir();
    let folder = if is_folder {
        path
    } else {
        path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
    };
    let mut found = (None, None, None);
    if let Ok(entries) = fs::read_dir(folder) {
        let mut files: Vec<PathBuf> =
            entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.sort();
        for file in files {
            match stem(&file).as_deref() {
                Some("posts") => found.0.get_or_insert(file),
                Some("users") => found.1.get_or_insert(file),
                Some("postlinks") => found.2.get_or_insert(file),
                _ => continue,
            };
        }
    }
    let posts = if is_folder { found.0 } else { Some(path.to_owned()) };
    match posts {
        Some(posts) => Ok(Files { posts, users: found.1, links: found.2 }),
        None => Err(ReadError::broken(
            path,
            Place::Start,
            "the folder has no Posts.xml",
            "name the unpacked folder of one site (Posts.xml or Posts.xml.gz, and Users.xml)",
        )),
    }
}

/// `posts` for `Posts.xml`, `posts.XML.gz` and the like.
fn stem(file: &Path) -> Option<String> {
    let name = file.file_name()?.to_str()?.to_lowercase();
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
    name.strip_suffix(".xml").map(str::to_owned)
}
