//! People pass questions on, put them aside, ask back, and make answers of what they wrote.

use insta::assert_snapshot;
use superfan::escalation::Target;
use superfan::vocabulary::{EscalationState, Role};

use crate::desk::{TestDesk, minutes, scenarios};

scenarios![
    a_question_put_aside_comes_back_at_its_time,
    a_question_put_aside_comes_back_when_the_customer_writes,
    a_customer_who_is_asked_back_answers_the_person,
    a_question_passed_on_to_a_colleague_is_theirs,
    a_question_passed_on_to_a_skill_is_for_those_who_have_it,
    what_cannot_be_passed_on_is_refused_in_words,
    next_for_me_puts_urgency_before_skill_and_skill_before_age,
    an_answer_that_a_person_chose_is_credited_when_it_helped,
    what_a_moderator_wrote_answers_the_next_customer,
];

async fn a_question_put_aside_comes_back_at_its_time(desk: &mut TestDesk) {
    let lee = desk.agent("lee").await;
    desk.telegram("ana").asks("my cat walked on the router").await;
    lee.snoozes(1, minutes(240)).await.unwrap();
    assert_eq!(lee.next_for_me().await, [0; 0]);
    desk.passes(minutes(239)).await;
    assert_eq!(desk.escalation(1).await.state, EscalationState::Claimed);
    assert_eq!(lee.next_for_me().await, [0; 0]);
    desk.passes(minutes(2)).await;
    assert_eq!(lee.next_for_me().await, [1]);

    // Back in the queue, an idle owner loses it like any other.
    desk.passes(minutes(20)).await;
    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ my cat walked on the router
    escalation     · #1 nothing found
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ I've passed this to the team (#1).
    escalation     · #1 claimed by lee
    escalation     · #1 open again
    ");
}

async fn a_question_put_aside_comes_back_when_the_customer_writes(desk: &mut TestDesk) {
    let lee = desk.agent("lee").await;
    let ana = desk.telegram("ana");
    ana.asks("my cat walked on the router").await;
    lee.snoozes(1, minutes(2_000)).await.unwrap();
    desk.passes(minutes(30)).await;
    ana.asks("it is still wet").await;

    assert_eq!(lee.next_for_me().await, [1]);
    assert_eq!(desk.escalation(1).await.snoozed_until, None);
    desk.transcript();
}

async fn a_customer_who_is_asked_back_answers_the_person(desk: &mut TestDesk) {
    let lee = desk.agent("lee").await;
    let ana = desk.telegram("ana");
    ana.asks("my cat walked on the router").await;
    lee.asks_back(1, "Which router is it?").await;
    assert_eq!(lee.next_for_me().await, [0; 0]);
    ana.asks("the white one").await;
    assert_eq!(lee.next_for_me().await, [1]);

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ my cat walked on the router
    escalation     · #1 nothing found
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ I've passed this to the team (#1).
    escalation     · #1 claimed by lee
    telegram/ana   ◀ lee: / Which router is it?
    telegram/ana   ▶ the white one
    telegram       · silent: human owns
    ");
}

async fn a_question_passed_on_to_a_colleague_is_theirs(desk: &mut TestDesk) {
    let (lee, kim) = (desk.agent("lee").await, desk.agent("kim").await);
    desk.telegram("ana").asks("my cat walked on the router").await;
    lee.claims(1).await.unwrap();
    lee.passes_on(1, Target::Person(kim.actor.person.unwrap())).await.unwrap();

    assert_eq!(kim.next_for_me().await, [1]);
    assert_eq!(lee.next_for_me().await, [0; 0]);
    assert_eq!(lee.replies(1, "Hi").await.unwrap_err().to_string(), "kim has claimed #1");
    assert_eq!(desk.escalation(1).await.note.as_deref(), Some("they wrote twice"));
    let audit = desk.reads(async |tx| tx.audit(10).await).await;
    let passed = audit.iter().find(|row| row.act == "transfer").unwrap();
    assert_eq!((passed.actor.as_str(), passed.detail.as_str()), ("lee", "kim"));
    desk.transcript();
}

async fn a_question_passed_on_to_a_skill_is_for_those_who_have_it(desk: &mut TestDesk) {
    let (lee, kim) = (desk.agent("lee").await, desk.agent("kim").await);
    let sam = desk.agent("sam").await;
    lee.answers_in("", "cameras").await;
    kim.answers_in("en, de", "Networks, cameras").await;
    desk.telegram("ana").asks("my cat walked on the router").await;
    lee.claims(1).await.unwrap();
    lee.passes_on(1, Target::Skill("networks")).await.unwrap();

    assert_eq!(lee.next_for_me().await, [0; 0]);
    assert_eq!(kim.next_for_me().await, [1]);
    assert_eq!(sam.next_for_me().await, [1], "who names no skills knows everything");
    assert_eq!(desk.escalation(1).await.state, EscalationState::Open);
    desk.transcript();
}

async fn what_cannot_be_passed_on_is_refused_in_words(desk: &mut TestDesk) {
    let (lee, kim) = (desk.agent("lee").await, desk.agent("kim").await);
    let vic = desk.person("vic", Role::Viewer).await;
    for agent in [&lee, &kim] {
        agent.answers_in("", "cameras").await;
    }
    desk.telegram("ana").asks("my cat walked on the router").await;
    lee.claims(1).await.unwrap();
    let to_kim = Target::Person(kim.actor.person.unwrap());
    let refusals = [
        lee.passes_on(1, Target::Skill("gardening")).await,
        lee.passes_on(1, Target::Person(vic.actor.person.unwrap())).await,
        kim.passes_on(1, to_kim).await,
        vic.passes_on(1, to_kim).await,
        lee.snoozes(1, minutes(0)).await,
        lee.snoozes(1, minutes(60 * 24 * 31)).await,
    ];
    let said: Vec<String> =
        refusals.into_iter().map(|refusal| refusal.unwrap_err().to_string()).collect();
    assert_snapshot!(said.join("\n"), @r"
    nobody answers questions on “gardening” in this language
    nobody of that name answers customers; choose somebody else
    lee has claimed #1
    this needs the role expert; yours is viewer
    choose a time in the next 30 days
    choose a time in the next 30 days
    ");
    desk.transcript();
}

async fn next_for_me_puts_urgency_before_skill_and_skill_before_age(desk: &mut TestDesk) {
    let lee = desk.agent("lee").await;
    lee.answers_in("en", "lamps").await;
    desk.telegram("ana").asks("my cat walked on the router").await;
    desk.telegram("ben").asks("which lamps dim to nothing").await;
    desk.telegram("cem").asks("urgent: my parrot sings at night").await;
    desk.caller("dora").posts(serde_json::json!({
        "conversation_id": "dora", "message_id": "1", "customer": { "id": "dora", "lang": "de" },
        "text": "Warum ist mein Toaster immer so langsam geworden?",
    }))
    .await;
    desk.passes(minutes(1)).await;

    assert_eq!(lee.next_for_me().await, [3, 2, 1]);
    desk.transcript();
}

async fn an_answer_that_a_person_chose_is_credited_when_it_helped(desk: &mut TestDesk) {
    let answer = desk.knows("How do I reset my router?", "Hold the pin for ten seconds.").await;
    let (lee, ana) = (desk.agent("lee").await, desk.telegram("ana"));
    ana.asks("my cat walked on the router").await;
    desk.passes(minutes(1)).await;
    lee.chooses(1, &answer).await;
    lee.closes(1).await.unwrap();
    ana.presses("Helped").await;

    assert_eq!(desk.verdicts_on(&answer).await, (1, 0));
    let told = desk.transcript();
    assert!(told.ends_with("@mara has been credited with the solution."), "{told}");
}

async fn what_a_moderator_wrote_answers_the_next_customer(desk: &mut TestDesk) {
    let lee = desk.agent("lee").await;
    let ana = desk.telegram("ana");
    ana.asks("how do I dry a wet router after a cat").await;
    lee.replies(1, "Unplug it for a day.").await.unwrap();
    let answer = lee.teaches(1).await;
    lee.closes(1).await.unwrap();
    ana.presses("Helped").await;
    desk.passes(minutes(1)).await;
    desk.telegram("ben").asks("dry a wet router").await;

    assert_eq!(answer.author.as_deref(), Some("lee"));
    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ how do I dry a wet router after a cat
    escalation     · #1 nothing found
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ I've passed this to the team (#1).
    escalation     · #1 claimed by lee
    telegram/ana   ◀ lee: / Unplug it for a day. [Helped · Didn't help]
    escalation     · #1 closed: solved
    telegram/ana   ▶ [Helped]
    telegram/ana   ◀ Thank you, I'm glad it works. @lee has been credited with the solution.
    telegram/ben   ▶ dry a wet router
    telegram/ben   ◀ (greeting)
    telegram/ben   ◀ Unplug it for a day. / answer by @lee, solved once [Helped · Didn't help · Human]
    ");
}
