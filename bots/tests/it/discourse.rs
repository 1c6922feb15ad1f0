//! The client of a Discourse forum against a fake one, and what its webhooks mean.

use std::time::Duration;

use superfan_bots::discourse::fake::{FakeDiscourse, STAFF};
use superfan_bots::discourse::{Discourse, DiscourseConfig};
use superfan_bots::fakes::{Fault, http_client};
use superfan_bots::{
    Change, Forum, ForumError, ForumTopic, NewTopic, ReceiveError, TopicState, WebhookRequest,
};

fn client(fake: &FakeDiscourse) -> Discourse {
    Discourse::new(fake.config(), http_client())
}

fn without_key(fake: &FakeDiscourse) -> Discourse {
    Discourse::new(DiscourseConfig { api_key: None, ..fake.config() }, http_client())
}

async fn public(forum: &Discourse, topic: u64) -> ForumTopic {
    match forum.topic(&topic.to_string()).await.unwrap() {
        TopicState::Public(topic) => *topic,
        other => panic!("not public: {other:?}"),
    }
}

async fn solved(fake: &FakeDiscourse, title: &str) -> (u64, u64) {
    let topic = fake.member("ana").asks(title, "It will not do it, whatever I try.").await;
    let post = fake.member("zoe").replies(topic, "Hold `power` for ten seconds.").await;
    fake.accept(post).await;
    (topic, post)
}

#[tokio::test]
async fn a_solved_topic_tells_its_answer() {
    let fake = FakeDiscourse::start().await;
    let (topic, post) = solved(&fake, "How do I reset it?").await;
    fake.like(post, 3);
    let told = public(&without_key(&fake), topic).await;
    assert_eq!((told.title.as_str(), told.asker.as_deref()), ("How do I reset it?", Some("ana")));
    let [answer] = told.answers.as_slice() else { panic!("{:?}", told.answers) };
    assert_eq!((answer.id.as_str(), answer.votes), (post.to_string().as_str(), 3));
    assert_eq!(answer.html, "<p>Hold <code>power</code> for ten seconds.</p>");
    assert_eq!(answer.url, format!("{}t/how-do-i-reset-it/{topic}/2", fake.base_url()));
    assert_eq!(answer.author_url, Some(format!("{}u/zoe", fake.base_url())));
}

#[tokio::test]
async fn an_answer_beyond_the_first_posts_is_fetched_alone() {
    let fake = FakeDiscourse::start().await;
    let topic = fake.member("ana").asks("Does it float on water?", "I want to know.").await;
    for at in 0..25 {
        fake.member("ben").replies(topic, &format!("Perhaps, says number {at}.")).await;
    }
    let post = fake.member("zoe").replies(topic, "It floats, face up.").await;
    fake.accept(post).await;
    let told = public(&client(&fake), topic).await;
    assert_eq!(told.answers[0].html, "<p>It floats, face up.</p>");
    assert!(fake.calls().contains(&format!("GET /posts/by_number/{topic}/27.json")));
}

#[tokio::test]
async fn a_topic_may_have_several_answers() {
    let fake = FakeDiscourse::start().await;
    fake.allow_several_solutions();
    let (topic, first) = solved(&fake, "Which cable fits it?").await;
    let second = fake.member("max").replies(topic, "Any USB cable fits too.").await;
    fake.accept(second).await;
    let ids = |told: ForumTopic| told.answers.into_iter().map(|a| a.id).collect::<Vec<_>>();
    let forum = client(&fake);
    assert_eq!(ids(public(&forum, topic).await), [first.to_string(), second.to_string()]);
    fake.unaccept(first).await;
    assert_eq!(ids(public(&forum, topic).await), [second.to_string()]);
}

#[tokio::test]
async fn pages_follow_each_other_and_hold_solved_topics_only() {
    let fake = FakeDiscourse::start().await;
    fake.set_page_size(2);
    let mut wanted = Vec::new();
    for at in 0..5 {
        wanted.push(solved(&fake, &format!("Question number {at}")).await.0.to_string());
    }
    fake.member("ana").asks("Nobody knows this one", "Really nobody does.").await;
    let (mut found, mut page) = (Vec::new(), None);
    loop {
        let told = client(&fake).solved(page.as_deref()).await.unwrap();
        found.extend(told.topics.into_iter().map(|topic| topic.id));
        page = told.next;
        if page.is_none() {
            break;
        }
    }
    assert_eq!(found, wanted);
}

#[tokio::test]
async fn what_is_not_for_everybody_is_hidden_even_from_a_key_that_sees_it() {
    let fake = FakeDiscourse::start().await;
    let (topic, _) = solved(&fake, "How much may we give away?").await;
    let forum = client(&fake);
    assert!(matches!(forum.topic(&topic.to_string()).await, Ok(TopicState::Public(_))));
    fake.move_topic(topic, STAFF).await;
    let hidden = forum.topic(&topic.to_string()).await.unwrap();
    assert_eq!(hidden, TopicState::Hidden { reason: "in a private category".to_owned() });
    assert_eq!(without_key(&fake).topic(&topic.to_string()).await.unwrap(), TopicState::Gone);
    fake.move_topic(topic, 5).await;
    fake.unlist_topic(topic).await;
    let hidden = forum.topic(&topic.to_string()).await.unwrap();
    assert_eq!(hidden, TopicState::Hidden { reason: "unlisted".to_owned() });
    fake.delete_topic(topic).await;
    assert_eq!(forum.topic(&topic.to_string()).await.unwrap(), TopicState::Gone);
    assert_eq!(forum.topic("../site").await.unwrap(), TopicState::Gone);
}

#[tokio::test]
async fn trouble_says_what_to_do_next() {
    let fake = FakeDiscourse::start().await;
    let forum = client(&fake);
    fake.leave_calls(0);
    let error = forum.solved(None).await.unwrap_err();
    assert!(matches!(error, ForumError::Wait { wait, .. } if wait == Duration::from_secs(1)));
    fake.reset_limit();
    fake.fail_next("/latest", Fault::Unavailable(7));
    let error = forum.solved(None).await.unwrap_err();
    assert!(matches!(error, ForumError::Wait { wait, .. } if wait == Duration::from_secs(7)));
    for fault in [Fault::BadGateway, Fault::CutBefore, Fault::ServerError] {
        fake.fail_next("/latest", fault);
        let error = forum.solved(None).await.unwrap_err();
        assert!(matches!(error, ForumError::Unreachable { .. }), "{error}");
    }
    fake.fail_next("/latest", Fault::Malformed);
    let error = forum.solved(None).await.unwrap_err();
    assert!(matches!(error, ForumError::Unreadable { .. }), "{error}");
    fake.revoke_key();
    let error = forum.topic("1").await.unwrap_err();
    assert!(error.to_string().contains("API username or key is invalid"), "{error}");
}

#[tokio::test]
async fn a_topic_is_opened_once_under_a_name_of_ours() {
    let fake = FakeDiscourse::start().await;
    let forum = client(&fake);
    let new = NewTopic {
        title: "Does the left ear cup fold?".to_owned(),
        raw: "A customer asks whether it folds flat.".to_owned(),
        external_id: Some("esc_4821".to_owned()),
        ..NewTopic::default()
    };
    assert_eq!(forum.topic_by_external_id("esc_4821").await.unwrap(), None);
    fake.fail_next("/posts.json", Fault::CutAfter);
    assert!(matches!(forum.create_topic(&new).await, Err(ForumError::Unreachable { .. })));
    let topic = forum.topic_by_external_id("esc_4821").await.unwrap().unwrap();
    let again = NewTopic { title: format!("{} Or not?", new.title), ..new };
    assert!(matches!(forum.create_topic(&again).await, Err(ForumError::Rejected { .. })));
    assert_eq!(fake.topics().len(), 1);
    let posted = forum.create_post(&topic, "Here is what we know so far.").await.unwrap();
    assert_eq!((posted.topic, fake.posts(fake.topics()[0].id).len()), (topic.clone(), 2));
    let found = forum.search("ear cup").await.unwrap();
    assert_eq!((found[0].id.clone(), found[0].solved), (topic, false));
}

#[tokio::test]
async fn a_post_that_breaks_the_rules_is_rejected_in_the_forums_words() {
    let fake = FakeDiscourse::start().await;
    solved(&fake, "How do I reset the thing?").await;
    let check = async |title: &str, raw: &str, expected: &[&str]| {
        let (title, raw) = (title.to_owned(), raw.to_owned());
        let new = NewTopic { title, raw, ..NewTopic::default() };
        let error = client(&fake).create_topic(&new).await.unwrap_err();
        let ForumError::Rejected { reasons } = error else { panic!("{error}") };
        assert_eq!(reasons, expected);
    };
    let long = "Long enough to be taken by anybody.";
    let (short_title, short_body) = (
        "Title is too short (minimum is 15 characters)",
        "Body is too short (minimum is 20 characters)",
    );
    check("Help", "Please!", &[short_title, short_body]).await;
    check("how do i reset THE thing?", long, &["Title has already been used"]).await;
    let error = without_key(&fake).create_post("1", long).await.unwrap_err();
    assert_eq!(error.to_string(), "the forum refused: You need to be logged in to do that.");
}

fn delivery(event: &str, body: &str, signature: &str) -> WebhookRequest {
    let mut headers = http::HeaderMap::new();
    headers.insert("x-discourse-event", event.parse().unwrap());
    headers.insert("x-discourse-event-signature", signature.parse().unwrap());
    WebhookRequest { headers, query: String::new(), body: body.to_owned().into() }
}

/// Made with OpenSSL: `openssl dgst -sha256 -hmac fake-webhook-secret`.
const BODY: &str = r#"{"solved":{"id":12,"topic_id":7,"raw":"…"}}"#;

#[tokio::test]
async fn only_signed_deliveries_are_read() {
    let fake = FakeDiscourse::start().await;
    let forum = client(&fake);
    let signature = include_str!("../vectors/discourse.txt").trim();
    let news = forum.receive(&delivery("unaccepted_solution", BODY, signature)).unwrap();
    assert_eq!(news.changes[0].topic, "7");
    assert_eq!(news.changes[0].what, Change::Withdrawn { answer: "12".to_owned() });
    let news = forum.receive(&delivery("accepted_solution", BODY, signature)).unwrap();
    assert_eq!(news.changes[0].what, Change::Accepted);
    let other = BODY.replace("12", "13");
    let refused = forum.receive(&delivery("accepted_solution", &other, signature));
    assert!(matches!(refused, Err(ReceiveError::Unverified(_))));
    let secretless = DiscourseConfig { webhook_secret: None, ..fake.config() };
    let refused =
        Discourse::new(secretless, http_client()).receive(&delivery("x", BODY, signature));
    assert!(matches!(refused, Err(ReceiveError::Unverified(_))));
}
