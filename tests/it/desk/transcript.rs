//! What everybody read, in order, and what a story must not leave behind.

use std::collections::{BTreeMap, BTreeSet};

use superfan::store::outbox::DeliveryRow;
use superfan::vocabulary::{Action, DeliveryState, EscalationState, Reason};
use superfan::words;

use super::TestDesk;

/// The lines so far, and what they already tell.
#[derive(Default)]
pub(super) struct Script {
    lines: Vec<String>,
    n_read: usize,
    chats: BTreeMap<i64, String>,
    n_sent: usize,
    n_replies: usize,
    pub(super) n_on_discord: usize,
    pub(super) n_posts: usize,
    pub(super) n_directs: usize,
    /// Edits and deletions on Telegram, X and Discord.
    pub(super) n_amended: [usize; 3],
    told: BTreeSet<String>,
    overlooks: bool,
}

impl Script {
    /// Names a chat of the fake Telegram.
    pub(super) fn knows_chat(&mut self, id: i64, name: &str) {
        self.chats.insert(id, name.to_owned());
    }

    /// A chat's name.
    pub(super) fn chat(&self, id: i64) -> String {
        self.chats.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }

    /// Adds a line; line breaks within a text become ` / `.
    pub(super) fn write(&mut self, who: &str, sign: &str, what: &str) {
        // The mark that keeps a quoted name from pinging cannot be seen.
        let what = what.replace('\u{2060}', "");
        let lines = what.lines().map(str::trim).filter(|line| !line.is_empty());
        let mut what = lines.collect::<Vec<_>>().join(" / ");
        if what.chars().count() > 200 {
            let n_chars = what.chars().count();
            what = format!("{}… ({n_chars} characters)", what.chars().take(40).collect::<String>());
        }
        self.lines.push(format!("{who:<14} {sign} {what}"));
    }

    /// Adds a line once.
    fn write_once(&mut self, key: String, who: &str, what: &str) {
        if self.told.insert(key) {
            self.write(who, "·", what);
        }
    }
}

impl TestDesk {
    /// Everything read so far; whoever asks has read it.
    pub(crate) fn transcript(&self) -> String {
        let mut script = self.script();
        script.n_read = script.lines.len();
        script.lines.join("\n")
    }

    /// What happened since the last look.
    pub(crate) fn news(&self) -> String {
        let mut script = self.script();
        let news = script.lines[script.n_read..].join("\n");
        script.n_read = script.lines.len();
        news
    }

    /// From here on nothing is written down: for stories with more people than lines.
    pub(crate) fn overlooks_details(&self) {
        self.script().overlooks = true;
    }

    /// Looks at everything that may have changed.
    pub(super) async fn look(&self) {
        if self.script().overlooks {
            return;
        }
        self.look_at_decisions().await;
        self.look_at_escalations().await;
        self.look_at_telegram();
        self.look_at_help_desk();
        self.look_at_discord();
        self.look_at_x();
        self.look_at_amended();
        self.look_at_outbox().await;
    }

    async fn look_at_decisions(&self) {
        let conversations =
            self.reads(async |tx| tx.conversations(None, None, None, 1000).await).await;
        for conversation in conversations.iter().rev() {
            let id = conversation.id;
            let decisions = self.reads(async |tx| tx.decisions_of(id).await).await;
            let silent = decisions.iter().filter(|decision| {
                decision.action == Action::Silent && decision.reason != Reason::SmallTalk
            });
            for decision in silent {
                let key = decision.id.to_string();
                let words = format!("silent: {}", decision.reason.as_str().replace('_', " "));
                self.script().write_once(key, &conversation.channel, &words);
            }
        }
        let dead = self.reads(async |tx| tx.dead_messages(100).await).await;
        for message in dead {
            let why = message.error.unwrap_or_default();
            self.script().write_once(message.id.to_string(), "message", &format!("dead: {why}"));
        }
    }

    async fn look_at_escalations(&self) {
        let mut tx = self.desk().store.read().await.unwrap();
        let mut escalations = tx.escalations(None, None, 1000).await.unwrap();
        escalations.reverse();
        for escalation in escalations {
            let owner = match escalation.claimed_by {
                Some(owner) => tx.person(owner).await.unwrap().map(|person| person.name),
                None => None,
            };
            let owner = owner.unwrap_or_default();
            let words = match escalation.state {
                EscalationState::Open => escalation.reason.as_str().replace('_', " "),
                EscalationState::Claimed => format!("claimed by {owner}"),
                EscalationState::Closed => {
                    let outcome = escalation.outcome.map_or("closed", |outcome| outcome.as_str());
                    format!("closed: {outcome}")
                }
            };
            let words = format!("#{} {words}", escalation.number);
            // A claim that lapsed makes the same escalation open once more.
            let key = format!("{} {words} {:?}", escalation.id, escalation.claim_expires_at);
            let renewed = format!("{} claimed", escalation.id);
            let mut script = self.script();
            if escalation.state == EscalationState::Claimed {
                if script.told.insert(renewed) {
                    script.write("escalation", "·", &words);
                }
            } else {
                let was_claimed = script.told.remove(&renewed);
                if was_claimed && escalation.state == EscalationState::Open {
                    script.write("escalation", "·", &format!("#{} open again", escalation.number));
                    script.told.insert(key);
                } else {
                    script.write_once(key, "escalation", &words);
                }
            }
        }
    }

    fn look_at_telegram(&self) {
        let mut script = self.script();
        let mut fresh = self.telegram.sent().split_off(script.n_sent);
        script.n_sent += fresh.len();
        // Replies to several conversations leave side by side, so their order is by chance.
        fresh.sort_by_key(|sent| std::cmp::Reverse(sent.chat_id));
        for sent in fresh {
            let name = script.chats.get(&sent.chat_id).cloned();
            let name = name.unwrap_or_else(|| sent.chat_id.to_string());
            let mut text = shortened(&sent.text);
            if sent.chat_id < 0
                && let Some(id) = sent.reply_to
            {
                text = format!("(to message {id}) {text}");
            }
            let labels: Vec<&str> = sent.buttons.iter().map(|(label, _)| label.as_str()).collect();
            script.write(&format!("telegram/{name}"), "◀", &with_buttons(text, &labels));
        }
    }

    fn look_at_help_desk(&self) {
        let mut script = self.script();
        let fresh = self.help_desk.replies().split_off(script.n_replies);
        script.n_replies += fresh.len();
        for reply in fresh {
            assert!(reply.verified, "a reply came with a wrong signature");
            let name = reply.body["conversation_id"].as_str().unwrap_or_default();
            let text = shortened(reply.body["text"].as_str().unwrap_or_default());
            let buttons = reply.body["buttons"].as_array().into_iter().flatten();
            let labels: Vec<&str> = buttons.filter_map(|one| one["label"].as_str()).collect();
            script.write(&format!("webhook/{name}"), "◀", &with_buttons(text, &labels));
        }
    }

    async fn look_at_outbox(&self) {
        let mut rows = self.reads(async |tx| tx.deliveries(None, None, 1000).await).await;
        rows.reverse();
        for row in rows {
            let key = format!("{} {} {:?}", row.id, row.state, row.settled_at);
            let reason = row.reason.clone().unwrap_or_default();
            match row.state {
                DeliveryState::Sent if row.channel == "webchat" => self.shows(&row, key).await,
                DeliveryState::Uncertain | DeliveryState::Dead => {
                    let words = format!("{}: {reason}", row.state);
                    self.script().write_once(key, "delivery", &words);
                }
                DeliveryState::Due if is_told(&reason) => {
                    let key = format!("{key} {reason} {}", row.due_at);
                    self.script().write_once(key, "delivery", &format!("due: {reason}"));
                }
                _ => {}
            }
        }
    }

    /// Our own page shows what is marked as sent.
    async fn shows(&self, row: &DeliveryRow, key: String) {
        let id = row.conversation_id;
        let conversation = self.reads(async |tx| tx.conversation(id).await).await.unwrap();
        let mut script = self.script();
        if script.told.insert(key) {
            let text = shortened(&row.payload.text);
            script.write(&format!("webchat/{}", conversation.external_id), "◀", &text);
        }
    }

    /// Fails if anything is unread, unhandled or unsent.
    pub(crate) async fn finish(&self) {
        self.look().await;
        let unread = self.news();
        let overlooked = self.script().overlooks;
        assert!(unread.is_empty() || overlooked, "nobody looked at:\n{unread}");
        let unhandled = self.reads(async |tx| tx.unhandled().await).await;
        assert_eq!(unhandled, 0, "messages are left unhandled");
        for state in [DeliveryState::Due, DeliveryState::Sending] {
            let rows = self.reads(async |tx| tx.deliveries(Some(state), None, 100).await).await;
            assert!(rows.is_empty(), "left {state}: {rows:?}");
        }
    }

    /// The rows in a state, oldest first.
    pub(crate) async fn deliveries(&self, state: DeliveryState) -> Vec<DeliveryRow> {
        let mut rows = self.reads(async |tx| tx.deliveries(Some(state), None, 1000).await).await;
        rows.reverse();
        rows
    }
}

/// Of what is due, what a platform or a cap holds is told.
fn is_told(reason: &str) -> bool {
    reason.starts_with("held ") || reason.contains("spend cap")
}

/// The first greeting is long and the same in every story.
pub(super) fn shortened(text: &str) -> String {
    let greeted = words::LANGUAGES.iter().find(|l| text == words::greeting(l.tag, "our"));
    match greeted {
        Some(language) if language.tag == "en" => "(greeting)".to_owned(),
        Some(language) => format!("(greeting in {})", language.tag),
        None => text.to_owned(),
    }
}

pub(super) fn with_buttons(text: String, labels: &[&str]) -> String {
    if labels.is_empty() { text } else { format!("{text} [{}]", labels.join(" · ")) }
}
