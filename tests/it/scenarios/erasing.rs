//! Erasing a customer leaves no trace: a search over every byte that is kept or was logged.

use std::path::Path;

use superfan::bridge;
use superfan::clock::Clock;
use superfan::insights::{Span, csv, report};
use superfan::store::escalations::EscalationRow;

use super::experts::expert;
use crate::desk::{TestDesk, minutes, scenarios, seconds};
use crate::logs;

scenarios![
    nothing_of_an_erased_customer_is_left_in_any_file,
    what_experts_were_told_and_wrote_goes_too,
];

/// Words that nobody else says.
const WORDS: [&str; 4] = ["quokkaberry", "zanzolino", "xylophantic", "vombatini"];

/// The files below a folder in which one of the words stands, in whatever case.
fn files_with_words(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files_with_words(&path, found);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap_or_default().to_ascii_lowercase();
        for word in WORDS {
            if bytes.windows(word.len()).any(|window| window == word.as_bytes()) {
                found.push(format!("{word} in {}", path.display()));
            }
        }
    }
}

fn traces(desk: &TestDesk) -> Vec<String> {
    let mut found = Vec::new();
    files_with_words(desk.data_dir.path(), &mut found);
    found
}

/// Nobody's words were logged, neither before they were erased nor by erasing them.
fn nothing_was_logged_of(escalation: &EscalationRow) {
    let id = escalation.id.to_string();
    assert_ne!(logs::lines_with(&id), Vec::<String>::new(), "somebody listened");
    for word in WORDS {
        assert_eq!(logs::lines_with(word), Vec::<String>::new());
    }
}

async fn nothing_of_an_erased_customer_is_left_in_any_file(desk: &mut TestDesk) {
    logs::listen();
    desk.overlooks_details();
    desk.knows("How do I reset my password?", "Settings, then Security.").await;
    let zan = desk.telegram("zanzolino");
    zan.asks("How do I reset my password?").await;
    zan.presses("Helped").await;
    zan.asks("my quokkaberry hums").await;
    zan.asks(&format!("and it is xylophantic {}", "very ".repeat(2_000))).await;
    desk.agent("lee").await.replies(1, "Turn the vombatini off.").await.unwrap();
    desk.passes(minutes(20)).await;
    let is_embedded = !desk.desk().store.is_shared();
    assert_eq!(!traces(desk).is_empty(), is_embedded, "the words are there before");

    // What would be posted in the forum goes as well.
    let (lee, escalation) = (desk.agent("lee").await, desk.escalation(1).await);
    let mut tx = desk.desk().store.begin().await.unwrap();
    let wording = bridge::proposed(&mut tx, &escalation).await.unwrap();
    let what = (escalation.id, "forum.example");
    bridge::ask(&mut tx, &desk.desk().stage(), &lee.actor, what, &wording).await.unwrap();
    tx.commit().await.unwrap();
    desk.passes(seconds(10)).await;
    lee.closes(1).await.unwrap();
    zan.says("/forget").await;
    zan.presses("Yes, erase").await;
    desk.passes(seconds(5)).await;

    let id =
        desk.reads(async |tx| tx.customer_on("telegram", &zan.customer.id().to_string()).await);
    let id = id.await.unwrap();
    let texts = desk.reads(async |tx| tx.texts_of(id).await).await;
    let said = texts.iter().map(|kept| kept.text.to_lowercase()).collect::<String>();
    assert!(WORDS.iter().all(|word| !said.contains(word)), "{said}");
    let customer = desk.reads(async |tx| tx.customer(id).await).await.unwrap();
    assert_eq!(customer.name, None);
    let span = Span::latest(30, desk.clock.now());
    let report = desk.reads(async |tx| report(tx, span).await).await;
    assert!(report.all.n() > 0, "the figures stay");
    let exported = csv(&report).to_lowercase();
    assert!(WORDS.iter().all(|word| !exported.contains(word)));
    assert_eq!(traces(desk), Vec::<String>::new());
    nothing_was_logged_of(&escalation);
}

async fn what_experts_were_told_and_wrote_goes_too(desk: &mut TestDesk) {
    logs::listen();
    expert(desk, "bo", "", "").await;
    let zan = desk.telegram("zanzolino");
    zan.asks("my quokkaberry hums").await;
    desk.telegram("bo").presses("I'll take it").await;
    desk.passes(seconds(5)).await;
    desk.telegram("bo").asks("Turn the vombatini off.").await;
    desk.passes(seconds(5)).await;
    zan.asks("it is still xylophantic").await;
    desk.passes(seconds(5)).await;
    assert!(desk.news().contains("The customer of #1 writes: / it is still xylophantic"));
    let is_embedded = !desk.desk().store.is_shared();
    assert_eq!(!traces(desk).is_empty(), is_embedded, "the words are there before");
    desk.telegram("bo").presses("Solved").await;
    desk.passes(seconds(10)).await;
    zan.says("/forget").await;
    zan.presses("Yes, erase").await;
    desk.passes(seconds(10)).await;
    assert_eq!(traces(desk), Vec::<String>::new());
    nothing_was_logged_of(&desk.escalation(1).await);
    // Whoever helped keeps what is theirs.
    desk.telegram("bo").asks("my dog walked on the modem").await;
    assert_eq!(desk.escalation(2).await.question, "my dog walked on the modem");
    desk.transcript();
}
