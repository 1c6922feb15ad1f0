//! What the fake forum answers to each call, after checking who calls and how often.

use axum::body::Bytes;
use http::{HeaderMap, Method, Uri};
use serde_json::{Value, json};

use super::API_KEY;
use super::shown::slug;
use super::world::{FakeTopic, World};

/// The fewest characters of a title and of a post.
const SHORTEST: (usize, usize) = (15, 20);

/// A call.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Request {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn query(&self, name: &str) -> Option<String> {
        let query = self.uri.query().unwrap_or_default();
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
    }
}

/// What is answered, and what webhooks tell of it.
pub(super) struct Told {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) events: Vec<(&'static str, &'static str, Value)>,
}

impl Told {
    pub(super) fn new(status: u16, body: Value) -> Self {
        Self { status, body, headers: Vec::new(), events: Vec::new() }
    }

    pub(super) fn refusal(status: u16, words: &str, error_type: &str) -> Self {
        Self::new(status, json!({ "errors": [words], "error_type": error_type }))
    }

    pub(super) fn too_many(seconds: Option<u64>) -> Self {
        let words = "You’ve performed this action too many times, please try again later.";
        let mut told = Self::refusal(429, words, "rate_limit");
        if let Some(seconds) = seconds {
            told.body["extras"] = json!({ "wait_seconds": seconds, "time_left": "a while" });
            told.headers.push(("retry-after", seconds.to_string()));
        }
        told
    }

    fn not_found() -> Self {
        Self::refusal(404, "The requested URL or resource could not be found.", "not_found")
    }

    fn no_access() -> Self {
        let words = "You are not permitted to view the requested resource.";
        Self::refusal(403, words, "invalid_access")
    }

    fn invalid(errors: &[&str]) -> Self {
        Self::new(422, json!({ "action": "create_post", "errors": errors }))
    }
}

/// Does what is asked.
pub(super) fn run(world: &mut World, request: &Request) -> Told {
    match &mut world.calls_left {
        Some(0) => return Told::too_many(Some(1)),
        Some(left) => *left -= 1,
        None => {}
    }
    let caller = match (request.header("api-key"), request.header("api-username")) {
        (None, _) => None,
        (Some(key), Some(name)) if key == API_KEY && !world.revoked => Some(name.to_owned()),
        (Some(_), _) => {
            let words = "You are not permitted to view the requested resource. The API username \
                         or key is invalid.";
            return Told::refusal(403, words, "invalid_access");
        }
    };
    let path = request.uri.path().trim_start_matches('/').to_owned();
    let Some(path) = path.strip_suffix(".json") else { return Told::not_found() };
    let parts: Vec<&str> = path.split('/').collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("GET", _) => read(world, request, &parts, caller.is_some()),
        ("POST", ["posts"]) => match caller {
            Some(name) => create(world, request, &name),
            None => Told::refusal(403, "You need to be logged in to do that.", "not_logged_in"),
        },
        _ => Told::not_found(),
    }
}

fn read(world: &World, request: &Request, parts: &[&str], sees_all: bool) -> Told {
    match parts {
        ["site"] => Told::new(200, world.site(sees_all)),
        ["categories"] => {
            let site = world.site(sees_all);
            Told::new(200, json!({ "category_list": { "categories": site["categories"] } }))
        }
        ["session", "current"] if sees_all => {
            Told::new(200, json!({ "current_user": { "id": -1, "username": "system" } }))
        }
        ["latest"] => {
            let page = request.query("page").and_then(|page| page.parse().ok()).unwrap_or(0);
            let solved = request.query("solved").is_some_and(|solved| solved == "yes");
            Told::new(200, world.list(solved, page, sees_all))
        }
        ["search"] => search(world, &request.query("q").unwrap_or_default(), sees_all),
        ["t", "external_id", name] => redirect(world, name),
        ["t", id] => seen_topic(world, id, sees_all)
            .map_or_else(|refusal| *refusal, |topic| Told::new(200, world.whole(topic))),
        ["posts", "by_number", topic, number] => {
            let number = number.parse().ok();
            seen_topic(world, topic, sees_all).map_or_else(
                |refusal| *refusal,
                |topic| {
                    let posts = world.posts_of(topic.id);
                    let post = posts.iter().find(|post| Some(post.number) == number);
                    let post = post.filter(|post| !post.deleted);
                    post.map_or_else(Told::not_found, |p| Told::new(200, world.post(p, false)))
                },
            )
        }
        ["posts", id] => {
            let post = id.parse().ok().and_then(|id: u64| world.posts.get(&id));
            post.filter(|post| !post.deleted)
                .map_or_else(Told::not_found, |p| Told::new(200, world.post(p, false)))
        }
        _ => Told::not_found(),
    }
}

fn seen_topic<'a>(world: &'a World, id: &str, sees_all: bool) -> Result<&'a FakeTopic, Box<Told>> {
    let topic = id.parse().ok().and_then(|id: u64| world.topics.get(&id));
    match topic {
        None => Err(Box::new(Told::not_found())),
        Some(topic) if topic.deleted && !sees_all => Err(Box::new(Told::not_found())),
        Some(topic) if world.is_private(topic) && !sees_all => Err(Box::new(Told::no_access())),
        Some(topic) => Ok(topic),
    }
}

fn redirect(world: &World, name: &str) -> Told {
    let found = world.topics.values().find(|t| t.external_id.as_deref() == Some(name));
    found.map_or_else(Told::not_found, |topic| {
        let mut told = Told::new(302, json!({}));
        let place = format!("http://forum.example/t/{}/{}.json", slug(&topic.title), topic.id);
        told.headers.push(("location", place));
        told
    })
}

fn search(world: &World, words: &str, sees_all: bool) -> Told {
    let words: Vec<String> = words.to_lowercase().split_whitespace().map(str::to_owned).collect();
    if words.iter().all(|word| word.chars().count() < 3) {
        return Told::new(200, json!({ "posts": [], "topics": [] }));
    }
    let says_all = |topic: &&FakeTopic| {
        let posts = world.posts_of(topic.id);
        let said = posts.iter().map(|post| post.raw.as_str()).collect::<Vec<_>>().join(" ");
        let said = format!("{} {said}", topic.title).to_lowercase();
        words.iter().all(|word| said.contains(word))
    };
    let seen = world
        .topics
        .values()
        .filter(|topic| topic.visible && !topic.deleted && topic.to.is_none())
        .filter(|topic| sees_all || !world.is_private(topic));
    let topics: Vec<Value> = seen.filter(says_all).map(|topic| world.item(topic)).collect();
    Told::new(200, json!({ "posts": [], "topics": topics }))
}

fn create(world: &mut World, request: &Request, by: &str) -> Told {
    let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
        return Told::refusal(
            400,
            "param is missing or the value is empty: raw",
            "invalid_parameters",
        );
    };
    let text = |name: &str| match &body[name] {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let (title, raw, topic) = (text("title"), text("raw"), text("topic_id"));
    let to = (text("archetype") == "private_message").then(|| text("target_recipients"));
    if let Some(refusal) = unfit(world, (&title, &raw), &topic, to.as_deref()) {
        return refusal;
    }
    if !topic.is_empty() {
        let topic = match seen_topic(world, &topic, true) {
            Ok(topic) if !topic.deleted => topic.id,
            _ => return Told::refusal(403, "The topic is not there.", "invalid_access"),
        };
        let post = world.add_post(by, topic, &raw);
        let mut told = Told::new(200, world.post_event(post));
        told.events.push(("post", "post_created", world.post_event(post)));
        return told;
    }
    let external_id = Some(text("external_id")).filter(|name| !name.is_empty());
    let taken =
        world.topics.values().any(|t| external_id.is_some() && t.external_id == external_id);
    if taken {
        return Told::invalid(&["External has already been taken"]);
    }
    let category = text("category").parse().unwrap_or(super::SUPPORT);
    if !world.categories.contains_key(&category) {
        return Told::refusal(403, "You are not permitted to use that category.", "invalid_access");
    }
    let topic = world.open_topic(by, &title, &raw, category);
    let tags = body["tags"].as_array().cloned().unwrap_or_default();
    world.change_topic(topic, |topic| {
        topic.external_id = external_id;
        topic.to = to;
        topic.tags = tags.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    });
    let first = world.first_post(topic);
    let mut told = Told::new(200, first.clone());
    told.events.push(("topic", "topic_created", world.topic_event(topic)));
    told.events.push(("post", "post_created", first));
    told
}

/// Why the forum does not take a post, by its usual settings.
fn unfit(world: &World, (title, raw): (&str, &str), topic: &str, to: Option<&str>) -> Option<Told> {
    if to.is_some_and(|to| !world.has_member(to)) {
        return Some(Told::invalid(&["You must select a valid user."]));
    }
    let (shortest_title, shortest_raw) = SHORTEST;
    let mut errors: Vec<String> = Vec::new();
    if topic.is_empty() {
        let same = title.to_lowercase();
        if title.chars().count() < shortest_title {
            let minimum = format!("Title is too short (minimum is {shortest_title} characters)");
            errors.push(minimum);
        } else if to.is_none()
            && world
                .topics
                .values()
                .any(|t| !t.deleted && t.to.is_none() && t.title.to_lowercase() == same)
        {
            errors.push("Title has already been used".to_owned());
        }
    }
    if raw.chars().count() < shortest_raw {
        errors.push(format!("Body is too short (minimum is {shortest_raw} characters)"));
    } else if world.posts.values().any(|post| !post.deleted && post.raw == raw) {
        errors.push("Body is too similar to what you recently posted".to_owned());
    }
    let errors: Vec<&str> = errors.iter().map(String::as_str).collect();
    (!errors.is_empty()).then(|| Told::invalid(&errors))
}
