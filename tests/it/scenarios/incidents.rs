//! Many ask the same at once: one text to all who wait, and a month of gaps for staff.

use secrecy::ExposeSecret;
use superfan::gaps;
use superfan::ids::IncidentId;
use superfan::people::ActError;
use superfan::store::incidents::IncidentRow;
use superfan::vocabulary::{IncidentState, Role};
use superfan_bots::fakes::Fault;
use superfan_bots::webhook::fake::FakeHelpDesk;

use crate::desk::{FakeMail, MailFault, TestDesk, minutes, scenarios, seconds};

scenarios! {
    a_spike_is_noticed_and_everybody_who_waits_reads_one_text,
    the_usual_is_no_incident_and_what_was_dismissed_stays_so,
    a_month_of_gaps_is_one_page,
    staff_are_told_of_incidents_and_months_once_signed_and_without_personal_data,
    a_month_is_mailed_once_and_what_failed_is_tried_again,
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
    let month = superfan::months::month_before(desk.desk().stage().now);
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
    let (status, told) = desk.calls("GET /api/v1/gaps/month", "").await;
    assert_eq!((status, &told["month"], &told["n"]), (200, &"2026-01".into(), &3.into()));
    assert_eq!(told["gaps"].as_array().unwrap().len(), 2);
    assert!(told["markdown"].as_str().unwrap().contains("2 asked; 0 the month before"), "{told}");
    assert!(told["html"].as_str().unwrap().starts_with("<!doctype html>"));
    assert!(!told.to_string().contains("mail.example"), "{told}");
    let (status, told) = desk.calls("GET /api/v1/gaps/month?month=2025-12", "").await;
    assert_eq!((status, &told["n"]), (200, &0.into()));
    assert_eq!(desk.calls("GET /api/v1/gaps/month?month=soon", "").await.0, 400);
    desk.transcript();
}

async fn staff_are_told_of_incidents_and_months_once_signed_and_without_personal_data(
    desk: &mut TestDesk,
) {
    desk.overlooks_details();
    let staff = FakeHelpDesk::start().await;
    let (url, secret) = (staff.reply_url().to_string(), staff.secret());
    desk.restarts_with(&[
        ("SUPERFAN_STAFF_WEBHOOK_URL", &url),
        ("SUPERFAN_STAFF_WEBHOOK_SECRET", secret.expose_secret()),
    ])
    .await;
    let of = |kind: &str| {
        let told = staff.replies();
        told.into_iter().filter(|one| one.body["type"] == kind).collect::<Vec<_>>()
    };
    desk.telegram("ana").asks("Why is the sofa server down? Mail ana@mail.example").await;
    staff.fail_next(Fault::ServerError);
    ask(desk, 0..6).await;
    for _ in 0..4 {
        desk.passes(minutes(1)).await;
    }
    let told = of("incident.noticed");
    assert_eq!(told.len(), 2, "refused once, then taken, then left alone: {told:?}");
    assert!(told.iter().all(|one| one.verified && one.id == told[0].id), "{told:?}");
    let body = &told[1].body;
    let gap = desk.reads(async |tx| tx.gaps(1).await).await.remove(0);
    assert_eq!(body["about"].as_str(), Some(gap.name.as_str()), "{body}");
    assert_eq!((body["customers"].as_i64(), &body["gap"]), (Some(7), &gap.id.to_string().into()));
    assert!(body["url"].as_str().unwrap().ends_with("/gaps"), "{body}");
    assert!(!body.to_string().contains("mail.example"), "{body}");

    desk.passes(minutes(HOURS * 24 * 28)).await;
    desk.restarts().await;
    desk.passes(minutes(2)).await;
    let told = of("gaps.month");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].verified && told[0].id == "gaps_2026-01", "{:?}", told[0]);
    let body = &told[0].body;
    assert_eq!((&body["month"], body["gaps"][0]["n"].as_i64()), (&"2026-01".into(), Some(7)));
    for format in ["markdown", "html"] {
        let page = body[format].as_str().unwrap();
        assert!(page.contains("sofa") && !page.contains("mail.example"), "{page}");
    }
}

async fn a_month_is_mailed_once_and_what_failed_is_tried_again(desk: &mut TestDesk) {
    desk.overlooks_details();
    let mail = FakeMail::start().await;
    let settings = |password| {
        let url = mail.url(password);
        [
            ("SUPERFAN_MAIL_URL", url),
            ("SUPERFAN_MAIL_FROM", "desk@brand.example".to_owned()),
            ("SUPERFAN_MAIL_TO", "lee@brand.example, kim@brand.example".to_owned()),
            // This story is about the month alone.
            ("SUPERFAN_ALERT_MINUTES", "10000000".to_owned()),
        ]
    };
    let opens = async |desk: &mut TestDesk, password| {
        let settings = settings(password);
        let settings: Vec<(&str, &str)> =
            settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        desk.restarts_with(&settings).await;
    };
    desk.telegram("ana").asks("Why does my sofa hum? Mail ana@mail.example").await;
    desk.passes(minutes(1)).await;
    opens(desk, "wrong").await;
    assert_eq!(mail.n_calls(), 0, "there was no month yet");
    desk.passes(minutes(HOURS * 24 * 27)).await;
    let n_calls = mail.n_calls();
    assert!(n_calls > 0 && mail.letters().is_empty(), "{n_calls}");
    desk.passes(minutes(10)).await;
    assert!(mail.n_calls() <= n_calls + 1, "a server that takes nothing is left alone");
    for fault in [MailFault::Busy, MailFault::Cut] {
        let n_calls = mail.n_calls();
        mail.fail_next(fault);
        opens(desk, "s3cret").await;
        desk.passes(minutes(16)).await;
        assert_eq!((mail.n_calls(), mail.letters().len()), (n_calls + 1, 0), "{fault:?}");
    }
    desk.passes(minutes(16)).await;
    desk.restarts().await;
    desk.passes(minutes(HOURS * 24)).await;
    let letters = mail.letters();
    assert_eq!(letters.len(), 1, "{letters:?}");
    let letter = &letters[0];
    assert_eq!(letter.from, "desk@brand.example");
    assert_eq!(letter.to, ["lee@brand.example", "kim@brand.example"]);
    assert!(letter.mail.contains("Message-ID: <gaps_2026-01@brand.example>"), "{}", letter.mail);
    let parts = letter.parts();
    assert_eq!(parts.len(), 2);
    for part in &parts {
        assert!(part.contains("sofa") && part.contains("hum"), "{part}");
        assert!(part.contains("e-mail") && !part.contains("mail.example"), "{part}");
    }
    assert!(parts[1].starts_with("<!doctype html>"));
}
