//! Reading a text for products, versions and model codes.

use std::collections::BTreeSet;

use super::list::Names;
use super::numbers::{Code, Version};
use super::subject::Mark;
use super::tokens::{Gap, Kind, Token, tokens};

/// Words before a version's number, folded as runs are; Thai and Chinese by their characters.
const INTRODUCTIONS: [&str; 24] = [
    "version",
    "versions",
    "ver",
    "vers",
    "release",
    "firmware",
    "esr",
    "beta",
    "versión",
    "version:",
    "versione",
    "versie",
    "verze",
    "verzió",
    "sürüm",
    "versão",
    "έκδοση",
    "έκδοσης",
    "الإصدار",
    "إصدار",
    "اصدار",
    "เวอร์ชัน",
    "版本",
    "固件",
];

/// What has versions of its own that say nothing of the brand's products.
const FOREIGN: [&str; 38] = [
    "windows",
    "win",
    "macos",
    "mac",
    "osx",
    "os",
    "ios",
    "ipados",
    "android",
    "linux",
    "ubuntu",
    "debian",
    "fedora",
    "mint",
    "suse",
    "leap",
    "kernel",
    "bluetooth",
    "bt",
    "usb",
    "hdmi",
    "tls",
    "ssl",
    "imap",
    "pop",
    "http",
    "java",
    "python",
    "node",
    "chrome",
    "safari",
    "edge",
    "word",
    "excel",
    "outlook",
    "directx",
    "opengl",
    "nt",
];

/// How many runs before a number are looked at for whose version it is.
const BACK: usize = 4;

/// A text on its way to its marks.
pub(super) struct Reading<'a> {
    runs: Vec<Token>,
    names: &'a Names,
    found: BTreeSet<Mark>,
    /// Products by name or alias, which a longer name of the same line may overrule.
    named: BTreeSet<usize>,
    /// Products by their model code.
    coded: BTreeSet<usize>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(text: &str, names: &'a Names) -> Self {
        let mut reading = Self {
            runs: tokens(text),
            names,
            found: BTreeSet::new(),
            named: BTreeSet::new(),
            coded: BTreeSet::new(),
        };
        let mut at = 0;
        while at < reading.runs.len() {
            at += reading.take(at).max(1);
        }
        reading
    }

    pub(super) fn marks(self) -> BTreeSet<Mark> {
        let all: BTreeSet<usize> = self.named.union(&self.coded).copied().collect();
        let is_short = |&one: &usize| all.iter().any(|&other| self.names.is_short_for(one, other));
        let named = self.named.iter().filter(|one| self.coded.contains(one) || !is_short(one));
        let products = named.chain(&self.coded).map(|one| self.names.mark(*one).clone());
        self.found.into_iter().chain(products).collect()
    }

    /// Takes what begins at `at`; returns how many runs that were, 0 if it is nothing.
    fn take(&mut self, at: usize) -> usize {
        if let Some(named) = self.names.at(&self.runs, at) {
            let products = if named.is_model { &mut self.coded } else { &mut self.named };
            products.insert(named.product);
            let next = at + named.n_runs;
            return named.n_runs + self.take_version_of(named.product, next);
        }
        if let Some(n_runs) = self.take_introduced(at).or_else(|| self.take_bare(at)) {
            return n_runs;
        }
        let begins = self.runs[at].gap > Gap::Dot;
        match Code::at(&self.runs, at).filter(|_| begins) {
            Some((code, n_runs)) => {
                self.found.insert(Mark::Code(code));
                n_runs
            }
            None => 0,
        }
    }

    /// `Thunderbird 115.6`, `Thunderbird version 115`, where the list says so.
    fn take_version_of(&mut self, product: usize, next: usize) -> usize {
        if !self.names.is_versioned(product) {
            return 0;
        }
        let is_near = |run: &Token| run.gap <= Gap::Space;
        let words = self.runs[next..].iter().take(2);
        let n_words = words
            .take_while(|run| is_near(run) && (is_introduction(run) || run.text == "v"))
            .count();
        let at = next + n_words;
        if !self.runs.get(at).is_some_and(is_near) {
            return 0;
        }
        let Some((version, n_runs)) = Version::at(&self.runs, at) else { return 0 };
        if let Mark::Product { line, .. } = self.names.mark(product) {
            self.found.insert(Mark::Version { line: line.clone(), version });
        }
        n_words + n_runs
    }

    /// `version 115`, `v115.6`, `firmware 2.1`.
    fn take_introduced(&mut self, at: usize) -> Option<usize> {
        let is_letter = self.runs[at].text == "v" && self.runs[at].gap > Gap::Dot;
        let n_words = if is_letter { 1 } else { introduction(&self.runs[at..])? };
        let first = self.runs.get(at + n_words)?;
        let is_near = if is_letter { first.gap == Gap::Nothing } else { first.gap <= Gap::Space };
        let is_own = is_near && !self.is_foreign(at);
        let (version, n_runs) = Version::at(&self.runs, at + n_words).filter(|_| is_own)?;
        self.found.insert(Mark::Version { line: String::new(), version });
        Some(n_words + n_runs)
    }

    /// `115.6.0`, which is neither a day nor an address.
    fn take_bare(&mut self, at: usize) -> Option<usize> {
        let begins = self.runs[at].gap > Gap::Dash;
        let (version, n_runs) = Version::at(&self.runs, at).filter(|_| begins)?;
        let is_one = version.len() == 3 && !version.is_date() && !self.is_foreign(at);
        if is_one {
            self.found.insert(Mark::Version { line: String::new(), version });
        }
        // The rest of a longer number is no version of its own.
        (n_runs > 1).then_some(n_runs)
    }

    /// Whether the words just before belong to somebody else's thing.
    fn is_foreign(&self, at: usize) -> bool {
        let mut place = at;
        for _ in 0..BACK {
            if self.runs[place].gap > Gap::Space || place == 0 {
                return false;
            }
            place -= 1;
            if FOREIGN.contains(&self.runs[place].text.as_str()) {
                return true;
            }
        }
        false
    }
}

fn is_introduction(run: &Token) -> bool {
    INTRODUCTIONS.contains(&run.text.as_str())
}

/// How many runs the word before a version takes, if one begins here.
fn introduction(runs: &[Token]) -> Option<usize> {
    let first = runs.first()?;
    if first.kind != Kind::Unspaced {
        // `version` may be followed by its own short form: `firmware version 2.1`, `version v2`.
        let words = runs.iter().take(2).take_while(|run| is_introduction(run)).count();
        let has_letter = words > 0 && runs.get(words).is_some_and(|run| run.text == "v");
        return (words > 0).then_some(words + usize::from(has_letter));
    }
    let starts = |word: &&&str| {
        let n_chars = word.chars().count();
        runs.len() >= n_chars && word.chars().zip(runs).all(|(c, run)| run.text.chars().eq([c]))
    };
    INTRODUCTIONS.iter().find(starts).map(|word| word.chars().count())
}
