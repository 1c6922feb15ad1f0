//! From a reply to what Doorbell can say: plain text, 120 characters a time, cut between words.

use superfan_bots::{Part, Reply};

/// What Doorbell takes at once, in characters.
pub(super) const LIMIT: usize = 120;

/// Pure: the same reply gives the same parts, never none; each is sent, repeated and tracked alone.
pub(super) fn render(reply: &Reply) -> Vec<Part> {
    let mut texts = vec![String::new()];
    for word in reply.text.split_whitespace() {
        let word: String = word.chars().take(LIMIT).collect();
        let last = texts.last_mut().expect("there is always one");
        if last.is_empty() {
            *last = word;
        } else if last.chars().count() + 1 + word.chars().count() <= LIMIT {
            last.push(' ');
            last.push_str(&word);
        } else {
            texts.push(word);
        }
    }
    let part = |text: String| Part { payload: text.clone().into(), text, weight: 1 };
    texts.into_iter().map(part).collect()
}
