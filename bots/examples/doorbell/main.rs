//! A whole channel in six small files, against its own fake platform: `docs/adding-a-channel.md`
//! walks through it. `cargo run -p superfan-bots --example doorbell` rings and is answered.
#![expect(clippy::print_stdout, reason = "the example shows what it does")]

mod fake;
mod receive;
mod render;
mod send;
mod verify;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;
use superfan_bots::fakes::http_client;
use superfan_bots::{
    AccountName, Adapter, ChannelKind, Outgoing, Part, Quota, QuotaScope, ReceiveError, Received,
    Reply, ReplyKind, SendError, Sent, WebhookRequest,
};
use url::Url;

/// One account on Doorbell.
struct Doorbell {
    secret: SecretString,
    api_url: Url,
    http: reqwest::Client,
}

/// Doorbell takes one message a second.
static QUOTAS: [Quota; 1] =
    [Quota { scope: QuotaScope::Channel, n: 1, per: Duration::from_secs(1), burst: 1 }];

#[async_trait]
impl Adapter for Doorbell {
    fn kind(&self) -> ChannelKind {
        // A real channel has a kind of its own.
        ChannelKind::Webhook
    }

    fn receive(&self, request: &WebhookRequest, now: Timestamp) -> Result<Received, ReceiveError> {
        receive::decode(&verify::verify(request, &self.secret)?, now)
    }

    fn render(&self, reply: &Reply) -> Vec<Part> {
        render::render(reply)
    }

    async fn send(&self, outgoing: Outgoing<'_>) -> Result<Sent, SendError> {
        send::say(&self.http, &self.api_url, outgoing).await
    }

    fn repeats_safely(&self) -> bool {
        // Doorbell drops a second message with a key it has seen.
        true
    }

    fn quotas(&self) -> &'static [Quota] {
        &QUOTAS
    }

    async fn check(&self) -> Result<AccountName, SendError> {
        Ok(AccountName { name: "the front door".to_owned(), notes: Vec::new() })
    }

    async fn register(&self, _: Option<&Url>) -> Result<Vec<String>, SendError> {
        Ok(vec!["nothing to set: Doorbell is told its webhook by hand".to_owned()])
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let platform = fake::FakeDoorbell::start().await;
    let doorbell =
        Doorbell { secret: fake::SECRET.into(), api_url: platform.url(), http: http_client() };
    let now = Timestamp::UNIX_EPOCH;
    let delivery = fake::ring("ana", "How do I reset it? <3");
    let received = doorbell.receive(&delivery, now).expect("the fake signs what it delivers");
    let message = &received.messages[0];
    println!("heard {:?} from {}", message.content, message.author.id);

    let reply = Reply {
        kind: ReplyKind::Answer,
        text: "Hold the button for ten seconds. ".repeat(8),
        credit: None,
        buttons: Vec::new(),
        lang: "en".to_owned(),
        answer_id: None,
        confidence: None,
        human: None,
        in_reply_to: message.message_id.clone(),
    };
    for (number, part) in doorbell.render(&reply).iter().enumerate() {
        let key = format!("out_{number}");
        let outgoing = Outgoing {
            address: &message.address,
            part,
            key: &key,
            now,
            previous: None,
            in_doubt_since: None,
        };
        // The second time is a repeat after an answer that got lost.
        for _ in 0..2 {
            doorbell.send(outgoing).await.expect("the fake takes it");
        }
    }
    for said in platform.said() {
        println!("said {said:?}");
        assert!(said.chars().count() <= render::LIMIT, "longer than Doorbell takes");
    }
}
