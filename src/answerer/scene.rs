//! Everything a decision needs to know of the moment, read once.

use jiff::{SignedDuration, Timestamp};
use superfan_bots::{AuthorKind, Place};

use super::reading::Situation;
use super::unit::{Unit, addressed};
use crate::config::Rules;
use crate::desk::Stage;
use crate::ids::ConversationId;
use crate::search::Search;
use crate::store::channels::ChannelRow;
use crate::store::conversations::Conversation;
use crate::store::customers::Customer;
use crate::store::decisions::DecisionRow;
use crate::store::experts::ExpertLink;
use crate::store::{Store, StoreError, Tx};
use crate::vocabulary::{Action, Reason};
use crate::words;

/// More messages of one customer in a minute are a flood.
const FLOOD: i64 = 30;
const FLOOD_WINDOW: SignedDuration = SignedDuration::from_secs(60);
/// The same words again within this time are the same question.
const REPEAT_WINDOW: SignedDuration = SignedDuration::from_secs(60);
/// How many later messages of a group are looked through for a reply.
const LATER: i64 = 50;
/// A follow-up belongs to a question asked at most this long before.
const FOLLOW_UP_WINDOW: SignedDuration = SignedDuration::from_mins(30);

/// What is known of the moment a unit is handled.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one fact of the moment, all independent"
)]
#[derive(Clone, Debug)]
pub(super) struct Scene {
    /// Where.
    pub(super) conversation: Conversation,
    /// Who wrote.
    pub(super) customer: Customer,
    /// The channel account.
    pub(super) channel: ChannelRow,
    /// What they wrote.
    pub(super) unit: Unit,
    /// Its words.
    pub(super) text: String,
    /// The language to answer in, one that the bot speaks.
    pub(super) lang: String,
    /// Whether it was said to us.
    pub(super) addressed: bool,
    /// Whether a person owns the conversation.
    pub(super) human_owns: bool,
    /// Whether somebody else in the group has replied to what was asked.
    pub(super) others_replied: bool,
    /// Whether buttons are shown here; where not, people say in words what they would press.
    pub(super) has_buttons: bool,
    /// How many messages the customer sent in the last minute.
    pub(super) n_recent: i64,
    /// The latest decisions for this customer here, newest first.
    pub(super) previous: Vec<DecisionRow>,
    /// Whose account it is, if an expert's.
    pub(super) expert: Option<ExpertLink>,
    /// Now.
    pub(super) now: Timestamp,
}

impl Scene {
    /// Looks; `None` if the conversation is gone.
    pub(super) async fn look(
        store: &Store,
        search: &Search,
        stage: &Stage<'_>,
        conversation: ConversationId,
        unit: Unit,
    ) -> Result<Option<Self>, StoreError> {
        let mut tx = store.read().await?;
        let Some(conversation) = tx.conversation(conversation).await? else {
            return Ok(None);
        };
        let author = unit.last().customer_id;
        let customer = tx.customer(author).await?.ok_or_else(|| StoreError::Inconsistent {
            table: "customers",
            detail: format!("no row for {author}"),
        })?;
        let since = stage.now - FLOOD_WINDOW;
        let text = unit.text();
        let place = &unit.last().message.place;
        Ok(Some(Self {
            channel: tx.channel(&conversation.channel).await?,
            human_owns: tx.human_owns(conversation.id, author).await?,
            others_replied: conversation.is_group() && others_replied(&mut tx, &unit).await?,
            has_buttons: stage
                .channels
                .adapter(&conversation.channel)
                .is_none_or(|adapter| adapter.has_buttons()),
            n_recent: tx.messages_since(author, conversation.id, since).await?,
            expert: tx.expert_link(author).await?,
            previous: tx.recent_decisions(conversation.id, author, 5).await?,
            lang: language(search, &text, &customer, unit.last().message.author.lang.as_deref()),
            addressed: addressed(place) || is_support_place(&conversation.channel, place, stage),
            conversation,
            customer,
            text,
            unit,
            now: stage.now,
        }))
    }

    /// The same as the reading needs it.
    pub(super) fn situation<'a>(&'a self, rules: &'a Rules) -> Situation<'a> {
        let last = self.unit.last();
        let written_at = last.message.sent_at.min(last.received_at);
        Situation {
            text: &self.text,
            lang: &self.lang,
            author: last.message.author.kind,
            addressed: self.addressed,
            group: self.conversation.is_group(),
            has_buttons: self.has_buttons,
            stopped: self.customer.stopped_at.is_some(),
            paused: self.channel.paused,
            human_owns: self.human_owns || self.others_replied,
            too_old: self.now.duration_since(written_at) > rules.max_age,
            flood: self.n_recent > FLOOD,
            repeated: self.is_repeated(),
            previous_question: self.previous_question(),
            sensitive_topics: &rules.sensitive_topics,
        }
    }

    /// The customer's latest decision here that was about a question.
    pub(super) fn latest_question(&self) -> Option<&DecisionRow> {
        self.previous.iter().find(|decision| decision.reason != Reason::SmallTalk)
    }

    /// The number of a short list that was said where it could not be pressed.
    pub(super) fn picked_in_words(&self) -> Option<(&DecisionRow, usize)> {
        let list = self.latest_question()?;
        let number: usize = self.text.trim().trim_end_matches('.').parse().ok()?;
        let is_pick = !self.has_buttons
            && list.action == Action::Choices
            && (1..=list.answer_ids.len()).contains(&number);
        is_pick.then_some((list, number))
    }

    fn previous_question(&self) -> Option<&str> {
        let decision = self.latest_question()?;
        let recent = self.now.duration_since(decision.at) <= FOLLOW_UP_WINDOW;
        recent.then_some(decision.question.as_str())
    }

    /// Whether the same words were answered a moment ago; those met with silence were not.
    fn is_repeated(&self) -> bool {
        self.previous.first().is_some_and(|decision| {
            let answered =
                decision.action != Action::Silent || decision.reason == Reason::DuplicateQuestion;
            answered
                && decision.question == self.text.trim()
                && self.now.duration_since(decision.at) <= REPEAT_WINDOW
        })
    }
}

/// The language to answer in: chosen, else read from the text for sure, else what the customer
/// used before or the platform says, else what the text most likely is in.
fn language(search: &Search, text: &str, customer: &Customer, platform: Option<&str>) -> String {
    let known = customer.lang.as_deref();
    if let Some(chosen) = known.filter(|_| customer.lang_is_chosen) {
        return words::spoken(chosen).to_owned();
    }
    let detected = search.language(text);
    let spoken = words::supported(&detected.lang);
    if detected.reliable
        && let Some(lang) = spoken
    {
        return lang.to_owned();
    }
    let fallback = known.or(platform).or(spoken).unwrap_or("en");
    words::spoken(fallback).to_owned()
}

/// Whether a person has replied to one of these messages while they waited.
async fn others_replied(tx: &mut Tx, unit: &Unit) -> Result<bool, StoreError> {
    let ids: Vec<&str> =
        unit.messages.iter().filter_map(|one| one.message.message_id.as_deref()).collect();
    let later = tx.said_by_others_after(unit.last(), LATER).await?;
    Ok(later.iter().any(|one| {
        let replied_to = one.message.reply_to.as_deref();
        let is_person = one.message.author.kind == AuthorKind::Person;
        is_person && replied_to.is_some_and(|id| ids.contains(&id))
    }))
}

fn is_support_place(channel: &str, place: &Place, stage: &Stage<'_>) -> bool {
    match place {
        Place::Private => true,
        Place::Staff { .. } => false,
        Place::Group { id, .. } => {
            // A forum's topics are `chat/topic`; listing the chat covers them all.
            let places = [id.as_str(), id.split('/').next().unwrap_or_default()];
            let listed = |place: &&str| {
                let wanted = format!("{channel}:{place}");
                stage.rules.support_places.contains(&wanted)
            };
            places.iter().any(listed)
        }
    }
}
