//! How the fake forum shows what it has: the real one's JSON, with the Solved plugin's fields.

use serde_json::{Value, json};

use super::world::{FakePost, FakeTopic, World};

/// What is shown before the first page ends.
const FIRST_POSTS: usize = 20;

impl World {
    pub(super) fn site(&self, sees_all: bool) -> Value {
        let seen = self.categories.iter().filter(|(_, (_, private))| sees_all || !private);
        let categories: Vec<Value> = seen
            .map(|(id, (name, private))| {
                json!({ "id": id, "name": name, "slug": name.to_lowercase(), "read_restricted": private })
            })
            .collect();
        json!({ "default_archetype": "regular", "categories": categories })
    }

    /// One page of a list; `solved` keeps those with an accepted answer.
    pub(super) fn list(&self, solved: bool, page: usize, sees_all: bool) -> Value {
        let listed = self.topics.values().filter(|topic| {
            let is_listed = topic.visible && !topic.deleted;
            topic.to.is_none()
                && is_listed
                && (sees_all || !self.is_private(topic))
                && (!solved || is_solved(topic))
        });
        let listed: Vec<&FakeTopic> = listed.collect();
        let (start, n) = (page * self.page_size, self.page_size);
        let topics: Vec<Value> =
            listed.iter().skip(start).take(n).map(|topic| self.item(topic)).collect();
        let mut list = json!({ "per_page": n, "topics": topics });
        if listed.len() > start + n {
            list["more_topics_url"] = json!(format!("/latest?page={}", page + 1));
        }
        json!({ "users": [], "topic_list": list })
    }

    pub(super) fn item(&self, topic: &FakeTopic) -> Value {
        let posts = self.posts_of(topic.id);
        json!({
            "id": topic.id, "title": topic.title, "fancy_title": topic.title,
            "slug": slug(&topic.title), "posts_count": posts.len(),
            "like_count": posts.iter().map(|post| post.likes).sum::<i64>(),
            "created_at": topic.created_at, "bumped_at": topic.bumped_at,
            "last_posted_at": topic.bumped_at, "archetype": archetype(topic),
            "visible": topic.visible,
            "closed": false, "archived": false, "tags": topic.tags,
            "category_id": topic.to.is_none().then_some(topic.category),
            "has_accepted_answer": is_solved(topic),
        })
    }

    /// A whole topic with its first posts.
    pub(super) fn whole(&self, topic: &FakeTopic) -> Value {
        let posts = self.posts_of(topic.id);
        let there: Vec<&&FakePost> = posts.iter().filter(|post| !post.deleted).collect();
        let shown: Vec<Value> =
            there.iter().take(FIRST_POSTS).map(|post| self.post(post, false)).collect();
        let mut whole = self.item(topic);
        whole["post_stream"] = json!({
            "posts": shown, "stream": there.iter().map(|post| post.id).collect::<Vec<_>>(),
        });
        whole["deleted_at"] = if topic.deleted { json!(self.now) } else { Value::Null };
        let accepted: Vec<Value> = topic.accepted.iter().map(|id| self.accepted(*id)).collect();
        match (self.several_solutions, accepted.into_iter().next_back()) {
            (_, None) => {}
            (false, Some(last)) => whole["accepted_answer"] = last,
            (true, Some(_)) => {
                let all = topic.accepted.iter().map(|id| self.accepted(*id));
                whole["accepted_answers"] = all.collect();
            }
        }
        whole
    }

    fn accepted(&self, id: u64) -> Value {
        let post = &self.posts[&id];
        json!({ "post_number": post.number, "username": post.author, "name": null, "excerpt": "…" })
    }

    /// A post; webhooks carry it as written too, and without what people did with it.
    pub(super) fn post(&self, post: &FakePost, in_webhook: bool) -> Value {
        let topic = &self.topics[&post.topic];
        let mut shown = json!({
            "id": post.id, "name": null, "username": post.author, "created_at": post.created_at,
            "cooked": cooked(&post.raw), "post_number": post.number, "post_type": 1,
            "updated_at": post.created_at, "topic_id": post.topic, "topic_slug": slug(&topic.title),
            "hidden": false, "trust_level": 1, "user_deleted": false, "version": 1,
            "deleted_at": if post.deleted { json!(self.now) } else { Value::Null },
            "accepted_answer": topic.accepted.contains(&post.id),
            "topic_accepted_answer": is_solved(topic),
        });
        if in_webhook {
            shown["raw"] = json!(post.raw);
            shown["topic_title"] = json!(topic.title);
            shown["topic_archetype"] = json!(archetype(topic));
            shown["category_id"] = json!(topic.category);
        } else {
            shown["actions_summary"] = match post.likes {
                0 => json!([]),
                likes => json!([{ "id": 2, "count": likes }]),
            };
        }
        shown
    }

    pub(super) fn post_event(&self, post: u64) -> Value {
        self.post(&self.posts[&post], true)
    }

    pub(super) fn topic_event(&self, topic: u64) -> Value {
        self.item(&self.topics[&topic])
    }

    pub(super) fn first_post(&self, topic: u64) -> Value {
        let first = self.posts_of(topic).first().map(|post| post.id);
        first.map_or(Value::Null, |id| self.post_event(id))
    }
}

fn archetype(topic: &FakeTopic) -> &'static str {
    if topic.to.is_some() { "private_message" } else { "regular" }
}

fn is_solved(topic: &FakeTopic) -> bool {
    !topic.accepted.is_empty()
}

/// Paragraphs and code in backticks; all the Markdown that tests need.
fn cooked(raw: &str) -> String {
    let escaped = raw.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let paragraphs: Vec<String> = escaped
        .split("\n\n")
        .map(|paragraph| {
            let parts = paragraph.split('`').enumerate();
            let parts = parts.map(|(at, part)| match at % 2 {
                0 => part.replace('\n', "<br>\n"),
                _ => format!("<code>{part}</code>"),
            });
            format!("<p>{}</p>", parts.collect::<String>())
        })
        .collect();
    paragraphs.join("\n")
}

pub(super) fn slug(title: &str) -> String {
    let words = title.to_lowercase();
    let words = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}
