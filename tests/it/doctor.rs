//! `superfan doctor`: every point said in words, secrets never, and an exit code to act on.

use std::path::Path;
use std::process::Command;

use secrecy::ExposeSecret;
use serde_json::Value;
use superfan_bots::fakes::Fault;
use superfan_bots::telegram::fake::FakeTelegram;
use tokio::task::spawn_blocking;

use crate::desk::FakeMail;

/// What doctor found, as `grade what: words`, and its exit code.
async fn doctor(dir: &Path, settings: Vec<(&'static str, String)>) -> (Vec<String>, i32) {
    let dir = dir.to_owned();
    let asked = spawn_blocking(move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_superfan"));
        command.current_dir(&dir).env_clear().envs(settings);
        command.env("PATH", std::env::var_os("PATH").unwrap());
        command.args(["--data-dir", "place", "doctor", "--json"]).output().unwrap()
    });
    let output = asked.await.unwrap();
    let findings: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let line = |finding: &Value| {
        let [grade, what, words] =
            ["grade", "what", "words"].map(|name| finding[name].as_str().unwrap().to_owned());
        format!("{grade} {what}: {words}")
    };
    (findings.iter().map(line).collect(), output.status.code().unwrap())
}

#[track_caller]
fn has(findings: &[String], start: &str) {
    assert!(findings.iter().any(|line| line.starts_with(start)), "no {start:?} in {findings:#?}");
}

fn telegram_at(telegram: &FakeTelegram) -> Vec<(&'static str, String)> {
    vec![
        ("TELEGRAM_TOKEN", telegram.token().expose_secret().to_owned()),
        ("TELEGRAM_API_URL", telegram.base_url().to_string()),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fresh_place_has_warnings_and_no_failure() {
    let dir = tempfile::tempdir().unwrap();
    let telegram = FakeTelegram::start().await;
    let (findings, code) = doctor(dir.path(), telegram_at(&telegram)).await;

    assert_eq!(code, 0, "{findings:#?}");
    has(&findings, "ok TELEGRAM_TOKEN: present (from the environment)");
    has(&findings, "ok data dir: place (from --data-dir)");
    has(&findings, "warning SUPERFAN_PUBLIC_URL: not set");
    has(&findings, "ok disk: ");
    has(&findings, "warning answers: there are none yet");
    has(&findings, "ok channel telegram: ");
    has(&findings, "ok clock: 0 s apart from");
    has(&findings, "ok index: generation ");
    let token = telegram.token().expose_secret().to_owned();
    assert!(!findings.iter().any(|line| line.contains(&token)), "{findings:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_in_webhook_mode_without_a_public_address_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let telegram = FakeTelegram::start().await;
    let mode = [("TELEGRAM_MODE", "webhook".to_owned())];
    let settings = telegram_at(&telegram).into_iter().chain(mode).collect();
    let (findings, code) = doctor(dir.path(), settings).await;

    assert_eq!(code, 0, "{findings:#?}");
    has(
        &findings,
        "warning channel telegram: the platform delivers here, but cannot be told where",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_platform_that_does_not_know_us_is_a_failure() {
    let dir = tempfile::tempdir().unwrap();
    let telegram = FakeTelegram::start().await;
    telegram.fail_next("getMe", Fault::Refuse(401, "Unauthorized".to_owned()));
    let (findings, code) = doctor(dir.path(), telegram_at(&telegram)).await;

    assert_eq!(code, 1);
    has(&findings, "failed channel telegram: ");
}

#[tokio::test]
async fn a_platform_that_cannot_be_reached_is_a_failure() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = ("TELEGRAM_API_URL", "http://127.0.0.1:1".to_owned());
    let token = ("TELEGRAM_TOKEN", "123456:abcdefghijklmnopqrstuvwxyz123456789".to_owned());
    let (findings, code) = doctor(dir.path(), vec![nowhere, token]).await;

    assert_eq!(code, 1);
    has(&findings, "failed channel telegram: ");
}

#[tokio::test]
async fn a_store_or_an_index_that_cannot_be_opened_is_a_failure() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("place");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("superfan.db"), "this is no database, only a text of some length")
        .unwrap();
    let (findings, code) = doctor(dir.path(), Vec::new()).await;
    assert_eq!(code, 1);
    has(&findings, "failed store: ");

    let dir = tempfile::tempdir().unwrap();
    let index = dir.path().join("place/index");
    drop(superfan_index::Index::open(&index).unwrap());
    std::fs::write(index.join("gen-1/meta.json"), "torn").unwrap();
    let (findings, code) = doctor(dir.path(), Vec::new()).await;
    assert_eq!(code, 1, "{findings:#?}");
    has(&findings, "failed index: ");
}

#[tokio::test]
async fn an_index_that_is_behind_its_store_is_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    let answer = r#"{"id":"a","title":"Speaker hums","answer":"Plug it into another socket."}"#;
    std::fs::write(dir.path().join("forum.jsonl"), answer).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_superfan"));
    command.current_dir(dir.path()).env_clear();
    command.args(["--data-dir", "place", "answers", "import", "jsonl", "forum.jsonl"]);
    assert!(command.output().unwrap().status.success());
    let (findings, _) = doctor(dir.path(), Vec::new()).await;
    has(&findings, "ok store: 1 answers");
    has(&findings, "ok index: generation 1, 1 answers");

    std::fs::remove_dir_all(dir.path().join("place/index")).unwrap();
    let (findings, code) = doctor(dir.path(), Vec::new()).await;
    assert_eq!(code, 0, "{findings:#?}");
    has(&findings, "warning index: generation 1, 0 answers; 1 changes of the store");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_is_asked_whether_it_knows_us_and_gets_no_letter() {
    let dir = tempfile::tempdir().unwrap();
    let (findings, _) = doctor(dir.path(), Vec::new()).await;
    has(&findings, "warning staff: neither a webhook nor mail");

    let mail = FakeMail::start().await;
    let settings = |password: &str| {
        vec![
            ("SUPERFAN_MAIL_URL", mail.url(password)),
            ("SUPERFAN_MAIL_FROM", "desk@brand.example".to_owned()),
            ("SUPERFAN_MAIL_TO", "lee@brand.example".to_owned()),
        ]
    };
    let (findings, code) = doctor(dir.path(), settings("s3cret")).await;
    assert_eq!(code, 0, "{findings:#?}");
    has(&findings, "ok SUPERFAN_MAIL_URL: present (from the environment)");
    has(&findings, "ok SUPERFAN_MAIL_TO: lee@brand.example");
    has(&findings, "ok mail: 127.0.0.1:");
    assert!(!findings.iter().any(|line| line.contains("s3cret")), "{findings:#?}");
    assert_eq!((mail.n_calls(), mail.letters().len()), (1, 0));

    let (findings, code) = doctor(dir.path(), settings("guessed")).await;
    assert_eq!(code, 1);
    has(&findings, "failed mail: 127.0.0.1:");
    assert!(findings.iter().any(|line| line.contains("wrong name or password")), "{findings:#?}");
    assert!(!findings.iter().any(|line| line.contains("guessed")), "{findings:#?}");

    let mut nowhere = settings("s3cret");
    nowhere[0].1 = "smtp://desk:s3cret@127.0.0.1:1".to_owned();
    let (findings, code) = doctor(dir.path(), nowhere).await;
    assert_eq!(code, 1);
    has(&findings, "failed mail: 127.0.0.1:1: ");
}
