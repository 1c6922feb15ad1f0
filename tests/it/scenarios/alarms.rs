//! Staff are told what they do not look for: by a signed webhook and by mail, each thing once, and
//! neither way holds the other up.

use secrecy::ExposeSecret;
use serde_json::Value;
use superfan::channels::{reason_stopped, stop};
use superfan::desk::{Desk, Parts};
use superfan::serve;
use superfan_bots::fakes::Fault;
use superfan_bots::webhook::fake::FakeHelpDesk;

use crate::desk::{FakeMail, MailFault, TestDesk, minutes, scenarios, seconds};

scenarios! {
    who_waits_too_long_is_told_by_webhook_and_by_mail_once,
    a_way_that_is_broken_does_not_hold_the_other_up,
    what_else_staff_should_know_is_mailed_too,
    of_several_nodes_one_tells,
}

/// The desk tells staff both ways from now on.
async fn both_ways(desk: &mut TestDesk) -> (FakeHelpDesk, FakeMail) {
    desk.overlooks_details();
    let (hook, mail) = (FakeHelpDesk::start().await, FakeMail::start().await);
    let (url, secret) = (hook.reply_url().to_string(), hook.secret());
    desk.restarts_with(&[
        ("SUPERFAN_STAFF_WEBHOOK_URL", &url),
        ("SUPERFAN_STAFF_WEBHOOK_SECRET", secret.expose_secret()),
        ("SUPERFAN_MAIL_URL", &mail.url("s3cret")),
        ("SUPERFAN_MAIL_FROM", "desk@brand.example"),
        ("SUPERFAN_MAIL_TO", "lee@brand.example"),
    ])
    .await;
    (hook, mail)
}

/// What the webhook took or refused of a kind.
fn posted(hook: &FakeHelpDesk, kind: &str) -> Vec<Value> {
    let told = hook.replies().into_iter().filter(|one| one.body["type"] == kind);
    told.map(|one| {
        assert!(one.verified, "{one:?}");
        one.body
    })
    .collect()
}

async fn who_waits_too_long_is_told_by_webhook_and_by_mail_once(desk: &mut TestDesk) {
    let (hook, mail) = both_ways(desk).await;
    desk.telegram("ana").asks("my cat walked on the router, mail ana@mail.example").await;
    desk.telegram("ben").asks("my dog walked on the router").await;
    desk.passes(minutes(29)).await;
    assert_eq!((hook.replies().len(), mail.letters().len()), (0, 0), "they wait since a moment");
    desk.passes(minutes(2)).await;
    let told = posted(&hook, "escalations.waiting");
    let waiting: Vec<&Value> = told[0]["escalations"].as_array().unwrap().iter().collect();
    assert_eq!((told.len(), waiting.len()), (1, 2), "{told:?}");
    let notes = mail.notes();
    assert_eq!(notes.len(), 1, "{notes:?}");
    let (subject, text) = &notes[0];
    assert_eq!(subject, "2 customers wait: the first is #1 on telegram");
    for one in waiting {
        assert!(text.contains(one["url"].as_str().unwrap()), "{text}");
    }
    let letter = &mail.letters()[0];
    assert!(letter.parts()[1].starts_with("<!doctype html>"));
    let everything = format!("{told:?}{}", letter.parts().concat());
    assert!(!everything.contains("cat") && !everything.contains("mail.example"), "{everything}");

    desk.restarts().await;
    desk.passes(minutes(40)).await;
    desk.telegram("cleo").asks("my bird walked on the router").await;
    desk.passes(minutes(40)).await;
    assert_eq!(posted(&hook, "escalations.waiting").len(), 2);
    let subjects: Vec<String> = mail.notes().into_iter().map(|(subject, _)| subject).collect();
    assert_eq!(subjects[1..], ["A customer waits: #3 on telegram"], "each once");
}

async fn a_way_that_is_broken_does_not_hold_the_other_up(desk: &mut TestDesk) {
    let (hook, mail) = both_ways(desk).await;
    mail.fail_next(MailFault::Busy);
    desk.telegram("ana").asks("my cat walked on the router").await;
    desk.passes(minutes(31)).await;
    let n_posted = |hook: &FakeHelpDesk| posted(hook, "escalations.waiting").len();
    assert_eq!((n_posted(&hook), mail.letters().len()), (1, 0));
    desk.passes(minutes(16)).await;
    desk.passes(minutes(16)).await;
    assert_eq!((n_posted(&hook), mail.letters().len()), (1, 1));

    hook.fail_next(Fault::ServerError);
    desk.telegram("ben").asks("my dog walked on the router").await;
    desk.passes(minutes(31)).await;
    assert_eq!(mail.letters().len(), 2);
    desk.passes(minutes(1)).await;
    desk.passes(minutes(1)).await;
    assert_eq!((n_posted(&hook), mail.letters().len()), (3, 2), "refused once, then taken");
}

async fn what_else_staff_should_know_is_mailed_too(desk: &mut TestDesk) {
    let (hook, mail) = both_ways(desk).await;
    stop(desk.desk(), "telegram", "the token <b>died</b>").await.unwrap();
    desk.settle().await;
    let n_stops = |hook: &FakeHelpDesk| posted(hook, "channel.stopped").len();
    assert_eq!((n_stops(&hook), mail.letters().len()), (1, 1));
    let (subject, text) = &mail.notes()[0];
    assert_eq!(subject, "Channel telegram has stopped");
    assert!(text.starts_with("the token <b>died</b>\nhttp"), "{text}");
    assert!(mail.letters()[0].parts()[1].contains("the token &lt;b&gt;died"), "no markup");
    let reason = desk.reads(async |tx| reason_stopped(tx, desk.desk(), "telegram").await).await;
    assert!(reason.is_some());
    desk.passes(minutes(1)).await;
    assert_eq!((n_stops(&hook), mail.letters().len()), (1, 1), "once");

    for n in 0..6 {
        desk.caller(&format!("c{n}")).says("m1", "Why is the sofa server down?").await;
    }
    desk.is_quiet().await;
    desk.passes(minutes(1)).await;
    desk.passes(minutes(1)).await;
    assert_eq!(posted(&hook, "incident.noticed").len(), 1);
    let subject = mail.notes().pop().unwrap().0;
    assert!(subject.starts_with("6 customers ask the same: ") && subject.contains("sofa"));
    assert_eq!(mail.letters().len(), 2);
}

async fn of_several_nodes_one_tells(desk: &mut TestDesk) {
    let (hook, mail) = both_ways(desk).await;
    if !desk.desk().store.is_shared() {
        return;
    }
    let other = Desk::from(Parts { node: "another-node".into(), ..Parts::clone(desk.desk()) });
    for round in 1..=3 {
        desk.caller(&format!("c{round}")).asks("1", "my cat walked on the router").await;
        desk.passes_unseen(minutes(31));
        let (here, there) = tokio::join!(serve::watch_once(desk.desk()), serve::watch_once(&other));
        here.unwrap();
        there.unwrap();
        let told = (posted(&hook, "escalations.waiting").len(), mail.letters().len());
        assert_eq!(told, (round, round));
        desk.passes(seconds(40)).await;
        assert_eq!(posted(&hook, "escalations.waiting").len(), round);
    }
    // Whoever told last may end: another goes on.
    desk.caller("last").asks("1", "my dog walked on the router").await;
    desk.passes_unseen(minutes(31));
    serve::watch_once(&other).await.unwrap();
    assert_eq!(mail.letters().len(), 4);
}
