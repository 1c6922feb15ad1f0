//! Stories with the help desk the brand has: told what happens, answering from there, no loops.

use serde_json::json;
use superfan::people::Actor;
use superfan::store::helpdesk::DeskEventRow;
use superfan::vocabulary::{DeliveryState, EscalationState, Outcome};
use superfan::{escalation, helpdesk};
use superfan_bots::fakes::Fault;
use superfan_bots::helpdesk::fake_chatwoot::{self, FakeChatwoot};
use superfan_bots::helpdesk::fake_zammad::{self, FakeZammad};
use superfan_bots::webhook::fake::FakeHelpDesk;

use secrecy::ExposeSecret;

use crate::desk::{TestDesk, minutes, scenarios, seconds};

scenarios! {
    a_signed_webhook_is_repeated_with_the_same_id_until_it_is_taken,
    what_comes_over_the_api_is_not_told_again,
    an_event_is_given_up_after_three_days_and_sent_again_by_hand,
    chatwoot_is_a_conversation_and_answers_the_customer,
    chatwoot_is_told_once_whatever_the_connection_does,
    zammad_is_a_ticket_and_answers_the_customer,
    who_is_forgotten_is_forgotten_here_too,
}

async fn with_webhook(desk: &mut TestDesk) -> FakeHelpDesk {
    let theirs = FakeHelpDesk::start().await;
    let (url, secret) = (theirs.reply_url().to_string(), theirs.secret());
    let settings = [
        ("SUPERFAN_HELPDESK_URL", url.as_str()),
        ("SUPERFAN_HELPDESK_SECRET", secret.expose_secret()),
    ];
    desk.restarts_with(&settings).await;
    theirs
}

/// `type: text` of what was taken or refused, oldest first.
fn told(theirs: &FakeHelpDesk) -> Vec<String> {
    let line = |body: &serde_json::Value| {
        let said = body["message"]["text"].as_str().or(body["outcome"].as_str());
        let said = said.or(body["escalation"]["question"].as_str()).unwrap_or_default();
        format!("{}: {said}", body["type"].as_str().unwrap_or_default())
    };
    theirs.replies().iter().map(|reply| line(&reply.body)).collect()
}

async fn events(desk: &TestDesk, number: i64) -> Vec<DeskEventRow> {
    let id = desk.escalation(number).await.id;
    desk.reads(async |tx| tx.desk_events_of(id).await).await
}

async fn a_signed_webhook_is_repeated_with_the_same_id_until_it_is_taken(desk: &mut TestDesk) {
    let theirs = with_webhook(desk).await;
    theirs.fail_next(Fault::ServerError);
    theirs.fail_next(Fault::CutAfter);
    let ana = desk.telegram("ana");
    ana.asks("my cat walked on the router").await;
    assert_eq!(theirs.replies().len(), 1);
    // The process ends while the event waits.
    desk.restarts().await;
    desk.telegram("ana").asks("and on the phone").await;
    desk.passes(minutes(1)).await;

    let replies = theirs.replies();
    assert!(replies.iter().all(|reply| reply.verified));
    assert_eq!(replies[0].id, replies[1].id);
    assert_eq!(replies[0].id, replies[2].id);
    assert_eq!(
        told(&theirs)[2..],
        ["escalation.created: my cat walked on the router", "escalation.message: and on the phone",]
    );
    let body = &replies[2].body["escalation"];
    assert_eq!(body["customer"]["name"], "ana");
    assert!(body["url"].as_str().unwrap().ends_with(body["id"].as_str().unwrap()));
    assert!(events(desk, 1).await.iter().all(|event| event.state == DeliveryState::Sent));
    desk.transcript();
}

async fn what_comes_over_the_api_is_not_told_again(desk: &mut TestDesk) {
    let theirs = with_webhook(desk).await;
    let ana = desk.telegram("ana");
    ana.asks("my cat walked on the router").await;
    let id = desk.escalation(1).await.id;
    let mut tx = desk.desk().store.begin().await.unwrap();
    let words = escalation::Words::own("Unplug it.", Some("t-1"));
    escalation::reply(&mut tx, &desk.desk().stage(), &Actor::api(), id, words).await.unwrap();
    tx.commit().await.unwrap();
    desk.settle().await;
    ana.asks("thanks, it works").await;
    let mut tx = desk.desk().store.begin().await.unwrap();
    let stage = desk.desk().stage();
    escalation::close(&mut tx, &stage, &Actor::api(), id, Outcome::Solved).await.unwrap();
    tx.commit().await.unwrap();
    desk.settle().await;
    assert_eq!(
        told(&theirs),
        ["escalation.created: my cat walked on the router", "escalation.message: thanks, it works",]
    );

    // What a moderator does in the console is told.
    ana.asks("my dog walked on the router").await;
    let lee = desk.agent("lee").await;
    lee.replies(2, "Unplug that too.").await.unwrap();
    lee.closes(2).await.unwrap();
    assert_eq!(
        told(&theirs)[2..],
        [
            "escalation.created: my dog walked on the router",
            "escalation.message: Unplug that too.",
            "escalation.closed: solved",
        ]
    );
    desk.transcript();
}

async fn an_event_is_given_up_after_three_days_and_sent_again_by_hand(desk: &mut TestDesk) {
    let theirs = with_webhook(desk).await;
    for _ in 0..100 {
        theirs.fail_next(Fault::Refuse(500, String::new()));
    }
    desk.telegram("ana").asks("my cat walked on the router").await;
    desk.passes(jiff::SignedDuration::from_hours(75)).await;
    let event = events(desk, 1).await.remove(0);
    assert_eq!(event.state, DeliveryState::Dead);
    // 5 s, 10 s … an hour, for 72 hours.
    assert_eq!(theirs.replies().len(), 82);

    let lee = desk.agent("lee").await.actor;
    let mut tx = desk.desk().store.begin().await.unwrap();
    helpdesk::retry(&mut tx, &desk.desk().stage(), &lee, event.id).await.unwrap();
    tx.commit().await.unwrap();
    desk.passes(jiff::SignedDuration::from_hours(20)).await;
    assert_eq!(events(desk, 1).await[0].state, DeliveryState::Sent);
    let ids: std::collections::BTreeSet<String> =
        theirs.replies().into_iter().map(|reply| reply.id).collect();
    assert_eq!(ids.len(), 1);
    desk.transcript();
}

async fn with_chatwoot(desk: &mut TestDesk) -> FakeChatwoot {
    let chatwoot = FakeChatwoot::start().await;
    let url = chatwoot.url().to_string();
    let settings = [
        ("SUPERFAN_HELPDESK_KIND", "chatwoot"),
        ("SUPERFAN_HELPDESK_URL", url.as_str()),
        ("SUPERFAN_HELPDESK_SECRET", fake_chatwoot::SECRET),
        ("SUPERFAN_HELPDESK_TOKEN", fake_chatwoot::TOKEN),
        ("SUPERFAN_HELPDESK_ACCOUNT", "1"),
        ("SUPERFAN_HELPDESK_INBOX", fake_chatwoot::INBOX),
    ];
    desk.restarts_with(&settings).await;
    chatwoot
}

async fn chatwoot_is_a_conversation_and_answers_the_customer(desk: &mut TestDesk) {
    let chatwoot = with_chatwoot(desk).await;
    let door = desk.help_desk_door();
    let ana = desk.telegram("ana");
    ana.asks("my cat walked on the router").await;
    assert_eq!(chatwoot.n_conversations(), 1);
    assert!(chatwoot.said()[0].content.starts_with("my cat walked on the router\n\n#1 http"));
    desk.transcript();

    chatwoot.agent_notes(1, "cats again");
    chatwoot.agent_replies(1, "Unplug it for a minute.");
    // Our own message, the note, and the reply are all told to us.
    assert_eq!(chatwoot.delivers(&door, desk.now()).await, [200, 200, 200]);
    desk.settle().await;
    let news = desk.news();
    assert!(news.contains("telegram/ana   ◀ Mia Agent: / Unplug it for a minute."), "{news}");
    assert!(!news.contains("cats again"), "{news}");

    ana.asks("it blinks now").await;
    assert_eq!(chatwoot.said().last().unwrap().content, "it blinks now");
    // What the desk said itself does not come back as a note.
    assert_eq!(chatwoot.said().len(), 4);
    chatwoot.agent_resolves(1);
    assert_eq!(chatwoot.delivers(&door, desk.now()).await, [200, 200]);
    desk.settle().await;
    assert_eq!(desk.escalation(1).await.state, EscalationState::Closed);

    // The next question of the same customer is a conversation of its own; our people may answer
    // it here, and the desk sees what they said, and that it is over.
    ana.asks("my dog walked on the router").await;
    assert_eq!(chatwoot.n_conversations(), 2);
    let lee = desk.agent("lee").await;
    lee.replies(2, "Unplug that too.").await.unwrap();
    lee.closes(2).await.unwrap();
    let note = chatwoot.said().pop().unwrap();
    assert_eq!((note.content.as_str(), note.private), ("lee: Unplug that too.", true));
    assert_eq!(chatwoot.status(2), "resolved");
    assert_eq!(chatwoot.delivers(&door, desk.now()).await, [200, 200, 200]);
    desk.settle().await;
    desk.transcript();

    // Who replies too late is told so, and nobody else can post here.
    chatwoot.agent_replies(2, "still there?");
    assert_eq!(chatwoot.delivers(&door, desk.now()).await, [409]);
    let forged = json!({ "event": "message_created" });
    assert_eq!(chatwoot.post(&door, &forged, ("guessed", desk.now())).await, 401);
    let stale = desk.now() - minutes(6);
    assert_eq!(chatwoot.post(&door, &forged, (fake_chatwoot::SECRET, stale)).await, 401);
}

async fn chatwoot_is_told_once_whatever_the_connection_does(desk: &mut TestDesk) {
    let chatwoot = with_chatwoot(desk).await;
    // The conversation is made, then the question stands in it; both times nobody hears so.
    chatwoot.pass_next();
    chatwoot.fail_next(Fault::CutAfter);
    chatwoot.pass_next();
    chatwoot.pass_next();
    chatwoot.fail_next(Fault::CutAfter);
    let ana = desk.telegram("ana");
    ana.asks("my cat walked on the router").await;
    desk.passes(minutes(2)).await;
    assert_eq!((chatwoot.n_conversations(), chatwoot.said().len()), (1, 1));
    chatwoot.fail_next(Fault::CutAfter);
    chatwoot.fail_next(Fault::TooMany(Some(30)));
    ana.asks("my cat is still there").await;
    desk.passes(minutes(2)).await;
    assert_eq!(chatwoot.said().len(), 2);
    assert!(events(desk, 1).await.iter().all(|event| event.state == DeliveryState::Sent));
    desk.transcript();
}

async fn zammad_is_a_ticket_and_answers_the_customer(desk: &mut TestDesk) {
    let zammad = FakeZammad::start().await;
    let url = zammad.url().to_string();
    let settings = [
        ("SUPERFAN_HELPDESK_KIND", "zammad"),
        ("SUPERFAN_HELPDESK_URL", url.as_str()),
        ("SUPERFAN_HELPDESK_SECRET", fake_zammad::SECRET),
        ("SUPERFAN_HELPDESK_TOKEN", fake_zammad::TOKEN),
        ("SUPERFAN_HELPDESK_GROUP", fake_zammad::GROUP),
    ];
    desk.restarts_with(&settings).await;
    let door = desk.help_desk_door();
    zammad.fail_next(Fault::CutAfter);
    let ana = desk.telegram("ana");
    ana.asks("my cat walked on the router").await;
    desk.passes(seconds(10)).await;
    assert_eq!(zammad.tickets(), [("#1 my cat walked on the router".to_owned(), "new".to_owned())]);
    desk.transcript();

    zammad.agent_notes(1, "cats again");
    zammad.agent_replies(1, "<div>Unplug it<br>for a minute.</div>");
    assert_eq!(zammad.delivers(&door).await, [200, 200, 200]);
    desk.settle().await;
    let news = desk.news();
    assert!(news.contains("telegram/ana   ◀ Zoe Agent: / Unplug it / for a minute."), "{news}");
    assert!(!news.contains("cats again"), "{news}");

    ana.asks("it blinks now").await;
    let newest = zammad.articles().pop().unwrap();
    assert_eq!((newest.body.as_str(), newest.sender.as_str()), ("it blinks now", "Customer"));
    zammad.agent_closes(1);
    zammad.delivers(&door).await;
    desk.settle().await;
    assert_eq!(desk.escalation(1).await.state, EscalationState::Closed);

    ana.asks("my dog walked on the router").await;
    let lee = desk.agent("lee").await;
    lee.replies(2, "Unplug that too.").await.unwrap();
    lee.closes(2).await.unwrap();
    let note = zammad.articles().pop().unwrap();
    assert_eq!((note.body.as_str(), note.internal), ("lee: Unplug that too.", true));
    assert_eq!(zammad.tickets()[1].1, "closed");
    zammad.delivers(&door).await;
    desk.settle().await;
    assert_eq!(zammad.post(&door, &json!({ "ticket": { "id": 1 } }), "guessed").await, 401);
    desk.transcript();
}

async fn who_is_forgotten_is_forgotten_here_too(desk: &mut TestDesk) {
    let theirs = with_webhook(desk).await;
    let ana = desk.telegram("ana");
    ana.asks("my cat walked on the router").await;
    assert_eq!(theirs.replies().len(), 1);
    let customer = desk.escalation(1).await.customer_id;
    let mut tx = desk.desk().store.begin().await.unwrap();
    let told = json!({ "tier": "gold" }).as_object().unwrap().clone();
    tx.set_attributes(customer, &told, desk.now()).await.unwrap();
    tx.commit().await.unwrap();
    ana.says("/forget").await;
    ana.presses("Yes, erase").await;
    desk.passes(seconds(5)).await;
    assert!(events(desk, 1).await.is_empty());
    assert!(desk.reads(async |tx| tx.attributes(customer).await).await.is_empty());
    desk.transcript();
}
