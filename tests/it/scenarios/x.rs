//! X: summoned or silent, once, within 280 and within the day's money; words for buttons.

use insta::assert_snapshot;
use jiff::SignedDuration;
use superfan::vocabulary::DeliveryState;
use superfan_bots::fakes::Fault;
use superfan_bots::webhook::fake::FakeHelpDesk;

use crate::desk::{TestDesk, minutes, scenarios, seconds};

/// Long enough for its language to be plain: a direct message does not say it.
const QUESTION: &str = "How do I pair my speaker with the television in the living room?";

fn summons() -> String {
    format!("@brand_care {QUESTION}")
}

scenarios![
    a_mention_gets_one_reply_with_credit,
    a_long_answer_is_one_post_of_280,
    who_does_not_summon_is_met_with_silence,
    the_same_post_by_webhook_and_poll_is_one_message,
    stop_ends_it_in_their_language,
    words_act_like_presses,
    a_short_list_is_answered_with_its_number,
    after_a_cut_connection_it_is_sent_once,
    a_429_of_x_waits_for_the_reset,
    the_spend_cap_holds_until_the_next_day,
    direct_messages_follow_theirs,
    a_human_replies_under_the_post,
    a_revoked_account_stops_the_channel,
    a_deleted_post_is_erased,
    what_does_not_fit_goes_on_in_private_only_where_they_opened_that_door,
    a_revoked_account_is_told_to_staff_once,
    a_burst_of_posts_leaves_at_the_published_pace,
    a_burst_of_direct_messages_waits_for_the_next_window,
];

async fn a_mention_gets_one_reply_with_credit(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_x("1.00").await;
    let post = desk.poster("mira").posts(&summons()).await;
    desk.passes(minutes(5)).await;
    assert_snapshot!(desk.transcript(), @r"
    x/mira         ▶ @brand_care How do I pair my speaker with the television in the living room?
    x              ◀ @mira Press the round button. / answer by @mara / Reply YES, NO or HUMAN.
    ");
    let posts = desk.x.posts();
    assert_eq!(posts[0].in_reply_to, post);
    assert_eq!((posts.len(), desk.x.charged()), (1, 0.010));
    let now = desk.now();
    let spent = desk.reads(async |tx| tx.spent("x", now).await).await;
    assert!((spent - 0.010).abs() < 1e-9, "{spent}");
}

async fn a_long_answer_is_one_post_of_280(desk: &mut TestDesk) {
    let text = "Press the round button until the light turns blue. Wait ten seconds. ".repeat(9);
    desk.knows(QUESTION, &text).await;
    desk.joins_x("1.00").await;
    desk.poster("mira").posts(&summons()).await;
    let posts = desk.x.posts();
    assert_eq!(posts.len(), 1);
    let n_chars = posts[0].text.chars().count();
    assert!((200..=280).contains(&n_chars), "{n_chars}: {}", posts[0].text);
    assert!(posts[0].text.ends_with("Reply YES, NO or HUMAN."), "{}", posts[0].text);
    desk.transcript();
}

async fn who_does_not_summon_is_met_with_silence(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_x("1.00").await;
    desk.poster("mira").posts(QUESTION).await;
    assert_snapshot!(desk.transcript(), @r"
    x/mira         ▶ How do I pair my speaker with the television in the living room?
    x              · silent: not addressed
    ");
    assert_eq!(desk.x.posts(), []);
}

async fn the_same_post_by_webhook_and_poll_is_one_message(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_x("1.00").await;
    let mira = desk.poster("mira");
    let text = &summons();
    let post = mira.posts(text).await;
    desk.polls_x().await.unwrap();
    assert_eq!(mira.person.delivers_again(&post, text).await, Some(200));
    desk.passes(minutes(2)).await;
    mira.person.posts_unheard(text);
    desk.polls_x().await.unwrap();
    desk.passes(minutes(2)).await;
    assert_eq!(desk.x.posts().len(), 2);
    assert_snapshot!(desk.transcript(), @r"
    x/mira         ▶ @brand_care How do I pair my speaker with the television in the living room?
    x              ◀ @mira Press the round button. / answer by @mara / Reply YES, NO or HUMAN.
    x              ◀ @mira Press the round button. / answer by @mara / Reply YES, NO or HUMAN. ·
    ");
}

async fn stop_ends_it_in_their_language(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_x("1.00").await;
    for (name, stop) in [("mira", "stop"), ("ines", "para ya"), ("jan", "停止")] {
        let person = desk.poster(name);
        person.posts(&format!("@brand_care {stop}")).await;
        person.posts(&summons()).await;
    }
    let script = desk.transcript();
    assert_eq!(script.matches("· silent: stopped").count(), 3, "{script}");
    assert!(!script.contains("round button. /"), "{script}");
}

async fn words_act_like_presses(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_x("1.00").await;
    for (name, word) in [("mira", "YES"), ("ben", "NO"), ("cleo", "HUMAN")] {
        let person = desk.poster(name);
        person.posts(&summons()).await;
        person.replies(&format!("@brand_care {word}")).await;
    }
    assert_snapshot!(desk.transcript(), @r"
    x/mira         ▶ @brand_care How do I pair my speaker with the television in the living room?
    x              ◀ @mira Press the round button. / answer by @mara / Reply YES, NO or HUMAN.
    x/mira         ▶ @brand_care YES
    x              ◀ @mira Thank you, I'm glad it works. @mara has been credited with the solution.
    x/ben          ▶ @brand_care How do I pair my speaker with the television in the living room?
    x              ◀ @ben Press the round button. / answer by @mara, solved once / Reply YES, NO or HUMAN.
    x/ben          ▶ @brand_care NO
    escalation     · #1 low confidence
    x              ◀ @ben I've passed this to the team (#1).
    x/cleo         ▶ @brand_care How do I pair my speaker with the television in the living room?
    x              ◀ @cleo Press the round button. / answer by @mara, solved once / Reply YES, NO or HUMAN.
    x/cleo         ▶ @brand_care HUMAN
    escalation     · #2 asked for human
    x              ◀ @cleo Of course. I've asked the team to answer you here (#2).
    ");
}

async fn a_short_list_is_answered_with_its_number(desk: &mut TestDesk) {
    for room in ["kitchen", "garden"] {
        let question = format!("How do I pair my speaker with the television in the {room}?");
        desk.knows(&question, &format!("Carry it into the {room}.")).await;
    }
    desk.joins_x("1.00").await;
    let mira = desk.poster("mira");
    mira.posts("@brand_care How do I pair my speaker with the television in kitchen or garden?")
        .await;
    mira.replies("@brand_care 2").await;
    assert_snapshot!(desk.transcript(), @r"
    x/mira         ▶ @brand_care How do I pair my speaker with the television in kitchen or garden?
    x              ◀ @mira Which of these comes closest to yo… (206 characters)
    x/mira         ▶ @brand_care 2
    x              ◀ @mira Carry it into the garden. / answer by @mara / Reply YES, NO or HUMAN.
    ");
}

async fn after_a_cut_connection_it_is_sent_once(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_x("1.00").await;
    desk.x.fail_next("/2/tweets", Fault::CutAfter);
    desk.poster("mira").posts(&summons()).await;
    desk.restarts().await;
    desk.passes(minutes(2)).await;
    assert_eq!(desk.x.posts().len(), 1);
    assert_eq!(desk.deliveries(DeliveryState::Sent).await.len(), 1);
    assert_snapshot!(desk.transcript(), @r"
    x/mira         ▶ @brand_care How do I pair my speaker with the television in the living room?
    x              ◀ @mira Press the round button. / answer by @mara / Reply YES, NO or HUMAN.
    ");
}

async fn a_429_of_x_waits_for_the_reset(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_x("1.00").await;
    desk.x.fail_next("/2/tweets", Fault::TooMany(Some(90)));
    desk.poster("mira").posts(&summons()).await;
    let refused_at = desk.now();
    desk.restarts().await;
    desk.passes(minutes(3)).await;
    let sent_at = desk.x.posts().pop().unwrap().at;
    let waited = sent_at.duration_since(refused_at);
    assert!((90..=94).contains(&waited.as_secs()), "{waited:?}");
    assert_eq!(desk.x.posts().len(), 1);
    desk.transcript();
}

async fn the_spend_cap_holds_until_the_next_day(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_x("0.02").await;
    for name in ["mira", "ben", "cleo"] {
        desk.poster(name).posts(&summons()).await;
    }
    desk.passes(minutes(30)).await;
    assert_snapshot!(desk.news(), @r"
    x/mira         ▶ @brand_care How do I pair my speaker with the television in the living room?
    x              ◀ @mira Press the round button. / answer by @mara / Reply YES, NO or HUMAN.
    x/ben          ▶ @brand_care How do I pair my speaker with the television in the living room?
    x              ◀ @ben Press the round button. / answer by @mara / Reply YES, NO or HUMAN.
    x/cleo         ▶ @brand_care How do I pair my speaker with the television in the living room?
    delivery       · due: the daily spend cap of $0.02 is reached: $0.020 spent today, this one costs $0.010; waits until tomorrow (UTC)
    ");
    let due = desk.deliveries(DeliveryState::Due).await;
    assert_eq!((due.len(), desk.x.posts().len()), (1, 2));
    desk.passes(SignedDuration::from_hours(15)).await;
    assert_eq!(desk.x.posts().len(), 3);
    let at = desk.x.posts().pop().unwrap().at;
    assert!(at.to_string().starts_with("2026-01-06T00:00:0"), "{at}");
    desk.transcript();
}

async fn direct_messages_follow_theirs(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_x("1.00").await;
    let mira = desk.poster("mira");
    mira.writes(QUESTION).await;
    assert_snapshot!(desk.news(), @r"
    x/mira         ▶ (in private) How do I pair my speaker with the television in the living room?
    x/in private   ◀ (greeting)
    x/in private   ◀ Press the round button. / answer by @mara / Reply YES, NO or HUMAN.
    ");
    mira.writes("yes").await;
    desk.poster("ben").posts(&summons()).await;
    assert_eq!(desk.x.directs().len(), 3);
    assert!(desk.x.directs().iter().all(|direct| direct.to == mira.person.id()));
    let conversations = desk.reads(async |tx| tx.conversations(None, None, None, 9).await).await;
    let mut ids: Vec<_> = conversations.into_iter().map(|one| one.external_id).collect();
    ids.sort();
    let ben = desk.poster("ben").person.id().to_owned();
    assert_eq!(ids, [ben, format!("dm:{}", mira.person.id())]);
    desk.transcript();
}

async fn a_human_replies_under_the_post(desk: &mut TestDesk) {
    desk.joins_x("1.00").await;
    let post = desk.poster("mira").posts("@brand_care my cat sat on the router").await;
    desk.agent("lee").await.replies_to_next("Unplug it for a minute.").await;
    let posts = desk.x.posts();
    assert!(posts.iter().all(|sent| sent.in_reply_to == post));
    assert_snapshot!(desk.transcript(), @r"
    x/mira         ▶ @brand_care my cat sat on the router
    escalation     · #1 nothing found
    x              ◀ @mira I've passed this to the team (#1).
    escalation     · #1 claimed by lee
    x              ◀ @mira Unplug it for a minute. / – lee / Reply YES or NO.
    ");
}

async fn a_revoked_account_stops_the_channel(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_x("1.00").await;
    desk.x.revoke().await;
    desk.poster("mira").posts(&summons()).await;
    desk.passes(minutes(5)).await;
    let row = desk.reads(async |tx| tx.channel("x").await).await;
    let reason = row.stopped_reason.unwrap_or_default();
    assert!(reason.contains("revoked"), "{reason}");
    assert_eq!(desk.deliveries(DeliveryState::Due).await.len(), 1);
    assert_eq!(desk.x.posts(), []);
    desk.x.restore();
    desk.restarts().await;
    desk.passes(seconds(10)).await;
    assert_eq!(desk.x.posts().len(), 1);
    desk.transcript();
}

async fn a_deleted_post_is_erased(desk: &mut TestDesk) {
    desk.joins_x("1.00").await;
    let mira = desk.poster("mira");
    let post = mira.posts("@brand_care my cat sat on the router").await;
    mira.person.deletes(&post).await;
    desk.settle().await;
    let id = desk.reads(async |tx| tx.conversations(None, None, None, 9).await).await[0].id;
    let messages = desk.reads(async |tx| tx.messages(id, 9).await).await;
    let left = format!("{messages:?}");
    assert!(!left.contains("router"), "{left}");
    let decisions = desk.reads(async |tx| tx.decisions_of(id).await).await;
    assert!(decisions.iter().all(|decision| decision.question == "[erased]"));
    assert_eq!(desk.escalation(1).await.question, "[erased]");
    desk.transcript();
}

async fn what_does_not_fit_goes_on_in_private_only_where_they_opened_that_door(
    desk: &mut TestDesk,
) {
    let text = "Press the round button until the light turns blue. Wait ten seconds. ".repeat(9);
    desk.knows(QUESTION, &text).await;
    desk.joins_x("1.00").await;
    desk.restarts_with(&[("X_MORE_IN_DM", "true")]).await;
    desk.poster("mira").posts(&summons()).await;
    assert_eq!((desk.x.posts().len(), desk.x.directs().len()), (1, 0));
    let ines = desk.poster("ines");
    ines.writes("hello").await;
    let n_before = desk.x.directs().len();
    ines.posts(&summons()).await;
    desk.passes(minutes(1)).await;
    let (posts, directs) = (desk.x.posts(), desk.x.directs());
    assert_eq!((posts.len(), directs.len()), (2, n_before + 1));
    assert!(posts[1].text.contains("All of it is in our direct messages."), "{}", posts[1].text);
    assert!(posts[1].text.chars().count() <= 280 + "@ines ".len());
    assert!(directs[n_before].text.contains(text.trim()));
    desk.overlooks_details();
    desk.transcript();
}

async fn a_revoked_account_is_told_to_staff_once(desk: &mut TestDesk) {
    desk.joins_x("1.00").await;
    let staff = FakeHelpDesk::start().await;
    let url = staff.reply_url().to_string();
    desk.restarts_with(&[("SUPERFAN_STAFF_WEBHOOK_URL", &url)]).await;
    desk.x.revoke().await;
    desk.settle().await;
    desk.settle().await;
    let told = staff.replies();
    assert_eq!(told.len(), 1, "{told:?}");
    let body = &told[0].body;
    assert_eq!((&body["type"], &body["channel"]), (&"channel.stopped".into(), &"x".into()));
    assert!(body["reason"].as_str().unwrap().contains("revoked"), "{body}");
    desk.overlooks_details();
    desk.transcript();
}

async fn a_burst_of_posts_leaves_at_the_published_pace(desk: &mut TestDesk) {
    const PEOPLE: u32 = 150;
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_x("100").await;
    desk.overlooks_details();
    for n in 0..PEOPLE {
        desk.poster(&format!("person{n}")).person.posts(&summons()).await;
    }
    desk.passes(minutes(24)).await;
    let times: Vec<_> = desk.x.posts().iter().map(|post| post.at).collect();
    assert_eq!(times.len(), 150, "everybody has a reply");
    let took = times[149].duration_since(times[0]).as_secs_f64();
    let share = f64::from(PEOPLE - 1) / took / (100.0 / 900.0);
    assert!(share >= 0.9, "{share}");
    assert_eq!(desk.x.n_too_many(), 0);
    desk.transcript();
}

async fn a_burst_of_direct_messages_waits_for_the_next_window(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Press the round button.").await;
    desk.joins_x("100").await;
    desk.overlooks_details();
    for n in 0..20 {
        desk.poster(&format!("person{n}")).person.writes_direct(QUESTION).await;
    }
    desk.passes(minutes(31)).await;
    assert_eq!(desk.x.directs().len(), 40, "a greeting and an answer for everybody");
    assert_eq!(desk.x.n_too_many(), 0);
    desk.transcript();
}
