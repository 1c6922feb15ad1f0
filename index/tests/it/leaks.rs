//! What is shipped was not learned by heart: no id and no question of the evaluation sets is in
//! any of the three crates, the shipped calibration included.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Shorter questions (`hi`) may stand anywhere by chance; shorter ids (`sf-117`) as well.
const TELLING_QUESTION: usize = 20;
const TELLING_ID: usize = 8;

/// Folders with everything that is built into the program, or that its tests read.
const SHIPPED: [&str; 3] = ["index", "src", "bots"];

#[test]
#[expect(clippy::print_stderr, reason = "a check that did not run must be heard")]
fn no_id_and_no_question_of_the_sets_is_in_the_crates() {
    let Some(folder) = std::env::var_os("SUPERFAN_EVAL_DIR") else {
        eprintln!("NOT CHECKED: SUPERFAN_EVAL_DIR is unset, so leaks of the sets go unnoticed");
        return;
    };
    let secrets = secrets(&Path::new(&folder).join("eval"));
    assert!(secrets.n > 0, "SUPERFAN_EVAL_DIR holds no sets");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let (mut n_files, mut has_calibration, mut leaks) = (0, false, Vec::new());
    for folder in SHIPPED {
        for path in files(&root.join(folder)).unwrap() {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).to_lowercase();
            leaks.extend(secrets.in_text(&text).map(|secret| format!("{secret:?} in {path:?}")));
            has_calibration |= path.ends_with("src/calibration.json");
            n_files += 1;
        }
    }
    assert!(has_calibration && n_files > 100, "{n_files} files were read");
    leaks.truncate(20);
    assert!(leaks.is_empty(), "{leaks:#?}");
}

#[test]
fn a_question_that_is_copied_is_noticed() {
    let mut secrets = Secrets::default();
    secrets.add("Why does my Parrot hum at night?", TELLING_QUESTION);
    secrets.add("q-zz-0001", TELLING_ID);
    secrets.add("hi", TELLING_QUESTION);
    let found = |text: &str| secrets.in_text(text).count();
    assert_eq!(found("// \"why does my parrot hum at night?\" got it wrong"), 1);
    assert_eq!(found("q-zz-0001 or q-zz-0001: never"), 2);
    assert_eq!(found("hi, why does my parrot hum at noon? q-zz-001"), 0);
}

/// Ids and questions, in lower case, by their first bytes.
#[derive(Default)]
struct Secrets {
    by_start: HashMap<[u8; TELLING_ID], Vec<String>>,
    n: usize,
}

impl Secrets {
    fn add(&mut self, secret: &str, telling: usize) {
        let secret = secret.trim().to_lowercase();
        if secret.len() >= telling {
            let start = secret.as_bytes()[..TELLING_ID].try_into().unwrap();
            self.by_start.entry(start).or_default().push(secret);
            self.n += 1;
        }
    }

    /// Those that `text`, in lower case, holds.
    fn in_text<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a str> {
        let bytes = text.as_bytes();
        bytes.windows(TELLING_ID).enumerate().flat_map(move |(at, start)| {
            let start: &[u8; TELLING_ID] = start.try_into().unwrap();
            let alike = self.by_start.get(start).into_iter().flatten().map(String::as_str);
            alike.filter(move |secret| bytes[at..].starts_with(secret.as_bytes()))
        })
    }
}

/// All ids and questions of the sets under `folder`.
fn secrets(folder: &Path) -> Secrets {
    let mut secrets = Secrets::default();
    for set in fs::read_dir(folder).unwrap() {
        for name in ["queries.dev.jsonl.gz", "corpus.jsonl.gz"] {
            let Ok(file) = fs::File::open(set.as_ref().unwrap().path().join(name)) else {
                continue;
            };
            let mut lines = String::new();
            flate2::read::GzDecoder::new(file).read_to_string(&mut lines).unwrap();
            for line in lines.lines() {
                let row: serde_json::Value = serde_json::from_str(line).unwrap();
                secrets.add(row["id"].as_str().unwrap(), TELLING_ID);
                secrets.add(row["text"].as_str().unwrap_or_default(), TELLING_QUESTION);
            }
        }
    }
    secrets
}

/// All files under `folder`.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    Ok(files)
}
