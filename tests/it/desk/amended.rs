//! What became of messages that were read already: edited or deleted.

use super::TestDesk;
use super::transcript::{shortened, with_buttons};

impl TestDesk {
    pub(super) fn look_at_amended(&self) {
        let mut script = self.script();
        for sent in self.telegram.edited().split_off(script.n_amended[0]) {
            script.n_amended[0] += 1;
            let who = format!("telegram/{}", script.chat(sent.chat_id));
            let labels: Vec<&str> = sent.buttons.iter().map(|(label, _)| label.as_str()).collect();
            script.write(&who, "✎", &with_buttons(shortened(&sent.text), &labels));
        }
        for id in self.x.deleted().split_off(script.n_amended[1]) {
            script.n_amended[1] += 1;
            let post = self.x.posts().into_iter().find(|post| post.id == id);
            script.write("x", "✗", &post.map(|post| post.text).unwrap_or_default());
        }
        let Some(fake) = self.discord_if_joined() else { return };
        for sent in fake.amended().split_off(script.n_amended[2]) {
            script.n_amended[2] += 1;
            let place = format!("discord/{}", fake.name_of(sent.channel_id));
            if sent.content.is_empty() {
                script.write(&place, "✗", "(deleted)");
            } else {
                script.write(&place, "✎", &shortened(&sent.content.replace('\\', "")));
            }
        }
    }
}
