//! The commands around the answer base, as a person runs them.

use std::path::Path;
use std::process::{Command, Output};

/// Runs `superfan` on a data dir, untouched by this machine's own settings.
fn superfan(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_superfan"))
        .current_dir(dir)
        .env_clear()
        .args(["--data-dir", "data"])
        .args(arguments)
        .output()
        .unwrap()
}

#[track_caller]
fn succeeds(dir: &Path, arguments: &[&str]) -> String {
    let output = superfan(dir, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn fails(dir: &Path, arguments: &[&str], code: i32, says: &str) {
    let output = superfan(dir, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    assert!(said.contains(says), "{said}");
}

const ANSWERS: &str = r#"{"id":"a","title":"Battery drains overnight","answer":"Open the settings, then switch off the light."}
{"id":"b","title":"Speaker hums loudly","answer":"Plug the speaker into another socket."}
"#;

fn folder_with_answers() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("forum.jsonl"), ANSWERS).unwrap();
    succeeds(dir.path(), &["answers", "import", "jsonl", "forum.jsonl"]);
    dir
}

#[test]
fn an_import_reports_and_what_is_exported_imports_again() {
    let folder = folder_with_answers();
    let dir = folder.path();
    let summary = succeeds(dir, &["answers", "import", "jsonl", "forum.jsonl", "--json"]);
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    assert_eq!((&summary["unchanged"], &summary["languages"]["en"]), (&2.into(), &2.into()));

    let exported = succeeds(dir, &["answers", "export"]);
    assert_eq!(exported.lines().count(), 2);
    std::fs::write(dir.join("again.jsonl"), &exported).unwrap();
    let request = ["answers", "import", "jsonl", "again.jsonl", "--source", "forum", "--dry-run"];
    let said = succeeds(dir, &request);
    assert!(said.contains("2 kept") && said.contains("0 retired"), "{said}");

    fails(dir, &["answers", "import", "tarot", "forum.jsonl"], 2, "tarot");
    fails(dir, &["answers", "import", "jsonl", "missing.jsonl"], 1, "missing.jsonl");
}

#[test]
fn questions_of_a_file_are_answered_in_its_order() {
    let folder = folder_with_answers();
    let dir = folder.path();
    let questions = "{\"id\":\"q1\",\"text\":\"speaker hums\",\"more\":1}\n\n\
                     {\"id\":7,\"lang\":\"en\",\"text\":\"battery drains\"}\n";
    std::fs::write(dir.join("questions.jsonl"), questions).unwrap();
    succeeds(dir, &["evaluate", "--queries", "questions.jsonl", "--out", "run.jsonl"]);

    let run = std::fs::read_to_string(dir.join("run.jsonl")).unwrap();
    let run: Vec<serde_json::Value> =
        run.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let found: Vec<String> =
        run.iter().map(|line| format!("{} {}", line["query_id"], line["hits"][0]["id"])).collect();
    assert_eq!(found, ["\"q1\" \"b\"", "7 \"a\""]);
    assert!(run.iter().all(|line| line["took_us"].is_u64() && line["confidence"].is_f64()));

    std::fs::write(dir.join("bad.jsonl"), "{\"id\":\"q\",\"text\":\"x\"}\n{\"id\":\"r\"}\n")
        .unwrap();
    let request = ["evaluate", "--queries", "bad.jsonl", "--out", "none.jsonl"];
    fails(dir, &request, 1, "line 2 is no question: missing field `text`");
    let left: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !["bad.jsonl", "data", "forum.jsonl", "questions.jsonl"].contains(&&**name))
        .collect();
    assert_eq!(left, ["run.jsonl"]);
}

#[test]
fn a_backup_is_one_new_file_that_restores_and_searches() {
    let folder = folder_with_answers();
    let dir = folder.path();
    let products = "[[product]]\nname = \"Drum\"\n";
    std::fs::write(dir.join("data/products.toml"), products).unwrap();
    succeeds(dir, &["backup", "kept"]);
    fails(dir, &["backup", "kept"], 1, "kept exists already");
    fails(dir, &["restore", "kept"], 1, "is not empty");
    std::fs::write(dir.join("other"), "not a database").unwrap();

    std::fs::remove_dir_all(dir.join("data")).unwrap();
    fails(dir, &["restore", "other"], 1, "other is not a sound backup");
    assert!(!dir.join("data").exists());
    succeeds(dir, &["restore", "kept"]);
    assert_eq!(std::fs::read_to_string(dir.join("data/products.toml")).unwrap(), products);

    std::fs::write(dir.join("q.jsonl"), "{\"id\":\"q\",\"text\":\"speaker hums\"}").unwrap();
    succeeds(dir, &["evaluate", "--queries", "q.jsonl", "--out", "run.jsonl"]);
    let run = std::fs::read_to_string(dir.join("run.jsonl")).unwrap();
    assert!(run.contains("\"id\":\"b\""), "{run}");
}

#[test]
fn the_index_is_rebuilt_and_rolled_back_without_a_server() {
    let folder = folder_with_answers();
    let dir = folder.path();
    std::fs::write(dir.join("golden.jsonl"), "{\"text\":\"hums\",\"answer\":\"b\"}\n").unwrap();
    let said = succeeds(dir, &["index", "golden", "golden.jsonl"]);
    assert_eq!(said, "1 golden questions\n");
    let said = succeeds(dir, &["index", "rebuild", "--dry-run"]);
    assert!(said.contains("would pass: 1 of 1 golden questions"), "{said}");
    let said = succeeds(dir, &["index", "rebuild"]);
    assert!(said.contains("\ngeneration 2 is in service: 1 of 1 golden questions"), "{said}");
    assert_eq!(succeeds(dir, &["index", "rollback"]), "generation 1 is in service again\n");
    let status = succeeds(dir, &["index", "status", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    let states: Vec<_> =
        status["generations"].as_array().unwrap().iter().map(|g| &g["state"]).collect();
    assert_eq!(states, ["serving", "previous"]);
    std::fs::write(dir.join("bad.jsonl"), "{\"text\":\"x\"}\n{}\n").unwrap();
    fails(dir, &["index", "golden", "bad.jsonl"], 1, "line 2 of bad.jsonl is no golden question");
    assert_eq!(status["store"]["answers"], 2);
}

#[test]
fn the_history_is_replayed_or_it_is_said_why_not() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    fails(dir, &["replay"], 1, "the answer base is empty");
    fails(dir, &["replay", "--from", "yesterday"], 2, "write a day such as 2025-06-01");
    let dated = ANSWERS.replace("\"title\"", "\"accepted_at\":\"2025-03-01\",\"title\"");
    std::fs::write(dir.join("forum.jsonl"), dated).unwrap();
    succeeds(dir, &["answers", "import", "jsonl", "forum.jsonl"]);
    let request = ["replay", "--from", "2025-01-01", "--json", "--report", "replay.md"];
    let report = succeeds(dir, &request);
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!((&report["questions"], &report["answered"]), (&2.into(), &0.into()));
    let written = std::fs::read_to_string(dir.join("replay.md")).unwrap();
    assert!(written.contains("| questions | 2 |") && written.contains("(replay.svg)"), "{written}");
    assert!(std::fs::read_to_string(dir.join("replay.svg")).unwrap().starts_with("<svg "));
    fails(dir, &["replay", "--from", "2026-01-01"], 1, "the latest was asked on 2025-03-01");
}

#[test]
fn too_little_feedback_fits_nothing_and_says_how_much_is_missing() {
    let folder = folder_with_answers();
    let dir = folder.path();
    for request in [&["calibrate"][..], &["calibrate", "--dry-run"]] {
        let said = succeeds(dir, request);
        assert!(said.starts_with("0 judged answers so far; 50 more are needed"), "{said}");
    }
    assert!(succeeds(dir, &["calibrate", "--list"]).contains("shipped      in force"));
    fails(dir, &["calibrate", "--use", "cal_0"], 1, "there is no calibration cal_0");
    assert_eq!(succeeds(dir, &["calibrate", "--use", "shipped"]), "shipped is in force\n");
}
