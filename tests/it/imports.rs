//! Imports change only what changed, resume where they stopped, and leave no half behind.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use jiff::SignedDuration;
use superfan::answers::import::{
    ImportError, ImportProgress, ImportRequest, Importing, Summary, import, running_imports,
};
use superfan::answers::read::Format;
use superfan::channels::Channels;
use superfan::clock::{Clock, TestClock};
use superfan::config::{Rules, Settings};
use superfan::desk::Stage;
use superfan::people::Actor;

use crate::base::Base;
use crate::patience::PATIENCE;

const THREE: [(&str, &str, &str); 3] = [
    ("1", "Battery drains overnight", "Open the settings and switch off the light."),
    ("2", "Speaker hums", "Plug the speaker into another socket."),
    ("3", "Cable is loose", "Press the cable in until it clicks."),
];

/// JSON lines of (id, title, answer).
fn lines(answers: &[(&str, &str, &str)]) -> String {
    let line = |(id, title, answer): &(&str, &str, &str)| {
        serde_json::json!({"id": id, "title": title, "answer": answer}).to_string() + "\n"
    };
    answers.iter().map(line).collect()
}

fn write(base: &Base, name: &str, text: &str) -> PathBuf {
    let path = base.dir.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

async fn run(base: &Base, request: &ImportRequest) -> Result<Summary, ImportError> {
    run_watched(base, request, &*base.clock, &|_| {}).await
}

async fn run_watched(
    base: &Base,
    request: &ImportRequest,
    clock: &dyn Clock,
    progress: &(dyn Fn(&ImportProgress) + Send + Sync),
) -> Result<Summary, ImportError> {
    let channels = Channels::default();
    let rules = Rules::read(&Settings::default()).unwrap();
    let stage = Stage { now: base.clock.now(), ids: &base.ids, channels: &channels, rules: &rules };
    let importing = Importing { stage, clock, progress };
    import(&base.store, importing, &Actor::operator(), request).await
}

fn jsonl(base: &Base, source: &str, text: &str) -> ImportRequest {
    let path = write(base, &format!("{source}.jsonl"), text);
    ImportRequest {
        format: Format::Jsonl,
        path,
        source: source.to_owned(),
        dry_run: false,
        forum: None,
    }
}

async fn bring(base: &Base, source: &str, answers: &[(&str, &str, &str)]) -> String {
    counts(&run(base, &jsonl(base, source, &lines(answers))).await.unwrap())
}

fn counts(summary: &Summary) -> String {
    format!(
        "kept {} unchanged {} changed {} retired {}",
        summary.kept, summary.unchanged, summary.changed, summary.retired
    )
}

async fn seq(base: &Base) -> i64 {
    base.store.read().await.unwrap().last_answer_seq().await.unwrap()
}

async fn n_staged(base: &Base, source: &str) -> i64 {
    base.store.read().await.unwrap().count_staged(source).await.unwrap()
}

#[tokio::test]
async fn a_second_import_changes_only_what_changed() {
    for base in Base::both().await {
        assert_eq!(bring(&base, "s", &THREE).await, "kept 3 unchanged 0 changed 3 retired 0");
        assert_eq!(bring(&base, "s", &THREE).await, "kept 3 unchanged 3 changed 0 retired 0");
        assert_eq!(seq(&base).await, 3);

        let edited = [THREE[0], ("2", "Speaker hums", "Ground the speaker first.")];
        assert_eq!(bring(&base, "s", &edited).await, "kept 2 unchanged 1 changed 1 retired 1");
        assert_eq!(seq(&base).await, 5);
        assert!(!base.answer("3").await.unwrap().live);

        assert_eq!(bring(&base, "s", &THREE).await, "kept 3 unchanged 1 changed 2 retired 0");
        assert!(base.answer("3").await.unwrap().live);
        assert_eq!(n_staged(&base, "s").await, 0);
        let imports = base.store.read().await.unwrap().imports().await.unwrap();
        assert_eq!((imports.len(), imports[0].state.as_str()), (1, "done"));
        base.catch_up().await;
        assert_eq!(base.find("cable is loose").await, "3");
    }
}

#[tokio::test]
async fn what_people_and_customers_said_outlives_a_changed_source() {
    let base = Base::lite().await;
    bring(&base, "s", &THREE).await;
    let mut tx = base.store.begin().await.unwrap();
    let seq = tx.next_answer_seq().await.unwrap();
    tx.count_verdict("1", 1, 0, seq).await.unwrap();
    let mut row = tx.answer("2").await.unwrap().unwrap();
    (row.live, row.seq, row.sendable_by_hand) =
        (false, tx.next_answer_seq().await.unwrap(), Some(false));
    tx.put_answer(&row).await.unwrap();
    tx.commit().await.unwrap();

    let edited = [("1", THREE[0].1, "Press it."), ("2", THREE[1].1, "Turn it."), THREE[2]];
    assert_eq!(bring(&base, "s", &edited).await, "kept 3 unchanged 1 changed 2 retired 0");

    let first = base.answer("1").await.unwrap();
    assert_eq!((first.answer.as_str(), first.helped), ("Press it.", 1));
    let second = base.answer("2").await.unwrap();
    assert_eq!((second.answer.as_str(), second.live), ("Turn it.", false));
    assert_eq!(second.sendable_by_hand, Some(false));
}

#[tokio::test]
async fn a_later_source_gives_way_where_ids_clash() {
    for base in Base::both().await {
        bring(&base, "first", &THREE).await;
        bring(&base, "second", &[("2", "Lamp flickers", "Tighten the lamp.")]).await;

        assert_eq!(base.answer("2").await.unwrap().source, "first");
        assert_eq!(base.answer("second:2").await.unwrap().title, "Lamp flickers");
        let again = bring(&base, "second", &[("2", "Lamp flickers", "Replace the lamp.")]).await;
        assert_eq!(again, "kept 1 unchanged 0 changed 1 retired 0");
        assert_eq!(base.answer("second:2").await.unwrap().answer, "Replace the lamp.");
        assert_eq!(base.store.read().await.unwrap().count_answers().await.unwrap(), 4);
    }
}

#[tokio::test]
async fn a_dry_run_says_the_same_and_writes_nothing() {
    let base = Base::lite().await;
    bring(&base, "s", &THREE).await;
    let mut request = jsonl(&base, "s", &(lines(&THREE[1..]) + "nonsense\n"));
    request.dry_run = true;

    let dry = run(&base, &request).await.unwrap();
    assert_eq!(counts(&dry), "kept 2 unchanged 2 changed 0 retired 1");
    assert_eq!((dry.seen, dry.skipped.len(), dry.skipped[0].line), (3, 1, 3));
    assert_eq!((seq(&base).await, n_staged(&base, "s").await), (3, 0));
    assert!(base.answer("1").await.unwrap().live);

    request.dry_run = false;
    assert_eq!(run(&base, &request).await.unwrap(), dry);
}

#[tokio::test]
async fn an_interrupted_run_is_resumed_with_the_same_result() {
    let many: Vec<(String, String)> =
        (0..1_600).map(|n| (n.to_string(), format!("Press button {n} twice."))).collect();
    let many: Vec<_> = many.iter().map(|(id, a)| (id.as_str(), "Button", a.as_str())).collect();
    let base = Base::lite().await;
    let request = jsonl(&base, "s", &lines(&many));
    {
        // Dropped in the middle, as a killed process leaves it.
        let mut running = Box::pin(run(&base, &request));
        while n_staged(&base, "s").await == 0 {
            let step = std::future::poll_fn(|cx| {
                let polled = running.as_mut().poll(cx);
                std::task::Poll::Ready(polled.is_ready())
            });
            assert!(!step.await, "the import ended before it could be interrupted");
        }
    }
    let staged = n_staged(&base, "s").await;
    assert!((1..1_600).contains(&staged), "{staged}");
    assert_eq!(seq(&base).await, 0);
    let mut tx = base.store.begin().await.unwrap();
    let left = running_imports(&mut tx).await.unwrap();
    drop(tx);
    assert_eq!((left.len(), left[0].source.as_str()), (1, "s"));
    assert_eq!(i64::try_from(left[0].n_kept).unwrap(), staged);
    assert!(left[0].share > 0.0 && left[0].share <= 1.0 && left[0].left.is_some(), "{left:?}");

    let summary = run(&base, &request).await.unwrap();
    assert_eq!(counts(&summary), "kept 1600 unchanged 0 changed 1600 retired 0");
    assert_eq!(summary.languages.values().sum::<u64>(), 1_600);
    let mut tx = base.store.begin().await.unwrap();
    assert_eq!(tx.count_answers().await.unwrap(), 1_600);
    assert_eq!(running_imports(&mut tx).await.unwrap(), []);
}

#[tokio::test]
async fn a_run_says_how_long_it_took() {
    let base = Base::lite().await;
    let clock = TestClock::starting(base.clock.now());
    let hour = |_: &ImportProgress| clock.advance(SignedDuration::from_hours(1));
    let request = jsonl(&base, "s", &lines(&THREE));
    run_watched(&base, &request, &clock, &hour).await.unwrap();

    let imports = base.store.read().await.unwrap().imports().await.unwrap();
    let took = imports[0].ended_at.unwrap().duration_since(imports[0].started_at);
    assert_eq!(took, clock.now().duration_since(base.clock.now()));
    assert!(took >= SignedDuration::from_hours(1));
}

/// A large dump is read once before its first answer comes; whoever watches sees that it is read.
#[tokio::test]
async fn a_run_that_has_nothing_to_show_yet_says_that_it_goes_on() {
    let base = Base::lite().await;
    let path = base.dir.path().join("slow.jsonl");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let (told, heard) = std::sync::mpsc::channel();
    let writing = std::thread::spawn({
        let path = path.clone();
        move || {
            let mut pipe = File::options().write(true).open(path).unwrap();
            pipe.write_all(lines(&THREE[..1]).as_bytes()).unwrap();
            let n_kept: u64 = heard.recv_timeout(PATIENCE).unwrap();
            pipe.write_all(lines(&THREE[1..]).as_bytes()).unwrap();
            n_kept
        }
    });
    let request = ImportRequest { path, ..jsonl(&base, "s", "") };
    let tell = |progress: &ImportProgress| {
        let _ = told.send(progress.n_kept);
    };
    let summary = run_watched(&base, &request, &*base.clock, &tell).await.unwrap();
    assert_eq!(writing.join().unwrap(), 0);
    assert_eq!(summary.kept, 3);
}

#[tokio::test]
async fn a_file_that_changed_meanwhile_is_not_resumed_but_read_anew() {
    let base = Base::lite().await;
    let request = jsonl(&base, "s", &lines(&THREE));
    let mut tx = base.store.begin().await.unwrap();
    let row = superfan::store::imports::StagedRow {
        source_id: "stale".to_owned(),
        hash: "h".to_owned(),
        body: "{}".to_owned(),
    };
    tx.stage_answers("s", &[row]).await.unwrap();
    tx.commit().await.unwrap();

    assert_eq!(
        counts(&run(&base, &request).await.unwrap()),
        "kept 3 unchanged 0 changed 3 retired 0"
    );
    assert!(base.answer("stale").await.is_none());
}

#[tokio::test]
async fn a_source_that_cannot_be_used_changes_nothing() {
    let base = Base::lite().await;
    bring(&base, "s", &THREE).await;
    let whole = lines(&THREE);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, whole.repeat(50).as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let cut = base.dir.path().join("cut.jsonl.gz");
    std::fs::write(&cut, &packed[..packed.len() - 9]).unwrap();
    let useless = write(&base, "useless.jsonl", "{\"id\":\"1\"}\n[]\n");

    for path in [cut, useless, base.dir.path().join("missing.jsonl")] {
        let request = ImportRequest {
            format: Format::Jsonl,
            path,
            source: "s".to_owned(),
            dry_run: false,
            forum: None,
        };
        let error = run(&base, &request).await.unwrap_err();
        let name = request.path.file_name().unwrap().to_str().unwrap();
        assert!(error.to_string().contains(name), "{error}");
        assert_eq!((seq(&base).await, n_staged(&base, "s").await), (3, 0));
        assert_eq!(base.store.read().await.unwrap().count_answers().await.unwrap(), 3);
    }
}

#[test]
fn a_source_is_named_after_its_file_or_folder() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("forum.v2");
    std::fs::create_dir(&folder).unwrap();
    for (name, source) in [("a.jsonl.gz", "a"), ("v1.2.csv", "v1.2"), ("plain", "plain")] {
        std::fs::write(dir.path().join(name), "").unwrap();
        assert_eq!(ImportRequest::source_of(&dir.path().join(name)), source);
    }
    assert_eq!(ImportRequest::source_of(&folder), "forum.v2");
}
