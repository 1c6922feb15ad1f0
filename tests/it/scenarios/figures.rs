//! Honest figures: how customers' questions ended, as the insights count them.

use insta::assert_snapshot;
use superfan::clock::Clock;
use superfan::insights::{Line, Report, Span, report};
use superfan::vocabulary::Role;

use crate::desk::{TestDesk, minutes, scenarios};

scenarios![
    five_endings_are_told_apart_and_silence_is_none_of_the_good_ones,
    what_a_person_said_counts_with_them,
    figures_follow_what_changes_and_counting_again_changes_nothing,
];

async fn figures(desk: &TestDesk) -> Report {
    let span = Span::latest(30, desk.clock.now());
    desk.reads(async |tx| report(tx, span).await).await
}

fn line(name: &str, line: &Line) -> String {
    format!(
        "{name:<10} confirmed {} silent {} refused {} escalated {} again {}",
        line.confirmed, line.silent, line.refused, line.escalated, line.asked_again
    )
}

fn lines(report: &Report) -> String {
    let whole = [line("all", &report.all), line("simple", &report.simple)];
    let handlers = report.handlers.iter().filter(|part| part.line.n() > 0);
    let channels = report.channels.iter();
    let authors = report.authors.iter();
    let named = handlers.chain(channels).chain(authors).map(|part| line(&part.name, &part.line));
    whole.into_iter().chain(named).collect::<Vec<_>>().join("\n")
}

async fn five_endings_are_told_apart_and_silence_is_none_of_the_good_ones(desk: &mut TestDesk) {
    desk.overlooks_details();
    desk.knows("How do I reset my password?", "Settings, then Security.").await;
    let question = "How do I reset my password?";
    desk.telegram("ana").asks(question).await;
    desk.telegram("ana").presses("Helped").await;
    desk.telegram("ben").asks(question).await;
    desk.caller("cleo").asks("m1", question).await;
    desk.caller("cleo").presses("m2", "didnt").await;
    desk.telegram("dan").asks("my cat walked on the router").await;
    desk.telegram("eva").asks(question).await;
    desk.passes(minutes(24 * 60)).await;
    desk.telegram("eva").asks("how do I reset the password").await;
    desk.passes(minutes(20)).await;

    assert_snapshot!(lines(&figures(desk).await), @r"
    all        confirmed 1 silent 1 refused 0 escalated 3 again 1
    simple     confirmed 1 silent 1 refused 0 escalated 0 again 1
    bot        confirmed 1 silent 1 refused 1 escalated 2 again 1
    telegram   confirmed 1 silent 1 refused 0 escalated 2 again 1
    webhook    confirmed 0 silent 0 refused 0 escalated 1 again 0
    mara       confirmed 1 silent 1 refused 0 escalated 1 again 1
    ");
}

async fn what_a_person_said_counts_with_them(desk: &mut TestDesk) {
    desk.overlooks_details();
    desk.knows("How do I reset my password?", "Settings, then Security.").await;
    let ana = desk.telegram("ana");
    ana.asks("How do I reset my password?").await;
    ana.presses("Didn't help").await;
    desk.passes(minutes(10)).await;
    desk.person("kim", Role::Expert).await.replies(1, "Hold the power key.").await.unwrap();
    ana.presses("Helped").await;
    let ben = desk.telegram("ben");
    ben.asks("my cat walked on the router").await;
    desk.agent("lee").await.replies(2, "Unplug it.").await.unwrap();
    desk.passes(minutes(20)).await;

    let report = figures(desk).await;
    assert_snapshot!(lines(&report), @r"
    all        confirmed 1 silent 1 refused 0 escalated 0 again 0
    simple     confirmed 0 silent 0 refused 0 escalated 0 again 0
    bot        confirmed 0 silent 0 refused 1 escalated 1 again 0
    expert     confirmed 1 silent 0 refused 0 escalated 0 again 0
    moderator  confirmed 0 silent 1 refused 0 escalated 0 again 0
    telegram   confirmed 1 silent 1 refused 0 escalated 0 again 0
    ");
    assert_eq!(report.csat, Some(0.5));
    assert_eq!(report.waits.median_at_most, Some(5));
}

async fn figures_follow_what_changes_and_counting_again_changes_nothing(desk: &mut TestDesk) {
    desk.overlooks_details();
    desk.knows("How do I reset my password?", "Settings, then Security.").await;
    let ana = desk.telegram("ana");
    ana.asks("How do I reset my password?").await;
    let silent = figures(desk).await;
    assert_eq!((silent.all.silent, silent.all.confirmed), (1, 0));
    desk.passes(minutes(60)).await;
    ana.presses("Helped").await;
    let confirmed = figures(desk).await;
    assert_eq!((confirmed.all.silent, confirmed.all.confirmed), (0, 1));

    let mut tx = desk.desk().store.begin().await.unwrap();
    for cursor in ["insights.seen", "insights.settled"] {
        tx.drop_setting(cursor).await.unwrap();
    }
    tx.commit().await.unwrap();
    desk.settle().await;
    assert_eq!(figures(desk).await, confirmed);
}
