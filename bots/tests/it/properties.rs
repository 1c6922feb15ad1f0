//! Whatever arrives, decoders answer and never panic; whatever is said, renderers stay within what
//! the channel takes. Payloads of the tests are bent at random: fields vanish, change their type,
//! hold strange text.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use superfan_bots::discord::fake::FakeDiscord;
use superfan_bots::discord::{self, Discord};
use superfan_bots::fakes::http_client;
use superfan_bots::telegram::fake::FakeTelegram;
use superfan_bots::telegram::{Mode, Telegram};
use superfan_bots::webchat::{Visitor, Webchat, decode};
use superfan_bots::webhook::fake::FakeHelpDesk;
use superfan_bots::webhook::{Webhook, WebhookConfig};
use superfan_bots::x::X;
use superfan_bots::x::fake::FakeX;
use superfan_bots::{
    Adapter, Button, Credit, ReceiveError, Received, Reply, ReplyAddress, ReplyKind, WebhookRequest,
};

use crate::payloads::files_of;
use crate::support::{SECRET, discord, now, reply, telegram, webhook_request};
use crate::x_support::{signed_by, x};

/// Every channel, with what signs for it. Decoding and rendering ask nobody, so one set does.
struct Channels {
    telegram: Telegram,
    x: X,
    discord: Discord,
    discord_platform: FakeDiscord,
    webhook: Webhook,
    help_desk: FakeHelpDesk,
    payloads: Vec<(&'static str, Value)>,
    _runtime: tokio::runtime::Runtime,
}

static CHANNELS: LazyLock<Channels> = LazyLock::new(|| {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    open(runtime)
});

fn open(runtime: tokio::runtime::Runtime) -> Channels {
    let (telegram, x, discord, discord_platform, help_desk) = runtime.block_on(async {
        let platform = FakeDiscord::start().await;
        let adapter = discord(&platform, discord::Mode::Interactions);
        let telegram = telegram(&FakeTelegram::start().await, Mode::Webhook);
        (telegram, x(&FakeX::start().await), adapter, platform, FakeHelpDesk::start().await)
    });
    let config = WebhookConfig { secrets: vec![help_desk.secret()], reply_url: None };
    let webhook = Webhook::new(config, http_client()).unwrap();
    let mut payloads = Vec::new();
    for channel in ["telegram", "x", "discord"] {
        let files = files_of(channel).into_iter();
        let files =
            files.filter(|(name, _)| channel != "discord" || name.starts_with("interaction_"));
        payloads.extend(files.map(|(_, body)| (channel, serde_json::from_slice(&body).unwrap())));
    }
    let customer = json!({ "id": "c", "name": "Ana", "lang": "es", "bot": false });
    payloads.push((
        "webhook",
        json!({
            "conversation_id": "t", "message_id": "m", "customer": customer, "text": "It hums",
            "public": true, "addressed": true,
        }),
    ));
    payloads.push(("webchat", json!({ "client_id": "a", "text": "It hums" })));
    payloads.push(("webchat", json!({ "press": "helped:dec_1", "message_id": "out_1" })));
    Channels {
        telegram,
        x,
        discord,
        discord_platform,
        webhook,
        help_desk,
        payloads,
        _runtime: runtime,
    }
}

/// What a channel makes of a body that its platform signed.
fn received(channel: &str, body: &str) -> Result<Received, ReceiveError> {
    let all = &*CHANNELS;
    match channel {
        "telegram" => all.telegram.receive(&webhook_request(Some(SECRET), body.to_owned()), now()),
        "x" => {
            let mut headers = http::HeaderMap::new();
            let signature = signed_by("cs-fake", body.as_bytes());
            headers.insert("x-twitter-webhooks-signature", signature.parse().unwrap());
            let body = body.to_owned().into();
            all.x.receive(&WebhookRequest { headers, query: String::new(), body }, now())
        }
        "discord" => all.discord.receive(&all.discord_platform.signed(body), now()),
        "webhook" => match serde_json::from_str(body) {
            Ok(value) => all.webhook.receive(&all.help_desk.request(&value, now()), now()),
            Err(_) => Ok(Received::default()),
        },
        _ => {
            let visitor = Visitor { session: "ses_1", lang: None };
            let message = decode(body.as_bytes(), visitor, now())?;
            Ok(Received { messages: vec![message], ..Received::default() })
        }
    }
}

/// Where something can be bent, as pointers into a document.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                places(
                    inner,
                    &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")),
                    found,
                );
            }
        }
        Value::Array(items) => {
            for (number, inner) in items.iter().enumerate() {
                places(inner, &format!("{at}/{number}"), found);
            }
        }
        _ => {}
    }
}

fn strange() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
        "[@/<>&\u{0}\u{202e}👍🏽 a1_]{0,60}".prop_map(Value::from),
        Just(json!("9".repeat(400))),
        Just(json!([])),
        Just(json!({})),
        Just(json!([[[{ "id": [] }]]])),
    ]
}

fn bent() -> impl Strategy<Value = (&'static str, Value)> {
    let n = CHANNELS.payloads.len();
    let bends = prop::collection::vec((any::<prop::sample::Index>(), strange()), 0..4);
    (0..n, bends).prop_map(|(number, bends)| {
        let (channel, mut value) = CHANNELS.payloads[number].clone();
        for (index, new) in bends {
            let mut found = Vec::new();
            places(&value, "", &mut found);
            if let Some(inner) = value.pointer_mut(index.get(&found).as_str()) {
                *inner = new;
            }
        }
        (channel, value)
    })
}

fn spoken() -> impl Strategy<Value = Reply> {
    let piece = prop_oneof![
        "\\PC{0,60}",
        Just("**bold** `code` ".to_owned()),
        Just("```\nlet x = 1;\n```\n".to_owned()),
        Just("\n\n- one\n- two\n".to_owned()),
        Just("@everyone <@1> https://a.example/b_c?d=1&e=2 $TSLA ".to_owned()),
        "[a漢👍🏽é]{600,1200}",
    ];
    let kinds = [
        ReplyKind::Greeting,
        ReplyKind::Answer,
        ReplyKind::Choices,
        ReplyKind::Question,
        ReplyKind::Notice,
        ReplyKind::Human,
    ];
    (
        prop::collection::vec(piece, 0..12),
        prop::sample::select(kinds.to_vec()),
        "\\PC{0,200}",
        0..5_usize,
        prop::sample::select(vec!["en", "es", "fr", "de", "el", "ar", "th", "zh", "zh-Hant", "xx"]),
    )
        .prop_map(|(pieces, kind, author, n_buttons, lang)| {
            let ids = ["helped:dec_1", "didnt:dec_1", "human:dec_1", "pick:dec_1:2", "forget:yes"];
            let button = |id: &&str| Button { id: (*id).to_owned(), label: author.clone() };
            Reply {
                kind,
                credit: Some(Credit {
                    line: format!("answer by @{author}"),
                    author: Some(author.clone()),
                    title: Some(author.clone()),
                    url: Some("https://forum.example/t/1".to_owned()),
                    licence: Some("CC BY-SA 4.0".to_owned()),
                }),
                buttons: ids.iter().take(n_buttons).map(button).collect(),
                lang: lang.to_owned(),
                human: (kind == ReplyKind::Human).then(|| author.clone()),
                ..reply(&pieces.concat())
            }
        })
}

fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_bent_delivery_is_refused_or_understood_and_means_the_same_twice((channel, value) in bent()) {
        let body = value.to_string();
        if let Ok(first) = received(channel, &body) {
            for message in &first.messages {
                prop_assert!(!message.event_key.is_empty() && !message.conversation.is_empty());
            }
            prop_assert_eq!(Some(first), received(channel, &body).ok());
        }
    }

    #[test]
    fn bytes_that_are_no_json_are_refused(
        channel in prop::sample::select(vec!["telegram", "x", "discord", "webchat"]),
        body in "[^{\\[\"0-9tfn \t\r\n-]\\PC{0,80}",
    ) {
        prop_assert!(received(channel, &body).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_channel_says_more_than_it_takes(reply in spoken()) {
        let all = &*CHANNELS;
        for part in all.telegram.render(&reply) {
            prop_assert!(utf16(&part.text) <= 4096);
        }
        for part in all.discord.render(&reply) {
            prop_assert!(utf16(part.payload["content"].as_str().unwrap_or_default()) <= 2000);
        }
        let direct = ReplyAddress { value: "dm:7".to_owned(), expires_at: None };
        for part in all.x.render_for(&reply, &direct) {
            prop_assert!(utf16(&part.text) <= 10_000);
        }
        for adapter in [&all.telegram as &dyn Adapter, &all.discord, &all.x, &all.webhook, &Webchat::new()] {
            let parts = adapter.render(&reply);
            prop_assert!(!parts.is_empty());
            prop_assert!(parts.iter().all(|part| part.weight > 0));
            prop_assert_eq!(&parts, &adapter.render(&reply));
        }
        let whole = all.webhook.render(&reply);
        prop_assert_eq!(whole[0].payload["text"].as_str(), Some(reply.text.as_str()));
    }
}
