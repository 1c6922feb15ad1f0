//! Groups: silent unless spoken to, only the asker's press counts, and groups that move.

use insta::assert_snapshot;
use superfan::vocabulary::{Action, Reason};
use superfan_bots::fakes::Fault;

use crate::desk::{TestDesk, scenarios, seconds};

scenarios![
    a_question_that_was_overheard_is_answered_once_it_is_said_to_the_bot,
    a_group_message_without_a_mention_is_left_alone,
    a_mention_in_a_group_is_answered_there,
    only_the_askers_press_counts,
    a_support_place_is_listened_to,
    a_group_that_becomes_a_supergroup_is_followed,
    a_person_who_answers_one_member_leaves_the_others_to_the_bot,
    a_group_that_removed_the_bot_is_closed,
];

async fn a_group_message_without_a_mention_is_left_alone(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    let group = desk.group("fans");
    desk.telegram("ana").asks_in(&group, "How do I pair my speaker?").await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ (in the group) How do I pair my speaker?
    telegram       · silent: not addressed
    ");
    let conversations = desk.reads(async |tx| tx.conversations(None, None, None, 9).await).await;
    let id = conversations[0].id;
    let decisions = desk.reads(async |tx| tx.decisions_of(id).await).await;
    let read: Vec<_> = decisions.iter().map(|one| (one.action, one.reason)).collect();
    assert_eq!(read, [(Action::Silent, Reason::NotAddressed)]);
}

async fn a_mention_in_a_group_is_answered_there(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    let group = desk.group("fans");
    let ana = desk.telegram("ana");
    desk.telegram("ben").asks_in(&group, "morning all").await;
    ana.asks_in(&group, "@brand_helper_bot How do I pair my speaker?").await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ben   ▶ (in the group) morning all
    telegram       · silent: not addressed
    telegram/ana   ▶ (in the group) @brand_helper_bot How do I pair my speaker?
    telegram/fans  ◀ (to message 2) Press the round button. / answer by @mara [Helped · Didn't help · Human]
    ");
}

async fn only_the_askers_press_counts(desk: &mut TestDesk) {
    let answer = desk.knows("How do I pair my speaker?", "Press the round button.").await;
    let group = desk.group("fans");
    desk.telegram("ana").asks_in(&group, "@brand_helper_bot How do I pair my speaker?").await;
    desk.telegram("ben").presses_on_newest("Helped").await;
    assert_eq!(desk.verdicts_on(&answer).await, (0, 0));
    desk.telegram("ana").presses_on_newest("Helped").await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ (in the group) @brand_helper_bot How do I pair my speaker?
    telegram/fans  ◀ (to message 1) Press the round button. / answer by @mara [Helped · Didn't help · Human]
    telegram/ben   ▶ [Helped]
    telegram/ana   ▶ [Helped]
    telegram/fans  ◀ Thank you, I'm glad it works. @mara has been credited with the solution.
    ");
    assert_eq!(desk.verdicts_on(&answer).await, (1, 0));
}

async fn a_question_that_was_overheard_is_answered_once_it_is_said_to_the_bot(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    let group = desk.group("fans");
    let ana = desk.telegram("ana");
    ana.asks_in(&group, "How do I pair my speaker?").await;
    ana.asks_in(&group, "@brand_helper_bot How do I pair my speaker?").await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ (in the group) How do I pair my speaker?
    telegram       · silent: not addressed
    telegram/ana   ▶ (in the group) @brand_helper_bot How do I pair my speaker?
    telegram/fans  ◀ (to message 2) Press the round button. / answer by @mara [Helped · Didn't help · Human]
    ");
}

async fn a_support_place_is_listened_to(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    let group = desk.group("support");
    let place = format!("telegram:{}", group.id());
    desk.restarts_with(&[("SUPERFAN_SUPPORT_PLACES", &place)]).await;
    desk.telegram("ana").asks_in(&group, "How do I pair my speaker?").await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ (in the group) How do I pair my speaker?
    telegram/support ◀ (to message 1) Press the round button. / answer by @mara [Helped · Didn't help · Human]
    ");
}

async fn a_group_that_becomes_a_supergroup_is_followed(desk: &mut TestDesk) {
    let group = desk.telegram.small_group("club");
    desk.names_chat(group.id(), "club");
    desk.telegram("ana").asks_in(&group, "@brand_helper_bot who painted the moon?").await;
    let moved = group.becomes_supergroup().await;
    desk.names_chat(moved.id(), "superclub");
    desk.settle().await;
    desk.agent("lee").await.replies_to_next("Nobody did.").await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ (in the group) @brand_helper_bot who painted the moon?
    escalation     · #1 nothing found
    telegram/club  ◀ (to message 1) I've passed this to the team (#1).
    escalation     · #1 claimed by lee
    telegram/superclub ◀ lee: / Nobody did. [Helped · Didn't help]
    ");
}

async fn a_person_who_answers_one_member_leaves_the_others_to_the_bot(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    let group = desk.group("fans");
    desk.telegram("ana").asks_in(&group, "@brand_helper_bot who painted the moon?").await;
    desk.telegram.fail_next("sendMessage", Fault::TooMany(Some(20)));
    desk.telegram("ben").asks_in(&group, "@brand_helper_bot How do I pair my speaker?").await;
    desk.agent("lee").await.replies(1, "Nobody did.").await.unwrap();
    desk.passes(seconds(30)).await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ (in the group) @brand_helper_bot who painted the moon?
    escalation     · #1 low confidence
    telegram/fans  ◀ (to message 1) I've passed this to the team (#1).
    telegram/ben   ▶ (in the group) @brand_helper_bot How do I pair my speaker?
    delivery       · due: held 20 s by telegram
    escalation     · #1 claimed by lee
    telegram/fans  ◀ lee: / Nobody did. [Helped · Didn't help]
    telegram/fans  ◀ (to message 3) Press the round button. / answer by @mara [Helped · Didn't help · Human]
    ");
}

async fn a_group_that_removed_the_bot_is_closed(desk: &mut TestDesk) {
    let group = desk.group("fans");
    desk.telegram("ana").asks_in(&group, "@brand_helper_bot who painted the moon?").await;
    group.removes_the_bot().await;
    desk.settle().await;
    let refused = desk.agent("lee").await.replies(1, "Nobody did.").await.unwrap_err();

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ (in the group) @brand_helper_bot who painted the moon?
    escalation     · #1 nothing found
    telegram/fans  ◀ (to message 1) I've passed this to the team (#1).
    ");
    assert_snapshot!(refused, @"nothing can be sent there any more: the bot was removed from the group");
}
