//! Discord in a story: it joins when a story asks for it, with a gateway that is really connected.

use std::time::Duration;

use secrecy::ExposeSecret;
use superfan_bots::discord::fake::{FakeDiscord, Member, SentMessage};

use super::TestDesk;

/// A member of the one server on Discord.
pub(crate) struct Discorder<'a> {
    desk: &'a TestDesk,
    /// The account.
    pub(crate) member: Member,
}

impl TestDesk {
    /// From here on there is Discord too, set up like this beside what it needs.
    pub(crate) async fn joins_discord(&mut self, settings: &[(&str, &str)]) {
        let fake = FakeDiscord::start().await;
        fake.set_now(self.now());
        let (token, url) = (fake.token(), fake.base_url().to_string());
        let key = fake.public_key_hex();
        let mut all = vec![
            ("DISCORD_TOKEN", token.expose_secret()),
            ("DISCORD_API_URL", url.as_str()),
            ("DISCORD_PUBLIC_KEY", key.as_str()),
        ];
        all.extend(settings);
        self.discord = Some(fake);
        self.restarts_with(&all).await;
        if !settings.contains(&("DISCORD_MODE", "interactions")) {
            self.discord().until(|fake| fake.gateway_log().contains(&"identify".to_owned())).await;
            self.listener_is_up().await;
        }
    }

    /// Waits until the gateway has welcomed this process.
    pub(crate) async fn listener_is_up(&self) {
        self.discord().until(FakeDiscord::is_connected).await;
    }

    /// Discord as the desk reaches it.
    pub(crate) fn discord(&self) -> &FakeDiscord {
        self.discord.as_ref().expect("the story joined Discord")
    }

    /// Somebody on Discord; the same name is the same person.
    pub(crate) fn member(&self, name: &str) -> Discorder<'_> {
        Discorder { desk: self, member: self.discord().member(name) }
    }

    /// Waits until what happened is stored; the gateway tells of it in its own time.
    pub(crate) async fn is_stored(&self, event_key: &str) {
        let waiting = async {
            loop {
                let stored =
                    self.reads(async |tx| tx.stored_message_id("discord", event_key).await).await;
                if stored.is_some() {
                    return;
                }
                self.desk().wakes.inbox_hint().await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(10), waiting).await;
        assert!(in_time.is_ok(), "{event_key} was never stored");
    }

    /// The message the bot wrote last on Discord.
    pub(crate) fn newest_on_discord(&self) -> SentMessage {
        self.discord().sent().pop().expect("the bot wrote something")
    }

    pub(super) fn look_at_discord(&self) {
        let Some(fake) = &self.discord else { return };
        let mut script = self.script();
        let fresh = fake.sent().split_off(script.n_on_discord);
        script.n_on_discord += fresh.len();
        for sent in fresh {
            let mut text = super::transcript::shortened(&sent.content.replace('\\', ""));
            if sent.ephemeral {
                text = format!("(only to the asker) {text}");
            }
            if sent.reply_to.is_some() {
                text = format!("(as a reply) {text}");
            }
            let labels: Vec<&str> = sent.buttons.iter().map(|(label, _)| label.as_str()).collect();
            let place = format!("discord/{}", fake.name_of(sent.channel_id));
            script.write(&place, "◀", &super::transcript::with_buttons(text, &labels));
        }
    }
}

impl Discorder<'_> {
    fn name(&self) -> String {
        format!("discord/{}", self.member.name())
    }

    /// Writes to the bot directly and waits for the reply; the message's id.
    pub(crate) async fn asks(&self, text: &str) -> u64 {
        let channel = self.desk.discord().direct(self.member.name());
        self.asks_in(channel, text).await
    }

    /// Writes in a channel or thread and waits; the message's id.
    pub(crate) async fn asks_in(&self, channel: u64, text: &str) -> u64 {
        let id = self.says_in(channel, text).await;
        self.desk.is_quiet().await;
        id
    }

    /// Writes in a channel or thread; the message's id.
    pub(crate) async fn says_in(&self, channel: u64, text: &str) -> u64 {
        self.desk.hears(&self.name(), text);
        let id = self.member.says_in(channel, text);
        self.desk.is_stored(&format!("msg:{channel}:{id}")).await;
        self.desk.settle().await;
        id
    }

    /// Posts in a forum; the id of the post.
    pub(crate) async fn posts_in(&self, forum: u64, title: &str, text: &str) -> u64 {
        self.desk.hears(&self.name(), &format!("(a post) {title} / {text}"));
        let id = self.member.posts_in(forum, title, text);
        self.desk.is_stored(&format!("msg:{id}:{id}")).await;
        self.desk.settle().await;
        id
    }

    /// Replies to a message; the reply's id.
    pub(crate) async fn replies_to(&self, channel: u64, message: u64, text: &str) -> u64 {
        self.desk.hears(&self.name(), &format!("(as a reply) {text}"));
        let id = self.member.replies_to(channel, message, text);
        self.desk.is_stored(&format!("msg:{channel}:{id}")).await;
        self.desk.settle().await;
        id
    }

    /// Uses `/ask` and waits for the answer; the interaction's id.
    pub(crate) async fn commands(&self, channel: u64, question: &str) -> u64 {
        self.desk.hears(&self.name(), &format!("/ask {question}"));
        let id = self.member.uses(channel, "ask", ("question", question)).await;
        self.desk.is_stored(&format!("command:{id}")).await;
        self.desk.discord().until(|fake| fake.answered(id).is_some()).await;
        self.desk.settle().await;
        id
    }

    /// Presses a button under the newest message of the bot.
    pub(crate) async fn presses(&self, label: &str) {
        self.presses_on(&self.desk.newest_on_discord(), label).await;
    }

    /// Presses a button under a message as it looked at some time.
    pub(crate) async fn presses_on(&self, sent: &SentMessage, label: &str) {
        self.desk.hears(&self.name(), &format!("[{label}]"));
        let id = self.member.presses(sent, label).await;
        self.desk.is_stored(&format!("press:{id}")).await;
        self.desk.discord().until(|fake| fake.answered(id).is_some()).await;
        self.desk.settle().await;
    }
}
