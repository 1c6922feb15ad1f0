//! The real Discord's checks of what may be written.
//! <https://discord.com/developers/docs/resources/message#create-message>

use serde_json::{Value, json};

use super::rest::Reply;

/// The refusal of a body, if it is to be refused.
pub(super) fn unfit(body: &Value) -> Option<Reply> {
    let content = body["content"].as_str().unwrap_or_default();
    let described = body["embeds"][0]["description"].as_str().unwrap_or_default();
    let form = |field: &str, words: &str| {
        let errors = json!({ field: { "_errors": [{ "code": "BASE_TYPE", "message": words }] } });
        let body = json!({ "message": "Invalid Form Body", "code": 50035, "errors": errors });
        Some(Reply { status: 400, body, headers: Vec::new() })
    };
    let buttons = body["components"][0]["components"].as_array();
    if content.is_empty() && described.is_empty() {
        return Some(Reply::problem(400, 50006, "Cannot send an empty message"));
    }
    if content.chars().count() > 2000 {
        return form("content", "Must be 2000 or fewer in length.");
    }
    if described.chars().count() > 4096 {
        return form("embeds", "Must be 4096 or fewer in length.");
    }
    let embed = &body["embeds"][0];
    let is_blank = |text: &Value| !text.is_null() && text.as_str().is_none_or(str::is_empty);
    if [&embed["title"], &embed["url"], &embed["footer"]["text"]].into_iter().any(is_blank) {
        return form("embeds", "This field is required");
    }
    if embed["title"].as_str().is_some_and(|title| title.chars().count() > 256) {
        return form("embeds", "Must be 256 or fewer in length.");
    }
    if body["nonce"].as_str().is_some_and(|nonce| nonce.len() > 25) {
        return form("nonce", "Must be 25 or fewer in length.");
    }
    if body["allowed_mentions"]["parse"] != json!([]) {
        return form("allowed_mentions", "would ping people");
    }
    let too_long = |button: &Value| {
        let n_chars = |field: &str| button[field].as_str().map_or(0, |text| text.chars().count());
        n_chars("label") > 80 || n_chars("custom_id") > 100
    };
    if buttons.is_some_and(|all| all.len() > 5 || all.iter().any(too_long)) {
        return form("components", "Must be between 1 and 5 in length.");
    }
    None
}
