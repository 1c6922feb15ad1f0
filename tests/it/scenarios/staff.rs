//! The brand's own people on Discord: a card for each question, the first to claim owns it, the
//! thread below is the conversation.

use insta::assert_snapshot;
use superfan::vocabulary::{DeliveryState, EscalationState, Role};
use superfan_bots::Outgoing;
use superfan_bots::discord::fake::SentMessage;
use superfan_bots::fakes::Fault;

use crate::desk::{TestDesk, minutes, scenarios, seconds};

scenarios![
    a_question_is_claimed_and_answered_in_the_staff_channel,
    only_the_role_may_act_and_staff_talk_is_no_question,
    the_card_follows_what_happens_in_the_console,
    what_a_moderator_wrote_while_we_were_away_goes_out_once,
    cards_leave_once_whatever_the_platform_does,
    a_pause_of_the_bot_does_not_hold_the_staff,
    a_forgotten_customer_leaves_the_staff_channel_too,
    words_on_their_way_to_staff_are_forgotten_once_they_arrived,
];

const ROLE: &str = "42";
const QUESTION: &str = "my cat walked on the router";

/// A desk whose staff are on Discord, with two moderators there.
async fn staffed(desk: &mut TestDesk) {
    let first_channel = "700000000000000001";
    let settings =
        [("DISCORD_STAFF_CHANNEL_ID", first_channel), ("DISCORD_MODERATOR_ROLE_ID", ROLE)];
    desk.joins_discord(&settings).await;
    assert_eq!(desk.discord().channel("staff").to_string(), first_channel);
    for name in ["lee", "sue"] {
        desk.discord().member(name).gets_role(ROLE);
    }
}

/// The messages in the staff's channel, oldest first, as they look now.
fn cards(desk: &TestDesk) -> Vec<SentMessage> {
    let staff = desk.discord().channel("staff");
    let sent = desk.discord().sent().into_iter();
    sent.filter(|one| one.channel_id == staff && !one.ephemeral).collect()
}

async fn a_question_is_claimed_and_answered_in_the_staff_channel(desk: &mut TestDesk) {
    staffed(desk).await;
    desk.telegram("ana").asks(QUESTION).await;
    let card = cards(desk).pop().unwrap();
    desk.member("lee").presses_on(&card, "Claim").await;
    desk.passes(seconds(5)).await;
    desk.member("sue").presses_on(&card, "Claim").await;
    desk.passes(seconds(5)).await;
    let thread = card.message_id;
    desk.member("sue").asks_in(thread, "is it the old model?").await;
    desk.member("lee").asks_in(thread, "Unplug it for a minute.").await;
    desk.passes(seconds(5)).await;
    desk.telegram("ana").asks("it still blinks").await;
    let opening = desk.discord().sent().into_iter().find(|sent| sent.channel_id == thread);
    desk.member("lee").presses_on(&opening.unwrap(), "Close").await;
    desk.passes(seconds(5)).await;
    desk.member("lee").asks_in(thread, "one more thing").await;

    assert_snapshot!(desk.transcript(), @r##"
    telegram/ana   ▶ my cat walked on the router
    escalation     · #1 nothing found
    telegram/ana   ◀ (greeting)
    discord/staff  ◀ **#1 · ana on telegram** / my cat walked on the router / **Why it waits:** No accepted answer shares a telling word with the question. / **Found:** nothing / Nobody has it yet. [Claim · Close]
    telegram/ana   ◀ I've passed this to the team (#1).
    discord/lee    ▶ [Claim]
    escalation     · #1 claimed by lee
    discord/thread "#1 · ana on telegram" ◀ lee has #1. What lee writes here goes to the customer, under that name; what anybody else writes stays here. / The question: / my cat walked on the router [Close]
    discord/staff  ✎ **#1 · ana on telegram** / my cat walked on the router / **Why it waits:** No accepted answer shares a telling word with the question. / **Found:** nothing / lee has it.
    discord/staff  ◀ (only to the asker) #1 is yours. What you write in the thread under the card goes to the customer as a reply from lee.
    discord/sue    ▶ [Claim]
    discord/staff  ◀ (only to the asker) Claimed by lee.
    discord/sue    ▶ is it the old model?
    discord/lee    ▶ Unplug it for a minute.
    telegram/ana   ◀ lee: / Unplug it for a minute. [Helped · Didn't help]
    telegram/ana   ▶ it still blinks
    telegram       · silent: human owns
    discord/thread "#1 · ana on telegram" ◀ ana writes: / it still blinks
    discord/lee    ▶ [Close]
    escalation     · #1 closed: solved
    discord/thread "#1 · ana on telegram" ◀ (only to the asker) Closed. The bot answers this customer again.
    discord/staff  ✎ **#1 · ana on telegram** / my cat walked on the router / **Why it waits:** No accepted answer shares a telling word with the question. / **Found:** nothing / Closed: solved (lee).
    discord/lee    ▶ one more thing
    discord/thread "#1 · ana on telegram" ◀ This did not go to the customer: #1 is closed.
    "##);
    assert_eq!(desk.discord().thread(thread).as_deref(), Some("#1 · ana on telegram"));
    assert_eq!(desk.escalation(1).await.state, EscalationState::Closed);
    assert!(cards(desk).pop().unwrap().buttons.is_empty());
}

async fn only_the_role_may_act_and_staff_talk_is_no_question(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    staffed(desk).await;
    desk.telegram("ana").asks(QUESTION).await;
    desk.news();
    let card = cards(desk).pop().unwrap();
    desk.member("tom").presses_on(&card, "Claim").await;
    let news = desk.news();
    assert!(news.contains("(only to the asker) Only people with the moderator's role"), "{news}");
    assert_eq!(desk.escalation(1).await.state, EscalationState::Open);

    desk.member("lee").presses_on(&card, "Claim").await;
    desk.passes(seconds(5)).await;
    desk.news();
    let staff = desk.discord().channel("staff");
    let stored = desk.reads(async |tx| tx.unhandled().await).await;
    desk.discord().member("sue").says_in(staff, "@brandbot How do I pair my speaker?");
    desk.member("tom").asks_in(card.message_id, "@brandbot How do I pair my speaker?").await;
    desk.member("sue").commands(staff, "How do I pair my speaker?").await;
    desk.passes(seconds(5)).await;
    let news = desk.news();
    assert_eq!(stored, 0);
    assert!(!news.contains("round button") && !news.contains("telegram/ana"), "{news}");
    assert!(news.contains("(only to the asker) Commands are for customers"), "{news}");
    let escalations = desk.reads(async |tx| tx.escalations(None, None, 10).await).await;
    assert_eq!(escalations.len(), 1, "nothing that staff said became a question");
}

async fn the_card_follows_what_happens_in_the_console(desk: &mut TestDesk) {
    staffed(desk).await;
    let ana = desk.telegram("ana");
    ana.asks(QUESTION).await;
    ana.asks("and on the modem").await;
    let agent = desk.agent("bo").await;
    agent.claims(1).await.unwrap();
    desk.passes(seconds(5)).await;
    assert!(cards(desk)[0].content.contains("bo has it."), "{:?}", cards(desk));
    assert!(cards(desk)[0].content.contains("and on the modem"));
    desk.member("lee").presses_on(&cards(desk)[0], "Close").await;
    desk.passes(seconds(5)).await;
    let news = desk.news();
    assert!(news.contains("(only to the asker) Claimed by bo."), "{news}");

    // A claim that lapses is there for others; who takes it in the channel has the thread.
    desk.passes(minutes(16)).await;
    desk.passes(seconds(5)).await;
    assert!(cards(desk)[0].content.contains("Nobody has it yet."));
    desk.member("lee").presses_on(&cards(desk)[0], "Claim").await;
    desk.member("lee").presses_on(&cards(desk)[0], "In an hour").await;
    desk.passes(seconds(5)).await;
    assert!(cards(desk)[0].content.contains("lee has put it aside until"));
    desk.news();
    ana.asks("hello?").await;
    desk.passes(seconds(5)).await;
    let news = desk.news();
    assert!(news.contains("◀ ana writes: / hello?"), "{news}");
    assert!(cards(desk)[0].content.contains("lee has it."));
    let admin = desk.person("ada", Role::Admin).await;
    assert!(admin.closes(1).await.is_err());
    desk.passes(minutes(16)).await;
    admin.replies(1, "Unplug it.").await.unwrap();
    admin.closes(1).await.unwrap();
    desk.passes(seconds(5)).await;
    let news = desk.transcript();
    assert!(news.contains("◀ ada replied elsewhere: / Unplug it."), "{news}");
    assert!(cards(desk)[0].content.contains("Closed: solved (ada)."), "{:?}", cards(desk));
}

async fn what_a_moderator_wrote_while_we_were_away_goes_out_once(desk: &mut TestDesk) {
    staffed(desk).await;
    desk.telegram("ana").asks(QUESTION).await;
    let card = cards(desk).pop().unwrap();
    desk.member("lee").presses_on(&card, "Claim").await;
    desk.passes(seconds(5)).await;
    desk.news();
    desk.stops().await;
    desk.discord().goes_down();
    let missed = desk.discord().member("lee").says_in(card.message_id, "Unplug it.");
    desk.discord().member("tom").says_in(card.message_id, "I would burn it.");
    desk.discord().comes_back();
    desk.restarts().await;
    desk.is_stored(&format!("msg:{}:{missed}", card.message_id)).await;
    desk.is_quiet().await;
    desk.passes(seconds(5)).await;
    let news = desk.news();
    assert_eq!(news.matches("telegram/ana   ◀ lee: / Unplug it.").count(), 1, "{news}");
    assert!(!news.contains("burn"), "{news}");
}

async fn cards_leave_once_whatever_the_platform_does(desk: &mut TestDesk) {
    staffed(desk).await;
    for fault in [Fault::CutAfter, Fault::ServerError, Fault::TooMany(Some(3))] {
        desk.discord().fail_next("messages", fault);
    }
    desk.telegram("ana").asks(QUESTION).await;
    desk.restarts().await;
    desk.passes(minutes(2)).await;
    assert_eq!(cards(desk).len(), 1);
    desk.discord().fail_next("edit", Fault::CutAfter);
    desk.discord().fail_next("original", Fault::CutAfter);
    desk.discord().fail_next("threads", Fault::ServerError);
    desk.member("lee").presses_on(&cards(desk)[0], "Claim").await;
    desk.passes(minutes(2)).await;
    let thread = cards(desk)[0].message_id;
    let sent = desk.discord().sent();
    assert_eq!(sent.iter().filter(|one| one.channel_id == thread).count(), 1, "{sent:?}");
    assert!(cards(desk)[0].content.contains("lee has it."));
    let answers: Vec<_> = sent.iter().filter(|one| one.ephemeral).collect();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(desk.deliveries(DeliveryState::Uncertain).await.is_empty());
    desk.transcript();
}

async fn a_pause_of_the_bot_does_not_hold_the_staff(desk: &mut TestDesk) {
    staffed(desk).await;
    desk.person("ada", Role::Admin).await.pauses(Some("discord")).await.unwrap();
    desk.telegram("ana").asks(QUESTION).await;
    desk.member("lee").presses_on(&cards(desk)[0], "Claim").await;
    desk.passes(seconds(5)).await;
    assert!(cards(desk)[0].content.contains("lee has it."));
    desk.transcript();
}

async fn a_forgotten_customer_leaves_the_staff_channel_too(desk: &mut TestDesk) {
    staffed(desk).await;
    let ana = desk.telegram("ana");
    ana.asks("my quaggaberry hums").await;
    desk.member("lee").presses_on(&cards(desk)[0], "Claim").await;
    desk.passes(seconds(5)).await;
    ana.asks("the quaggaberry still hums").await;
    ana.says("/forget").await;
    desk.passes(seconds(5)).await;
    ana.presses("Yes, erase").await;
    desk.passes(minutes(1)).await;
    desk.transcript();
    assert!(!cards(desk)[0].content.contains("quagga"), "{:?}", cards(desk));
    let thread = cards(desk)[0].message_id;
    let gone = desk.discord().amended();
    let n_gone = gone.iter().filter(|one| one.channel_id == thread && one.content.is_empty());
    let n_said = desk.discord().sent().iter().filter(|one| one.channel_id == thread).count();
    assert_eq!(n_gone.count(), n_said);
    let mut rows = Vec::new();
    for state in [DeliveryState::Sent, DeliveryState::Dead] {
        rows.extend(desk.deliveries(state).await);
    }
    assert!(rows.iter().all(|row| !row.payload.text.contains("quagga")), "{rows:?}");
}

async fn words_on_their_way_to_staff_are_forgotten_once_they_arrived(desk: &mut TestDesk) {
    staffed(desk).await;
    let ana = desk.telegram("ana");
    ana.asks("my speaker hums").await;
    desk.member("lee").presses_on(&cards(desk)[0], "Claim").await;
    desk.passes(seconds(5)).await;
    // The words for the thread are held back, and then handed to Discord, which takes its time.
    desk.discord().fail_next("messages", Fault::TooMany(Some(600)));
    ana.asks("the quaggaberry still hums").await;
    let due = desk.deliveries(DeliveryState::Due).await;
    let said = due.iter().find(|row| row.payload.text.contains("quagga")).unwrap();
    let mut tx = desk.desk().store.begin().await.unwrap();
    assert!(tx.take_delivery(said.id, desk.now()).await.unwrap());
    let thread = tx.conversation(said.conversation_id).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    ana.says("/forget").await;
    desk.passes(seconds(5)).await;
    ana.presses("Yes, erase").await;
    desk.passes(seconds(30)).await;

    let adapter = desk.desk().channels.adapter("discord").unwrap().clone();
    let key = said.id.to_string();
    let outgoing = Outgoing {
        address: &thread.address,
        part: &said.payload,
        key: &key,
        now: desk.now(),
        previous: None,
        in_doubt_since: None,
    };
    let arrived = adapter.send(outgoing).await.unwrap();
    let mut tx = desk.desk().store.begin().await.unwrap();
    tx.mark_sent(said.id, arrived.message_id.as_deref(), desk.now()).await.unwrap();
    tx.commit().await.unwrap();
    desk.passes(minutes(1)).await;

    let gone = desk.discord().amended();
    let is_it = |id: u64| Some(id.to_string()) == arrived.message_id;
    assert!(gone.iter().any(|one| is_it(one.message_id) && one.content.is_empty()), "{gone:?}");
    let row = desk.reads(async |tx| tx.delivery(said.id).await).await.unwrap();
    assert_eq!((row.state, row.payload.text.as_str()), (DeliveryState::Sent, "[erased]"));
    desk.transcript();
}
