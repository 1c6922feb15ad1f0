//! Discord: channels and threads, commands, a gateway that comes and goes, outcomes of sending.

use insta::assert_snapshot;
use serde_json::json;
use superfan::vocabulary::DeliveryState;
use superfan_bots::fakes::Fault;

use crate::desk::{TestDesk, minutes, scenarios, seconds};

scenarios![
    a_mention_is_answered_as_a_reply_and_only_the_askers_press_counts,
    a_mention_gets_a_thread_where_the_admin_wants_it,
    other_bots_and_our_own_words_are_left_alone,
    a_person_who_was_quicker_keeps_the_bot_out,
    a_command_is_acknowledged_and_then_answered,
    a_command_is_answered_to_the_asker_alone,
    a_command_never_keeps_thinking,
    a_direct_question_reaches_a_person_and_comes_back,
    a_support_channel_is_listened_to,
    a_post_in_a_support_forum_is_answered_at_once_in_its_thread,
    a_lost_session_loses_nothing_and_doubles_nothing,
    a_429_of_discord_is_honoured,
    an_unknown_outcome_is_repeated_and_is_one_message,
    a_refused_token_stops_discord_and_nothing_is_lost,
    closed_direct_messages_end_the_conversation_until_they_open,
    the_interactions_endpoint_keeps_out_what_is_not_discords,
];

const QUESTION: &str = "How do I pair my speaker?";

async fn a_mention_is_answered_as_a_reply_and_only_the_askers_press_counts(desk: &mut TestDesk) {
    let answer = desk.knows(QUESTION, "Press the *round* button.").await;
    desk.joins_discord(&[]).await;
    let help = desk.discord().channel("help");
    desk.member("mia").asks_in(help, "nice weather").await;
    desk.member("mia").asks_in(help, "@brandbot How do I pair my speaker?").await;
    desk.member("tom").presses("Helped").await;
    assert_eq!(desk.verdicts_on(&answer).await, (0, 0));
    desk.member("mia").presses("Helped").await;

    assert_snapshot!(desk.transcript(), @r"
    discord/mia    ▶ nice weather
    discord        · silent: not addressed
    discord/mia    ▶ @brandbot How do I pair my speaker?
    discord/help   ◀ (as a reply) **How do I pair my speaker?** / Press the *round* button. / answer by @mara [Helped · Didn't help · Human]
    discord/tom    ▶ [Helped]
    discord/mia    ▶ [Helped]
    discord/help   ◀ Thank you, I'm glad it works. @mara has been credited with the solution.
    ");
    assert_eq!(desk.verdicts_on(&answer).await, (1, 0));
    let sent = &desk.discord().sent()[0];
    assert!(sent.content.contains("\nPress the \\*round\\* button."), "{}", sent.content);
}

async fn a_mention_gets_a_thread_where_the_admin_wants_it(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_discord(&[("DISCORD_THREADS", "true")]).await;
    let help = desk.discord().channel("help");
    let mia = desk.member("mia");
    let asked = mia.asks_in(help, "@brandbot How do I pair my speaker?").await;
    assert_eq!(desk.discord().thread(asked).as_deref(), Some(QUESTION));
    mia.asks_in(asked, "my cat walked on the router").await;
    desk.agent("lee").await.replies(1, "Unplug it for a minute.").await.unwrap();

    assert_snapshot!(desk.transcript(), @r#"
    discord/mia    ▶ @brandbot How do I pair my speaker?
    discord/thread "How do I pair my speaker?" ◀ **How do I pair my speaker?** / Press the round button. / answer by @mara [Helped · Didn't help · Human]
    discord/mia    ▶ my cat walked on the router
    escalation     · #1 low confidence
    discord/thread "How do I pair my speaker?" ◀ (as a reply) I've passed this to the team (#1).
    escalation     · #1 claimed by lee
    discord/thread "How do I pair my speaker?" ◀ **lee:** / Unplug it for a minute. [Helped · Didn't help]
    "#);
}

async fn other_bots_and_our_own_words_are_left_alone(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_discord(&[]).await;
    let mia = desk.member("mia");
    mia.asks(QUESTION).await;
    let help = desk.discord().channel("help");
    desk.discord().dispatch(
        "MESSAGE_CREATE",
        &json!({
            "id": "1457717428224000999", "type": 0, "channel_id": help.to_string(),
            "guild_id": "1", "content": format!("<@{}> {QUESTION}", 900_700_100_200_300_401_u64),
            "author": { "id": "77", "username": "dice", "bot": true },
            "mentions": [{ "id": "900700100200300401", "username": "brandbot", "bot": true }],
            "timestamp": "2026-01-05T09:00:00Z",
        }),
    );
    desk.is_stored(&format!("msg:{help}:1457717428224000999")).await;
    desk.is_quiet().await;

    assert_snapshot!(desk.transcript(), @r"
    discord/mia    ▶ How do I pair my speaker?
    discord/mia    ◀ (greeting)
    discord/mia    ◀ **How do I pair my speaker?** / Press the round button. / answer by @mara [Helped · Didn't help · Human]
    discord        · silent: bot author
    ");
}

async fn a_person_who_was_quicker_keeps_the_bot_out(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_discord(&[]).await;
    let help = desk.discord().channel("help");
    let asked = desk.member("mia").says_in(help, "@brandbot How do I pair my speaker?").await;
    desk.member("tom").replies_to(help, asked, "the round one, hold it").await;
    desk.is_quiet().await;

    assert_snapshot!(desk.transcript(), @r"
    discord/mia    ▶ @brandbot How do I pair my speaker?
    discord/tom    ▶ (as a reply) the round one, hold it
    discord        · silent: human owns
    discord        · silent: not addressed
    ");
}

async fn a_command_is_acknowledged_and_then_answered(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_discord(&[]).await;
    let help = desk.discord().channel("help");
    let command = desk.member("mia").commands(help, QUESTION).await;
    assert_eq!(desk.discord().answered(command), Some(5));
    desk.member("mia").presses("Didn't help").await;

    assert_snapshot!(desk.transcript(), @r"
    discord/mia    ▶ /ask How do I pair my speaker?
    discord/help   ◀ **How do I pair my speaker?** / Press the round button. / answer by @mara [Helped · Didn't help · Human]
    discord/mia    ▶ [Didn't help]
    escalation     · #1 low confidence
    discord/help   ◀ I've passed this to the team (#1).
    ");
    let calls = desk.discord().calls();
    assert_eq!(calls.iter().filter(|call| *call == "original").count(), 1);
}

async fn a_command_is_answered_to_the_asker_alone(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_discord(&[("DISCORD_EPHEMERAL", "true"), ("DISCORD_STYLE", "embed")]).await;
    let help = desk.discord().channel("help");
    desk.member("mia").commands(help, QUESTION).await;
    desk.member("mia").presses("Helped").await;

    assert_snapshot!(desk.transcript(), @r"
    discord/mia    ▶ /ask How do I pair my speaker?
    discord/help   ◀ (only to the asker) Press the round button. [Helped · Didn't help · Human]
    discord/mia    ▶ [Helped]
    discord/help   ◀ (only to the asker) Thank you, I'm glad it works. @mara has been credited with the solution.
    ");
}

async fn a_command_never_keeps_thinking(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_discord(&[("DISCORD_EPHEMERAL", "true")]).await;
    let direct = desk.discord().direct("mia");
    // Greeted only; asked twice; owned by a person; after "stop".
    for words in ["hello", QUESTION, QUESTION, "my cat walked on the router"] {
        desk.member("mia").commands(direct, words).await;
        desk.passes(seconds(5)).await;
    }
    desk.agent("lee").await.claims(1).await.unwrap();
    desk.member("mia").commands(direct, "and now?").await;
    desk.passes(seconds(5)).await;
    let help = desk.discord().channel("help");
    desk.member("tom").commands(help, "stop").await;
    desk.member("tom").commands(help, QUESTION).await;
    desk.passes(seconds(5)).await;

    assert_snapshot!(desk.transcript(), @r##"
    discord/mia    ▶ /ask hello
    discord/mia    ◀ (only to the asker) (greeting)
    discord/mia    ◀ (only to the asker) Hello. What can I help you with?
    discord/mia    ▶ /ask How do I pair my speaker?
    discord/mia    ◀ (only to the asker) **How do I pair my speaker?** / Press the round button. / answer by @mara [Helped · Didn't help · Human]
    discord/mia    ▶ /ask How do I pair my speaker?
    discord        · silent: duplicate question
    discord/mia    ◀ (only to the asker) Thank you, noted.
    discord/mia    ▶ /ask my cat walked on the router
    escalation     · #1 low confidence
    discord/mia    ◀ (only to the asker) I've passed this to the team (#1).
    escalation     · #1 claimed by lee
    discord/mia    ▶ /ask and now?
    discord        · silent: human owns
    discord/mia    ◀ (only to the asker) lee from the team is answering now.
    discord/tom    ▶ /ask stop
    discord/help   ◀ (only to the asker) I won't reply automatically any more. Write /start if you want me to begin again.
    discord/tom    ▶ /ask How do I pair my speaker?
    discord        · silent: stopped
    discord/help   ◀ (only to the asker) I won't reply automatically any more. Write /start if you want me to begin again.
    "##);
    let thinking = desk.discord().thinking();
    assert!(thinking.is_empty(), "still thinking: {thinking:?}");
}

async fn a_direct_question_reaches_a_person_and_comes_back(desk: &mut TestDesk) {
    desk.joins_discord(&[]).await;
    let mia = desk.member("mia");
    mia.asks("my cat walked on the router").await;
    desk.agent("lee").await.replies_to_next("Unplug it for a minute.").await;
    desk.passes(seconds(1)).await;
    mia.presses("Helped").await;

    assert_snapshot!(desk.transcript(), @r"
    discord/mia    ▶ my cat walked on the router
    escalation     · #1 nothing found
    discord/mia    ◀ (greeting)
    discord/mia    ◀ I've passed this to the team (#1).
    escalation     · #1 claimed by lee
    discord/mia    ◀ **lee:** / Unplug it for a minute. [Helped · Didn't help]
    discord/mia    ▶ [Helped]
    ");
}

async fn a_support_channel_is_listened_to(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_discord(&[("SUPERFAN_SUPPORT_PLACES", "discord:700000000000000001")]).await;
    let support = desk.discord().channel("support");
    assert_eq!(support, 700_000_000_000_000_001);
    desk.member("mia").asks_in(support, QUESTION).await;

    assert_snapshot!(desk.transcript(), @r"
    discord/mia    ▶ How do I pair my speaker?
    discord/support ◀ (as a reply) **How do I pair my speaker?** / Press the round button. / answer by @mara [Helped · Didn't help · Human]
    ");
}

async fn a_post_in_a_support_forum_is_answered_at_once_in_its_thread(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_discord(&[("SUPERFAN_SUPPORT_PLACES", "discord:700000000000000001")]).await;
    let forum = desk.discord().forum("questions");
    assert_eq!(forum, 700_000_000_000_000_001);
    let mia = desk.member("mia");
    let post = mia.posts_in(forum, "Pairing", QUESTION).await;
    // No quiet time has passed yet.
    assert_eq!(desk.newest_on_discord().channel_id, post);
    mia.presses("Helped").await;

    assert_snapshot!(desk.transcript(), @r#"
    discord/mia    ▶ (a post) Pairing / How do I pair my speaker?
    discord/thread "Pairing" ◀ (as a reply) **How do I pair my speaker?** / Press the round button. / answer by @mara [Helped · Didn't help · Human]
    discord/mia    ▶ [Helped]
    discord/thread "Pairing" ◀ Thank you, I'm glad it works. @mara has been credited with the solution.
    "#);
}

async fn a_lost_session_loses_nothing_and_doubles_nothing(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_discord(&[]).await;
    let (mia, help) = (desk.member("mia"), desk.discord().channel("help"));
    desk.member("tom").asks_in(help, "morning all").await;
    mia.asks("hello").await;
    desk.discord().goes_down();
    let direct = desk.discord().direct("mia");
    mia.member.says_in(direct, QUESTION);
    let missed = mia.member.says_in(help, "@brandbot How do I pair my speaker?");
    desk.discord().comes_back();
    desk.is_stored(&format!("msg:{help}:{missed}")).await;
    desk.is_quiet().await;
    desk.restarts().await;
    desk.listener_is_up().await;
    let last = desk.member("mia").asks("thanks").await;
    assert!(last > missed);

    assert_snapshot!(desk.transcript(), @r"
    discord/tom    ▶ morning all
    discord        · silent: not addressed
    discord/mia    ▶ hello
    discord/mia    ◀ (greeting)
    discord/help   ◀ (as a reply) **How do I pair my speaker?** / Press the round button. / answer by @mara [Helped · Didn't help · Human]
    discord/mia    ◀ **How do I pair my speaker?** / Press the round button. / answer by @mara [Helped · Didn't help · Human]
    discord/mia    ▶ thanks
    discord/mia    ◀ You're welcome.
    ");
}

async fn a_429_of_discord_is_honoured(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_discord(&[]).await;
    let mia = desk.member("mia");
    mia.asks("hello").await;
    desk.discord().fail_next("messages", Fault::TooMany(Some(34)));
    mia.asks(QUESTION).await;
    let refused_at = desk.now();
    desk.passes(minutes(1)).await;

    assert_snapshot!(desk.transcript(), @r"
    discord/mia    ▶ hello
    discord/mia    ◀ (greeting)
    discord/mia    ▶ How do I pair my speaker?
    delivery       · due: held 34 s by discord
    discord/mia    ◀ **How do I pair my speaker?** / Press the round button. / answer by @mara [Helped · Didn't help · Human]
    ");
    assert_eq!(desk.newest_on_discord().at.duration_since(refused_at), seconds(34));
}

async fn an_unknown_outcome_is_repeated_and_is_one_message(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_discord(&[]).await;
    let mia = desk.member("mia");
    mia.asks("hello").await;
    for fault in [Fault::CutAfter, Fault::ServerError, Fault::BadGateway] {
        desk.discord().fail_next("messages", fault);
    }
    mia.asks(QUESTION).await;
    desk.passes(minutes(2)).await;

    assert_snapshot!(desk.transcript(), @r"
    discord/mia    ▶ hello
    discord/mia    ◀ (greeting)
    discord/mia    ▶ How do I pair my speaker?
    discord/mia    ◀ **How do I pair my speaker?** / Press the round button. / answer by @mara [Helped · Didn't help · Human]
    ");
    let writes = desk.discord().calls().into_iter().filter(|call| call == "messages").count();
    assert_eq!(writes, 5, "one greeting, three attempts that failed, one that did not");
    assert_eq!(desk.deliveries(DeliveryState::Sent).await.len(), 2);
}

async fn a_refused_token_stops_discord_and_nothing_is_lost(desk: &mut TestDesk) {
    desk.joins_discord(&[]).await;
    let mia = desk.member("mia");
    mia.asks("hello").await;
    let refusal = r#"{"message":"401: Unauthorized","code":0}"#.to_owned();
    desk.discord().fail_next("messages", Fault::Answer(401, refusal));
    mia.asks("my cat walked on the router").await;
    desk.passes(minutes(5)).await;
    assert_snapshot!(desk.news(), @r"
    discord/mia    ▶ hello
    discord/mia    ◀ (greeting)
    discord/mia    ▶ my cat walked on the router
    escalation     · #1 nothing found
    ");

    desk.restarts().await;
    assert_snapshot!(desk.news(), @"discord/mia    ◀ I've passed this to the team (#1).");
}

async fn closed_direct_messages_end_the_conversation_until_they_open(desk: &mut TestDesk) {
    desk.joins_discord(&[]).await;
    let mia = desk.member("mia");
    mia.asks("hello").await;
    let refusal = r#"{"message":"Cannot send messages to this user","code":50007}"#.to_owned();
    desk.discord().fail_next("messages", Fault::Answer(403, refusal));
    mia.asks("my cat walked on the router").await;
    desk.member("mia").asks("is anybody there?").await;

    assert_snapshot!(desk.transcript(), @r"
    discord/mia    ▶ hello
    discord/mia    ◀ (greeting)
    discord/mia    ▶ my cat walked on the router
    escalation     · #1 nothing found
    delivery       · dead: refused: Cannot send messages to this user (50007)
    discord/mia    ▶ is anybody there?
    discord/mia    ◀ Hello. What can I help you with?
    ");
}

async fn the_interactions_endpoint_keeps_out_what_is_not_discords(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_discord(&[("DISCORD_MODE", "interactions")]).await;
    let url = desk.door("discord");
    let fake = desk.discord();
    let ping = r#"{"id":"1","application_id":"9","type":1,"token":"p","version":1}"#;
    assert_eq!(fake.posts(&url, ping, true).await, (200, json!({ "type": 1 })));
    assert_eq!(fake.posts(&url, ping, false).await.0, 401);
    assert_eq!(fake.posts(&url, "no JSON", true).await.0, 400);
    fake.posts_interactions_to(&url);
    let help = fake.channel("help");
    let command = desk.member("mia").commands(help, QUESTION).await;
    assert_eq!(desk.discord().answered(command), Some(5));
    desk.member("mia").presses("Helped").await;

    assert_snapshot!(desk.transcript(), @r"
    discord/mia    ▶ /ask How do I pair my speaker?
    discord/help   ◀ **How do I pair my speaker?** / Press the round button. / answer by @mara [Helped · Didn't help · Human]
    discord/mia    ▶ [Helped]
    discord/help   ◀ Thank you, I'm glad it works. @mara has been credited with the solution.
    ");
    assert!(!desk.discord().calls().contains(&"callback".to_owned()), "answered in the response");
}
