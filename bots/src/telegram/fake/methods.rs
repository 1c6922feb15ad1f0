//! The methods of the Bot API that the fake answers, with the real ones' checks and words.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::markup::visible_text;
use super::world::{FakeWebhook, World};
use super::{BOT_ID, SentMessage, Shared, limits};

/// What a method answers: a result, or a status with a description and parameters.
pub(super) type Answer = Result<Value, Problem>;

/// An error answer.
pub(super) struct Problem {
    pub(super) status: u16,
    pub(super) description: String,
    pub(super) parameters: Value,
}

impl Problem {
    pub(super) fn new(status: u16, description: &str) -> Self {
        Self { status, description: description.to_owned(), parameters: Value::Null }
    }
}

/// Runs one method; its name in lower case.
pub(super) async fn run(shared: &Arc<Shared>, method: &str, body: &Value) -> Answer {
    if method == "getupdates" {
        return get_updates(shared, body).await;
    }
    let mut world = shared.world();
    if matches!(method, "sendmessage" | "editmessagetext" | "sendchataction") {
        limits::count_call(&mut world)?;
    }
    match method {
        "getme" => {
            let mut me = World::bot_json();
            for (field, value) in [
                ("can_join_groups", true),
                ("can_read_all_group_messages", false),
                ("supports_inline_queries", false),
                ("can_connect_to_business", false),
                ("has_main_web_app", false),
            ] {
                me[field] = json!(value);
            }
            Ok(me)
        }
        "sendmessage" => send_message(&mut world, body),
        "editmessagetext" => edit_message(&mut world, body),
        "sendchataction" => {
            world.typing.push(chat_id(body));
            Ok(json!(true))
        }
        "answercallbackquery" => answer_press(&mut world, body),
        "setwebhook" => {
            world.webhook = Some(FakeWebhook {
                url: body["url"].as_str().unwrap_or_default().to_owned(),
                secret: body["secret_token"].as_str().map(str::to_owned),
            });
            Ok(json!(true))
        }
        "deletewebhook" => {
            world.webhook = None;
            if body["drop_pending_updates"] == json!(true) {
                world.waiting.clear();
            }
            Ok(json!(true))
        }
        "setmycommands" => {
            let language = body["language_code"].as_str().unwrap_or_default().to_owned();
            let commands = body["commands"].as_array().into_iter().flatten();
            let names = commands.filter_map(|one| one["command"].as_str().map(str::to_owned));
            let names = names.collect();
            world.commands.insert(language, names);
            Ok(json!(true))
        }
        _ => Err(Problem::new(404, "Not Found")),
    }
}

/// At most one poll waits; a newer one ends the older with 409.
async fn get_updates(shared: &Arc<Shared>, body: &Value) -> Answer {
    let offset = body["offset"].as_i64().unwrap_or_default();
    let wait = Duration::from_secs(body["timeout"].as_u64().unwrap_or_default().min(50));
    let mine = {
        let mut world = shared.world();
        world.newest_poll += 1;
        world.confirm(offset);
        world.newest_poll
    };
    shared.changed.notify_waiters();
    let deadline = tokio::time::Instant::now() + wait;
    loop {
        let changed = shared.changed.notified();
        tokio::pin!(changed);
        // Waiting starts before looking, so that nothing is missed in between.
        changed.as_mut().enable();
        {
            let world = shared.world();
            if world.webhook.is_some() {
                return Err(Problem::new(
                    409,
                    "Conflict: can't use getUpdates method while webhook is active; \
                     use deleteWebhook to delete the webhook first",
                ));
            }
            if world.newest_poll != mine {
                return Err(Problem::new(
                    409,
                    "Conflict: terminated by other getUpdates request; \
                     make sure that only one bot instance is running",
                ));
            }
            if !world.waiting.is_empty() {
                let limit = body["limit"].as_u64().unwrap_or(100).clamp(1, 100);
                let limit = usize::try_from(limit).unwrap_or(100);
                return Ok(world.waiting.iter().take(limit).cloned().collect());
            }
        }
        if tokio::time::timeout_at(deadline, changed).await.is_err() {
            return Ok(json!([]));
        }
    }
}

fn edit_message(world: &mut World, body: &Value) -> Answer {
    let chat_id = chat_id(body);
    check_chat(world, chat_id, None)?;
    let written = body["text"].as_str().unwrap_or_default();
    let text = visible_text(written).map_err(|words| Problem::new(400, &words))?;
    let text = text.trim().to_owned();
    let is_it = |sent: &&mut SentMessage| {
        sent.chat_id == chat_id && Some(sent.message_id) == body["message_id"].as_i64()
    };
    let Some(sent) = world.sent.iter_mut().find(is_it) else {
        return Err(Problem::new(400, "Bad Request: message to edit not found"));
    };
    if sent.text == text {
        let words = "Bad Request: message is not modified: specified new message content and \
                     reply markup are exactly the same as a current content and reply markup of \
                     the message";
        return Err(Problem::new(400, words));
    }
    sent.text = text;
    written.clone_into(&mut sent.written);
    sent.buttons.clear();
    let edited = sent.clone();
    let answer = json!({
        "message_id": edited.message_id, "from": World::bot_json(),
        "chat": world.chat_json(chat_id), "date": world.now.as_second(),
        "edit_date": world.now.as_second(), "text": edited.text,
    });
    world.edited.push(edited);
    Ok(answer)
}

fn send_message(world: &mut World, body: &Value) -> Answer {
    let chat_id = chat_id(body);
    let thread = body["message_thread_id"].as_i64();
    check_chat(world, chat_id, thread)?;
    let written = body["text"].as_str().unwrap_or_default();
    let text = match body["parse_mode"].as_str() {
        Some("HTML") => visible_text(written).map_err(|words| Problem::new(400, &words))?,
        _ => written.to_owned(),
    };
    let text = text.trim().to_owned();
    if text.is_empty() {
        return Err(Problem::new(400, "Bad Request: message text is empty"));
    }
    if text.chars().count() > 4096 {
        return Err(Problem::new(400, "Bad Request: message is too long"));
    }
    let buttons = buttons(body)?;
    let reply = &body["reply_parameters"];
    let reply_to = reply["message_id"].as_i64();
    let exists = reply_to.is_none_or(|id| (1..=world.chat(chat_id).last_message_id).contains(&id));
    if !exists && reply["allow_sending_without_reply"] != json!(true) {
        return Err(Problem::new(400, "Bad Request: message to be replied not found"));
    }
    limits::count_message(world, chat_id)?;
    let message_id = world.next_message_id(chat_id);
    let answer = json!({
        "message_id": message_id, "from": World::bot_json(), "chat": world.chat_json(chat_id),
        "date": world.now.as_second(), "text": text,
    });
    world.sent.push(SentMessage {
        chat_id,
        thread,
        message_id,
        text,
        written: written.to_owned(),
        reply_to: reply_to.filter(|_| exists),
        previews_links: body["link_preview_options"]["is_disabled"] != json!(true),
        buttons,
        at: world.now,
    });
    Ok(answer)
}

fn check_chat(world: &World, chat_id: i64, thread: Option<i64>) -> Result<(), Problem> {
    if chat_id == BOT_ID {
        return Err(Problem::new(403, "Forbidden: bot can't send messages to bots"));
    }
    let Some(chat) = world.chats.get(&chat_id) else {
        return Err(Problem::new(400, "Bad Request: chat not found"));
    };
    if let Some(words) = chat.closed {
        return Err(Problem::new(403, words));
    }
    if let Some(new_id) = chat.moved_to {
        let words = "Bad Request: group chat was upgraded to a supergroup chat";
        let parameters = json!({ "migrate_to_chat_id": new_id });
        return Err(Problem { parameters, ..Problem::new(400, words) });
    }
    if thread.is_some_and(|thread| !chat.topics.contains(&thread)) {
        return Err(Problem::new(400, "Bad Request: message thread not found"));
    }
    Ok(())
}

fn buttons(body: &Value) -> Result<Vec<(String, String)>, Problem> {
    let rows = body["reply_markup"]["inline_keyboard"].as_array().into_iter().flatten();
    let mut buttons = Vec::new();
    for button in rows.flat_map(|row| row.as_array().into_iter().flatten()) {
        let label = button["text"].as_str().unwrap_or_default();
        let data = button["callback_data"].as_str().unwrap_or_default();
        if label.is_empty() || data.is_empty() || data.len() > 64 {
            return Err(Problem::new(400, "Bad Request: BUTTON_DATA_INVALID"));
        }
        buttons.push((label.to_owned(), data.to_owned()));
    }
    Ok(buttons)
}

fn answer_press(world: &mut World, body: &Value) -> Answer {
    let id = body["callback_query_id"].as_str().unwrap_or_default();
    match world.presses.get_mut(id) {
        Some(answered) if !*answered => {
            *answered = true;
            Ok(json!(true))
        }
        _ => Err(Problem::new(
            400,
            "Bad Request: query is too old and response timeout expired or query ID is invalid",
        )),
    }
}

fn chat_id(body: &Value) -> i64 {
    let id = &body["chat_id"];
    id.as_i64().or_else(|| id.as_str()?.parse().ok()).unwrap_or_default()
}
