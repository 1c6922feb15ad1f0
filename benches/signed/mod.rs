//! A delivery to the generic webhook as it goes over the wire, signed with the real time.

use standardwebhooks::Webhook;

/// What deliveries are signed with.
pub(crate) const SECRET: &str = "whsec_c3VwZXJmYW4gc3VwZXJmYW4gc3VwZXJmYW4=";

/// The request that brings `body` under the id `id`.
pub(crate) fn delivery(webhook: &Webhook, id: &str, body: &str) -> Vec<u8> {
    #[expect(clippy::disallowed_methods, reason = "deliveries are signed with the real time")]
    let now = jiff::Timestamp::now().as_second();
    let signature = webhook.sign(id, now, body.as_bytes()).unwrap();
    format!(
        "POST /webhooks/webhook HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n\
         webhook-id: {id}\r\nwebhook-timestamp: {now}\r\nwebhook-signature: {signature}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
