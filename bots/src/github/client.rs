//! Asking GraphQL: one call each, its answers in neutral words.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Response, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::Github;
use super::wire::{Answer, Data, Discussion, FIELDS, Refusal, Repository};
use crate::{AccountName, ForumAnswer, ForumError, ForumPage, ForumTopic, ListedTopic, TopicState};

/// How long one call may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long to wait when GitHub says "too many" and not how long.
const LONG_ENOUGH: Duration = Duration::from_mins(1);
/// Discussions of one page; whole texts come with it.
const PAGE: u64 = 50;

impl Github {
    pub(super) async fn list_answered(&self, page: Option<&str>) -> Result<ForumPage, ForumError> {
        let query = format!(
            "query($owner: String!, $name: String!, $n: Int!, $after: String) \
             {{ repository(owner: $owner, name: $name) {{ isPrivate discussions(first: $n, \
             after: $after, answered: true, orderBy: {{field: CREATED_AT, direction: ASC}}) \
             {{ nodes {{ ...D }} pageInfo {{ hasNextPage endCursor }} }} }} }} {FIELDS}"
        );
        let repository = self.ask(&query, json!({ "n": PAGE, "after": page })).await?;
        let is_private = repository.is_private;
        let Some(found) = repository.discussions else { return Ok(ForumPage::default()) };
        let topics = found.nodes.into_iter().map(|discussion| ListedTopic {
            id: discussion.number.to_string(),
            mark: discussion.updated_at.clone().unwrap_or_default(),
            state: Some(self.state(discussion, is_private)),
        });
        let next = found.page_info.end_cursor.filter(|_| found.page_info.has_next_page);
        Ok(ForumPage { topics: topics.collect(), next })
    }

    pub(super) async fn read_discussion(&self, number: &str) -> Result<TopicState, ForumError> {
        let Ok(number) = number.parse::<i32>() else { return Ok(TopicState::Gone) };
        let query = format!(
            "query($owner: String!, $name: String!, $number: Int!) {{ repository(owner: $owner, \
             name: $name) {{ isPrivate discussion(number: $number) {{ ...D }} }} }} {FIELDS}"
        );
        match self.ask(&query, json!({ "number": number })).await {
            Ok(Repository { discussion: Some(discussion), is_private, .. }) => {
                Ok(self.state(discussion, is_private))
            }
            Ok(_) | Err(ForumError::Missing { .. }) => Ok(TopicState::Gone),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn who_am_i(&self) -> Result<AccountName, ForumError> {
        let query = "query($owner: String!, $name: String!) { viewer { login } \
                     repository(owner: $owner, name: $name) { isPrivate } }";
        let data = self.call(query, json!({})).await?;
        let viewer = data.viewer.map_or("nobody".to_owned(), |viewer| format!("@{}", viewer.login));
        let mut notes = vec![format!("reads {}", self.config.repository)];
        if data.repository.is_some_and(|repository| repository.is_private) {
            notes.push("the repository is private: its answers are not given away".to_owned());
        }
        Ok(AccountName { name: viewer, notes })
    }

    fn state(&self, discussion: Discussion, is_private: bool) -> TopicState {
        if is_private {
            return TopicState::Hidden { reason: "in a private repository".to_owned() };
        }
        let chosen_at = discussion.answer_chosen_at;
        let answers = discussion.answer.into_iter().filter(|answer| !answer.is_minimized);
        let answers = answers.map(|answer| ForumAnswer {
            id: answer.id,
            html: answer.html,
            author_url: answer.author.as_ref().and_then(|author| author.url.clone()),
            author: answer.author.map(|author| author.login),
            url: answer.url,
            votes: answer.upvote_count,
            accepted_at: time(chosen_at.as_deref().or(answer.created_at.as_deref())),
            lang: None,
            licence: self.config.licence.clone(),
        });
        let labels = discussion.labels.map(|labels| labels.nodes).unwrap_or_default();
        TopicState::Public(Box::new(ForumTopic {
            answers: answers.collect(),
            id: discussion.number.to_string(),
            title: discussion.title,
            question: discussion.html,
            asker: discussion.author.map(|author| author.login),
            asked_at: time(discussion.created_at.as_deref()),
            tags: labels.into_iter().map(|label| label.name).collect(),
            url: discussion.url,
        }))
    }

    async fn ask(&self, query: &str, variables: Value) -> Result<Repository, ForumError> {
        let data = self.call(query, variables).await?;
        data.repository.ok_or_else(|| ForumError::Refused {
            reason: format!("there is no repository {} for this token", self.config.repository),
        })
    }

    async fn call(&self, query: &str, mut variables: Value) -> Result<Data, ForumError> {
        let (owner, name) = self.config.repository.split_once('/').unwrap_or_default();
        variables["owner"] = json!(owner);
        variables["name"] = json!(name);
        let mut url = self.config.api_url.clone();
        url.set_path(&format!("{}/graphql", url.path().trim_end_matches('/')));
        let mut request = self.http.post(url).timeout(PATIENCE);
        if let Some(token) = &self.config.token {
            request = request.bearer_auth(token.expose_secret());
        }
        let body = json!({ "query": query, "variables": variables });
        let answer = request.json(&body).send().await.map_err(|error| unreachable(&error))?;
        let wait = wait_of(&answer);
        if !answer.status().is_success() {
            return Err(refusal(answer, wait).await);
        }
        let bytes = answer.bytes().await.map_err(|error| unreachable(&error))?;
        let told: Answer = serde_json::from_slice(&bytes)
            .map_err(|error| ForumError::Unreadable { reason: error.to_string() })?;
        match told.errors.first() {
            None => {}
            Some(trouble) if trouble.kind == "RATE_LIMITED" => {
                let wait = wait.unwrap_or(LONG_ENOUGH);
                return Err(ForumError::Wait { wait, reason: trouble.message.clone() });
            }
            Some(trouble) if trouble.kind == "NOT_FOUND" => match told.data {
                // The repository is there, the discussion is not.
                Some(data) if data.repository.is_some() => {
                    return Err(ForumError::Missing { what: trouble.message.clone() });
                }
                _ => return Err(ForumError::Refused { reason: trouble.message.clone() }),
            },
            Some(trouble) => {
                return Err(ForumError::Unreadable { reason: trouble.message.clone() });
            }
        }
        told.data.ok_or_else(|| ForumError::Unreadable { reason: "no data".to_owned() })
    }
}

async fn refusal(answer: Response, wait: Option<Duration>) -> ForumError {
    let status = answer.status();
    let body = answer.bytes().await.unwrap_or_default();
    let said: Refusal = serde_json::from_slice(&body).unwrap_or_default();
    let reason = if said.message.is_empty() { status.to_string() } else { said.message };
    match status {
        StatusCode::TOO_MANY_REQUESTS => {
            ForumError::Wait { wait: wait.unwrap_or(LONG_ENOUGH), reason }
        }
        // The secondary limits are a 403 with a time to wait.
        StatusCode::FORBIDDEN if wait.is_some() => {
            ForumError::Wait { wait: wait.unwrap_or(LONG_ENOUGH), reason }
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ForumError::Refused { reason },
        _ => ForumError::Unreachable { reason },
    }
}

/// How long GitHub asks to be left alone: `retry-after`, or until the hour's allowance is back.
fn wait_of(answer: &Response) -> Option<Duration> {
    let header = |name: &str| answer.headers().get(name)?.to_str().ok();
    let number = |name: &str| header(name)?.trim().parse::<u64>().ok();
    if let Some(seconds) = number("retry-after") {
        return Some(Duration::from_secs(seconds));
    }
    if number("x-ratelimit-remaining")? > 0 {
        return None;
    }
    let told_at = jiff::fmt::rfc2822::parse(header("date")?).ok()?.timestamp().as_second();
    let seconds = number("x-ratelimit-reset")?.saturating_sub(u64::try_from(told_at).ok()?);
    Some(Duration::from_secs(seconds))
}

fn unreachable(error: &reqwest::Error) -> ForumError {
    let mut words = error.to_string();
    if let Some(url) = error.url() {
        words = words.replace(url.as_str(), "GitHub");
    }
    ForumError::Unreachable { reason: words }
}

fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}
