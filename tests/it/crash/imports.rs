//! The same for an import: killed in the middle it has changed nothing, and goes on.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use superfan::answers::import::running_imports;
use superfan::store::Store;

use crate::patience::eventually;

/// So many answers are read for a while.
const MANY: usize = 8_000;

fn imports(dir: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_superfan"))
        .current_dir(dir)
        .args(["--data-dir", "data", "answers", "import", "jsonl", "forum.jsonl", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn killed_while_importing_nothing_has_changed_and_the_next_run_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let line = |n| {
        format!(
            "{{\"id\":\"{n}\",\"title\":\"Lamp {n}\",\"answer\":\"Press button {n} twice.\"}}\n"
        )
    };
    let lines: String = (0..MANY).map(line).collect();
    std::fs::write(dir.path().join("forum.jsonl"), lines).unwrap();
    let data_dir = dir.path().join("data");
    std::fs::create_dir(&data_dir).unwrap();
    let store = Store::open_embedded(&data_dir).await.unwrap();
    let n_staged = async || store.read().await.unwrap().count_staged("forum").await.unwrap();

    let mut killed = imports(dir.path());
    eventually("staged answers", async || n_staged().await > 0).await;
    killed.kill().unwrap();
    assert_eq!(killed.wait().unwrap().signal(), Some(9));
    let n_left = n_staged().await;
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.count_answers().await.unwrap(), 0);
    assert!(usize::try_from(n_left).unwrap() < MANY, "{n_left}");
    assert_eq!(running_imports(&mut tx).await.unwrap().len(), 1);
    drop(tx);

    let output = imports(dir.path()).wait_with_output().unwrap();
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&summary["seen"], &summary["changed"]), (&MANY.into(), &MANY.into()));
    let mut tx = store.read().await.unwrap();
    assert_eq!(usize::try_from(tx.count_answers().await.unwrap()).unwrap(), MANY);
    assert_eq!(running_imports(&mut tx).await.unwrap(), []);
}
