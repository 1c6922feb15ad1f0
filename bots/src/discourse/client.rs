//! Asking the forum: one call each, its answers in neutral words.
//! <https://docs.discourse.org>

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use url::Url;

use super::wire::{CategoryPage, Latest, Post, Refusal, Session, Site, Tag, Topic};
use super::{Categories, Discourse};
use crate::{AccountName, ForumAnswer, ForumError, ForumPage, ForumTopic, ListedTopic, TopicState};

/// How long one call may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait when the forum says "too many" and not how long.
const LONG_ENOUGH: Duration = Duration::from_mins(1);
/// For how many topics the list of categories counts before it is read again.
const GOOD_FOR: u32 = 30;
/// The number of a like among what people do with posts.
const LIKE: u64 = 2;

impl Discourse {
    pub(super) async fn list_solved(&self, page: Option<&str>) -> Result<ForumPage, ForumError> {
        if page.is_none() {
            self.learn_categories().await?;
        }
        let page: u64 = page.unwrap_or("0").parse().map_err(|_| ForumError::Unreadable {
            reason: "the page to go on from is no number".to_owned(),
        })?;
        let number = page.to_string();
        let query = [
            ("solved", "yes"),
            ("order", "created"),
            ("ascending", "true"),
            ("no_definitions", "true"),
            ("page", &number),
        ];
        let latest: Latest = self.read("latest.json", &query).await?;
        let list = latest.topic_list;
        let has_more = list.more_topics_url.is_some() && !list.topics.is_empty();
        let solved = list.topics.into_iter().filter(|topic| topic.has_accepted_answer);
        let topics = solved.map(|topic| ListedTopic {
            id: topic.id.to_string(),
            mark: format!(
                "{} {} {} {} {}",
                topic.bumped_at.unwrap_or_default(),
                topic.last_posted_at.unwrap_or_default(),
                topic.posts_count,
                topic.like_count,
                topic.category_id.unwrap_or_default(),
            ),
            state: None,
        });
        Ok(ForumPage { topics: topics.collect(), next: has_more.then(|| (page + 1).to_string()) })
    }

    pub(super) async fn read_topic(&self, id: &str) -> Result<TopicState, ForumError> {
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(TopicState::Gone);
        }
        let topic: Topic = match self.read(&format!("t/{id}.json"), &[]).await {
            Ok(topic) => topic,
            // Without the right to see it we cannot tell it from a deleted one.
            Err(ForumError::Missing { .. }) => return Ok(TopicState::Gone),
            Err(ForumError::Refused { reason }) => return self.is_it_us(reason).await,
            Err(error) => return Err(error),
        };
        if topic.deleted_at.is_some() {
            return Ok(TopicState::Gone);
        }
        if let Some(reason) = self.why_hidden(&topic).await? {
            return Ok(TopicState::Hidden { reason });
        }
        let accepted = self.accepted_posts(&topic).await?;
        Ok(TopicState::Public(Box::new(self.in_words(topic, &accepted))))
    }

    /// A refusal of one topic is about the topic where our key is good otherwise.
    async fn is_it_us(&self, reason: String) -> Result<TopicState, ForumError> {
        match self.read::<Site>("site.json", &[]).await {
            Ok(_) => Ok(TopicState::Gone),
            Err(ForumError::Refused { .. }) => Err(ForumError::Refused { reason }),
            Err(error) => Err(error),
        }
    }

    /// Why a topic that we can see is not for everybody.
    async fn why_hidden(&self, topic: &Topic) -> Result<Option<String>, ForumError> {
        if !matches!(topic.archetype.as_str(), "" | "regular") {
            return Ok(Some("a private message".to_owned()));
        }
        if !topic.visible {
            return Ok(Some("unlisted".to_owned()));
        }
        let Some(category) = topic.category_id else { return Ok(None) };
        let mut known = self.known_category(category);
        if known.is_none() {
            self.learn_categories().await?;
            known = self.known_category(category);
        }
        // A category that the site does not list is nobody's to read.
        let is_closed = known.unwrap_or(true);
        Ok(is_closed.then(|| "in a private category".to_owned()))
    }

    /// Whether a category is closed; forgotten now and then, for categories are closed and opened.
    fn known_category(&self, id: i64) -> Option<bool> {
        let mut known = self.categories.lock().expect("nothing panics while it holds this lock");
        known.n_asked += 1;
        if known.n_asked > GOOD_FOR {
            known.closed.clear();
        }
        known.closed.get(&id).copied()
    }

    async fn learn_categories(&self) -> Result<(), ForumError> {
        let listed = match self.read::<Site>("site.json", &[]).await {
            Ok(site) => site.categories,
            // Where only lists are let through, theirs says the same.
            Err(ForumError::Missing { .. }) => {
                let query = [("include_subcategories", "true")];
                let list: CategoryPage = self.read("categories.json", &query).await?;
                list.category_list.flat()
            }
            Err(error) => return Err(error),
        };
        let told = listed.into_iter().map(|c| (c.id, c.read_restricted));
        let mut known = self.categories.lock().expect("nothing panics while it holds this lock");
        *known = Categories { closed: told.collect(), n_asked: 0 };
        Ok(())
    }

    /// The accepted posts of a topic, those beyond its first page asked for one by one.
    async fn accepted_posts(&self, topic: &Topic) -> Result<Vec<Post>, ForumError> {
        let named = topic.accepted_answers.iter().chain(&topic.accepted_answer);
        let marked = topic.post_stream.posts.iter().filter(|post| post.accepted_answer);
        let numbers = named.map(|named| named.number);
        let mut numbers: Vec<u64> = numbers.chain(marked.map(|post| post.number)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut posts = Vec::with_capacity(numbers.len());
        for number in numbers {
            let shown = topic.post_stream.posts.iter().find(|post| post.number == number);
            let post = match shown {
                Some(post) => Some(post.clone()),
                None => self.read_post(topic.id, number).await?,
            };
            let is_there =
                |post: &Post| post.deleted_at.is_none() && !post.hidden && !post.user_deleted;
            posts.extend(post.filter(is_there));
        }
        Ok(posts)
    }

    async fn read_post(&self, topic: u64, number: u64) -> Result<Option<Post>, ForumError> {
        match self.read(&format!("posts/by_number/{topic}/{number}.json"), &[]).await {
            Ok(post) => Ok(Some(post)),
            Err(ForumError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn in_words(&self, topic: Topic, accepted: &[Post]) -> ForumTopic {
        let url = self.topic_url(&topic.slug, topic.id);
        let question = topic.post_stream.posts.iter().find(|post| post.number == 1);
        let answers = accepted.iter().map(|post| ForumAnswer {
            id: post.id.to_string(),
            html: post.cooked.clone(),
            author: post.username.clone(),
            author_url: post.username.as_ref().map(|name| self.at(&format!("u/{name}")).into()),
            url: format!("{url}/{}", post.number),
            votes: likes(post),
            accepted_at: time(post.created_at.as_deref()),
            lang: post.locale.clone(),
            licence: self.config.licence.clone(),
        });
        ForumTopic {
            answers: answers.collect(),
            id: topic.id.to_string(),
            title: topic.title,
            question: question.map(|post| post.cooked.clone()).unwrap_or_default(),
            asker: question.and_then(|post| post.username.clone()),
            asked_at: time(topic.created_at.as_deref()),
            tags: topic.tags.into_iter().map(Tag::into_name).collect(),
            url,
        }
    }

    pub(super) async fn who_am_i(&self) -> Result<AccountName, ForumError> {
        let site: Site = self.read("site.json", &[]).await?;
        let n_closed = site.categories.iter().filter(|category| category.read_restricted).count();
        let mut notes =
            vec![format!("{} categories, {n_closed} of them private", site.categories.len())];
        if self.config.api_key.is_none() {
            notes.push("read without a key: nothing can be posted there".to_owned());
            return Ok(AccountName { name: self.config.url.to_string(), notes });
        }
        let session: Session = self.read("session/current.json", &[]).await?;
        Ok(AccountName { name: format!("@{}", session.current_user.username), notes })
    }

    pub(super) fn topic_url(&self, slug: &str, id: u64) -> String {
        let slug = if slug.is_empty() { "-" } else { slug };
        self.at(&format!("t/{slug}/{id}")).into()
    }

    /// An address below the forum's own.
    pub(super) fn at(&self, path: &str) -> Url {
        let mut url = self.config.url.clone();
        url.set_path(&format!("{}/{path}", url.path().trim_end_matches('/')));
        url
    }

    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, ForumError> {
        let mut url = self.at(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let answer = self.send(self.http.request(Method::GET, url)).await?;
        parse(answer).await
    }

    /// Sends one request; what the forum refuses is an error with its words.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Response, ForumError> {
        let mut request = request.timeout(PATIENCE).header("accept", "application/json");
        if let Some(key) = &self.config.api_key {
            request = request.header("api-key", key.expose_secret());
            request = request.header("api-username", &self.config.api_user);
        }
        let answer = request
            .send()
            .await
            .map_err(|error| ForumError::Unreachable { reason: error.without_url().to_string() })?;
        if answer.status().is_success() || answer.status().is_redirection() {
            return Ok(answer);
        }
        Err(refusal(answer).await)
    }
}

pub(super) async fn parse<T: DeserializeOwned>(answer: Response) -> Result<T, ForumError> {
    let status = answer.status();
    if status.is_redirection() {
        let reason = format!("{status}: it wants to be read at another address; set its URL so");
        return Err(ForumError::Refused { reason });
    }
    let bytes = answer
        .bytes()
        .await
        .map_err(|error| ForumError::Unreachable { reason: error.without_url().to_string() })?;
    serde_json::from_slice(&bytes)
        .map_err(|error| ForumError::Unreadable { reason: error.to_string() })
}

/// What a refusal means. A 429 says how long to wait in a header, or in its body.
async fn refusal(answer: Response) -> ForumError {
    let status = answer.status();
    let retry_after = answer.headers().get(reqwest::header::RETRY_AFTER);
    let retry_after = retry_after.and_then(|wait| wait.to_str().ok()?.trim().parse().ok());
    let path = answer.url().path().to_owned();
    let body = answer.bytes().await.unwrap_or_default();
    let said: Refusal = serde_json::from_slice(&body).unwrap_or_default();
    let words = match said.errors.as_slice() {
        [] => format!("{status}"),
        errors => errors.join("; "),
    };
    match status {
        StatusCode::TOO_MANY_REQUESTS => {
            let told = said.extras.and_then(|extras| extras.wait_seconds);
            let wait = told.into_iter().chain(retry_after).max().map(Duration::from_secs);
            ForumError::Wait { wait: wait.unwrap_or(LONG_ENOUGH), reason: words }
        }
        StatusCode::NOT_FOUND | StatusCode::GONE => ForumError::Missing { what: path },
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ForumError::Refused { reason: words },
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST => {
            let reasons = if said.errors.is_empty() { vec![words] } else { said.errors };
            ForumError::Rejected { reasons }
        }
        StatusCode::SERVICE_UNAVAILABLE if retry_after.is_some() => ForumError::Wait {
            wait: retry_after.map_or(LONG_ENOUGH, Duration::from_secs),
            reason: words,
        },
        _ => ForumError::Unreachable { reason: words },
    }
}

fn likes(post: &Post) -> i64 {
    post.actions_summary.iter().find(|action| action.id == LIKE).map_or(0, |like| like.count)
}

fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}
