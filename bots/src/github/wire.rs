//! GitHub's JSON, as far as we read it: GraphQL's answers and webhooks of discussions.
//! <https://docs.github.com/en/graphql/guides/using-the-graphql-api-for-discussions>

use serde::Deserialize;

/// What both questions ask of a discussion.
pub(super) const FIELDS: &str = "fragment D on Discussion { number title bodyHTML url createdAt \
    updatedAt author { login } labels(first: 20) { nodes { name } } answerChosenAt \
    answer { id bodyHTML url upvoteCount createdAt isMinimized author { login url } } }";

/// Any answer of GraphQL; the data is there, or errors say why not.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    pub(super) data: Option<Data>,
    #[serde(default)]
    pub(super) errors: Vec<Trouble>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Data {
    pub(super) repository: Option<Repository>,
    pub(super) viewer: Option<Login>,
}

/// An error among the answers.
#[derive(Debug, Deserialize)]
pub(super) struct Trouble {
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) message: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Repository {
    #[serde(default)]
    pub(super) is_private: bool,
    pub(super) discussions: Option<Discussions>,
    pub(super) discussion: Option<Discussion>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Discussions {
    pub(super) nodes: Vec<Discussion>,
    pub(super) page_info: PageInfo,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageInfo {
    pub(super) has_next_page: bool,
    pub(super) end_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Discussion {
    pub(super) number: u64,
    pub(super) title: String,
    #[serde(rename = "bodyHTML", default)]
    pub(super) html: String,
    pub(super) url: String,
    pub(super) created_at: Option<String>,
    pub(super) updated_at: Option<String>,
    /// Nobody, once the account is deleted.
    pub(super) author: Option<Login>,
    #[serde(default)]
    pub(super) labels: Option<Labels>,
    pub(super) answer_chosen_at: Option<String>,
    pub(super) answer: Option<Comment>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Labels {
    pub(super) nodes: Vec<Label>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Label {
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Comment {
    pub(super) id: String,
    #[serde(rename = "bodyHTML", default)]
    pub(super) html: String,
    pub(super) url: String,
    #[serde(default)]
    pub(super) upvote_count: i64,
    pub(super) created_at: Option<String>,
    /// Hidden by a maintainer as off-topic, outdated and the like.
    #[serde(default)]
    pub(super) is_minimized: bool,
    pub(super) author: Option<Login>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Login {
    pub(super) login: String,
    pub(super) url: Option<String>,
}

/// A refusal outside GraphQL.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Refusal {
    #[serde(default)]
    pub(super) message: String,
}

/// A webhook of `discussion` or `discussion_comment`.
/// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#discussion>
#[derive(Debug, Deserialize)]
pub(super) struct Delivery {
    #[serde(default)]
    pub(super) action: String,
    pub(super) discussion: Option<DiscussionRef>,
    pub(super) comment: Option<CommentRef>,
    pub(super) old_answer: Option<CommentRef>,
    pub(super) repository: Option<RepositoryRef>,
}

#[derive(Debug, Deserialize)]
pub(super) struct DiscussionRef {
    pub(super) number: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct CommentRef {
    pub(super) node_id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct RepositoryRef {
    pub(super) full_name: String,
}
