//! Guarantee 3, fault by fault: what a platform does instead of answering, what the outbox does
//! then, and that the customer reads it once in the end.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use futures::{StreamExt, stream};
use superfan_bots::discord::fake::FakeDiscord;
use superfan_bots::discord::{self, Discord, DiscordConfig};
use superfan_bots::fakes::{FakeServer, Fault, http_client};
use superfan_bots::telegram::fake::FakeTelegram;
use superfan_bots::telegram::{self, Telegram, TelegramConfig};
use superfan_bots::webhook::fake::FakeHelpDesk;
use superfan_bots::webhook::{Webhook, WebhookConfig};
use superfan_bots::x::fake::FakeX;
use superfan_bots::x::{Keys, Patience, X};
use superfan_bots::{Adapter, Outgoing, Reply, ReplyAddress, SendError, Sent};
use url::Url;

use crate::support::{discord_config, now, reply};
use crate::x_support::{Pocket, x_at};

/// Every fault, and what follows on X, on the generic channel, on Telegram and on Discord. Where the
/// time is X's, it adds a second and what tells those apart who wait. Telegram alone cannot tell a
/// repeat, so what nobody knows is a person's matter there.
const TABLE: [(&str, [&str; 4]); 13] = [
    ("time-out before", ["Backoff", "Backoff", "Uncertain", "Backoff"]),
    ("time-out after", ["Backoff", "Backoff", "Uncertain", "Backoff"]),
    ("cut before", ["Backoff", "Backoff", "Uncertain", "Backoff"]),
    ("cut after", ["Backoff", "Backoff", "Uncertain", "Backoff"]),
    ("500", ["Backoff", "Backoff", "Uncertain", "Backoff"]),
    ("502 with HTML", ["Backoff", "Backoff", "Uncertain", "Backoff"]),
    ("503", ["Backoff", "Backoff", "Uncertain", "Backoff"]),
    ("503 with a time", ["After 7", "After 7", "After 7", "After 7"]),
    ("429", ["Backoff", "Backoff", "Backoff", "Backoff"]),
    ("429 with a time", ["After 3", "After 34", "After 34", "After 34"]),
    // The generic channel answers with its status alone: what stands in the body is nobody's matter.
    ("malformed", ["Backoff", "sent", "Uncertain", "Backoff"]),
    ("slow body", ["Backoff", "sent", "Uncertain", "Backoff"]),
    ("429 of a proxy", ["Backoff", "Backoff", "Backoff", "After 60"]),
];

/// What a fake itself can be told to do; `None` where the platform acts and its answer gets lost.
fn fault(name: &str) -> Option<Fault> {
    Some(match name {
        "time-out before" => Fault::Hang,
        "cut before" => Fault::CutBefore,
        "cut after" => Fault::CutAfter,
        "500" => Fault::ServerError,
        "502 with HTML" => Fault::BadGateway,
        "503" => Fault::Answer(503, String::new()),
        "503 with a time" => Fault::Unavailable(7),
        "429" => Fault::TooMany(None),
        "429 with a time" => Fault::TooMany(Some(34)),
        "malformed" => Fault::Malformed,
        "429 of a proxy" => Fault::Answer(429, "<html>shut out</html>".to_owned()),
        _ => return None,
    })
}

/// Stands before a platform and passes everything on; the answer to the first call whose path ends
/// like this never comes, or never ends.
struct Between {
    platform: Url,
    path: &'static str,
    is_over: AtomicBool,
    begins: bool,
}

impl Between {
    async fn start(name: &str, platform: &Url, path: &'static str) -> FakeServer {
        let is_over = AtomicBool::new(fault(name).is_some());
        let begins = name == "slow body";
        let between = Self { platform: platform.clone(), path, is_over, begins };
        FakeServer::start(Router::new().fallback(pass_on).with_state(Arc::new(between))).await
    }
}

async fn pass_on(State(between): State<Arc<Between>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut url = between.platform.clone();
    url.set_path(parts.uri.path());
    url.set_query(parts.uri.query());
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let call = http_client().request(parts.method, url).headers(parts.headers).body(body).send();
    let Ok(answer) = call.await else {
        // The platform cut the connection, so it ends here too.
        return Response::builder().status(599).body(Body::empty()).unwrap();
    };
    let is_it = parts.uri.path().ends_with(between.path);
    if is_it && !between.is_over.swap(true, Ordering::SeqCst) {
        if !between.begins {
            return std::future::pending().await;
        }
        let begun = stream::once(async { Ok::<_, Infallible>("{\"data\":{\"id") });
        return Response::new(Body::from_stream(begun.chain(stream::pending())));
    }
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = Response::new(Body::from(answer.bytes().await.unwrap_or_default()));
    (*response.status_mut(), *response.headers_mut()) = (status, headers);
    response
}

/// What the outbox does after an outcome.
fn next(adapter: &dyn Adapter, outcome: &Result<Sent, SendError>) -> String {
    match outcome {
        Ok(_) => "sent".to_owned(),
        Err(error) => match error.next(adapter.repeats_safely()) {
            superfan_bots::Next::After(wait, _) => format!("After {}", wait.as_secs()),
            other => format!("{other:?}"),
        },
    }
}

/// Sends a reply as the outbox does: after an unknown outcome the row is in doubt.
async fn try_to_send(
    adapter: &dyn Adapter,
    address: &str,
    reply: &Reply,
    in_doubt: bool,
) -> Result<Sent, SendError> {
    let address = ReplyAddress { value: address.to_owned(), expires_at: None };
    let part = adapter.render_for(reply, &address).remove(0);
    let outgoing = Outgoing {
        address: &address,
        part: &part,
        key: "out_1",
        now: now(),
        previous: None,
        in_doubt_since: in_doubt.then(now),
    };
    adapter.send(outgoing).await
}

/// Tries once with the fault and once without; what was next, and how the second one went.
async fn tried_twice(adapter: &dyn Adapter, address: &str, reply: &Reply) -> String {
    let first = try_to_send(adapter, address, reply, false).await;
    let what = next(adapter, &first);
    // What a person has to decide is not tried again.
    if first.is_ok() || what == "Uncertain" {
        return what;
    }
    let in_doubt = matches!(first, Err(SendError::Unknown { .. }));
    let second = try_to_send(adapter, address, reply, in_doubt).await;
    match second {
        Ok(_) => what,
        Err(error) => format!("{what}, then {error}"),
    }
}

/// An account that reaches X past whatever loses answers, and waits a moment only. Where the fake
/// itself is at fault there is nothing between.
async fn account(name: &str, fake: &FakeX, path: &'static str) -> (X, Option<FakeServer>) {
    let short = Duration::from_millis(300);
    let patience = Patience { answer: short, after_trouble: short, longest: short };
    let between = match fault(name) {
        Some(fault) => {
            fake.fail_next(path, fault);
            None
        }
        None => Some(Between::start(name, &fake.base_url(), path).await),
    };
    let url = between.as_ref().map_or(fake.base_url(), |between| between.url().clone());
    let x = x_at(url, Keys::Account(fake.keys()), Arc::new(Pocket::default()));
    (x.with_patience(patience), between)
}

#[tokio::test]
async fn x_posts_once_whatever_goes_wrong() {
    for (name, [expected, ..]) in TABLE {
        // Another account each time: a platform that asked to wait is not even tried again.
        let fake = FakeX::start().await;
        let post = fake.person("mira").posts("@brand_care it is mute").await;
        let (adapter, _between) = account(name, &fake, "/2/tweets").await;
        let words = Reply { in_reply_to: Some(post), ..reply("Press it.") };
        let what = tried_twice(&adapter, "7101/mira", &words).await;
        assert!(what.starts_with(expected), "{name}: {what}");
        let is_held = expected == "After 3";
        assert_eq!(what.contains("no room"), is_held, "{name}: {what}");
        assert_eq!(fake.posts().len(), usize::from(!is_held), "{name}: {what}");
    }
}

#[tokio::test]
async fn a_direct_message_of_x_arrives_once_whatever_goes_wrong() {
    for (name, [expected, ..]) in TABLE {
        let fake = FakeX::start().await;
        let mira = fake.person("mira");
        mira.writes_direct("it is mute").await;
        let (adapter, _between) = account(name, &fake, "/messages").await;
        let address = format!("dm:{}", mira.id());
        let what = tried_twice(&adapter, &address, &reply("Press it.")).await;
        assert!(what.starts_with(expected), "{name}: {what}");
        let is_held = expected == "After 3";
        assert_eq!(fake.directs().len(), usize::from(!is_held), "{name}: {what}");
    }
}

#[tokio::test]
async fn the_generic_channel_repeats_under_one_id_whatever_goes_wrong() {
    for (name, [_, expected, ..]) in TABLE {
        let desk = FakeHelpDesk::start().await;
        let between = match fault(name) {
            Some(fault) => {
                desk.fail_next(fault);
                None
            }
            None => Some(Between::start(name, &desk.reply_url(), "/replies").await),
        };
        let mut url = desk.reply_url();
        if let Some(between) = &between {
            url = between.url().join("replies").unwrap();
        }
        let config = WebhookConfig { secrets: vec![desk.secret()], reply_url: Some(url) };
        let adapter = Webhook::new(config, http_client()).unwrap();
        let adapter = adapter.with_time_out(Duration::from_millis(300));
        let what = tried_twice(&adapter, "c1", &reply("Press it.")).await;
        assert_eq!(what, expected, "{name}");
        let mut ids: Vec<String> = desk.replies().into_iter().map(|reply| reply.id).collect();
        ids.dedup();
        assert_eq!(ids, ["out_1"], "{name}");
    }
}

/// How long an adapter waits for an answer here.
const SHORT: Duration = Duration::from_millis(300);

#[tokio::test]
async fn telegram_says_nothing_twice_whatever_goes_wrong() {
    for (name, [_, _, expected, _]) in TABLE {
        let fake = FakeTelegram::start().await;
        let ana = fake.customer("ana").id().to_string();
        let between = match fault(name) {
            Some(fault) => {
                fake.fail_next("sendMessage", fault);
                None
            }
            None => Some(Between::start(name, &fake.base_url(), "/sendMessage").await),
        };
        let config = TelegramConfig {
            token: fake.token(),
            webhook_secret: None,
            api_url: between.as_ref().map_or(fake.base_url(), |between| between.url().clone()),
            mode: telegram::Mode::Webhook,
            link_previews: false,
        };
        let patience = telegram::Patience { answer: SHORT, ..telegram::Patience::default() };
        let adapter = Telegram::new(config, http_client()).with_patience(patience);
        let what = tried_twice(&adapter, &ana, &reply("Press it.")).await;
        assert_eq!(what, expected, "{name}");
        let acted = ["time-out after", "cut after", "malformed", "slow body"].contains(&name);
        let n_sent = usize::from(acted || expected != "Uncertain");
        assert_eq!(fake.sent().len(), n_sent, "{name}: {what}");
    }
}

#[tokio::test]
async fn discord_says_it_once_whatever_goes_wrong() {
    for (name, [.., expected]) in TABLE {
        let fake = FakeDiscord::start().await;
        let help = fake.channel("help").to_string();
        let between = match fault(name) {
            Some(fault) => {
                fake.fail_next("messages", fault);
                None
            }
            None => Some(Between::start(name, &fake.base_url(), "/messages").await),
        };
        let url = between.as_ref().map_or(fake.base_url(), |between| between.url().clone());
        let config =
            DiscordConfig { api_url: url, ..discord_config(&fake, discord::Mode::Gateway) };
        let patience = discord::Patience { answer: SHORT, ..discord::Patience::default() };
        let adapter = Discord::new(config, http_client()).with_patience(patience);
        let what = tried_twice(&adapter, &help, &reply("Press it.")).await;
        assert_eq!(what, expected, "{name}");
        assert_eq!(fake.sent().len(), 1, "{name}: {what}");
    }
}
