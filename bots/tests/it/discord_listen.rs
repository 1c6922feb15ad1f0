//! The gateway: messages arrive once and in order, through whatever the connection does.

use std::time::Duration;

use serde_json::json;
use superfan_bots::discord::fake::FakeDiscord;
use superfan_bots::discord::{DiscordConfig, Mode};
use superfan_bots::fakes::Fault;
use superfan_bots::{Command, Content, Health, InboundMessage, Place};

use crate::support::{Listening, discord, discord_config, discord_with, listen, listen_from};

fn text(message: &InboundMessage) -> &str {
    match &message.content {
        Content::Text { text } | Content::Command { command: Command::Ask, text } => text,
        other => panic!("{other:?}"),
    }
}

/// A gateway, and the adapter connected to it.
async fn connected() -> (FakeDiscord, Listening) {
    let fake = FakeDiscord::start().await;
    let mut listening = listen(discord(&fake, Mode::Gateway));
    listening.next_health().await;
    (fake, listening)
}

#[tokio::test]
async fn a_reconnect_is_resumed_and_what_was_missed_comes_once() {
    let fake = FakeDiscord::start().await;
    let mut listening = listen(discord(&fake, Mode::Gateway));
    assert_eq!(listening.next_health().await, Health::Ok);
    let mia = fake.member("mia");
    mia.says("first");
    assert_eq!(text(&listening.next_message().await), "first");
    for end in ["lost", "reconnect", "resumable"] {
        match end {
            "lost" => fake.disconnects(4000),
            "reconnect" => fake.sends_op(7, &json!(null)),
            _ => fake.sends_op(9, &json!(true)),
        }
        mia.says(end);
        assert_eq!(text(&listening.next_message().await), end);
    }
    assert_eq!(fake.gateway_log().iter().filter(|one| *one == "identify").count(), 1);
    listening.stops().await;
}

#[tokio::test]
async fn after_a_lost_session_the_history_of_every_known_place_is_read() {
    let (fake, mut listening) = connected().await;
    let (mia, channel) = (fake.member("mia"), fake.channel("help"));
    mia.says("first");
    listening.next_message().await;
    mia.says_in(channel, "@brandbot second");
    listening.next_message().await;
    fake.goes_down();
    for n in 0..130 {
        mia.says(&format!("missed {n}"));
    }
    mia.says_in(channel, "@brandbot missed there");
    fake.comes_back();
    let mut heard = Vec::new();
    for _ in 0..131 {
        heard.push(listening.next_message().await);
    }
    let direct: Vec<&str> =
        heard.iter().filter(|one| one.place == Place::Private).map(text).collect();
    assert_eq!(direct, (0..130).map(|n| format!("missed {n}")).collect::<Vec<_>>());
    let there = heard.iter().find(|one| one.place != Place::Private).unwrap();
    assert_eq!(text(there), "missed there");
    let addressed = Place::Group { id: channel.to_string(), addressed: true };
    assert_eq!(there.place, addressed);
    mia.says("last");
    assert_eq!(text(&listening.next_message().await), "last");
    listening.stops().await;
}

#[tokio::test]
async fn another_process_goes_on_where_the_last_one_stopped() {
    let (fake, mut listening) = connected().await;
    let mia = fake.member("mia");
    mia.says("first");
    listening.next_message().await;
    let intake = listening.intake.clone();
    listening.stops().await;
    mia.says("nobody listens");
    let mut later = listen_from(discord(&fake, Mode::Gateway), intake.position().as_deref());
    assert_eq!(text(&later.next_message().await), "nobody listens");
    later.stops().await;
}

#[tokio::test]
async fn a_support_place_is_read_from_when_we_came_on() {
    let fake = FakeDiscord::start().await;
    let channel = fake.channel("support");
    let mia = fake.member("mia");
    mia.says_in(channel, "long ago");
    let config = DiscordConfig {
        support_places: vec![channel.to_string()],
        ..discord_config(&fake, Mode::Gateway)
    };
    let mut listening = listen(discord_with(config.clone()));
    listening.next_health().await;
    fake.until(|fake| fake.calls().contains(&"history".to_owned())).await;
    let intake = listening.intake.clone();
    listening.stops().await;
    mia.says_in(channel, "meanwhile");
    let mut later = listen_from(discord_with(config), intake.position().as_deref());
    assert_eq!(text(&later.next_message().await), "meanwhile");
    later.stops().await;
}

#[tokio::test]
async fn a_connection_without_heartbeats_is_given_up_and_resumed() {
    let fake = FakeDiscord::start().await;
    fake.beats(Duration::from_millis(40), false);
    let mut listening = listen(discord(&fake, Mode::Gateway));
    listening.next_health().await;
    fake.until(|fake| fake.gateway_log().contains(&"resume".to_owned())).await;
    fake.member("mia").says("still there?");
    assert_eq!(text(&listening.next_message().await), "still there?");
    listening.stops().await;
}

#[tokio::test]
async fn without_the_content_intent_it_works_and_says_so() {
    let fake = FakeDiscord::start().await;
    fake.withholds_content();
    let mut listening = listen(discord(&fake, Mode::Gateway));
    let health = listening.next_health().await;
    let Health::Degraded(reason) = health else { panic!("{health:?}") };
    assert!(reason.contains("message content intent"), "{reason}");
    assert_eq!(fake.gateway_log(), ["identify", "closed 4014", "identify"]);
    let (mia, channel) = (fake.member("mia"), fake.channel("help"));
    mia.says_in(channel, "not meant for the bot");
    mia.says_in(channel, "@brandbot why does it hum?");
    assert_eq!(text(&listening.next_message().await), "why does it hum?");
    listening.stops().await;
}

#[tokio::test]
async fn a_refused_token_stops_the_channel() {
    let fake = FakeDiscord::start().await;
    let config = discord_config(&fake, Mode::Gateway);
    let mut listening = listen(discord_with(config));
    listening.next_health().await;
    fake.revoke_token();
    let health = listening.next_health().await;
    assert!(matches!(&health, Health::Stopped(reason) if reason.contains("4004")), "{health:?}");
    listening.stops().await;
}

#[tokio::test]
async fn what_the_store_cannot_take_is_kept_until_it_can() {
    let (fake, mut listening) = connected().await;
    listening.intake.refuse_next("disk full");
    listening.intake.refuse_next("disk full");
    fake.member("mia").says("hello?");
    assert!(matches!(listening.next_health().await, Health::Degraded(_)));
    assert_eq!(text(&listening.next_message().await), "hello?");
    assert_eq!(listening.next_health().await, Health::Ok);
    listening.stops().await;
}

#[tokio::test]
async fn reading_what_was_missed_survives_faults() {
    let (fake, mut listening) = connected().await;
    let mia = fake.member("mia");
    mia.says("first");
    listening.next_message().await;
    fake.goes_down();
    mia.says("missed");
    for fault in [Fault::ServerError, Fault::CutBefore, Fault::Malformed] {
        fake.fail_next("history", fault);
    }
    fake.comes_back();
    assert_eq!(text(&listening.next_message().await), "missed");
    listening.stops().await;
}

#[tokio::test]
async fn what_cannot_be_read_holds_up_nothing() {
    let (fake, mut listening) = connected().await;
    let mia = fake.member("mia");
    mia.says("first");
    listening.next_message().await;
    fake.fail_next("history", Fault::Answer(404, "no such page".to_owned()));
    fake.disconnects(4000);
    fake.until(|fake| fake.calls().contains(&"history".to_owned())).await;
    mia.says("second");
    assert_eq!(text(&listening.next_message().await), "second");
    listening.stops().await;
    assert_eq!(fake.calls().iter().filter(|call| *call == "history").count(), 1);
}

#[tokio::test]
async fn typing_is_shown_for_questions_to_us_only() {
    let (fake, mut listening) = connected().await;
    let (mia, channel) = (fake.member("mia"), fake.channel("help"));
    mia.says_in(channel, "nice weather");
    mia.says_in(channel, "@brandbot why does it hum?");
    mia.says("why?");
    for _ in 0..3 {
        listening.next_message().await;
    }
    fake.until(|fake| fake.typing().len() == 2).await;
    listening.stops().await;
    let mut typing = fake.typing();
    typing.sort_unstable();
    assert_eq!(typing, [channel, fake.direct("mia")]);
}

#[tokio::test]
async fn threads_we_opened_are_ours_after_a_restart_too() {
    let fake = FakeDiscord::start().await;
    let config = DiscordConfig { threads: true, ..discord_config(&fake, Mode::Gateway) };
    let mut listening = listen(discord_with(config));
    listening.next_health().await;
    let (mia, channel) = (fake.member("mia"), fake.channel("help"));
    let asked = mia.says_in(channel, "@brandbot why does it hum?");
    let message = listening.next_message().await;
    assert_eq!(message.conversation, asked.to_string());
    assert_eq!(message.address.value, format!("thread:{channel}/{asked}"));
    listening.stops().await;
    fake.opens_thread(channel, asked, "why does it hum?");
    let mut later = listen(discord(&fake, Mode::Gateway));
    later.next_health().await;
    mia.says_in(asked, "and now?");
    let message = later.next_message().await;
    let ours = Place::Group { id: format!("{channel}/{asked}"), addressed: true };
    assert_eq!((message.conversation, message.place), (asked.to_string(), ours));
    later.stops().await;
}

/// A forum whose posts are all listened to, with the settings for that.
fn with_forum(fake: &FakeDiscord) -> (u64, DiscordConfig) {
    let forum = fake.forum("questions");
    let support_places = vec![forum.to_string()];
    (forum, DiscordConfig { support_places, ..discord_config(fake, Mode::Gateway) })
}

#[tokio::test]
async fn a_post_of_a_forum_is_heard_with_its_title() {
    let fake = FakeDiscord::start().await;
    let (forum, config) = with_forum(&fake);
    let mut listening = listen(discord_with(config));
    listening.next_health().await;
    let mia = fake.member("mia");
    let post = mia.posts_in(forum, "My speaker hums", "Since yesterday. Why?");
    let message = listening.next_message().await;
    let words = "My speaker hums\nSince yesterday. Why?".to_owned();
    // A whole question: it is not waited for more.
    assert_eq!(message.content, Content::Command { command: Command::Ask, text: words });
    assert_eq!(message.conversation, post.to_string());
    let there = Place::Group { id: format!("{forum}/{post}"), addressed: false };
    assert_eq!((message.place, message.address.value), (there, post.to_string()));
    mia.edits(post, post, "Since today.");
    let edited = listening.next_message().await;
    let Content::Edited { text: words, .. } = edited.content else { panic!("{edited:?}") };
    assert_eq!(words, "My speaker hums\nSince today.");
    mia.says_in(post, "Anybody?");
    assert_eq!(text(&listening.next_message().await), "Anybody?");
    listening.stops().await;
}

#[tokio::test]
async fn posts_made_while_nobody_listened_are_read_and_older_ones_are_not() {
    let fake = FakeDiscord::start().await;
    let (forum, config) = with_forum(&fake);
    let mia = fake.member("mia");
    mia.posts_in(forum, "Long ago", "Nobody was there.");
    let mut listening = listen(discord_with(config));
    listening.next_health().await;
    mia.says("first");
    assert_eq!(text(&listening.next_message().await), "first");
    fake.goes_down();
    let missed = mia.posts_in(forum, "My speaker hums", "Why?");
    mia.says_in(missed, "Anybody?");
    mia.says("second");
    fake.comes_back();
    let mut heard = Vec::new();
    for _ in 0..3 {
        heard.push(text(&listening.next_message().await).to_owned());
    }
    assert_eq!(heard, ["second", "My speaker hums\nWhy?", "Anybody?"]);
    mia.says_in(missed, "Never mind.");
    assert_eq!(text(&listening.next_message().await), "Never mind.");
    listening.stops().await;
}
