//! What the fuzz targets share: every channel with a key of ours, so that what is made up is signed
//! and reaches the decoder, and what must hold of what it makes of it.

use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use secrecy::SecretString;
use sha2::Sha256;
use superfan_bots::discord::{self, Discord, DiscordConfig, PublicKey};
use superfan_bots::telegram::{self, Telegram, TelegramConfig};
use superfan_bots::webchat::{Visitor, Webchat, decode};
use superfan_bots::webhook::{Webhook, WebhookConfig};
use superfan_bots::x::{self, AccountKeys, Keys, Prices, Style280, Surroundings, X, XConfig};
use superfan_bots::{
    Adapter, Button, Credit, IntakeError, Keeper, Received, Reply, ReplyAddress, ReplyKind,
    WebhookRequest,
};

const SECRET: &str = "s3cret";
const WEBHOOK_SECRET: &str = "whsec_c3VwZXJmYW4tZnV6eg==";

static HTTP: LazyLock<reqwest::Client> = LazyLock::new(|| {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
});
static SIGNING: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_bytes(&[7; 32]));
static TELEGRAM: LazyLock<Telegram> = LazyLock::new(|| {
    let config = TelegramConfig {
        token: "1:t".into(),
        webhook_secret: Some(SECRET.into()),
        api_url: nowhere(),
        mode: telegram::Mode::Webhook,
        link_previews: false,
    };
    Telegram::new(config, HTTP.clone())
});
static DISCORD: LazyLock<Discord> = LazyLock::new(|| {
    let config = DiscordConfig {
        token: "t".into(),
        application_id: Some("1".to_owned()),
        public_key: Some(PublicKey::from_hex(&hex(&SIGNING.verifying_key().to_bytes())).expect("it is a key")),
        api_url: nowhere(),
        mode: discord::Mode::Interactions,
        style: discord::Style::Plain,
        threads: false,
        ephemeral: false,
        support_places: Vec::new(),
        staff: None,
    };
    Discord::new(config, HTTP.clone())
});
static TWEETS: LazyLock<X> = LazyLock::new(|| {
    let keys = AccountKeys {
        consumer_key: "ck".to_owned(),
        consumer_secret: SECRET.into(),
        access_token: "at".to_owned(),
        access_token_secret: "ats".into(),
    };
    let config = XConfig {
        keys: Keys::Account(keys),
        user_id: Some("1001".to_owned()),
        mode: x::Mode::Webhook,
        poll_every: std::time::Duration::from_secs(60),
        daily_spend_cap: 1.0,
        prices: Prices::default(),
        style: Style280::default(),
        api_url: nowhere(),
    };
    let keeper = Arc::new(Nothing);
    let around = Surroundings { now: Arc::new(now), seed: 7, keeper };
    X::new(config, HTTP.clone(), around)
});
static WEBHOOK: LazyLock<Webhook> = LazyLock::new(|| {
    let config = WebhookConfig { secrets: vec![WEBHOOK_SECRET.into()], reply_url: None };
    Webhook::new(config, HTTP.clone()).expect("the secret is base64")
});

/// Keeps nothing.
struct Nothing;

#[async_trait]
impl Keeper for Nothing {
    async fn kept(&self, _: &str) -> Result<Option<SecretString>, IntakeError> {
        Ok(None)
    }

    async fn keep(&self, _: &str, _: &SecretString) -> Result<(), IntakeError> {
        Ok(())
    }
}

fn now() -> Timestamp {
    Timestamp::from_second(1_767_603_600).expect("2026 is in range")
}

fn nowhere() -> reqwest::Url {
    "http://127.0.0.1:9".parse().expect("a fixed address is one")
}

fn request<const N: usize>(headers: [(&'static str, String); N], body: &[u8]) -> WebhookRequest {
    let headers = headers.into_iter().filter_map(|(name, value)| {
        Some((HeaderName::from_static(name), HeaderValue::try_from(value).ok()?))
    });
    let headers: HeaderMap = headers.collect();
    WebhookRequest { headers, query: String::new(), body: body.to_vec().into() }
}

/// What must hold of anything that was understood.
fn check(received: &Received) {
    for message in &received.messages {
        assert!(!message.event_key.is_empty() && !message.conversation.is_empty());
        serde_json::to_string(message).expect("a message can be stored");
    }
}

/// A delivery of Telegram.
pub fn receive_telegram(body: &[u8]) {
    let headers = [("x-telegram-bot-api-secret-token", SECRET.to_owned())];
    let _ = TELEGRAM.receive(&request(headers, body), now()).inspect(check);
}

/// An interaction of Discord.
pub fn receive_discord(body: &[u8]) {
    let time = now().as_second().to_string();
    let signature = SIGNING.sign(&[time.as_bytes(), body].concat());
    let hex = hex(&signature.to_bytes());
    let headers = [("x-signature-timestamp", time), ("x-signature-ed25519", hex)];
    let _ = DISCORD.receive(&request(headers, body), now()).inspect(check);
}

/// A delivery of X, in either envelope.
pub fn receive_x(body: &[u8]) {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length will do");
    mac.update(body);
    let signature = format!("sha256={}", STANDARD.encode(mac.finalize().into_bytes()));
    let headers = [("x-twitter-webhooks-signature", signature)];
    let _ = TWEETS.receive(&request(headers, body), now()).inspect(check);
}

/// A delivery of the generic channel.
pub fn receive_webhook(body: &[u8]) {
    let (id, seconds) = ("msg_1", now().as_second());
    let signer = standardwebhooks::Webhook::new(WEBHOOK_SECRET).expect("the secret is base64");
    let Ok(signature) = signer.sign(id, seconds, body) else { return };
    let headers = [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signature),
    ];
    let _ = WEBHOOK.receive(&request(headers, body), now()).inspect(check);
}

/// A post of our own page.
pub fn receive_webchat(body: &[u8]) {
    let visitor = Visitor { session: "ses_1", lang: None };
    if let Ok(message) = decode(body, visitor, now()) {
        check(&Received { messages: vec![message], ..Received::default() });
    }
}

/// A reply on every channel; the first byte chooses what kind it is.
pub fn render_everywhere(text: &str) {
    let kinds = [ReplyKind::Answer, ReplyKind::Choices, ReplyKind::Notice, ReplyKind::Human];
    let kind = kinds[usize::from(text.bytes().next().unwrap_or(0)) % kinds.len()];
    let button = |id: &str| Button { id: id.to_owned(), label: text.chars().take(20).collect() };
    let reply: Reply = serde_json::from_value(serde_json::json!({
        "kind": kind, "text": text, "lang": "en", "answer_id": null, "confidence": null,
        "human": (kind == ReplyKind::Human).then_some("Lee"), "in_reply_to": "1",
        "credit": Credit {
            line: text.chars().rev().take(60).collect(),
            author: None,
            title: Some(text.chars().take(300).collect()),
            url: Some("https://forum.example/t/1".to_owned()),
            licence: None,
        },
        "buttons": [button("helped:dec_1"), button("human:dec_1")],
    }))
    .expect("this is a reply");
    let utf16 = |text: &str| text.encode_utf16().count();
    let telegram = TELEGRAM.render(&reply);
    assert!(telegram.iter().all(|part| utf16(&part.text) <= 4096));
    let discord = DISCORD.render(&reply);
    for part in &discord {
        let said = part.payload["content"].as_str().unwrap_or_default();
        assert!(utf16(said) <= 2000 && said.replace("\\`", "").matches("```").count() % 2 == 0);
    }
    let public = TWEETS.render(&reply);
    // Letters weigh at least one: whatever X counts, more than 280 of them are too many.
    assert!(kind == ReplyKind::Human || public.len() == 1);
    let direct = ReplyAddress { value: "dm:7".to_owned(), expires_at: None };
    let direct = TWEETS.render_for(&reply, &direct);
    assert!(direct.iter().all(|part| utf16(&part.text) <= 10_000));
    for parts in [telegram, discord, public, direct, WEBHOOK.render(&reply), Webchat::new().render(&reply)] {
        assert!(!parts.is_empty() && parts.iter().all(|part| part.weight > 0));
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
