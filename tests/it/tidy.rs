//! The house rules that no lint knows, as tests over the source tree.
//!
//! Each rule is a function from a file to its findings, so that every rule is shown to fail on a
//! bad sample before it is trusted with the tree.

use std::fs;
use std::path::Path;

/// Longest production file, in lines.
const LONGEST_FILE: usize = 400;

/// The files of every folder below `bots/src`, except those that are no channel.
const CHANNEL_FILES: [&str; 6] =
    ["wire.rs", "verify.rs", "receive.rs", "render.rs", "send.rs", "fake.rs"];
/// Our own page is no platform, so there is nothing to fake.
const NO_FAKE: &str = "webchat/fake.rs";
const NO_CHANNEL: [&str; 6] = ["contract", "discourse", "fakes", "github", "helpdesk", "text"];
/// Folders of forums: nothing is rendered there, and what is asked is told in neutral words.
const FORUMS: [&str; 2] = ["discourse", "github"];
/// The files of every forum's folder.
const FORUM_FILES: [&str; 5] = ["wire.rs", "verify.rs", "receive.rs", "client.rs", "fake.rs"];

/// Files that may wait for time to pass, and why.
const MAY_SLEEP: [(&str, &str); 14] = [
    ("benches/conversations.rs", "a program is weighed while it works"),
    ("benches/drain.rs", "real time passes while messages leave"),
    ("benches/served/mod.rs", "a program takes its time to be ready"),
    ("benches/program.rs", "a program is weighed at rest"),
    (
        "bots/src/discord/receive/gateway.rs",
        "the listener pauses after trouble, and wakes at once when told to stop",
    ),
    (
        "bots/src/discord/receive/history.rs",
        "reading what was missed keeps Discord's pace, and waits for the store",
    ),
    (
        "bots/src/telegram/receive/poll.rs",
        "the listener pauses after a failed poll, and wakes at once when told to stop",
    ),
    (
        "bots/src/x/receive/poll.rs",
        "the listener pauses between two looks, and wakes at once when told to stop",
    ),
    ("src/serve/mod.rs", "workers that found nothing rest until something is due or a hint comes"),
    ("src/serve/channels.rs", "looks now and then for what another node connected"),
    ("src/serve/channel.rs", "a sender that found nothing rests until something is due"),
    (
        "src/serve/forum.rs",
        "who follows a forum rests until something is due or it tells something",
    ),
    ("src/serve/lease.rs", "a lease is renewed at a steady pace"),
    ("src/answers/read/forum.rs", "a forum is read at its pace, on a thread that may wait"),
];

/// What the top level holds; nothing else without a reason.
const TOP_LEVEL: [&str; 31] = [
    ".ci",
    ".dockerignore",
    ".env.example",
    ".git",
    ".github",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README.md",
    "assets",
    "benches",
    "bots",
    "clippy.toml",
    "data",
    "demo",
    "deny.toml",
    "deploy",
    "docs",
    "index",
    "models",
    "rustfmt.toml",
    "src",
    "target",
    "templates",
    "tests",
    ".env",
];

/// One file of the project.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|extension| extension == "rs")
    }

    /// Whether customers' messages pass through it: everything but tests, benches and fakes.
    fn is_production(&self) -> bool {
        let folders = ["src/", "bots/src/", "index/src/"];
        self.is_rust() && folders.iter().any(|folder| self.path.starts_with(folder))
    }

    /// Numbered lines without those that are only a comment.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(at, line)| (at + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Findings for the lines of code that `offends` objects to.
    fn find(&self, what: &str, offends: impl Fn(&str) -> bool) -> Vec<String> {
        let lines = self.code().filter(|(_, line)| offends(line));
        lines.map(|(at, line)| format!("{}:{at}: {what}: {}", self.path, line.trim())).collect()
    }
}

fn too_long(source: &Source) -> Vec<String> {
    let n_lines = source.text.lines().count();
    if !source.is_production() || n_lines <= LONGEST_FILE {
        return Vec::new();
    }
    vec![format!("{}: {n_lines} lines, at most {LONGEST_FILE}", source.path)]
}

fn without_purpose(source: &Source) -> Vec<String> {
    if !source.is_rust() || source.text.starts_with("//!") {
        return Vec::new();
    }
    vec![format!("{}: does not open with what it is for (`//!`)", source.path)]
}

fn sql_outside_the_store(source: &Source) -> Vec<String> {
    if !source.is_production() || source.path.starts_with("src/store/") {
        return Vec::new();
    }
    source.find("SQL outside src/store", |line| {
        let updates = line.contains("UPDATE ") && line.contains(" SET ");
        updates || ["SELECT ", "INSERT INTO ", "DELETE FROM "].iter().any(|sql| line.contains(sql))
    })
}

fn sleeping(source: &Source) -> Vec<String> {
    let allowed = MAY_SLEEP.iter().any(|(path, _)| *path == source.path);
    if !source.is_rust() || allowed || source.path.ends_with("it/tidy.rs") {
        return Vec::new();
    }
    source.find("sleeps", |line| line.contains("sleep(") || line.contains("sleep_until("))
}

fn shirking(source: &Source) -> Vec<String> {
    if !source.is_rust() || source.path.ends_with("it/tidy.rs") {
        return Vec::new();
    }
    let shirks = ["#[ignore", "#[should_panic", "#[allow(", "#![allow("];
    source.find("not in this house", |line| shirks.iter().any(|shirk| line.contains(shirk)))
}

/// A note that something is to be done names the issue in which it will be.
fn todo_without_issue(source: &Source) -> Vec<String> {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let lines = source.text.lines().enumerate().filter(|(_, line)| {
        let is_note = words.iter().any(|word| has_word(line, word));
        is_note && !names_issue(line)
    });
    lines.map(|(at, _)| format!("{}:{}: a note without an issue", source.path, at + 1)).collect()
}

fn names_issue(line: &str) -> bool {
    line.split('#').skip(1).any(|after| after.starts_with(|c: char| c.is_ascii_digit()))
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|c: char| !c.is_alphanumeric()).any(|part| part == word)
}

/// The project is built anywhere, so it names no registry and no machine.
fn tied_to_a_place(source: &Source) -> Vec<String> {
    let places = [
        concat!("crates", ".io"),
        concat!("pypi", ".org"),
        concat!("pythonhosted", ".org"),
        concat!("registry.npmjs", ".org"),
        concat!("deb.debian", ".org"),
        concat!("/work", "/"),
        concat!("/root", "/"),
        concat!("/tmp", "/demo"),
        concat!("..", "/shared"),
    ];
    let lines = source.text.lines().enumerate();
    let tied = lines.filter(|(_, line)| places.iter().any(|place| line.contains(place)));
    tied.map(|(at, line)| format!("{}:{}: {}", source.path, at + 1, line.trim())).collect()
}

fn dependency_without_reason(source: &Source) -> Vec<String> {
    let lines = source.text.lines().enumerate();
    let section = lines
        .skip_while(|(_, line)| *line != "[workspace.dependencies]")
        .skip(1)
        .take_while(|(_, line)| !line.starts_with('['));
    let ours = |line: &str| line.starts_with("superfan-");
    section
        .filter(|(_, line)| line.contains('=') && !line.contains(" # ") && !ours(line))
        .map(|(at, line)| format!("{}:{}: says not what for: {line}", source.path, at + 1))
        .collect()
}

/// Every text file of the project, in order of path.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    collect(root, root, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(found.iter().any(|source| source.path == "src/main.rs"), "the tree was not read");
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<Source>) {
    let made = [
        "target",
        ".git",
        "data",
        "models",
        ".env",
        "Cargo.lock",
        "bots/fuzz/target",
        "bots/fuzz/corpus",
        "bots/fuzz/artifacts",
        "bots/fuzz/Cargo.lock",
    ];
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let relative = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        if made.contains(&relative.as_str()) {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, found);
        } else if let Ok(text) = fs::read_to_string(&path) {
            found.push(Source { path: relative, text });
        }
    }
}

#[track_caller]
fn holds(rule: fn(&Source) -> Vec<String>) {
    let findings: Vec<String> = sources().iter().flat_map(rule).collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// Shows that a rule can fail, and that it lets a good file pass.
#[track_caller]
fn check(rule: fn(&Source) -> Vec<String>, path: &str, good: &str, bad: &str) {
    let source = |text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    assert_eq!(rule(&source(good)), Vec::<String>::new());
    assert_eq!(rule(&source(bad)).len(), 1, "the rule overlooks {bad:?}");
}

#[test]
fn production_files_are_short() {
    check(too_long, "src/a.rs", &"//\n".repeat(400), &"//\n".repeat(401));
    holds(too_long);
}

#[test]
fn every_module_says_what_it_is_for() {
    check(without_purpose, "src/a.rs", "//! Does it.\n", "use std::fs;\n");
    holds(without_purpose);
}

#[test]
fn sql_lives_in_the_store() {
    check(sql_outside_the_store, "src/a.rs", "// SELECT it\n", "let q = \"SELECT 1\";");
    check(sql_outside_the_store, "bots/src/a.rs", "\"Update the set\"", "\"UPDATE a SET b = 1\"");
    holds(sql_outside_the_store);
}

#[test]
fn nothing_sleeps() {
    check(sleeping, "src/a.rs", "// sleep(", "tokio::time::sleep(wait).await;");
    holds(sleeping);
}

#[test]
fn the_files_that_may_sleep_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (path, why) in MAY_SLEEP {
        let text = fs::read_to_string(root.join(path)).unwrap_or_default();
        assert!(text.contains("sleep") && !why.is_empty(), "{path} needs no allowance");
    }
}

#[test]
fn no_test_is_ignored_and_no_lint_is_allowed() {
    check(shirking, "tests/a.rs", "#[expect(a, reason = \"b\")]", "#[ignore]");
    check(shirking, "src/a.rs", "", "#[allow(dead_code)]");
    holds(shirking);
}

#[test]
fn every_note_of_work_to_do_names_its_issue() {
    let note = concat!("// TO", "DO");
    check(todo_without_issue, "src/a.rs", &format!("{note} #12: this"), &format!("{note}: this"));
    holds(todo_without_issue);
}

#[test]
fn nothing_is_tied_to_one_machine_or_registry() {
    let path = concat!("cp /work", "/main .");
    check(tied_to_a_place, "docs/a.md", "in the network of the registry", path);
    let ci = concat!("export SUPERFAN_EVAL_DIR=..", "/shared; exec make test");
    let findings: Vec<String> = sources().iter().flat_map(tied_to_a_place).collect();
    // The one place that knows where this project's evaluation sets lie.
    assert_eq!(findings, [format!(".ci/run:2: {ci}")]);
}

#[test]
fn every_dependency_earns_a_sentence() {
    let line =
        |rest: &str| format!("[workspace.dependencies]\nhttp = \"1\"{rest}\n[next]\na = 1\n");
    check(dependency_without_reason, "Cargo.toml", &line(" # header maps"), &line(""));
    let manifest = sources().into_iter().find(|source| source.path == "Cargo.toml").unwrap();
    assert_eq!(dependency_without_reason(&manifest), Vec::<String>::new());
}

#[test]
fn every_channel_and_every_forum_has_the_same_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("bots/src");
    let mut missing = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
        let name = entry.file_name().into_string().unwrap();
        let files: &[&str] = match name.as_str() {
            forum if FORUMS.contains(&forum) => &FORUM_FILES,
            other if NO_CHANNEL.contains(&other) => &[],
            _ => &CHANNEL_FILES,
        };
        for file in files {
            let as_folder = entry.path().join(file).with_extension("").join("mod.rs");
            let wanted = format!("{name}/{file}");
            let is_there = entry.path().join(file).is_file() || as_folder.is_file();
            if !is_there && wanted != NO_FAKE {
                missing.push(wanted);
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn the_top_level_holds_nothing_unexpected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let names = fs::read_dir(root).unwrap().flatten().map(|entry| entry.file_name());
    let names = names.map(|name| name.into_string().unwrap());
    let strangers: Vec<String> = names.filter(|n| !TOP_LEVEL.contains(&n.as_str())).collect();
    assert_eq!(strangers, Vec::<String>::new());
}

#[test]
fn the_changelog_has_a_place_for_what_comes_next() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let changelog = fs::read_to_string(root.join("CHANGELOG.md")).unwrap();
    assert!(changelog.lines().any(|line| line == "## [Unreleased]"));
}
