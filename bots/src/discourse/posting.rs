//! Posting to the forum, and looking whether it is there already.
//! <https://docs.discourse.org/#tag/Topics/operation/createTopicPostPM>

use reqwest::Method;
use reqwest::header::LOCATION;
use serde_json::{Value, json};

use super::Discourse;
use super::client::parse;
use super::wire::{Post, Search, TopicItem};
use crate::{ForumError, FoundTopic, NewTopic, Posted};

impl Discourse {
    /// Opens a topic, or writes a private message.
    ///
    /// With an [`NewTopic::external_id`] nothing is opened twice: after a call whose outcome is
    /// unknown, ask [`Self::topic_by_external_id`], or simply call again (the forum rejects it).
    /// Errors: [`ForumError::Rejected`] with the forum's words for a title or text it does not take.
    pub async fn create_topic(&self, new: &NewTopic) -> Result<Posted, ForumError> {
        let mut body = json!({ "title": new.title, "raw": new.raw });
        if let Some(member) = &new.to {
            body["archetype"] = json!("private_message");
            body["target_recipients"] = json!(member);
        }
        if let Some(category) = new.category.as_ref().filter(|_| new.to.is_none()) {
            body["category"] = json!(category);
        }
        if !new.tags.is_empty() {
            body["tags"] = json!(new.tags);
        }
        if let Some(external_id) = &new.external_id {
            body["external_id"] = json!(external_id);
        }
        self.post(&body).await
    }

    /// Replies in a topic.
    pub async fn create_post(&self, topic: &str, raw: &str) -> Result<Posted, ForumError> {
        self.post(&json!({ "topic_id": topic, "raw": raw })).await
    }

    /// The id of the topic that was opened with this name of ours, if one was.
    pub async fn topic_by_external_id(&self, name: &str) -> Result<Option<String>, ForumError> {
        let url = self.at(&format!("t/external_id/{name}.json"));
        let answer = match self.send(self.http.request(Method::GET, url)).await {
            Ok(answer) => answer,
            Err(ForumError::Missing { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let place = answer.headers().get(LOCATION).and_then(|place| place.to_str().ok());
        let place = place.ok_or_else(|| ForumError::Unreadable {
            reason: "it does not say where the topic is".to_owned(),
        })?;
        let path = place.split(['?', '#']).next().unwrap_or_default();
        let id = path.trim_end_matches(".json").rsplit('/').find(|part| is_number(part));
        Ok(id.map(str::to_owned))
    }

    /// Topics that the forum's own search finds, best first.
    pub async fn search(&self, words: &str) -> Result<Vec<FoundTopic>, ForumError> {
        let found: Search = self.read("search.json", &[("q", words)]).await?;
        let topic = |topic: TopicItem| FoundTopic {
            url: self.topic_url(&topic.slug, topic.id),
            id: topic.id.to_string(),
            title: topic.title,
            solved: topic.has_accepted_answer,
            n_posts: topic.posts_count,
        };
        Ok(found.topics.into_iter().map(topic).collect())
    }

    async fn post(&self, body: &Value) -> Result<Posted, ForumError> {
        let request = self.http.request(Method::POST, self.at("posts.json")).json(body);
        let post: Post = parse(self.send(request).await?).await?;
        let url = format!("{}/{}", self.topic_url("", post.topic_id), post.number);
        Ok(Posted { topic: post.topic_id.to_string(), post: post.id.to_string(), url })
    }
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}
