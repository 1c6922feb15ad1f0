//! Authors are credited for what they solved, and for nothing else.

use insta::assert_snapshot;
use superfan::clock::Clock;
use superfan::fans::{Period, Wanted, board, name_author, thanks};
use superfan::store::wishes::Wish;

use crate::desk::{TestDesk, minutes, scenarios, seconds};

scenarios![
    a_confirmed_answer_credits_its_author_on_whatever_channel,
    the_same_press_again_and_ones_own_do_not_count,
    two_who_only_press_for_each_other_do_not_count,
    a_few_who_press_for_each_other_in_a_circle_do_not_count,
    two_people_of_one_name_are_two_and_linked_accounts_are_one,
    an_author_is_named_as_they_wish,
    what_a_moderator_sends_credits_its_author_as_soon_as_it_helped,
    what_the_team_wrote_credits_nobody,
];

const QUESTION: &str = "How do I reset my password?";

async fn leaderboard(desk: &TestDesk) -> String {
    let wanted = Wanted { period: Period::All, ..Wanted::default() };
    let board = desk.reads(async |tx| board(tx, &wanted, 10, desk.clock.now()).await).await;
    let line = |fan: &superfan::fans::Fan| {
        format!(
            "{}: {} solved, {} on the forum, {} people, {} channels, {} h",
            fan.name, fan.solves, fan.on_forum, fan.people, fan.channels, fan.estimated_hours_saved
        )
    };
    board.fans.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// An answer on the forum, accepted by `asker`.
async fn accepted(desk: &TestDesk, id: &str, author: &str, asker: &str) {
    let like = desk.reads(async |tx| tx.answer("a1").await).await.unwrap();
    let mut tx = desk.desk().store.begin().await.unwrap();
    let seq = tx.next_answer_seq().await.unwrap();
    let row = superfan::store::answers::AnswerRow {
        id: id.to_owned(),
        source_id: id.to_owned(),
        author: Some(author.to_owned()),
        asker: Some(asker.to_owned()),
        seq,
        ..like
    };
    tx.put_answer(&row).await.unwrap();
    tx.commit().await.unwrap();
    desk.settle().await;
}

async fn a_confirmed_answer_credits_its_author_on_whatever_channel(desk: &mut TestDesk) {
    desk.overlooks_details();
    desk.knows(QUESTION, "Settings, then Security.").await;
    desk.telegram("ana").asks(QUESTION).await;
    desk.telegram("ana").presses("Helped").await;
    desk.caller("ben").asks("m1", QUESTION).await;
    desk.caller("ben").presses("m2", "helped").await;
    desk.telegram("cleo").asks(QUESTION).await;
    desk.passes(minutes(20)).await;

    assert_snapshot!(
        leaderboard(desk).await,
        @"mara: 3 solved, 1 on the forum, 3 people, 3 channels, 0.5 h"
    );
    let letter = desk.reads(async |tx| thanks(tx, "mara", "2026-01", 10).await).await.unwrap();
    assert_snapshot!(letter.text, @r"
    Thank you, mara! This is what your replies did in 2026-01.

    Questions solved: 2. Languages: 1. People helped: 2.
    The one that helped most: “How do I reset my password?”.
    Time saved, an estimate: 0.3 hours.
    ");
}

async fn the_same_press_again_and_ones_own_do_not_count(desk: &mut TestDesk) {
    desk.overlooks_details();
    desk.knows(QUESTION, "Settings, then Security.").await;
    for _ in 0..3 {
        desk.telegram("ana").asks(QUESTION).await;
        desk.telegram("ana").presses("Helped").await;
        desk.passes(minutes(5 * 24 * 60)).await;
    }
    desk.telegram("mara").asks(QUESTION).await;
    desk.telegram("mara").presses("Helped").await;
    desk.passes(seconds(5)).await;

    assert_snapshot!(
        leaderboard(desk).await,
        @"mara: 2 solved, 1 on the forum, 2 people, 2 channels, 0.3 h"
    );
}

async fn two_who_only_press_for_each_other_do_not_count(desk: &mut TestDesk) {
    desk.overlooks_details();
    desk.knows(QUESTION, "Settings, then Security.").await;
    for n in 0..3 {
        accepted(desk, &format!("u{n}"), "ulf", "Ida").await;
        accepted(desk, &format!("i{n}"), "ida", "Ulf").await;
    }
    accepted(desk, "s1", "sol", "sol").await;
    assert_snapshot!(
        leaderboard(desk).await,
        @"mara: 1 solved, 1 on the forum, 1 people, 1 channels, 0.2 h"
    );

    // Once most of those whom one of them helped are others, it is no ring any more.
    for n in 0..4 {
        accepted(desk, &format!("o{n}"), "ulf", &format!("other {n}")).await;
    }
    assert_snapshot!(leaderboard(desk).await, @r"
    ulf: 7 solved, 7 on the forum, 5 people, 1 channels, 1.2 h
    ida: 3 solved, 3 on the forum, 1 people, 1 channels, 0.5 h
    mara: 1 solved, 1 on the forum, 1 people, 1 channels, 0.2 h
    ");
}

async fn a_few_who_press_for_each_other_in_a_circle_do_not_count(desk: &mut TestDesk) {
    desk.overlooks_details();
    desk.knows(QUESTION, "Settings, then Security.").await;
    // Three in a circle, in whatever script and case; four of whom each helps the others alike.
    for n in 0..2 {
        for (author, asker) in [("Ωμέγα", "Ёлка"), ("ёлка", "ida"), ("Ida", "ΩΜΈΓΑ")]
        {
            accepted(desk, &format!("{author} {n}"), author, asker).await;
        }
    }
    let clique = ["kim", "lea", "max", "nia"];
    for author in clique {
        for asker in clique.into_iter().filter(|asker| *asker != author) {
            accepted(desk, &format!("{author} for {asker}"), author, asker).await;
        }
    }
    // Who answers a member of a ring is not in it.
    accepted(desk, "s1", "sol", "kim").await;
    assert_snapshot!(leaderboard(desk).await, @r"
    mara: 1 solved, 1 on the forum, 1 people, 1 channels, 0.2 h
    sol: 1 solved, 1 on the forum, 1 people, 1 channels, 0.2 h
    ");

    // Once one of the circle helps others mostly, nobody of it goes in a circle any more.
    for n in 0..3 {
        accepted(desk, &format!("o{n}"), "Ωμέγα", &format!("other {n}")).await;
    }
    assert_snapshot!(leaderboard(desk).await, @r"
    Ωμέγα: 5 solved, 5 on the forum, 4 people, 1 channels, 0.8 h
    Ida: 2 solved, 2 on the forum, 1 people, 1 channels, 0.3 h
    ёлка: 2 solved, 2 on the forum, 1 people, 1 channels, 0.3 h
    mara: 1 solved, 1 on the forum, 1 people, 1 channels, 0.2 h
    sol: 1 solved, 1 on the forum, 1 people, 1 channels, 0.2 h
    ");
}

async fn two_people_of_one_name_are_two_and_linked_accounts_are_one(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Settings, then Security.").await;
    desk.telegram("ana").asks(QUESTION).await;
    desk.telegram("ana").presses("Helped").await;
    // Another of that name on another channel, as far as anybody knows.
    desk.caller("ana").asks("m1", QUESTION).await;
    desk.caller("ana").presses("m2", "helped").await;
    desk.passes(minutes(20)).await;
    assert_snapshot!(
        leaderboard(desk).await,
        @"mara: 3 solved, 1 on the forum, 3 people, 3 channels, 0.5 h"
    );
    // Who shows that two accounts are theirs is one person, whatever each is called.
    desk.telegram("ben").asks(QUESTION).await;
    desk.telegram("ben").presses("Helped").await;
    desk.telegram("ben").says("/link").await;
    desk.passes(seconds(5)).await;
    let news = desk.news();
    let (_, after) = news.split_once("◀ Send /link ").unwrap_or_else(|| panic!("{news}"));
    let code: String = after.chars().take_while(char::is_ascii_digit).collect();
    desk.caller("shop").says("m1", &format!("/link {code}")).await;
    desk.passes(seconds(5)).await;
    desk.caller("shop").asks("m2", QUESTION).await;
    desk.caller("shop").presses("m3", "helped").await;
    desk.passes(minutes(20)).await;
    assert_snapshot!(
        leaderboard(desk).await,
        @"mara: 4 solved, 1 on the forum, 4 people, 3 channels, 0.7 h"
    );
    desk.transcript();
}

async fn an_author_is_named_as_they_wish(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Settings, then Security.").await;
    let lee = desk.agent("lee").await;
    for (customer, wish) in [("ana", Wish::As("M.".to_owned())), ("ben", Wish::Unnamed)] {
        let mut tx = desk.desk().store.begin().await.unwrap();
        let stage = desk.desk().stage();
        name_author(&mut tx, &stage, &lee.actor, "mara", &wish).await.unwrap();
        tx.commit().await.unwrap();
        desk.telegram(customer).asks(QUESTION).await;
    }
    assert_eq!(leaderboard(desk).await, "");

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ How do I reset my password?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Settings, then Security. / answer by @M. [Helped · Didn't help · Human]
    telegram/ben   ▶ How do I reset my password?
    telegram/ben   ◀ (greeting)
    telegram/ben   ◀ Settings, then Security. / accepted answer [Helped · Didn't help · Human]
    ");
}

async fn what_a_moderator_sends_credits_its_author_as_soon_as_it_helped(desk: &mut TestDesk) {
    desk.overlooks_details();
    let known = desk.knows(QUESTION, "Settings, then Security.").await;
    for n in 0..3 {
        accepted(desk, &format!("u{n}"), "ulf", "Ida").await;
        accepted(desk, &format!("i{n}"), "ida", "Ulf").await;
    }
    let lee = desk.agent("lee").await;
    // Ana is helped by the answer on the card, again by the same one; Mara by her own; Ida, who is in
    // a ring with Ulf, by his; Ben by what somebody wrote after the answer; Cleo says nothing.
    for (number, who, answer, word) in [
        (1, "ana", known.as_str(), "Helped"),
        (2, "ana", &known, "Helped"),
        (3, "mara", &known, "Helped"),
        (4, "ida", "u0", "Helped"),
        (5, "ben", &known, "Helped"),
        (6, "cleo", &known, ""),
        (7, "dora", &known, "Didn't help"),
    ] {
        desk.telegram(who).asks("my cat walked on the router").await;
        lee.chooses(number, answer).await;
        if who == "ben" {
            lee.replies(number, "Forget that, it is under Network.").await.unwrap();
        }
        desk.passes(seconds(5)).await;
        if !word.is_empty() {
            desk.telegram(who).presses(word).await;
        }
        if word == "Helped" {
            desk.telegram(who).presses(word).await;
        }
        lee.closes(number).await.unwrap();
        desk.passes(minutes(5 * 24 * 60)).await;
    }

    assert_snapshot!(
        leaderboard(desk).await,
        @"mara: 2 solved, 1 on the forum, 2 people, 2 channels, 0.3 h"
    );
}

async fn what_the_team_wrote_credits_nobody(desk: &mut TestDesk) {
    desk.overlooks_details();
    let lee = desk.agent("lee").await;
    desk.telegram("ana").asks("my cat walked on the router").await;
    lee.replies(1, "Unplug it for a minute.").await.unwrap();
    let taught = lee.teaches(1).await;
    lee.closes(1).await.unwrap();
    desk.telegram("ben").asks("my cat walked on the router").await;
    desk.telegram("ben").presses("Helped").await;
    desk.telegram("cleo").asks("Is it the cable?").await;
    lee.chooses(2, &taught.id).await;
    desk.telegram("cleo").presses("Helped").await;
    desk.passes(minutes(20)).await;
    assert!(taught.author.is_some());
    assert_eq!(leaderboard(desk).await, "");
}
