//! What customers may always ask for: a person, silence, oblivion, another language.

use insta::assert_snapshot;

use crate::desk::{TestDesk, minutes, scenarios, seconds};

scenarios![
    human_brings_a_person,
    a_person_is_called_in_plain_words_too,
    stop_is_honoured_until_start,
    forget_asks_once_and_then_erases,
    forget_can_be_taken_back,
    a_chosen_language_counts,
    a_blocked_bot_says_nothing_more,
];

async fn human_brings_a_person(desk: &mut TestDesk) {
    desk.knows("How do I reset my password?", "Settings, then Security.").await;
    let ana = desk.telegram("ana");
    ana.asks("How do I reset my password?").await;
    ana.says("/human").await;
    ana.says("/human").await;
    desk.passes(seconds(5)).await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ How do I reset my password?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Settings, then Security. / answer by @mara [Helped · Didn't help · Human]
    telegram/ana   ▶ /human
    escalation     · #1 asked for human
    telegram/ana   ◀ Of course. I've asked the team to answer you here (#1).
    telegram/ana   ▶ /human
    telegram/ana   ◀ I've added this to your request #1. The team has it.
    ");
    assert_snapshot!(desk.escalation(1).await.question, @"How do I reset my password?");
}

async fn a_person_is_called_in_plain_words_too(desk: &mut TestDesk) {
    desk.telegram("ana").asks("I want to talk to a human please").await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ I want to talk to a human please
    escalation     · #1 asked for human
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Of course. I've asked the team to answer you here (#1).
    ");
}

async fn stop_is_honoured_until_start(desk: &mut TestDesk) {
    desk.knows("How do I reset my password?", "Settings, then Security.").await;
    let ana = desk.telegram("ana");
    ana.says("/stop").await;
    ana.asks("How do I reset my password?").await;
    desk.passes(minutes(2)).await;
    ana.says("/start").await;
    ana.asks("How do I reset my password?").await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ /stop
    telegram/ana   ◀ I won't reply automatically any more. Write /start if you want me to begin again.
    telegram/ana   ▶ How do I reset my password?
    telegram       · silent: stopped
    telegram/ana   ▶ /start
    telegram/ana   ◀ I'm replying automatically again. What can I help you with?
    telegram/ana   ▶ How do I reset my password?
    telegram/ana   ◀ Settings, then Security. / answer by @mara [Helped · Didn't help · Human]
    ");
}

async fn forget_asks_once_and_then_erases(desk: &mut TestDesk) {
    let ana = desk.telegram("ana");
    ana.asks("my cat Mimi walked on the router").await;
    ana.says("/forget").await;
    ana.presses("Yes, erase").await;
    desk.passes(seconds(5)).await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ my cat Mimi walked on the router
    escalation     · #1 nothing found
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ I've passed this to the team (#1).
    telegram/ana   ▶ /forget
    telegram/ana   ◀ Shall I erase everything that is stored about you here, including our conversation? This can't be undone. [Yes, erase · No, keep]
    telegram/ana   ▶ [Yes, erase]
    escalation     · #1 closed: no_answer
    telegram/ana   ◀ Everything stored about you here has been erased.
    ");
    let conversations = desk.reads(async |tx| tx.conversations(None, None, None, 9).await).await;
    let id = conversations[0].id;
    let messages = desk.reads(async |tx| tx.messages(id, 99).await).await;
    let replies = desk.reads(async |tx| tx.deliveries_of(id, None, 99).await).await;
    let decisions = desk.reads(async |tx| tx.decisions_of(id).await).await;
    let kept = format!("{messages:?} {replies:?} {decisions:?} {:?}", desk.escalation(1).await);
    assert!(!kept.contains("Mimi") && !kept.contains("#1"), "{kept}");
}

async fn forget_can_be_taken_back(desk: &mut TestDesk) {
    let ana = desk.telegram("ana");
    ana.asks("my cat Mimi walked on the router").await;
    ana.says("/forget").await;
    ana.presses("No, keep").await;
    desk.passes(seconds(5)).await;

    assert_snapshot!(desk.news(), @r"
    telegram/ana   ▶ my cat Mimi walked on the router
    escalation     · #1 nothing found
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ I've passed this to the team (#1).
    telegram/ana   ▶ /forget
    telegram/ana   ◀ Shall I erase everything that is stored about you here, including our conversation? This can't be undone. [Yes, erase · No, keep]
    telegram/ana   ▶ [No, keep]
    telegram/ana   ◀ Nothing was erased.
    ");
    assert!(desk.escalation(1).await.question.contains("Mimi"));
}

async fn a_chosen_language_counts(desk: &mut TestDesk) {
    let ana = desk.telegram("ana");
    ana.says("/language Deutsch").await;
    ana.asks("my cat walked on the router").await;
    ana.says("/language klingon").await;
    ana.says("/language").await;
    desk.passes(seconds(5)).await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ /language Deutsch
    telegram/ana   ◀ Ich schreibe ab jetzt in dieser Sprache: Deutsch.
    telegram/ana   ▶ my cat walked on the router
    escalation     · #1 nothing found
    telegram/ana   ◀ (greeting in de)
    telegram/ana   ◀ Ich habe das an unser Team weitergegeben (#1).
    telegram/ana   ▶ /language klingon
    telegram/ana   ◀ Diese Sprache kenne ich nicht. Ich kann schreiben in: English, Español, Français, Deutsch, Ελληνικά, العربية, ไทย, 简体中文, 繁體中文.
    telegram/ana   ▶ /language
    telegram/ana   ◀ In welcher Sprache soll ich schreiben?
    ");
}

async fn a_blocked_bot_says_nothing_more(desk: &mut TestDesk) {
    let ana = desk.telegram("ana");
    ana.asks("my cat walked on the router").await;
    ana.customer.blocks_the_bot().await;
    desk.settle().await;
    let refused = desk.agent("lee").await.replies(1, "Unplug it.").await.unwrap_err();
    assert_snapshot!(refused, @"nothing can be sent there any more: the customer blocked the bot");
    ana.customer.unblocks_the_bot().await;
    desk.settle().await;
    desk.agent("lee").await.replies(1, "Unplug it.").await.unwrap();

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ my cat walked on the router
    escalation     · #1 nothing found
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ I've passed this to the team (#1).
    escalation     · #1 claimed by lee
    telegram/ana   ◀ lee: / Unplug it. [Helped · Didn't help]
    ");
}
