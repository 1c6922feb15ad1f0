//! Discourse's JSON, as far as we read it. Nothing here is seen outside this folder.

use serde::Deserialize;

/// `GET /site.json`. <https://docs.discourse.org/#tag/Site/operation/getSite>
#[derive(Debug, Deserialize)]
pub(super) struct Site {
    pub(super) categories: Vec<Category>,
}

/// A category of the whole site's list.
#[derive(Debug, Deserialize)]
pub(super) struct Category {
    pub(super) id: i64,
    #[serde(default)]
    pub(super) read_restricted: bool,
}

/// `GET /categories.json`. <https://docs.discourse.org/#tag/Categories/operation/listCategories>
#[derive(Debug, Deserialize)]
pub(super) struct CategoryPage {
    pub(super) category_list: CategoryList,
}

/// Categories with those below them.
#[derive(Debug, Deserialize)]
pub(super) struct CategoryList {
    pub(super) categories: Vec<Nested>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Nested {
    #[serde(flatten)]
    pub(super) category: Category,
    #[serde(default)]
    pub(super) subcategory_list: Vec<Nested>,
}

impl CategoryList {
    /// All of them, whatever they stand below.
    pub(super) fn flat(self) -> Vec<Category> {
        let below = |nested: Nested| {
            let inner = Self { categories: nested.subcategory_list }.flat();
            std::iter::once(nested.category).chain(inner)
        };
        self.categories.into_iter().flat_map(below).collect()
    }
}

/// `GET /latest.json`. <https://docs.discourse.org/#tag/Topics/operation/listLatestTopics>
#[derive(Debug, Deserialize)]
pub(super) struct Latest {
    pub(super) topic_list: TopicList,
}

#[derive(Debug, Deserialize)]
pub(super) struct TopicList {
    pub(super) topics: Vec<TopicItem>,
    pub(super) more_topics_url: Option<String>,
}

/// A topic in a list; the Solved plugin adds `has_accepted_answer`.
#[derive(Debug, Deserialize)]
pub(super) struct TopicItem {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) title: String,
    #[serde(default)]
    pub(super) slug: String,
    #[serde(default)]
    pub(super) posts_count: u64,
    #[serde(default)]
    pub(super) like_count: u64,
    pub(super) category_id: Option<i64>,
    pub(super) bumped_at: Option<String>,
    pub(super) last_posted_at: Option<String>,
    #[serde(default)]
    pub(super) has_accepted_answer: bool,
}

/// `GET /t/{id}.json`. <https://docs.discourse.org/#tag/Topics/operation/getTopic>
///
/// The Solved plugin adds `accepted_answer`, or (where several solutions are allowed)
/// `accepted_answers`.
#[derive(Debug, Deserialize)]
pub(super) struct Topic {
    pub(super) id: u64,
    pub(super) title: String,
    #[serde(default)]
    pub(super) slug: String,
    pub(super) created_at: Option<String>,
    pub(super) category_id: Option<i64>,
    #[serde(default)]
    pub(super) archetype: String,
    #[serde(default = "yes")]
    pub(super) visible: bool,
    pub(super) deleted_at: Option<String>,
    #[serde(default)]
    pub(super) tags: Vec<Tag>,
    pub(super) post_stream: PostStream,
    pub(super) accepted_answer: Option<AcceptedRef>,
    #[serde(default)]
    pub(super) accepted_answers: Vec<AcceptedRef>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PostStream {
    #[serde(default)]
    pub(super) posts: Vec<Post>,
}

/// Where an accepted answer stands in its topic.
#[derive(Debug, Deserialize)]
pub(super) struct AcceptedRef {
    #[serde(rename = "post_number")]
    pub(super) number: u64,
}

/// A tag's name, or an object with it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Tag {
    Name(String),
    Object { name: String },
}

impl Tag {
    pub(super) fn into_name(self) -> String {
        match self {
            Self::Name(name) | Self::Object { name } => name,
        }
    }
}

/// A post: in a topic, alone (`GET /posts/{id}.json`), and in webhooks of type `post` and `solved`.
/// <https://docs.discourse.org/#tag/Posts/operation/getPost>
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Post {
    pub(super) id: u64,
    pub(super) topic_id: u64,
    #[serde(rename = "post_number")]
    pub(super) number: u64,
    pub(super) username: Option<String>,
    pub(super) created_at: Option<String>,
    #[serde(default)]
    pub(super) cooked: String,
    #[serde(default)]
    pub(super) hidden: bool,
    pub(super) deleted_at: Option<String>,
    #[serde(default)]
    pub(super) user_deleted: bool,
    #[serde(default)]
    pub(super) actions_summary: Vec<Action>,
    #[serde(default)]
    pub(super) accepted_answer: bool,
    pub(super) locale: Option<String>,
}

/// What people did with a post; 2 is a like.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Action {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) count: i64,
}

/// `GET /search.json`. <https://docs.discourse.org/#tag/Search/operation/search>
#[derive(Debug, Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    pub(super) topics: Vec<TopicItem>,
}

/// `GET /session/current.json`, with a key.
#[derive(Debug, Deserialize)]
pub(super) struct Session {
    pub(super) current_user: CurrentUser,
}

#[derive(Debug, Deserialize)]
pub(super) struct CurrentUser {
    pub(super) username: String,
}

/// What a refused call is answered with.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Refusal {
    #[serde(default)]
    pub(super) errors: Vec<String>,
    pub(super) extras: Option<Extras>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Extras {
    pub(super) wait_seconds: Option<u64>,
}

/// The body of a webhook, named by its kind. <https://meta.discourse.org/t/49045>
#[derive(Debug, Deserialize)]
pub(super) struct Delivery {
    pub(super) post: Option<PostRef>,
    pub(super) solved: Option<PostRef>,
    pub(super) topic: Option<TopicRef>,
}

/// Which post a webhook is about.
#[derive(Debug, Deserialize)]
pub(super) struct PostRef {
    pub(super) id: u64,
    pub(super) topic_id: u64,
}

/// Which topic a webhook is about.
#[derive(Debug, Deserialize)]
pub(super) struct TopicRef {
    pub(super) id: u64,
}

fn yes() -> bool {
    true
}
