//! `/escalations/{id}/forum`: a question on its way to the forum and its answer on the way back.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use superfan_bots::FoundTopic;
use utoipa::ToSchema;

use super::auth::Caller;
use super::escalations::EmptyBody;
use super::extract::{Body, Named, storable};
use crate::bridge::{self, Place, Wording};
use crate::desk::Desk;
use crate::forums::Followed;
use crate::http::Problem;
use crate::ids::EscalationId;
use crate::store::Tx;
use crate::store::escalations::EscalationRow;
use crate::vocabulary::{BridgeState, Role};

/// Where a question stands with the forum.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ForumQuestion)]
pub(super) struct QuestionView {
    /// `null` if the forum was not asked; else `asked`, `declined`, `agreed`, `posting`, `waiting`,
    /// `open`, `telling`, `told`, `untold`, `failed` or `ended`.
    #[schema(value_type = Option<String>)]
    state: Option<BridgeState>,
    /// The title, as it would be posted or was.
    title: String,
    /// The text without personal data, as it would be posted or was.
    text: String,
    /// Whether its customer agreed.
    is_agreed: bool,
    /// Where it can be read.
    url: Option<String>,
    /// What stands in the way, in words.
    trouble: Option<String>,
}

/// The same, with topics that are there already and who else waits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ForumQuestionAround)]
pub(super) struct AroundView {
    #[serde(flatten)]
    question: QuestionView,
    /// Topics that the forum's own search finds, the best first.
    topics: Vec<TopicView>,
    /// Why the forum could not be searched.
    search_trouble: Option<String>,
    /// Who seems to wait with the same question and for no topic yet; `esc_…`.
    others: Vec<String>,
}

/// A topic that is there already.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ForumTopic)]
pub(super) struct TopicView {
    /// The forum's id of it.
    id: String,
    /// Its title.
    title: String,
    /// Where it can be read.
    url: String,
    /// Whether an answer is accepted there.
    solved: bool,
}

/// Words of one's own; as proposed, or as agreed to, without.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct WordingBody {
    /// At most 255 characters.
    title: Option<String>,
    /// At most 20,000 characters.
    text: Option<String>,
}

/// A topic that asks the same.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(super) struct TopicBody {
    /// The forum's id of it.
    topic: String,
}

/// Others who wait with the same question.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(super) struct OthersBody {
    /// `esc_…` each.
    #[schema(value_type = Vec<String>)]
    others: Vec<String>,
}

/// Shows where a question stands with the forum, topics that are there, and who else waits.
#[utoipa::path(
    get, path = "/api/v1/escalations/{id}/forum", tag = "forum",
    params(("id" = String, Path, description = "`esc_…`")),
    responses((status = 200, description = "Where it stands", body = AroundView)),
)]
pub(super) async fn show(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
) -> Result<Json<AroundView>, Problem> {
    actor.require(Role::Moderator)?;
    let id = named.id("escalation")?;
    let mut tx = desk.store.read().await?;
    let row = escalation(&mut tx, id).await?;
    let question = view(&mut tx, &row).await?;
    let others = bridge::others_waiting(&mut tx, &row).await?;
    let others = others.into_iter().map(|other| other.id.to_string()).collect();
    drop(tx);
    let (topics, search_trouble) =
        bridge::topics_there(&desk.forums, &question.title, &row.lang).await;
    let topics = topics.into_iter().map(TopicView::from).collect();
    Ok(Json(AroundView { question, topics, search_trouble, others }))
}

/// Asks the customer whether the question may be posted in these words; needs a moderator.
#[utoipa::path(
    post, path = "/api/v1/escalations/{id}/forum/ask", tag = "forum",
    params(("id" = String, Path, description = "`esc_…`")),
    request_body = WordingBody,
    responses((status = 200, description = "They are asked", body = QuestionView),
              (status = 409, description = "They were asked before, or it is closed"),
              (status = 422, description = "Words that cannot be posted, or no forum")),
)]
pub(super) async fn ask(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(body): Body<WordingBody>,
) -> Result<Json<QuestionView>, Problem> {
    actor.require(Role::Moderator)?;
    let (id, forum) = (named.id("escalation")?, to_ask(&desk)?);
    let mut tx = desk.store.begin().await?;
    let wording = given(&mut tx, id, body).await?;
    let what = (id, forum.source.as_str());
    bridge::ask(&mut tx, &desk.stage(), &actor, what, &wording).await?;
    done(&desk, tx, id).await
}

/// Posts a question whose customer agreed, once; needs a moderator.
#[utoipa::path(
    post, path = "/api/v1/escalations/{id}/forum/post", tag = "forum",
    params(("id" = String, Path, description = "`esc_…`")),
    request_body = WordingBody,
    responses((status = 200, description = "It is posted soon", body = QuestionView),
              (status = 409, description = "Its customer did not agree, or it was posted before")),
)]
pub(super) async fn post(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(body): Body<WordingBody>,
) -> Result<Json<QuestionView>, Problem> {
    actor.require(Role::Moderator)?;
    let id = named.id("escalation")?;
    let mut tx = desk.store.begin().await?;
    let wording = given(&mut tx, id, body).await?;
    bridge::post(&mut tx, &desk.stage(), &actor, id, &wording).await?;
    done(&desk, tx, id).await
}

/// A topic that is there asks the same: its answer goes to this customer too; needs a moderator.
#[utoipa::path(
    post, path = "/api/v1/escalations/{id}/forum/link", tag = "forum",
    params(("id" = String, Path, description = "`esc_…`")),
    request_body = TopicBody,
    responses((status = 200, description = "They wait for that topic", body = QuestionView),
              (status = 422, description = "It is no topic, or there is no forum")),
)]
pub(super) async fn link(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(body): Body<TopicBody>,
) -> Result<Json<QuestionView>, Problem> {
    actor.require(Role::Moderator)?;
    let (id, forum) = (named.id("escalation")?, to_ask(&desk)?);
    let topic = body.topic.trim();
    let url = forum.forum.topic_address(topic);
    let place = Place { source: &forum.source, topic, url: &url };
    let mut tx = desk.store.begin().await?;
    bridge::link(&mut tx, &desk.stage(), &actor, id, place).await?;
    done(&desk, tx, id).await
}

/// Others wait with the same question: the answer goes to them as well; needs a moderator.
#[utoipa::path(
    post, path = "/api/v1/escalations/{id}/forum/join", tag = "forum",
    params(("id" = String, Path, description = "`esc_…`")),
    request_body = OthersBody,
    responses((status = 200, description = "They wait along", body = QuestionView),
              (status = 404, description = "It is not on its way to the forum")),
)]
pub(super) async fn join(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(body): Body<OthersBody>,
) -> Result<Json<QuestionView>, Problem> {
    let id = named.id("escalation")?;
    let read = |other: &String| {
        let unknown = || Problem::unusable(format!("{other:?} is no escalation"));
        other.parse::<EscalationId>().map_err(|_| unknown())
    };
    let others: Vec<EscalationId> = body.others.iter().map(read).collect::<Result<_, _>>()?;
    let mut tx = desk.store.begin().await?;
    bridge::join(&mut tx, &desk.stage(), &actor, id, &others).await?;
    done(&desk, tx, id).await
}

/// Nothing is posted any more, and no answer from there is waited for; needs a moderator.
#[utoipa::path(
    post, path = "/api/v1/escalations/{id}/forum/withdraw", tag = "forum",
    params(("id" = String, Path, description = "`esc_…`")),
    request_body = EmptyBody,
    responses((status = 200, description = "Nobody waits for it", body = QuestionView),
              (status = 409, description = "The answer is on its way, or there")),
)]
pub(super) async fn withdraw(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(EmptyBody {}): Body<EmptyBody>,
) -> Result<Json<QuestionView>, Problem> {
    let id = named.id("escalation")?;
    let mut tx = desk.store.begin().await?;
    bridge::withdraw(&mut tx, &desk.stage(), &actor, id).await?;
    done(&desk, tx, id).await
}

/// The forum that takes questions.
fn to_ask(desk: &Desk) -> Result<&Followed, Problem> {
    let nowhere = || Problem::unusable("no forum takes questions from us; set DISCOURSE_API_KEY");
    desk.forums.to_ask_in().ok_or_else(nowhere)
}

async fn escalation(tx: &mut Tx, id: EscalationId) -> Result<EscalationRow, Problem> {
    let row = tx.escalation(id).await?;
    row.ok_or_else(|| Problem::unknown(&format!("escalation {id}")))
}

/// What is to be posted: the caller's words, and as kept or proposed where they say nothing.
async fn given(tx: &mut Tx, id: EscalationId, body: WordingBody) -> Result<Wording, Problem> {
    let row = escalation(tx, id).await?;
    let usual = bridge::kept_or_proposed(tx, &row).await?;
    let word = |given: Option<String>, usual| given.map_or(usual, |text| storable(&text));
    let (title, text) = (word(body.title, usual.title), word(body.text, usual.text));
    Ok(Wording::checked(&title, &text)?)
}

/// Keeps what was done, wakes whoever goes on with it, and shows where it stands.
async fn done(desk: &Desk, mut tx: Tx, id: EscalationId) -> Result<Json<QuestionView>, Problem> {
    let row = escalation(&mut tx, id).await?;
    let view = view(&mut tx, &row).await?;
    tx.commit().await?;
    desk.wakes.outbox();
    desk.wakes.forums();
    Ok(Json(view))
}

async fn view(tx: &mut Tx, row: &EscalationRow) -> Result<QuestionView, Problem> {
    let Wording { title, text } = bridge::kept_or_proposed(tx, row).await?;
    let bridge = tx.bridge(row.id).await?;
    Ok(QuestionView {
        state: bridge.as_ref().map(|row| row.state),
        is_agreed: bridge.as_ref().is_some_and(|row| row.agreed_at.is_some()),
        url: bridge.as_ref().and_then(|row| row.url.clone()),
        trouble: bridge.and_then(|row| row.trouble),
        title,
        text,
    })
}

impl From<FoundTopic> for TopicView {
    fn from(topic: FoundTopic) -> Self {
        Self { id: topic.id, title: topic.title, url: topic.url, solved: topic.solved }
    }
}
