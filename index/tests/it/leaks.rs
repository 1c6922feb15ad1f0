//! What is shipped was not learned by heart: no id and no question of the evaluation sets is in
//! this crate.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Shorter questions (`hi`) may stand anywhere by chance.
const TELLING_CHARS: usize = 20;

#[test]
#[expect(clippy::print_stderr, reason = "a check that did not run must be heard")]
fn no_id_and_no_question_of_the_sets_is_in_this_crate() {
    let Some(folder) = std::env::var_os("SUPERFAN_EVAL_DIR") else {
        eprintln!("NOT CHECKED: SUPERFAN_EVAL_DIR is unset, so leaks of the sets go unnoticed");
        return;
    };
    let shipped = shipped(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut n_checked = 0;
    for set in fs::read_dir(Path::new(&folder).join("eval")).unwrap() {
        let path = set.unwrap().path().join("queries.dev.jsonl.gz");
        let Ok(file) = fs::File::open(&path) else { continue };
        let mut lines = String::new();
        flate2::read::GzDecoder::new(file).read_to_string(&mut lines).unwrap();
        for line in lines.lines() {
            let query: serde_json::Value = serde_json::from_str(line).unwrap();
            for secret in [&query["id"], &query["text"]] {
                let secret = secret.as_str().unwrap().to_lowercase();
                let long = secret.len() >= TELLING_CHARS || secret.starts_with("q-");
                assert!(!long || !shipped.contains(&secret), "{secret:?} of {path:?} is shipped");
                n_checked += 1;
            }
        }
    }
    assert!(n_checked > 0, "SUPERFAN_EVAL_DIR holds no sets");
}

/// All texts of the crate, in lower case.
fn shipped(folder: &Path) -> io::Result<String> {
    let mut texts = String::new();
    let mut folders: Vec<PathBuf> = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                texts += &String::from_utf8_lossy(&fs::read(path)?).to_lowercase();
            }
        }
    }
    Ok(texts)
}
