//! Stories of experts: proof first, few are asked, the first claim locks, checked words, review.

use std::collections::BTreeMap;

use superfan::answers::quote::with_credit;
use superfan::escalation::{self, Opening, Replied, Words};
use superfan::experts;
use superfan::ids::{ConversationId, EscalationId};
use superfan::people::{ActError, Actor, Profile, Via, set_profile};
use superfan::store::escalations::EscalationRow;
use superfan::store::experts::ExpertLink;
use superfan::store::people::PersonRow;
use superfan::vocabulary::{DraftState, EscalationState, Outcome, PageState, Reason, Role};

use crate::desk::{Agent, TestDesk, minutes, scenarios, seconds};

scenarios! {
    an_expert_answers_from_their_own_channel,
    the_first_claim_locks_and_the_other_is_told,
    nobody_is_linked_without_the_code,
    an_expert_says_what_they_know_where_they_are,
    words_that_may_not_go_out_come_back,
    a_moderator_reads_first_where_that_is_set,
    words_written_in_the_console_or_over_the_api_are_no_way_around,
    an_idle_expert_lets_others_try,
    an_expert_sees_only_what_concerns_them,
    two_hundred_questions_and_twenty_experts,
}

/// Somebody with skills, linked on Telegram.
pub(super) async fn expert<'a>(
    desk: &'a TestDesk,
    name: &str,
    langs: &str,
    skills: &str,
) -> Agent<'a> {
    let agent = desk.person(name, Role::Expert).await;
    let mut tx = desk.desk().store.begin().await.unwrap();
    let stage = desk.desk().stage();
    let said = Profile { name, langs, skills };
    let email = format!("{name}@desk.example");
    set_profile(&mut tx, &stage, &agent.actor, &email, said).await.unwrap();
    let code = experts::make_code(&mut tx, &stage, &agent.actor).await.unwrap();
    tx.commit().await.unwrap();
    desk.telegram(name).says(&format!("/expert {code}")).await;
    agent
}

async fn an_expert_answers_from_their_own_channel(desk: &mut TestDesk) {
    expert(desk, "bo", "en", "router, cats").await;
    let started = desk.news();
    assert!(started.contains("telegram/bo    ◀ You are linked as bo."), "{started}");

    let ana = desk.telegram("ana");
    ana.asks("my cat walked on the router, call me at +30 210 123 4567").await;
    let news = desk.news();
    assert!(
        news.contains(
            "telegram/bo    ◀ A question waits that fits you (#1, en): / my cat walked on the \
             router, call me at [phone] [I'll take it · Not me]"
        ),
        "{news}"
    );
    desk.telegram("bo").presses("I'll take it").await;
    let news = desk.news();
    assert!(news.contains("#1 is yours."), "{news}");

    desk.telegram("bo").asks("Unplug it for a minute.").await;
    let news = desk.news();
    assert!(news.contains("telegram/ana   ◀ bo: / Unplug it for a minute. [Helped"), "{news}");
    assert!(news.contains("telegram/bo    ◀ On its way to the customer (#1). [Solved]"), "{news}");

    desk.passes(seconds(5)).await;
    desk.telegram("ana").asks("it still blinks, my mail is ana@mail.example").await;
    let news = desk.news();
    assert!(
        news.contains("The customer of #1 writes: / it still blinks, my mail is [e-mail]"),
        "{news}"
    );
    desk.telegram("bo").presses("Solved").await;
    assert_eq!(desk.escalation(1).await.state, EscalationState::Closed);
    desk.passes(seconds(10)).await;
    let news = desk.news();
    assert!(news.contains("telegram/bo    ◀ #1 is closed."), "{news}");

    // Whoever has no question in hand asks one of their own.
    desk.telegram("bo").asks("my dog walked on the modem").await;
    assert_eq!(desk.escalation(2).await.question, "my dog walked on the modem");
    desk.transcript();
}

async fn the_first_claim_locks_and_the_other_is_told(desk: &mut TestDesk) {
    for name in ["bo", "cy", "di"] {
        expert(desk, name, "", "").await;
    }
    expert(desk, "el", "de", "").await;
    desk.passes(seconds(5)).await;
    desk.news();
    desk.telegram("ana").asks("my cat walked on the router").await;
    let news = desk.news();
    let asked: Vec<&str> = ["bo", "cy", "di", "el"]
        .into_iter()
        .filter(|name| news.contains(&format!("telegram/{name}    ◀ A question waits")))
        .collect();
    // Two of the three it fits.
    assert_eq!(asked, ["bo", "cy"]);
    desk.telegram("cy").presses("I'll take it").await;
    desk.passes(seconds(5)).await;
    let news = desk.news();
    assert!(news.contains("telegram/bo    ◀ cy was quicker with #1."), "{news}");
    desk.telegram("bo").presses("I'll take it").await;
    desk.passes(seconds(5)).await;
    let news = desk.news();
    assert!(news.contains("telegram/bo    ◀ cy was quicker with #1."), "{news}");
    let id = desk.escalation(1).await.id;
    let pages = desk.reads(async |tx| tx.pages_of(id).await).await;
    let mut states: Vec<PageState> = pages.iter().map(|page| page.state).collect();
    states.sort();
    assert_eq!(states, [PageState::Taken, PageState::Missed]);
}

async fn nobody_is_linked_without_the_code(desk: &mut TestDesk) {
    let agent = desk.person("bo", Role::Expert).await;
    let mut tx = desk.desk().store.begin().await.unwrap();
    let stage = desk.desk().stage();
    let code = experts::make_code(&mut tx, &stage, &agent.actor).await.unwrap();
    tx.commit().await.unwrap();
    desk.telegram("mallory").says("/expert ABCDEFGHJK").await;
    desk.passes(minutes(11)).await;
    desk.telegram("bo").says(&format!("/expert {code}")).await;
    assert!(desk.reads(async |tx| tx.expert_links().await).await.is_empty());
    let news = desk.transcript();
    assert_eq!(news.matches("◀ This code can't be used").count(), 2, "{news}");

    let viewer = desk.person("vi", Role::Viewer).await;
    let mut tx = desk.desk().store.begin().await.unwrap();
    let refused = experts::make_code(&mut tx, &desk.desk().stage(), &viewer.actor).await;
    assert!(refused.is_err());
}

async fn an_expert_says_what_they_know_where_they_are(desk: &mut TestDesk) {
    let agent = desk.person("bo", Role::Expert).await;
    let mut tx = desk.desk().store.begin().await.unwrap();
    let code = experts::make_code(&mut tx, &desk.desk().stage(), &agent.actor).await.unwrap();
    tx.commit().await.unwrap();
    desk.telegram("mallory").says("/expert en: router").await;
    desk.telegram("bo").says(&format!("/expert {code}")).await;
    let news = desk.news();
    assert!(news.contains("telegram/mallory ◀ This code can't be used"), "{news}");
    assert!(news.contains("You are linked as bo."), "{news}");
    assert!(news.contains("like this, languages first: /expert en, de: router, wifi"), "{news}");

    let known = async |desk: &TestDesk| {
        let bo = desk.reads(async |tx| tx.person_by_email("bo@desk.example").await).await.unwrap();
        (bo.langs, bo.skills)
    };
    desk.telegram("bo").says("/expert de, Greek: Router, cats").await;
    desk.passes(seconds(5)).await;
    let news = desk.news();
    assert!(news.contains("You are asked in: de, el. About: Router, cats."), "{news}");
    assert_eq!(known(desk).await, ("de, el".to_owned(), "router, cats".to_owned()));
    desk.telegram("bo").says("/expert en, klingonish: cats").await;
    desk.passes(seconds(5)).await;
    assert!(desk.news().contains("like this, languages first"));
    assert_eq!(known(desk).await.0, "de, el", "nothing is kept by halves");

    desk.telegram("ana").asks("my cat walked on the router").await;
    desk.passes(seconds(10)).await;
    assert!(!desk.news().contains("A question waits"), "English is none of bo's languages");
    desk.telegram("bo").says("/expert en: router").await;
    desk.passes(seconds(20)).await;
    assert!(desk.news().contains("telegram/bo    ◀ A question waits that fits you (#1, en)"));
}

async fn words_that_may_not_go_out_come_back(desk: &mut TestDesk) {
    desk.restarts_with(&[("SUPERFAN_FORBIDDEN_PHRASES", "guaranteed, our lawyers")]).await;
    expert(desk, "bo", "", "").await;
    desk.telegram("ana").asks("my cat walked on the router").await;
    desk.telegram("bo").presses("I'll take it").await;
    desk.news();
    let bad = "It is guaranteed. Use my promo code, or mail bo@mail.example";
    desk.telegram("bo").asks(bad).await;
    desk.passes(seconds(5)).await;
    let news = desk.news();
    assert!(
        news.contains(
            "◀ Not sent. Please write it again without: guaranteed, promo code, bo@mail.example"
        ),
        "{news}"
    );
    assert!(!news.contains("telegram/ana   ◀"), "{news}");
    desk.telegram("bo").asks("Unplug it.").await;
    desk.passes(seconds(5)).await;
    assert!(desk.news().contains("telegram/ana   ◀ bo: / Unplug it."));
}

async fn a_moderator_reads_first_where_that_is_set(desk: &mut TestDesk) {
    desk.restarts_with(&[("SUPERFAN_EXPERT_REVIEW", "true")]).await;
    expert(desk, "bo", "", "").await;
    desk.telegram("ana").asks("my cat walked on the router").await;
    desk.telegram("bo").presses("I'll take it").await;
    desk.telegram("bo").asks("Throw it away.").await;
    desk.passes(seconds(5)).await;
    desk.telegram("bo").asks("Unplug it.").await;
    desk.passes(seconds(5)).await;
    let news = desk.news();
    assert!(news.contains("A moderator reads it before it goes out (#1)."), "{news}");
    assert!(!news.contains("Unplug it. [Helped"), "{news}");

    let id = desk.escalation(1).await.id;
    let drafts = desk.reads(async |tx| tx.expert_drafts_of(id).await).await;
    let lee = desk.agent("lee").await;
    let mut tx = desk.desk().store.begin().await.unwrap();
    let stage = desk.desk().stage();
    experts::refuse(&mut tx, &stage, &lee.actor, drafts[0].id).await.unwrap();
    experts::release(&mut tx, &stage, &lee.actor, drafts[1].id).await.unwrap();
    assert!(experts::release(&mut tx, &stage, &lee.actor, drafts[1].id).await.is_err());
    tx.commit().await.unwrap();
    desk.passes(seconds(5)).await;
    let news = desk.news();
    assert!(news.contains("telegram/ana   ◀ bo: / Unplug it. [Helped"), "{news}");
    assert!(news.contains("Please write it again without: Throw it away."), "{news}");
    let draft = drafts[1].id;
    let released = desk.reads(async |tx| tx.expert_draft(draft).await).await.unwrap();
    assert_eq!(released.state, DraftState::Released);
}

async fn words_written_in_the_console_or_over_the_api_are_no_way_around(desk: &mut TestDesk) {
    let found = desk.knows("Router blinks red", "Hold the round key for a while.").await;
    let phrases = ("SUPERFAN_FORBIDDEN_PHRASES", "guaranteed");
    desk.restarts_with(&[phrases]).await;
    desk.telegram("ana").asks("my cat walked on the router").await;
    let bo = desk.person("bo", Role::Expert).await;
    for bad in ["It is guaranteed.", "Use my promo code.", "Call me at +30 210 123 4567."] {
        let refused = bo.replies(1, bad).await;
        assert!(matches!(refused, Err(ActError::Invalid { .. })), "{bad} {refused:?}");
        let mut tx = desk.desk().store.begin().await.unwrap();
        let (id, words) = (desk.escalation(1).await.id, Words::own(bad, None));
        let asked = escalation::ask_back(&mut tx, &desk.desk().stage(), &bo.actor, id, words).await;
        assert!(matches!(asked, Err(ActError::Invalid { .. })), "{bad} {asked:?}");
    }
    desk.passes(seconds(5)).await;
    assert!(!desk.news().contains("◀ bo:"));
    // Who speaks for the brand may say what the brand wants.
    desk.agent("lee").await.replies(1, "It is guaranteed for two years.").await.unwrap();
    desk.passes(seconds(5)).await;
    assert!(desk.news().contains("◀ lee: / It is guaranteed for two years."));

    desk.restarts_with(&[phrases, ("SUPERFAN_EXPERT_REVIEW", "true")]).await;
    desk.telegram("ben").asks("my dog walked on the router").await;
    desk.passes(seconds(5)).await;
    desk.news();
    let bo = desk.person("bo", Role::Expert).await;
    let held = bo.replies(2, "Unplug it.").await.unwrap();
    assert!(matches!(held, Replied::ForReview { .. }), "{held:?}");
    assert_eq!(bo.replies(2, " Unplug it. ").await.unwrap(), held, "the same words once");
    let row = desk.escalation(2).await;
    assert_eq!(row.claimed_by, bo.actor.person, "it is theirs meanwhile");
    desk.passes(seconds(5)).await;
    assert!(!desk.news().contains("Unplug it."));
    let drafts = desk.reads(async |tx| tx.expert_drafts_of(row.id).await).await;
    assert_eq!(drafts.len(), 1);
    let lee = desk.agent("lee").await;
    let mut tx = desk.desk().store.begin().await.unwrap();
    let stage = desk.desk().stage();
    experts::release(&mut tx, &stage, &lee.actor, drafts[0].id).await.unwrap();
    tx.commit().await.unwrap();
    desk.passes(seconds(5)).await;
    assert!(desk.news().contains("telegram/ben   ◀ bo: / Unplug it. [Helped"));

    // An accepted answer as it stands is nobody's own words; changed, it is.
    let bo = desk.person("bo", Role::Expert).await;
    let answer = desk.reads(async |tx| tx.answer(&found).await).await.unwrap();
    let text = with_credit(&answer, "en");
    let mut tx = desk.desk().store.begin().await.unwrap();
    for (text, is_held) in [(text.clone(), false), (format!("{text} Trust me."), true)] {
        let words = Words { answer: Some(&found), ..Words::own(&text, None) };
        let said = escalation::reply(&mut tx, &stage, &bo.actor, row.id, words).await.unwrap();
        assert_eq!(matches!(said, Replied::ForReview { .. }), is_held, "{text}");
    }
    drop(tx);
    desk.transcript();
}

async fn an_idle_expert_lets_others_try(desk: &mut TestDesk) {
    for name in ["bo", "cy", "di"] {
        expert(desk, name, "", "").await;
    }
    desk.passes(seconds(5)).await;
    desk.telegram("ana").asks("my cat walked on the router").await;
    desk.telegram("bo").presses("I'll take it").await;
    desk.passes(minutes(16)).await;
    desk.passes(seconds(10)).await;
    let news = desk.news();
    assert!(news.contains("telegram/bo    ◀ #1 is open to others again"), "{news}");
    assert!(news.contains("telegram/di    ◀ A question waits"), "{news}");
    desk.telegram("di").presses("I'll take it").await;
    desk.telegram("di").asks("Unplug it.").await;
    desk.passes(seconds(5)).await;
    let news = desk.news();
    assert!(news.contains("telegram/ana   ◀ di: / Unplug it."), "{news}");
}

async fn an_expert_sees_only_what_concerns_them(desk: &mut TestDesk) {
    let bo = expert(desk, "bo", "de", "").await;
    desk.telegram("ana").asks("my cat walked on the router").await;
    assert!(bo.claims(1).await.is_err());
    assert!(bo.replies(1, "Hello").await.is_err());
    desk.telegram("ana").asks("my router is smoking and burns").await;
    desk.passes(seconds(5)).await;
    let row = desk.escalation(1).await;
    let mut tx = desk.desk().store.read().await.unwrap();
    assert!(!experts::concerns(&mut tx, &bo.actor, &row).await.unwrap());
    let lee = Actor { role: Role::Moderator, ..bo.actor.clone() };
    assert!(experts::concerns(&mut tx, &lee, &row).await.unwrap());
    desk.transcript();
}

const LANGS: [&str; 5] = ["en", "de", "el", "fr", "es"];

/// Twenty linked experts, each with two languages, three in four with skills.
async fn twenty_experts(desk: &TestDesk, conversation: ConversationId) -> Vec<Actor> {
    let mut people = Vec::new();
    let mut tx = desk.desk().store.begin().await.unwrap();
    for n in 0..20_usize {
        let row = PersonRow {
            id: desk.desk().ids.next(),
            email: format!("e{n}@desk.example"),
            name: format!("e{n}"),
            role: Role::Expert,
            password: None,
            langs: format!("{},{}", LANGS[n % 5], LANGS[(n + 1) % 5]),
            skills: if n % 4 == 0 { String::new() } else { "router, cats".to_owned() },
        };
        let person = tx.put_person(&row, desk.now()).await.unwrap();
        let link = ExpertLink {
            person_id: person.id,
            channel: "telegram".to_owned(),
            customer_id: desk.desk().ids.next(),
            conversation_id: conversation,
        };
        tx.link_expert(&link, desk.now()).await.unwrap();
        people.push(Actor { via: Via::Channel, ..Actor::from(person) });
    }
    tx.commit().await.unwrap();
    people
}

/// Somebody else asks, in a conversation that is not looked at here.
async fn somebody_asks(desk: &TestDesk, seed: &EscalationRow, lang: &'static str) {
    let mut tx = desk.desk().store.begin().await.unwrap();
    let mut conversation = tx.conversation(seed.conversation_id).await.unwrap().unwrap();
    conversation.id = desk.desk().ids.next();
    let customer = tx.customer(seed.customer_id).await.unwrap().unwrap();
    let opening = Opening {
        conversation: &conversation,
        customer: &customer,
        question: "the router and my cat",
        said: "the router and my cat",
        lang,
        reason: Reason::NothingFound,
        decision_id: None,
        priority: 2,
    };
    escalation::open_or_join(&mut tx, &desk.desk().stage(), &opening).await.unwrap();
    tx.commit().await.unwrap();
}

/// Everybody who was offered a question presses at once, and the first solves it; how many did.
async fn all_press(desk: &TestDesk, people: &[Actor], id: EscalationId) -> (usize, usize) {
    let (mut n_first, mut n_late) = (0, 0);
    for page in desk.reads(async |tx| tx.pages_of(id).await).await {
        let actor = people.iter().find(|one| one.person == Some(page.person_id)).unwrap();
        let mut tx = desk.desk().store.begin().await.unwrap();
        let stage = desk.desk().stage();
        if escalation::claim(&mut tx, &stage, actor, id).await.is_ok() {
            escalation::close(&mut tx, &stage, actor, id, Outcome::Solved).await.unwrap();
            tx.commit().await.unwrap();
            n_first += 1;
        } else {
            n_late += 1;
        }
    }
    (n_first, n_late)
}

/// 200 questions in five languages over five days, 20 experts with languages and skills of their
/// own who press whatever they were offered: nobody is asked more than three times a day, and no
/// question gets two answers.
async fn two_hundred_questions_and_twenty_experts(desk: &mut TestDesk) {
    desk.overlooks_details();
    desk.telegram("ana").asks("my cat walked on the router").await;
    let seed = desk.escalation(1).await;
    let people = twenty_experts(desk, seed.conversation_id).await;
    let (mut n_answered, mut n_late) = (0, 0);
    let mut offers: BTreeMap<(i64, String), i64> = BTreeMap::new();
    for n in 0..200_usize {
        desk.clock.advance(minutes(36));
        somebody_asks(desk, &seed, LANGS[n % 5]).await;
        experts::offer_waiting(desk.desk()).await.unwrap();
        for row in desk.reads(async |tx| tx.offerable_escalations(300).await).await {
            let (id, now) = (row.id, desk.now());
            for page in desk.reads(async |tx| tx.pages_of(id).await).await {
                if page.at == now {
                    let day = now.as_second() / 86_400;
                    *offers.entry((day, page.person_id.to_string())).or_default() += 1;
                }
            }
            let (first, late) = all_press(desk, &people, id).await;
            assert!(first <= 1, "{first} have #{}", row.number);
            n_answered += first;
            n_late += late;
        }
    }
    let most = offers.values().max().unwrap();
    assert!(*most <= experts::A_DAY, "{offers:?}");
    let closed = Some(EscalationState::Closed);
    let closed = desk.reads(async |tx| tx.escalations(closed, None, 1000).await).await;
    assert_eq!(closed.len(), n_answered);
    eprintln!("{n_answered} of 201 answered, {n_late} were too late, at most {most} offers a day");
    assert!(n_answered >= 130, "{n_answered} answered, {n_late} too late");
    assert!(n_late > 0);
    let mut tx = desk.desk().store.begin().await.unwrap();
    tx.settle_waiting(seed.conversation_id, "not looked at", desk.now()).await.unwrap();
    tx.commit().await.unwrap();
}
