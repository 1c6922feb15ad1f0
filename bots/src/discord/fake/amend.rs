//! Changing and removing the bot's messages.

use serde_json::{Value, json};

use super::SentMessage;
use super::checks::unfit;
use super::rest::{Reply, sent};
use super::world::World;

/// Gives a message of the bot another content.
pub(super) fn edit(world: &mut World, (channel, message): (u64, u64), body: &Value) -> Reply {
    let Some(at) = find(world, channel, message) else {
        return Reply::problem(404, 10008, "Unknown Message");
    };
    if let Some(refusal) = unfit(body) {
        return refusal;
    }
    let edited = sent(world, (channel, message), body, false);
    world.amended.push(edited.clone());
    world.sent[at] = edited;
    Reply::ok(json!({ "id": message.to_string() }))
}

/// Removes a message of the bot; it stays among what was sent.
pub(super) fn delete(world: &mut World, (channel, message): (u64, u64)) -> Reply {
    let Some(at) = find(world, channel, message) else {
        return Reply::problem(404, 10008, "Unknown Message");
    };
    let gone = SentMessage { content: String::new(), ..world.sent[at].clone() };
    world.amended.push(gone);
    world.deleted.push(message);
    Reply { status: 204, body: Value::Null, headers: Vec::new() }
}

fn find(world: &World, channel: u64, message: u64) -> Option<usize> {
    let is_it = |sent: &SentMessage| sent.channel_id == channel && sent.message_id == message;
    world.sent.iter().position(is_it).filter(|_| !world.deleted.contains(&message))
}
