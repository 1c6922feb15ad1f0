//! Setting up the webhook and what is delivered to it.
//! <https://docs.x.com/x-api/webhooks/quickstart> <https://docs.x.com/x-api/activity/introduction>

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::outcome::{Answer, Attempt, outcome};
use super::{Api, Call, Endpoint, receive, refused};
use crate::{RefusalScope, SendError};

/// What we want to hear of.
const WANTED: [&str; 5] =
    ["post.mention.create", "post.reply.create", "post.delete", "dm.received", "oauth.revoke"];

#[derive(Deserialize)]
struct AppToken {
    access_token: String,
}

impl Api {
    /// Sets the webhook and the subscriptions; says what was done, one line each.
    pub(in crate::x) async fn register_webhook(
        &self,
        url: &Url,
        user_id: &str,
    ) -> Result<Vec<String>, SendError> {
        if url.scheme() != "https" || url.port().is_some() {
            let reason = format!("X delivers only to https addresses without a port, not to {url}");
            return Err(refused(RefusalScope::Part, reason));
        }
        let token = self.app_token().await?;
        let id = self.put_webhook(&token, url).await?;
        let mut done = vec![format!("webhook set to {url}")];
        for event in WANTED {
            let body = json!({
                "event_type": event, "filter": { "user_id": user_id }, "tag": "superfan",
                "webhook_id": id,
            });
            let call = Call {
                endpoint: Endpoint::Other,
                method: "POST",
                path: "/2/activity/subscriptions",
                query: &[],
                body: Some(body),
            };
            done.push(match self.ask::<Value>(call).await {
                Ok(_) => format!("subscribed to {event}"),
                Err(error) if is_there_already(&error) => format!("subscribed to {event} before"),
                Err(error) => format!("not subscribed to {event}: {error}"),
            });
        }
        Ok(done)
    }

    async fn put_webhook(&self, token: &str, url: &Url) -> Result<String, SendError> {
        let list = self.as_app("GET", "/2/webhooks", token, None).await?;
        let webhooks = list.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
        let id_of = |webhook: &Value| webhook.get("id")?.as_str().map(str::to_owned);
        let is_ours =
            |webhook: &&Value| webhook.get("url").and_then(Value::as_str) == Some(url.as_str());
        if let Some(id) = webhooks.iter().find(is_ours).and_then(id_of) {
            // Asks X to check it again, should it have found it broken.
            self.as_app("PUT", &format!("/2/webhooks/{id}"), token, None).await?;
            return Ok(id);
        }
        let made = self.as_app("POST", "/2/webhooks", token, Some(json!({ "url": url }))).await?;
        let id = made.get("data").and_then(id_of).or_else(|| id_of(&made));
        id.ok_or_else(|| SendError::Unknown { reason: "X named no webhook".to_owned() })
    }

    /// Webhooks belong to the application, not to the account.
    async fn app_token(&self) -> Result<String, SendError> {
        let credentials = self.auth.application().ok_or_else(|| {
            let reason = "set X_CONSUMER_KEY and X_CONSUMER_SECRET: webhooks are the application's";
            refused(RefusalScope::Part, reason.to_owned())
        })?;
        let request = self
            .http
            .post(format!("{}/oauth2/token", self.base))
            .timeout(self.time_out)
            .header(http::header::AUTHORIZATION, credentials)
            .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials");
        let token: AppToken = self.judged(receive(request).await?)?.read()?;
        Ok(token.access_token)
    }

    async fn as_app(
        &self,
        method: &'static str,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> Result<Value, SendError> {
        let method = method.parse().expect("methods are spelled right here");
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.base))
            .timeout(self.time_out)
            .header(http::header::AUTHORIZATION, format!("Bearer {token}"));
        if let Some(body) = &body {
            request = request.json(body);
        }
        Ok(self.judged(receive(request).await?)?.body.unwrap_or(Value::Null))
    }

    fn judged(&self, answer: Answer) -> Result<Answer, SendError> {
        let attempt = Attempt {
            endpoint: Endpoint::Other,
            now: self.now(),
            key: "",
            in_doubt: false,
            renewable: false,
        };
        outcome(&answer, &attempt)?;
        Ok(answer)
    }
}

/// Whether X refuses a subscription because it has it.
fn is_there_already(error: &SendError) -> bool {
    let words = error.to_string().to_lowercase();
    ["already", "duplicate"].iter().any(|word| words.contains(word))
}
