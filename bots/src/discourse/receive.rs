//! What a webhook of the forum means. Its body says which topic, its headers what happened there;
//! only the body is signed, so an event is never more than a hint to look, or to hold an answer
//! back until somebody looked.

use super::verify::VerifiedBody;
use super::wire::{Delivery, PostRef, TopicRef};
use crate::{Change, ForumChange, ForumNews, ReceiveError};

/// What happened, as Discourse names it: `accepted_solution`, `post_edited` …
pub(super) const EVENT_HEADER: &str = "x-discourse-event";

/// Decodes a verified delivery.
pub(super) fn receive(body: &VerifiedBody, event: Option<&str>) -> Result<ForumNews, ReceiveError> {
    let delivery: Delivery = serde_json::from_slice(body.bytes())
        .map_err(|error| ReceiveError::Undecodable(error.to_string()))?;
    let event = event.unwrap_or("ping");
    let change = match delivery {
        Delivery { solved: Some(post), .. } => of_solution(event, &post),
        Delivery { post: Some(post), .. } => of_post(event, &post),
        Delivery { topic: Some(topic), .. } => of_topic(event, &topic),
        Delivery { .. } => None,
    };
    Ok(match change {
        Some((topic, what)) => {
            let change = ForumChange { topic: topic.to_string(), event: event.to_owned(), what };
            ForumNews { changes: vec![change], ignored: None }
        }
        None => ForumNews { changes: Vec::new(), ignored: Some(format!("{event} is not for us")) },
    })
}

fn of_solution(event: &str, post: &PostRef) -> Option<(u64, Change)> {
    let what = match event {
        "accepted_solution" => Change::Accepted,
        "unaccepted_solution" => Change::Withdrawn { answer: post.id.to_string() },
        _ => return None,
    };
    Some((post.topic_id, what))
}

fn of_post(event: &str, post: &PostRef) -> Option<(u64, Change)> {
    let what = match event {
        "post_edited" | "post_recovered" => Change::Edited,
        "post_destroyed" => Change::Withdrawn { answer: post.id.to_string() },
        _ => return None,
    };
    Some((post.topic_id, what))
}

fn of_topic(event: &str, topic: &TopicRef) -> Option<(u64, Change)> {
    let what = match event {
        "topic_destroyed" => Change::Gone,
        "topic_recovered" => Change::Accepted,
        "topic_edited" => Change::Edited,
        event if event.ends_with("_status_updated") => Change::Edited,
        _ => return None,
    };
    Some((topic.id, what))
}
