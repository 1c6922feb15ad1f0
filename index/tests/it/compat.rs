//! An index written by an earlier build of this schema still opens: a change of schema, payload
//! or analysis that forgets to raise the schema number is noticed here.
//!
//! After raising it, write the folder anew: `SUPERFAN_WRITE_INDEX=1 cargo test -p superfan-index
//! an_index_on_disk`, and commit it.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{fs, io};

use superfan_index::{Index, IndexedAnswer};

use crate::support::{answer, ids};

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/indexes/schema-2")
}

fn answers() -> Vec<IndexedAnswer> {
    let mut reset = answer("reset", "Reset the Drum XL-200", "Hold both keys for ten seconds.");
    reset.phrasings = vec!["speaker keeps hanging".to_owned()];
    let thai = answer("thai", "หูฟังเชื่อมต่อไม่ได้", "ปิดแล้วเปิดบลูทูธใหม่");
    let chinese = answer("chinese", "耳機無法充電", "請更換充電線。");
    let in_lang = |lang: &str, answer| IndexedAnswer { lang: lang.to_owned(), ..answer };
    vec![reset, in_lang("th", thai), in_lang("zh-Hant", chinese)]
}

#[test]
fn an_index_on_disk_is_opened_and_searched() {
    if std::env::var_os("SUPERFAN_WRITE_INDEX").is_some() {
        write().unwrap();
    }
    let dir = tempfile::tempdir().unwrap();
    copy(&committed(), dir.path()).unwrap();
    let index = Index::open(dir.path()).unwrap();
    assert_eq!((index.len(), index.seq()), (3, 42));
    for (question, id) in
        [("my xl200 keeps hanging", "reset"), ("หูฟังเชื่อมต่อ", "thai"), ("耳机不能充电", "chinese")]
    {
        assert_eq!(ids(&index, question).first().map(String::as_str), Some(id), "{question}");
    }
}

fn write() -> Result<(), Box<dyn Error>> {
    fs::remove_dir_all(committed())?;
    let index = Index::open(&committed())?;
    let number = index.build(&mut answers().into_iter(), 42, &|_| {})?;
    index.swap_to(number)?;
    drop(index);
    Ok(fs::remove_dir_all(committed().join("gen-1"))?)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
