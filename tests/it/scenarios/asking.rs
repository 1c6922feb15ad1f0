//! Customers ask: bursts, edits, follow-ups, greetings, and the words of thanks afterwards.

use insta::assert_snapshot;
use superfan::store::sources::Quote;
use superfan_bots::telegram::fake::FakeTelegram;

use crate::desk::{TestDesk, minutes, scenarios, seconds};

scenarios![
    three_short_messages_get_one_answer_and_helped_credits_its_author,
    an_edit_within_the_quiet_time_is_what_is_answered,
    a_follow_up_is_read_with_its_question,
    after_didnt_help_comes_the_runner_up_and_then_a_person,
    didnt_help_without_a_runner_up_calls_a_person,
    words_count_like_presses,
    the_greeting_is_said_once,
    the_same_question_again_is_not_answered_twice,
    a_flood_is_warned_once_and_then_met_with_silence,
    a_bare_greeting_and_thanks_are_small_talk,
    a_voice_message_is_asked_for_words,
    an_album_with_a_caption_is_one_question,
    a_later_edit_is_a_follow_up,
    a_question_in_german_gets_german_words,
    a_source_is_quoted_as_far_as_it_allows,
];

async fn three_short_messages_get_one_answer_and_helped_credits_its_author(desk: &mut TestDesk) {
    let answer = desk.knows("How do I reset my headphones?", "Hold power for ten seconds.").await;
    let ana = desk.telegram("ana");
    ana.says("how do I").await;
    desk.passes(seconds(1)).await;
    ana.says("reset").await;
    desk.passes(seconds(1)).await;
    ana.says("my headphones?").await;
    desk.is_quiet().await;
    ana.presses("Helped").await;
    ana.presses("Helped").await;
    desk.passes(seconds(5)).await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ how do I
    telegram/ana   ▶ reset
    telegram/ana   ▶ my headphones?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Hold power for ten seconds. / answer by @mara [Helped · Didn't help · Human]
    telegram/ana   ▶ [Helped]
    telegram/ana   ◀ Thank you, I'm glad it works. @mara has been credited with the solution.
    telegram/ana   ▶ [Helped]
    ");
    assert_eq!(desk.verdicts_on(&answer).await, (1, 0));
    let typing = [ana.customer.id(); 3];
    desk.telegram.until(|telegram| telegram.typing() == typing).await;
}

async fn an_edit_within_the_quiet_time_is_what_is_answered(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    let ana = desk.telegram("ana");
    let id = ana.says("How do I repair my spoiler?").await;
    desk.passes(seconds(1)).await;
    ana.edits(id, "How do I pair my speaker?").await;
    desk.is_quiet().await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ How do I repair my spoiler?
    telegram/ana   ▶ (edits) How do I pair my speaker?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Press the round button. / answer by @mara [Helped · Didn't help · Human]
    ");
}

async fn a_follow_up_is_read_with_its_question(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    let ana = desk.telegram("ana");
    ana.asks("How do I pair my speaker?").await;
    desk.passes(minutes(2)).await;
    ana.asks("what about on Android?").await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ How do I pair my speaker?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Press the round button. / answer by @mara [Helped · Didn't help · Human]
    telegram/ana   ▶ what about on Android?
    escalation     · #1 low confidence
    telegram/ana   ◀ I've passed this to the team (#1).
    ");
    let question = desk.escalation(1).await.question;
    assert_snapshot!(question, @r"
    How do I pair my speaker?
    what about on Android?
    ");
}

async fn after_didnt_help_comes_the_runner_up_and_then_a_person(desk: &mut TestDesk) {
    let first = desk.knows("Why does my camera freeze?", "Take the card out once.").await;
    let second = desk.knows("Why does my camera freeze?", "Update its firmware.").await;
    let ana = desk.telegram("ana");
    ana.asks("Why does my camera freeze?").await;
    ana.presses("Didn't help").await;
    ana.presses("Didn't help").await;
    desk.passes(seconds(5)).await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ Why does my camera freeze?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Take the card out once. / answer by @mara [Helped · Didn't help · Human]
    telegram/ana   ▶ [Didn't help]
    telegram/ana   ◀ Update its firmware. / answer by @mara [Helped · Didn't help · Human]
    telegram/ana   ▶ [Didn't help]
    escalation     · #1 refused twice
    telegram/ana   ◀ I'm sorry that this didn't help. I've passed it to the team (#1).
    ");
    assert_eq!(desk.verdicts_on(&first).await, (0, 1));
    assert_eq!(desk.verdicts_on(&second).await, (0, 1));
}

async fn didnt_help_without_a_runner_up_calls_a_person(desk: &mut TestDesk) {
    desk.knows("Why does my camera freeze?", "Take the card out once.").await;
    let ana = desk.telegram("ana");
    ana.asks("Why does my camera freeze?").await;
    ana.presses("Didn't help").await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ Why does my camera freeze?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Take the card out once. / answer by @mara [Helped · Didn't help · Human]
    telegram/ana   ▶ [Didn't help]
    escalation     · #1 low confidence
    telegram/ana   ◀ I've passed this to the team (#1).
    ");
}

async fn words_count_like_presses(desk: &mut TestDesk) {
    let answer = desk.knows("Why does my camera freeze?", "Take the card out once.").await;
    let ana = desk.telegram("ana");
    ana.asks("Why does my camera freeze?").await;
    ana.asks("that helped, thanks").await;
    ana.asks("yes it works now").await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ Why does my camera freeze?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Take the card out once. / answer by @mara [Helped · Didn't help · Human]
    telegram/ana   ▶ that helped, thanks
    telegram/ana   ◀ Thank you, I'm glad it works. @mara has been credited with the solution.
    telegram/ana   ▶ yes it works now
    ");
    assert_eq!(desk.verdicts_on(&answer).await, (1, 0));
}

async fn the_greeting_is_said_once(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    let ana = desk.telegram("ana");
    ana.says("/start").await;
    ana.asks("How do I pair my speaker?").await;
    desk.passes(minutes(5)).await;
    ana.asks("How do I pair my speaker?").await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ /start
    telegram/ana   ◀ (greeting)
    telegram/ana   ▶ How do I pair my speaker?
    telegram/ana   ◀ Press the round button. / answer by @mara [Helped · Didn't help · Human]
    telegram/ana   ▶ How do I pair my speaker?
    telegram/ana   ◀ Press the round button. / answer by @mara [Helped · Didn't help · Human]
    ");
}

async fn the_same_question_again_is_not_answered_twice(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    let ana = desk.telegram("ana");
    ana.asks("How do I pair my speaker?").await;
    ana.asks("How do I pair my speaker?").await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ How do I pair my speaker?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Press the round button. / answer by @mara [Helped · Didn't help · Human]
    telegram/ana   ▶ How do I pair my speaker?
    telegram       · silent: duplicate question
    ");
}

async fn a_flood_is_warned_once_and_then_met_with_silence(desk: &mut TestDesk) {
    desk.restarts_with(&[("SUPERFAN_QUIET_MS", "0")]).await;
    let ana = desk.telegram("ana");
    for n in 0..33 {
        ana.says(&format!("hello number {n}")).await;
    }
    desk.passes(minutes(1)).await;

    let news = desk.transcript();
    let warnings = news.lines().filter(|line| line.contains("a lot of messages")).count();
    let silences = news.lines().filter(|line| line.contains("silent: flood")).count();
    assert_eq!((warnings, silences), (1, 3), "{news}");
}

async fn a_bare_greeting_and_thanks_are_small_talk(desk: &mut TestDesk) {
    let ana = desk.telegram("ana");
    ana.asks("hello!").await;
    ana.asks("hello?").await;
    ana.asks("thanks").await;
    ana.asks("bye").await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ hello!
    telegram/ana   ◀ (greeting)
    telegram/ana   ▶ hello?
    telegram/ana   ◀ Hello. What can I help you with?
    telegram/ana   ▶ thanks
    telegram/ana   ◀ You're welcome.
    telegram/ana   ▶ bye
    telegram/ana   ◀ Goodbye. Write again whenever you need help.
    ");
}

async fn a_voice_message_is_asked_for_words(desk: &mut TestDesk) {
    let ana = desk.telegram("ana");
    ana.customer.sends(serde_json::json!({ "voice": { "file_id": "v", "duration": 3 } })).await;
    ana.customer.sends(serde_json::json!({ "photo": [{ "file_id": "p" }] })).await;
    desk.is_quiet().await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ I can only read text. Please write your question in a few words.
    ");
}

async fn an_album_with_a_caption_is_one_question(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    let ana = desk.telegram("ana");
    for part in [
        serde_json::json!({ "media_group_id": "7", "photo": [{ "file_id": "1" }],
            "caption": "How do I pair my speaker?" }),
        serde_json::json!({ "media_group_id": "7", "photo": [{ "file_id": "2" }] }),
        serde_json::json!({ "media_group_id": "7", "video": { "file_id": "3" } }),
    ] {
        ana.customer.sends(part).await;
    }
    desk.is_quiet().await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Press the round button. / answer by @mara [Helped · Didn't help · Human]
    ");
    assert_eq!(desk.reads(async |tx| tx.escalations(None, None, 10).await).await.len(), 0);
}

async fn a_later_edit_is_a_follow_up(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    desk.knows("How do I reset my password?", "Settings, then Security.").await;
    let ana = desk.telegram("ana");
    let id = ana.says("How do I pair my speaker?").await;
    desk.is_quiet().await;
    desk.passes(seconds(30)).await;
    ana.edits(id, "How do I reset my password?").await;
    desk.is_quiet().await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ How do I pair my speaker?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Press the round button. / answer by @mara [Helped · Didn't help · Human]
    telegram/ana   ▶ (edits) How do I reset my password?
    telegram/ana   ◀ Settings, then Security. / answer by @mara [Helped · Didn't help · Human]
    ");
}

async fn a_question_in_german_gets_german_words(desk: &mut TestDesk) {
    desk.knows_in("de", "Wie setze ich meinen Kopfhörer zurück?", "Zehn Sekunden drücken.").await;
    let customer = FakeTelegram::customer(&desk.telegram, "jo").speaking("de");
    let jo = desk.telegram("jo");
    customer.says("Wie setze ich meinen Kopfhörer zurück?").await;
    desk.is_quiet().await;
    jo.presses("Hat geholfen").await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/jo    ◀ (greeting in de)
    telegram/jo    ◀ Zehn Sekunden drücken. / Antwort von @mara [Hat geholfen · Hat nicht geholfen · Ein Mensch]
    telegram/jo    ▶ [Hat geholfen]
    telegram/jo    ◀ Danke, schön, dass es funktioniert. Die Lösung wird @mara gutgeschrieben.
    ");
}

async fn a_source_is_quoted_as_far_as_it_allows(desk: &mut TestDesk) {
    desk.knows("How do I reset my headphones?", "Hold power. Wait for ten seconds.").await;
    for (who, quote) in [("ana", Quote::Excerpt(15)), ("ben", Quote::Link)] {
        desk.quotes(quote).await;
        desk.telegram(who).says("how do I reset my headphones?").await;
        desk.is_quiet().await;
    }

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ how do I reset my headphones?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Hold power. … / answer by @mara [Helped · Didn't help · Human]
    telegram/ben   ▶ how do I reset my headphones?
    telegram/ben   ◀ (greeting)
    telegram/ben   ◀ How do I reset my headphones? / answer by @mara [Helped · Didn't help · Human]
    ");
}
