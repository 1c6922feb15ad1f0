//! What the fake X answers to each call, after checking who calls.

use std::collections::BTreeMap;

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, Method, Uri};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use super::super::AccountKeys;
use super::super::sign::{Freshness, authorization};
use super::world::{DIRECTS, POSTS, World};
use super::{BRAND_ID, BRAND_NAME};

/// A call.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// What is answered.
pub(super) struct Told {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) limits: Vec<(&'static str, i64)>,
}

impl Told {
    pub(super) fn new(status: u16, body: Value) -> Self {
        Self { status, body, limits: Vec::new() }
    }

    pub(super) fn problem(status: u16, detail: &str) -> Self {
        let title = match status {
            401 => "Unauthorized",
            403 => "Forbidden",
            429 => "Too Many Requests",
            _ => "Error",
        };
        let body =
            json!({ "title": title, "status": status, "type": "about:blank", "detail": detail });
        Self::new(status, body)
    }
}

/// The keys that are accepted.
pub(super) fn keys() -> AccountKeys {
    AccountKeys {
        consumer_key: "ck-fake".to_owned(),
        consumer_secret: "cs-fake".into(),
        access_token: format!("{BRAND_ID}-brand"),
        access_token_secret: "ats-fake".into(),
    }
}

/// Does what is asked.
pub(super) fn run(world: &mut World, request: &Request) -> Told {
    let path = request.uri.path();
    match path {
        "/2/oauth2/token" => return renew(world, &request.body),
        "/oauth2/token" => return Told::new(200, json!({ "access_token": "app" })),
        _ => {}
    }
    if world.revoked || !is_authorised(world, request) {
        return Told::problem(401, "Unauthorized");
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    match (request.method.as_str(), segments.as_slice()) {
        ("GET", ["2", "users", "me"]) => Told::new(
            200,
            json!({ "data": { "id": BRAND_ID, "username": BRAND_NAME, "name": "Brand" } }),
        ),
        ("GET", ["2", "users", BRAND_ID, "mentions"]) => mentions(world, &request.uri),
        ("GET", ["2", "dm_events"]) => directs(world),
        ("POST", ["2", "tweets"]) => post(world, &body),
        ("DELETE", ["2", "tweets", id]) => {
            world.deleted.push((*id).to_owned());
            Told::new(200, json!({ "data": { "deleted": true } }))
        }
        ("POST", ["2", "dm_conversations", "with", person, "messages"]) => {
            write(world, person, &body)
        }
        ("GET", ["2", "webhooks"]) => Told::new(200, json!({ "meta": { "result_count": 0 } })),
        ("POST", ["2", "webhooks"]) => {
            world.webhooks.push(body["url"].as_str().unwrap_or_default().to_owned());
            Told::new(200, json!({ "data": { "id": "77", "valid": true } }))
        }
        ("POST", ["2", "activity", "subscriptions"]) => {
            world.subscriptions.push(body["event_type"].as_str().unwrap_or_default().to_owned());
            Told::new(201, json!({ "data": { "subscription_id": "1" } }))
        }
        _ => Told::problem(404, "Not Found"),
    }
}

fn renew(world: &mut World, body: &Bytes) -> Told {
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(body).into_owned().collect();
    let given = |name: &str| form.get(name).cloned().unwrap_or_default();
    let is_good = match given("grant_type").as_str() {
        // A code works once, for who asked for it.
        "authorization_code" => world.consent.take().is_some_and(|(challenge, back)| {
            let digest = Sha256::digest(given("code_verifier").as_bytes());
            given("code") == "consented"
                && given("redirect_uri") == back
                && URL_SAFE_NO_PAD.encode(digest) == challenge
        }),
        _ => given("refresh_token") == world.refresh_token(),
    };
    if world.revoked || !is_good {
        return Told::new(400, json!({ "error": "invalid_request" }));
    }
    world.n_renewed += 1;
    world.access_ended = false;
    Told::new(
        200,
        json!({
            "token_type": "bearer", "expires_in": 7200, "access_token": world.access_token(),
            "refresh_token": world.refresh_token(), "scope": "tweet.read tweet.write dm.write",
        }),
    )
}

fn is_authorised(world: &mut World, request: &Request) -> bool {
    let header = request.headers.get(http::header::AUTHORIZATION);
    let header = header.and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let Some(token) = header.strip_prefix("Bearer ") {
        let app = request.uri.path().starts_with("/2/webhooks") && token == "app";
        return app || (!world.access_ended && token == world.access_token());
    }
    let field = |name: &str| {
        let (_, rest) = header.split_once(&format!("{name}=\""))?;
        rest.split('"').next().map(str::to_owned)
    };
    let (Some(nonce), Some(at)) = (field("oauth_nonce"), field("oauth_timestamp")) else {
        return false;
    };
    let seconds: i64 = at.parse().unwrap_or(0);
    let host = request.headers.get(http::header::HOST).and_then(|host| host.to_str().ok());
    let url = format!("http://{}{}", host.unwrap_or_default(), request.uri);
    let Ok(url) = Url::parse(&url) else { return false };
    let fresh = Freshness { nonce: &nonce, seconds };
    let expected = authorization(&keys(), request.method.as_str(), &url, &[], fresh);
    let is_fresh = world.now.as_second().abs_diff(seconds) <= 300 && !world.nonces.contains(&nonce);
    world.nonces.push(nonce);
    is_fresh && header == expected
}

fn mentions(world: &mut World, uri: &Uri) -> Told {
    let query: BTreeMap<String, String> =
        url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
    let since: u64 = query.get("since_id").and_then(|id| id.parse().ok()).unwrap_or(0);
    let skip: usize = query.get("pagination_token").and_then(|at| at.parse().ok()).unwrap_or(0);
    let name = format!("@{BRAND_NAME}");
    let found: Vec<_> = world
        .posts
        .iter()
        .rev()
        .filter(|post| post.id > since && post.author != BRAND_ID)
        .filter(|post| post.text.to_lowercase().contains(&name))
        .collect();
    // Small pages, so that chains of them are walked.
    let page: Vec<Value> = found
        .iter()
        .skip(skip)
        .take(5)
        .map(|post| {
            json!({
                "id": post.id.to_string(), "text": post.text, "author_id": post.author,
                "created_at": post.at, "lang": "en",
            })
        })
        .collect();
    let more = found.len() > skip + page.len();
    let mut body = json!({ "meta": { "result_count": page.len() } });
    if more {
        body["meta"]["next_token"] = json!((skip + page.len()).to_string());
    }
    let users = world.people.iter();
    let users: Vec<Value> =
        users.map(|(id, name)| json!({ "id": id, "username": name, "name": name })).collect();
    if !page.is_empty() {
        body["data"] = json!(page);
        body["includes"] = json!({ "users": users });
    }
    limited(world.count("mentions", 300), |()| Told::new(200, body))
}

fn directs(world: &mut World) -> Told {
    let events = world.directs.iter().rev().map(|direct| {
        let sender = if direct.by_brand { BRAND_ID } else { &direct.person };
        json!({
            "id": direct.id.to_string(), "event_type": "MessageCreate", "text": direct.text,
            "sender_id": sender, "dm_conversation_id": format!("{BRAND_ID}-{}", direct.person),
            "created_at": direct.at,
        })
    });
    let events: Vec<Value> = events.collect();
    let mut body = json!({ "meta": { "result_count": events.len() } });
    if !events.is_empty() {
        body["data"] = json!(events);
    }
    limited(world.count("dm_events", 15), |()| Told::new(200, body))
}

fn post(world: &mut World, body: &Value) -> Told {
    let text = body["text"].as_str().unwrap_or_default().to_owned();
    let target = body["reply"]["in_reply_to_tweet_id"].as_str().unwrap_or_default().to_owned();
    limited(world.count(POSTS, 100), |()| match world.brand_posts(&text, &target) {
        Ok(id) => {
            let id = id.to_string();
            let data = json!({ "id": id, "text": text, "edit_history_tweet_ids": [id] });
            Told::new(201, json!({ "data": data }))
        }
        Err((status, words)) => Told::problem(status, &words),
    })
}

fn write(world: &mut World, person: &str, body: &Value) -> Told {
    let text = body["text"].as_str().unwrap_or_default().to_owned();
    limited(world.count(DIRECTS, 15), |()| match world.brand_writes(&text, person) {
        Ok(id) => {
            let conversation = format!("{BRAND_ID}-{person}");
            let data = json!({ "dm_conversation_id": conversation, "dm_event_id": id.to_string() });
            Told::new(201, json!({ "data": data }))
        }
        Err((status, words)) => Told::problem(status, &words),
    })
}

fn limited(
    (allowed, limits): (bool, Vec<(&'static str, i64)>),
    act: impl FnOnce(()) -> Told,
) -> Told {
    let told = if allowed { act(()) } else { Told::problem(429, "Too Many Requests") };
    Told { limits, ..told }
}
