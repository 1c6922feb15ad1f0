//! One request to Discord, with its pace kept and its answer read.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::limits::{Limits, Route};
use super::outcome::{Answer, Failure, Speaker, outcome};
use crate::SendError;
use crate::text::with_causes;

/// Discord refuses requests that do not say who they are from.
const USER_AGENT: &str = concat!("DiscordBot (superfan, ", env!("CARGO_PKG_VERSION"), ")");

/// Discord's HTTP interface for one token.
#[derive(Clone)]
pub(in crate::discord) struct Api {
    http: reqwest::Client,
    base: String,
    token: SecretString,
    time_out: Duration,
    limits: Arc<Limits>,
}

/// One request.
pub(in crate::discord) struct Call<'a> {
    pub(in crate::discord) method: Method,
    /// After `/api/v10/`.
    pub(in crate::discord) path: String,
    pub(super) route: Route<'a>,
    pub(in crate::discord) speaker: Speaker,
    pub(in crate::discord) body: Option<Value>,
}

impl Api {
    pub(in crate::discord) fn new(
        http: reqwest::Client,
        base: &Url,
        token: SecretString,
        time_out: Duration,
    ) -> Self {
        let base = format!("{}/api/v10", base.as_str().trim_end_matches('/'));
        Self { http, base, token, time_out, limits: Arc::default() }
    }

    /// How long a call may take from now on.
    pub(in crate::discord) fn answer_within(&mut self, time_out: Duration) {
        self.time_out = time_out;
    }

    /// The bot's token.
    pub(in crate::discord) fn token(&self) -> &SecretString {
        &self.token
    }

    /// One paced request.
    pub(in crate::discord) async fn call(
        &self,
        call: Call<'_>,
        now: Timestamp,
    ) -> Result<Value, Failure> {
        self.limits.enter(call.route, now).map_err(Failure::from)?;
        let (route, speaker) = (call.route, call.speaker);
        let answer = self.request(call).await.map_err(Failure::from)?;
        self.limits.note(route, answer.status, &answer.headers, now);
        outcome(answer, speaker)
    }

    /// Reads something; the caller keeps the pace.
    pub(in crate::discord) async fn fetch(&self, path: &str) -> Result<Value, Failure> {
        self.unpaced(Method::GET, path.to_owned(), None).await
    }

    /// Changes a setting of ours; rare, so it is not paced.
    pub(in crate::discord) async fn write(
        &self,
        method: Method,
        path: String,
        body: Value,
    ) -> Result<Value, Failure> {
        self.unpaced(method, path, Some(body)).await
    }

    /// Shows that an answer is being looked for; the caller keeps the pace.
    pub(in crate::discord) async fn show_typing(&self, channel: &str) -> Result<Value, Failure> {
        self.unpaced(Method::POST, format!("channels/{channel}/typing"), Some(json!({}))).await
    }

    /// Answers an interaction at once; its content follows by its token.
    pub(in crate::discord) async fn call_back(
        &self,
        (id, token): (&str, &str),
        answer: &Value,
    ) -> Result<Value, Failure> {
        let call = Call {
            method: Method::POST,
            path: format!("interactions/{id}/{token}/callback"),
            route: Route { kind: "webhook", major: token },
            speaker: Speaker::Interaction,
            body: Some(answer.clone()),
        };
        outcome(self.request(call).await.map_err(Failure::from)?, Speaker::Interaction)
    }

    async fn unpaced(
        &self,
        method: Method,
        path: String,
        body: Option<Value>,
    ) -> Result<Value, Failure> {
        let route = Route { kind: "other", major: "" };
        let call = Call { method, path, route, speaker: Speaker::Bot, body };
        outcome(self.request(call).await.map_err(Failure::from)?, Speaker::Bot)
    }

    /// `Err` only if there is no status: never connected, or lost on the way.
    async fn request(&self, call: Call<'_>) -> Result<Answer, SendError> {
        let url = format!("{}/{}", self.base, call.path);
        let mut request = self.http.request(call.method, url).timeout(self.time_out);
        request = request.header(http::header::USER_AGENT, USER_AGENT);
        if call.speaker == Speaker::Bot {
            let token = format!("Bot {}", self.token.expose_secret());
            request = request.header(http::header::AUTHORIZATION, token);
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| {
            // The address may contain a token.
            let error = error.without_url();
            let reason = with_causes(&error);
            if error.is_connect() || error.is_builder() {
                SendError::NotSent { reason }
            } else {
                SendError::Unknown { reason }
            }
        })?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = match response.bytes().await {
            Ok(body) if body.is_empty() => Some(Value::Null),
            Ok(body) => serde_json::from_slice(&body).ok(),
            Err(_) => None,
        };
        Ok(Answer { status, headers, body })
    }
}

impl From<SendError> for Failure {
    fn from(error: SendError) -> Self {
        Self { error, status: 0, code: 0 }
    }
}
