//! What a text is about, and whether an answer's subject fits a question's.

use std::collections::{BTreeMap, BTreeSet};

use super::numbers::{Code, Version};

/// One product, version or model code that a text names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    /// One of the brand's products.
    Product {
        /// Its line: generations of one line are each other's siblings.
        line: String,
        /// Which one of the line.
        generation: String,
        /// Whether it is used together with others, as an app is.
        is_companion: bool,
    },
    /// A version of a line, or of something unnamed (an empty line).
    Version { line: String, version: Version },
    /// A model code as on a box, by its pattern alone.
    Code(Code),
}

/// What a question or an accepted answer is about; empty if it names nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// What was asked about.
    asked: BTreeSet<Mark>,
    /// What the answer speaks of beside.
    answered: BTreeSet<Mark>,
}

impl Subject {
    pub(super) fn asked(asked: BTreeSet<Mark>) -> Self {
        Self { asked, answered: BTreeSet::new() }
    }

    pub(super) fn answered(asked: BTreeSet<Mark>, answered: &BTreeSet<Mark>) -> Self {
        Self { answered: answered.difference(&asked).cloned().collect(), asked }
    }

    /// Whether an answer with this subject may be sent to whoever asked a question about `self`.
    ///
    /// It may not when both name generations of one line and none is the same, when they name
    /// products of which none is of the same line, when they name different versions, or model
    /// codes that are each other's siblings. What only one of them names decides nothing.
    pub fn fits(&self, answer: &Self) -> bool {
        self.fits_products(answer) && self.fits_versions(answer) && self.fits_codes(answer)
    }

    fn fits_products(&self, answer: &Self) -> bool {
        let wanted = lines(self.asked.iter());
        let all = lines(answer.asked.iter().chain(&answer.answered));
        let mut about = lines(answer.asked.iter());
        if about.is_empty() {
            about.clone_from(&all);
        }
        let shared = wanted.iter().filter_map(|(line, it)| Some((it, all.get(line)?)));
        if shared.clone().any(|(one, other)| one.generations.is_disjoint(&other.generations)) {
            return false;
        }
        let stand_alone = |lines: &BTreeMap<&str, Line<'_>>| {
            !lines.is_empty() && lines.values().all(|line| !line.is_companion)
        };
        shared.count() > 0 || !stand_alone(&wanted) || !stand_alone(&about)
    }

    fn fits_versions(&self, answer: &Self) -> bool {
        let wanted = versions(self.asked.iter());
        let given = versions(answer.asked.iter().chain(&answer.answered));
        let agree = |one: &[&Version], other: &[&Version]| {
            one.iter().any(|one| other.iter().any(|other| one.agrees(other)))
        };
        let mut shared = wanted.iter().filter_map(|(line, it)| Some((it, given.get(line)?)));
        if shared.any(|(one, other)| !agree(one, other)) {
            return false;
        }
        // An unnamed version may be one of any line.
        if wanted.is_empty()
            || given.is_empty()
            || !(wanted.contains_key("") || given.contains_key(""))
        {
            return true;
        }
        agree(
            &wanted.into_values().flatten().collect::<Vec<_>>(),
            &given.into_values().flatten().collect::<Vec<_>>(),
        )
    }

    fn fits_codes(&self, answer: &Self) -> bool {
        let codes = |marks: &BTreeSet<Mark>| -> Vec<Code> {
            let code = |mark: &Mark| match mark {
                Mark::Code(code) => Some(code.clone()),
                _ => None,
            };
            marks.iter().filter_map(code).collect()
        };
        let wanted = codes(&self.asked);
        let given = [codes(&answer.asked), codes(&answer.answered)].concat();
        wanted.iter().all(|one| {
            given.iter().any(|other| one.is_same(other))
                || !given.iter().any(|other| one.is_sibling(other))
        })
    }

    /// The subject as one text, for keeping beside an answer; `None` if it names nothing.
    pub fn written(&self) -> Option<String> {
        let asked = self.asked.iter().map(Mark::written);
        let answered = self.answered.iter().map(|mark| format!("+{}", mark.written()));
        let marks: Vec<String> = asked.chain(answered).collect();
        (!marks.is_empty()).then(|| marks.join(" "))
    }

    /// Reads what [`Self::written`] wrote; what is none of it is passed over.
    pub fn from_written(text: Option<&str>) -> Self {
        let mut subject = Self::default();
        for mark in text.unwrap_or_default().split(' ') {
            match mark.strip_prefix('+') {
                Some(mark) => subject.answered.extend(Mark::from_written(mark)),
                None => subject.asked.extend(Mark::from_written(mark)),
            }
        }
        subject
    }
}

impl Mark {
    fn written(&self) -> String {
        match self {
            Self::Product { line, generation, is_companion } => {
                format!("{}:{line}={generation}", if *is_companion { 'c' } else { 'p' })
            }
            Self::Version { line, version } => format!("v:{line}={version}"),
            Self::Code(code) => format!("m:{code}"),
        }
    }

    fn from_written(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        if kind == "m" {
            return Code::from_written(rest).map(Self::Code);
        }
        let (line, value) = rest.split_once('=')?;
        let line = line.to_owned();
        if kind == "v" {
            return Version::parse(value).map(|version| Self::Version { line, version });
        }
        let (generation, is_companion) = (value.to_owned(), kind == "c");
        Some(Self::Product { line, generation, is_companion })
    }
}

/// The generations of one line that are named.
#[derive(Clone, Debug, Default)]
struct Line<'a> {
    generations: BTreeSet<&'a str>,
    is_companion: bool,
}

fn lines<'a>(marks: impl Iterator<Item = &'a Mark>) -> BTreeMap<&'a str, Line<'a>> {
    let mut lines: BTreeMap<&str, Line<'_>> = BTreeMap::new();
    for mark in marks {
        if let Mark::Product { line, generation, is_companion } = mark {
            let named = lines.entry(line).or_default();
            named.generations.insert(generation);
            named.is_companion |= *is_companion;
        }
    }
    lines
}

fn versions<'a>(marks: impl Iterator<Item = &'a Mark>) -> BTreeMap<&'a str, Vec<&'a Version>> {
    let mut versions: BTreeMap<&str, Vec<&Version>> = BTreeMap::new();
    for mark in marks {
        if let Mark::Version { line, version } = mark {
            versions.entry(line).or_default().push(version);
        }
    }
    versions
}
