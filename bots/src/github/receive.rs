//! What a webhook of a repository means for its answered discussions.

use super::verify::VerifiedBody;
use super::wire::Delivery;
use crate::{Change, ForumChange, ForumNews, ReceiveError};

/// Decodes a verified delivery; other repositories' are ignored.
pub(super) fn receive(body: &VerifiedBody, repository: &str) -> Result<ForumNews, ReceiveError> {
    let delivery: Delivery = serde_json::from_slice(body.bytes())
        .map_err(|error| ReceiveError::Undecodable(error.to_string()))?;
    let ignored = |reason: String| ForumNews { changes: Vec::new(), ignored: Some(reason) };
    let full_name = delivery.repository.as_ref().map(|repository| repository.full_name.as_str());
    if full_name.is_some_and(|name| !name.eq_ignore_ascii_case(repository)) {
        return Ok(ignored("another repository".to_owned()));
    }
    let Some(number) = delivery.discussion.as_ref().map(|discussion| discussion.number) else {
        return Ok(ignored("not about a discussion".to_owned()));
    };
    let (thing, what) = match &delivery.comment {
        Some(comment) => ("comment", of_comment(&delivery.action, &comment.node_id)),
        None => ("discussion", of_discussion(&delivery)),
    };
    let event = format!("{thing} {}", delivery.action);
    Ok(match what {
        None => ignored(format!("{event} is not for us")),
        Some(what) => {
            let change = ForumChange { topic: number.to_string(), event, what };
            ForumNews { changes: vec![change], ignored: None }
        }
    })
}

fn of_discussion(delivery: &Delivery) -> Option<Change> {
    match delivery.action.as_str() {
        "answered" => Some(Change::Accepted),
        "unanswered" => Some(match &delivery.old_answer {
            Some(answer) => Change::Withdrawn { answer: answer.node_id.clone() },
            None => Change::Gone,
        }),
        "deleted" | "transferred" => Some(Change::Gone),
        "edited" | "category_changed" | "labeled" | "unlabeled" => Some(Change::Edited),
        _ => None,
    }
}

fn of_comment(action: &str, node_id: &str) -> Option<Change> {
    match action {
        "edited" => Some(Change::Edited),
        "deleted" => Some(Change::Withdrawn { answer: node_id.to_owned() }),
        _ => None,
    }
}
