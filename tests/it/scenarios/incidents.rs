//! Many ask the same at once: one text to all who wait, and a month of gaps for staff.

use superfan::gaps;
use superfan::ids::IncidentId;
use superfan::people::ActError;
use superfan::store::incidents::IncidentRow;
use superfan::vocabulary::{IncidentState, Role};

use crate::desk::{TestDesk, minutes, scenarios, seconds};

scenarios! {
    a_spike_is_noticed_and_everybody_who_waits_reads_one_text,
    the_usual_is_no_incident_and_what_was_dismissed_stays_so,
    a_month_of_gaps_is_one_page,
}

const HOURS: i64 = 60;

async fn incidents(desk: &TestDesk) -> Vec<IncidentRow> {
    desk.passes(minutes(1)).await;
    desk.reads(async |tx| tx.incidents().await).await
}

async fn ask(desk: &TestDesk, names: std::ops::Range<i64>) {
    for n in names {
        desk.caller(&format!("c{n}")).says("m1", "Why is the sofa server down?").await;
    }
    desk.is_quiet().await;
}

async fn opens(desk: &TestDesk, id: IncidentId, text: &str) -> Result<(), ActError> {
    let lee = desk.agent("lee").await;
    let mut tx = desk.desk().store.begin().await.unwrap();
    gaps::open_incident(&mut tx, &desk.desk().stage(), &lee.actor, id, text).await?;
    tx.commit().await.unwrap();
    desk.passes(minutes(1)).await;
    Ok(())
}

/// How many replies with these words everybody got so far.
fn told(desk: &TestDesk, words: &str) -> usize {
    let replies = desk.help_desk.replies();
    let says = |text: &str| text.contains(words);
    replies.iter().filter(|one| one.body["text"].as_str().is_some_and(says)).count()
}

async fn a_spike_is_noticed_and_everybody_who_waits_reads_one_text(desk: &mut TestDesk) {
    desk.overlooks_details();
    ask(desk, 0..4).await;
    assert_eq!(incidents(desk).await, []);
    ask(desk, 4..6).await;
    let noticed = incidents(desk).await;
    assert_eq!((noticed.len(), noticed[0].n), (1, 6));
    assert_eq!(noticed[0].state, IncidentState::Noticed);
    assert_eq!(told(desk, "servers"), 0, "nobody is told before a person says so");

    let viewer = desk.person("vi", Role::Expert).await;
    let mut tx = desk.desk().store.begin().await.unwrap();
    let (stage, id) = (desk.desk().stage(), noticed[0].id);
    let refused = gaps::open_incident(&mut tx, &stage, &viewer.actor, id, "").await;
    assert!(matches!(refused, Err(ActError::Forbidden { .. })));
    drop(tx);
    opens(desk, id, "Our servers are down; we are on it.").await.unwrap();
    assert!(matches!(opens(desk, id, "").await, Err(ActError::Conflict { .. })), "once");
    assert_eq!(told(desk, "Our servers are down"), 6);
    // Who comes with it is told too, and nobody twice, whatever happens to the process.
    ask(desk, 6..8).await;
    desk.passes(minutes(1)).await;
    desk.restarts().await;
    desk.passes(minutes(2)).await;
    assert_eq!(told(desk, "Our servers are down"), 8);
    assert_eq!(desk.reads(async |tx| tx.count_told(id).await).await, 8);
    let lee = desk.agent("lee").await;
    let mut tx = desk.desk().store.begin().await.unwrap();
    gaps::close_incident(&mut tx, &desk.desk().stage(), &lee.actor, id).await.unwrap();
    tx.commit().await.unwrap();
    ask(desk, 8..10).await;
    desk.passes(minutes(2)).await;
    assert_eq!(told(desk, "Our servers are down"), 8);
    assert_eq!(incidents(desk).await, [], "what is over is none again within a day");
}

async fn the_usual_is_no_incident_and_what_was_dismissed_stays_so(desk: &mut TestDesk) {
    desk.overlooks_details();
    for hour in 0..30 {
        ask(desk, hour * 4..hour * 4 + 4).await;
        desk.passes(minutes(HOURS * 2)).await;
    }
    ask(desk, 200..206).await;
    let noticed = incidents(desk).await;
    assert_eq!(noticed.len(), 1, "six an hour are many where half of one is usual");
    let lee = desk.agent("lee").await;
    let mut tx = desk.desk().store.begin().await.unwrap();
    let stage = desk.desk().stage();
    gaps::dismiss_incident(&mut tx, &stage, &lee.actor, noticed[0].id).await.unwrap();
    tx.commit().await.unwrap();
    ask(desk, 206..210).await;
    assert_eq!(incidents(desk).await, []);
}

async fn a_month_of_gaps_is_one_page(desk: &mut TestDesk) {
    desk.telegram("ana").asks("Why does my sofa hum? Mail ana@mail.example").await;
    desk.telegram("ben").asks("the sofa hums all day").await;
    desk.telegram("cleo").asks("Where is my parcel?").await;
    desk.passes(minutes(1)).await;
    desk.passes(minutes(HOURS * 24 * 28)).await;
    desk.passes(seconds(30)).await;
    let month = gaps::month_before(desk.desk().stage().now);
    assert_eq!(month, "2026-01");
    let page = desk.reads(async |tx| gaps::pack(tx, &month, "Kestrane").await).await.unwrap();
    assert_eq!((page.n, page.n_before, page.gaps.len()), (3, 0, 2));
    let text = page.markdown();
    assert!(text.contains("# Kestrane: what customers asked"), "{text}");
    assert!(text.contains("2 asked; 0 the month before"), "{text}");
    assert!(text.contains("e-mail") && !text.contains("mail.example"), "{text}");
    let told = desk.reads(async |tx| tx.setting("gaps.month.told").await).await;
    assert_eq!(told.as_deref(), Some("2026-01"), "staff get it once");
    assert_eq!(desk.reads(async |tx| gaps::pack(tx, "soon", "our").await).await, None);
    desk.transcript();
}
