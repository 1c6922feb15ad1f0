//! A question without a customer: the same search and decision, described for people and programs.

use serde::Serialize;
use superfan_bots::ChannelKind;
use superfan_index::{Evidence, Found, Hit, Question};

use super::decide::{Decision, Policy, decide};
use super::replies;
use super::sensitive::sensitive_topic;
use super::small_talk::{Intent, understand};
use crate::channels::Channels;
use crate::config::Rules;
use crate::ids::DecisionId;
use crate::search::{FindError, Search};
use crate::store::answers::AnswerRow;
use crate::store::{Store, StoreError};
use crate::vocabulary::{Action, Reason};

/// How many hits are found for a decision; more may be shown.
pub(crate) const HITS: usize = 10;
/// The probability that a short list holds the right answer, from which on it is offered: a list
/// costs the customer a glance and a person nothing, so it need not be as sure as an answer.
const LIST_AT: f64 = 0.15;
/// How much of an answer a stored card keeps, in characters.
const CARD_CHARS: usize = 400;

/// A question from the API, the console or the command line.
#[derive(Clone, Debug, Default)]
pub struct AskRequest {
    /// The text.
    pub text: String,
    /// The language to expect, BCP 47.
    pub lang: Option<String>,
    /// Render the reply as this channel would; `None` for all configured ones.
    pub channel: Option<String>,
    /// How many hits to show, 1–50, default 5.
    pub top: Option<usize>,
}

/// What a customer would get, and why.
#[derive(Clone, Debug, Serialize)]
pub struct Asked {
    /// What would be done.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// Calibrated probability that the first hit is right; 0 without hits.
    pub confidence: f64,
    /// What the confidence has to reach.
    pub line: f64,
    /// The question's language.
    pub lang: String,
    /// The index generation that was searched.
    pub generation: u64,
    /// Best first.
    pub hits: Vec<AskedHit>,
    /// How many of the hits a short list shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offered: Option<usize>,
    /// Why, in detail.
    pub card: MatchCard,
    /// The reply as each channel renders it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rendered: Vec<Rendered>,
}

/// An accepted answer that was found.
#[derive(Clone, Debug, Serialize)]
pub struct AskedHit {
    /// Public id.
    pub id: String,
    /// The question's title.
    pub title: String,
    /// The answer.
    pub answer: String,
    /// Who wrote it.
    pub author: Option<String>,
    /// Where it stands.
    pub url: Option<String>,
    /// Its licence.
    pub licence: Option<String>,
    /// Votes there.
    pub votes: i64,
    /// Ranking score, comparable within one search only.
    pub score: f32,
    /// Calibrated probability that it is right.
    pub confidence: f64,
    /// Whether it may be sent.
    pub sendable: bool,
    /// Whether a hit before it says the same; left out where none does.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub twin: bool,
}

/// Why a decision came out as it did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MatchCard {
    /// The question's words that were found, and where.
    pub terms: Vec<CardTerm>,
    /// What speaks for and against the first hit; the contributions sum to its logit.
    pub evidence: Vec<CardEvidence>,
    /// The second hit.
    pub runner_up: Option<RunnerUp>,
    /// How the language was settled.
    pub language_path: String,
}

/// A word of the question that was found.
#[derive(Clone, Debug, Serialize)]
pub struct CardTerm {
    /// The word.
    pub term: String,
    /// Where the best hit has it.
    pub fields: Vec<&'static str>,
    /// How telling it is.
    pub weight: f32,
}

/// One piece of evidence.
#[derive(Clone, Debug, Serialize)]
pub struct CardEvidence {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: f32,
    /// What it adds to the logit.
    pub contribution: f32,
    /// In words.
    pub text: String,
}

/// The hit behind the first.
#[derive(Clone, Debug, Serialize)]
pub struct RunnerUp {
    /// Public id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its confidence.
    pub confidence: f64,
}

/// A reply as one channel renders it.
#[derive(Clone, Debug, Serialize)]
pub struct Rendered {
    /// Channel account.
    pub channel: String,
    /// Its kind.
    pub kind: ChannelKind,
    /// What a person would read, part by part.
    pub parts: Vec<String>,
}

/// A question could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// There is no text.
    #[error("the question is empty; write a text")]
    Empty,
    /// The channel is not configured.
    #[error("there is no channel {0}")]
    UnknownChannel(String),
    /// The search failed.
    #[error("could not search")]
    Find(#[from] FindError),
    /// The store failed.
    #[error("could not read the answers")]
    Store(#[from] StoreError),
}

/// Asks a question on nobody's behalf; nothing is stored.
pub async fn ask(
    store: &Store,
    search: &Search,
    channels: &Channels,
    rules: &Rules,
    request: &AskRequest,
) -> Result<Asked, AskError> {
    let text = request.text.trim();
    if text.is_empty() {
        return Err(AskError::Empty);
    }
    if let Some(channel) = &request.channel
        && channels.adapter(channel).is_none()
        && channel.parse::<KnownKind>().is_err()
    {
        return Err(AskError::UnknownChannel(channel.clone()));
    }
    let top = request.top.unwrap_or(5).clamp(1, 50);
    let question = Question { text: text.to_owned(), lang: request.lang.clone() };
    let found = search.find(question, top.max(HITS)).await?;
    let policy = policy(search, rules);
    let decision = decide_text(text, &found, &policy, rules);
    let mut tx = store.read().await?;
    let ids: Vec<String> = found.hits.iter().map(|hit| hit.id.clone()).collect();
    let rows = tx.answers_by_id(&ids).await?;
    let mut asked = describe(&found, &rows, &decision, &policy);
    asked.hits.truncate(top);
    asked.rendered = render(channels, request.channel.as_deref(), &asked, &rows, &decision);
    Ok(asked)
}

/// A channel kind's name, accepted where an account of that kind is not configured.
struct KnownKind;

impl std::str::FromStr for KnownKind {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let known = ["telegram", "discord", "x", "webhook", "webchat"].contains(&text);
        known.then_some(Self).ok_or(())
    }
}

/// The policy at the admin's target precision.
pub fn policy(search: &Search, rules: &Rules) -> Policy {
    let line = search.index().calibration().line(rules.target_precision);
    Policy { answer_at: f64::from(line.answer), choices_at: LIST_AT.min(f64::from(line.answer)) }
}

/// What a customer would get for these words alone.
pub fn decide_text(text: &str, found: &Found, policy: &Policy, rules: &Rules) -> Decision {
    if sensitive_topic(text, &rules.sensitive_topics).is_some() {
        return Decision::without_answer(Action::Escalate, Reason::SensitiveTopic);
    }
    match understand(text, &found.lang) {
        Intent::Human => Decision::without_answer(Action::Escalate, Reason::AskedForHuman),
        Intent::Question => decide(found, &rules.products.question(text), policy),
        Intent::DidntHelp => Decision::without_answer(Action::AskBack, Reason::SmallTalk),
        _ => Decision::without_answer(Action::Silent, Reason::SmallTalk),
    }
}

/// Describes a decision; of a short list the offered hits come first.
pub(super) fn describe(
    found: &Found,
    rows: &[AnswerRow],
    decision: &Decision,
    policy: &Policy,
) -> Asked {
    let offered = (decision.action == Action::Choices).then_some(decision.picks.len());
    let mut order: Vec<usize> = decision.picks.clone();
    order.extend((0..found.hits.len()).filter(|at| !decision.picks.contains(at)));
    let hits: Vec<AskedHit> = order
        .iter()
        .filter_map(|&at| {
            let hit = &found.hits[at];
            rows.iter().find(|row| row.id == hit.id).map(|row| asked_hit(hit, row))
        })
        .collect();
    Asked {
        action: decision.action,
        reason: decision.reason,
        confidence: found.hits.first().map_or(0.0, |hit| f64::from(hit.confidence.get())),
        line: policy.answer_at,
        lang: found.lang.clone(),
        generation: found.generation,
        card: card(found, &hits),
        hits,
        offered,
        rendered: Vec::new(),
    }
}

fn asked_hit(hit: &Hit, row: &AnswerRow) -> AskedHit {
    AskedHit {
        id: hit.id.clone(),
        title: row.title.clone(),
        answer: row.answer.clone(),
        author: row.author.clone(),
        url: row.url.clone(),
        licence: row.licence.clone(),
        votes: row.votes,
        score: hit.score,
        confidence: f64::from(hit.confidence.get()),
        sendable: row.may_be_sent(),
        twin: hit.is_twin,
    }
}

fn card(found: &Found, hits: &[AskedHit]) -> MatchCard {
    let evidence = |e: &Evidence| CardEvidence {
        name: e.name,
        value: e.value,
        contribution: e.contribution,
        text: e.text.clone(),
    };
    let best = found.hits.first();
    MatchCard {
        terms: found
            .terms
            .iter()
            .map(|t| CardTerm { term: t.term.clone(), fields: t.fields.clone(), weight: t.weight })
            .collect(),
        evidence: best.map_or_else(Vec::new, |hit| hit.evidence.iter().map(evidence).collect()),
        runner_up: hits.get(1).map(|hit| RunnerUp {
            id: hit.id.clone(),
            title: hit.title.clone(),
            confidence: hit.confidence,
        }),
        language_path: found.language_path.clone(),
    }
}

fn render(
    channels: &Channels,
    only: Option<&str>,
    asked: &Asked,
    rows: &[AnswerRow],
    decision: &Decision,
) -> Vec<Rendered> {
    let picked: Vec<&AnswerRow> = asked
        .hits
        .iter()
        .take(decision.picks.len())
        .filter_map(|hit| rows.iter().find(|row| row.id == hit.id))
        .collect();
    let Some(reply) = replies::for_decision(&asked.lang, DecisionId(0), asked, &picked) else {
        return Vec::new();
    };
    let wanted = |name: &str, kind: ChannelKind| {
        only.is_none_or(|only| only == name || only == kind.as_str())
    };
    channels
        .iter()
        .filter(|(name, adapter)| wanted(name, adapter.kind()))
        .map(|(name, adapter)| Rendered {
            channel: name.clone(),
            kind: adapter.kind(),
            parts: adapter.render(&reply).into_iter().map(|part| part.text).collect(),
        })
        .collect()
}

impl Asked {
    /// The same, small enough to keep with every decision.
    pub(super) fn for_keeping(mut self) -> serde_json::Value {
        self.hits.truncate(5);
        for hit in &mut self.hits {
            if let Some((at, _)) = hit.answer.char_indices().nth(CARD_CHARS) {
                hit.answer.truncate(at);
                hit.answer.push('…');
            }
        }
        serde_json::to_value(self).unwrap_or_default()
    }
}
