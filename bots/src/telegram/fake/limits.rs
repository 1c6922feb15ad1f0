//! The pace that Telegram publishes, counted strictly: in any second, in any minute.
//! <https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this>

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::methods::Problem;
use super::world::World;

const SECOND: SignedDuration = SignedDuration::from_secs(1);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// Calls to chats in a second.
const OVERALL: usize = 30;
/// Messages to one group in a minute.
const GROUP: usize = 20;

/// Counts a call to any chat.
pub(super) fn count_call(world: &mut World) -> Result<(), Problem> {
    let counted = count(&mut world.recent, world.now, (OVERALL, SECOND));
    counted.map_err(|wait| too_many(world, wait))
}

/// Counts a message to one chat.
pub(super) fn count_message(world: &mut World, chat_id: i64) -> Result<(), Problem> {
    let now = world.now;
    let chat = world.chat(chat_id);
    let counted = if chat.kind == "private" {
        count(&mut chat.recent, now, (1, SECOND))
    } else {
        let last = chat.recent.back().copied();
        let is_close = last.is_some_and(|last| now.duration_since(last) < SECOND);
        if is_close { Err(SECOND) } else { count(&mut chat.recent, now, (GROUP, MINUTE)) }
    };
    counted.map_err(|wait| too_many(world, wait))
}

/// At most `n` in any stretch of `per`; otherwise how long until there is room.
fn count(
    recent: &mut VecDeque<Timestamp>,
    now: Timestamp,
    (n, per): (usize, SignedDuration),
) -> Result<(), SignedDuration> {
    while recent.front().is_some_and(|at| now.duration_since(*at) >= per) {
        recent.pop_front();
    }
    if let Some(first) = recent.front().filter(|_| recent.len() >= n) {
        return Err(per - now.duration_since(*first));
    }
    recent.push_back(now);
    Ok(())
}

fn too_many(world: &mut World, wait: SignedDuration) -> Problem {
    world.n_too_many += 1;
    let seconds = wait.as_secs() + i64::from(wait.subsec_nanos() > 0);
    let words = format!("Too Many Requests: retry after {seconds}");
    Problem { parameters: json!({ "retry_after": seconds }), ..Problem::new(429, &words) }
}
