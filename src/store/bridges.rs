//! Table `bridges`: questions that go to the forum.

use jiff::Timestamp;

use super::escalations::EscalationRow;
use super::outbox::DeliveryRow;
use super::{Row, StoreError, Tx, cells};
use crate::ids::{ConversationId, CustomerId, EscalationId};
use crate::vocabulary::{BridgeState, Outcome};

/// A question on its way to the forum, and its answer on its way back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BridgeRow {
    /// Whose question it is.
    pub escalation_id: EscalationId,
    /// Where it stands.
    pub state: BridgeState,
    /// The forum.
    pub source: String,
    /// The topic's title, without personal data.
    pub title: String,
    /// What is posted, without personal data.
    pub text: String,
    /// Our own name for the topic.
    pub name: String,
    /// Whether it is posted by rule, without a moderator.
    pub automatic: bool,
    /// The escalation whose topic it waits for.
    pub leader: Option<EscalationId>,
    /// The topic's id there.
    pub topic: Option<String>,
    /// Where the topic can be read.
    pub url: Option<String>,
    /// The answer that came back.
    pub answer_id: Option<String>,
    /// How many answers were on their way to the customer.
    pub round: i64,
    /// What stands in the way, in words.
    pub trouble: Option<String>,
    /// How often posting was tried; after the first, the forum is asked whether it is there.
    pub tries: i64,
    /// When something is to be done by itself.
    pub due_at: Timestamp,
    /// When the customer was asked.
    pub asked_at: Option<Timestamp>,
    /// When they agreed.
    pub agreed_at: Option<Timestamp>,
    /// When somebody first thought of the forum.
    pub created_at: Timestamp,
}

impl BridgeRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            escalation_id: row.int("escalation_id")?.into(),
            state: row.word("bridges", "state")?,
            source: row.text("source")?,
            title: row.text("title")?,
            text: row.text("text")?,
            name: row.text("name")?,
            automatic: row.flag("automatic")?,
            leader: row.opt_int("leader")?.map(EscalationId),
            topic: row.opt_text("topic")?,
            url: row.opt_text("url")?,
            answer_id: row.opt_text("answer_id")?,
            round: row.int("round")?,
            trouble: row.opt_text("trouble")?,
            tries: row.int("tries")?,
            due_at: row.time("due_at")?,
            asked_at: row.opt_time("asked_at")?,
            agreed_at: row.opt_time("agreed_at")?,
            created_at: row.time("created_at")?,
        })
    }
}

fn read_all(rows: &[Row]) -> Result<Vec<BridgeRow>, StoreError> {
    rows.iter().map(BridgeRow::read).collect()
}

impl Tx {
    /// Keeps a row as it is now; whoever changes one holds the escalation's conversation.
    pub async fn put_bridge(&mut self, row: &BridgeRow, now: Timestamp) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO bridges (escalation_id, state, source, title, text, name, automatic, \
             leader, topic, url, answer_id, round, trouble, tries, due_at, asked_at, agreed_at, \
             created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
             $13, $14, $15, $16, $17, $18, $19) ON CONFLICT (escalation_id) DO UPDATE SET \
             state = excluded.state, source = excluded.source, title = excluded.title, \
             text = excluded.text, name = excluded.name, automatic = excluded.automatic, \
             leader = excluded.leader, topic = excluded.topic, url = excluded.url, \
             answer_id = excluded.answer_id, round = excluded.round, trouble = excluded.trouble, \
             tries = excluded.tries, due_at = excluded.due_at, asked_at = excluded.asked_at, \
             agreed_at = excluded.agreed_at, changed_at = excluded.changed_at",
            cells![
                row.escalation_id,
                row.state,
                &row.source,
                &row.title,
                &row.text,
                &row.name,
                row.automatic,
                row.leader.map(|leader| leader.0),
                &row.topic,
                &row.url,
                &row.answer_id,
                row.round,
                &row.trouble,
                row.tries,
                row.due_at,
                row.asked_at,
                row.agreed_at,
                row.created_at,
                now,
            ],
        )
        .await?;
        Ok(())
    }

    /// An escalation's way to the forum, if it was ever thought of.
    pub async fn bridge(&mut self, id: EscalationId) -> Result<Option<BridgeRow>, StoreError> {
        let row = self.one("SELECT * FROM bridges WHERE escalation_id = $1", cells![id]).await?;
        row.as_ref().map(BridgeRow::read).transpose()
    }

    /// The question that a customer was asked about in a conversation and has not answered to.
    pub async fn asked_bridge(
        &mut self,
        conversation: ConversationId,
        customer: CustomerId,
    ) -> Result<Option<BridgeRow>, StoreError> {
        let row = self
            .one(
                "SELECT b.* FROM bridges b JOIN escalations e ON e.id = b.escalation_id \
                 WHERE e.conversation_id = $1 AND e.customer_id = $2 AND b.state = 'asked' \
                 ORDER BY b.asked_at DESC LIMIT 1",
                cells![conversation, customer],
            )
            .await?;
        row.as_ref().map(BridgeRow::read).transpose()
    }

    /// What is to be posted to a forum next, also if that is not due yet.
    pub async fn next_to_post(&mut self, source: &str) -> Result<Option<BridgeRow>, StoreError> {
        let row = self
            .one(
                "SELECT * FROM bridges WHERE source = $1 AND (state = 'posting' \
                 OR (state = 'agreed' AND automatic = 1)) ORDER BY due_at, escalation_id LIMIT 1",
                cells![source],
            )
            .await?;
        row.as_ref().map(BridgeRow::read).transpose()
    }

    /// Counts an attempt to post before it is made; false if somebody changed their mind.
    pub async fn try_posting(&mut self, id: EscalationId, tries: i64) -> Result<bool, StoreError> {
        let changed = self
            .execute(
                "UPDATE bridges SET tries = tries + 1 \
                 WHERE escalation_id = $1 AND state = 'posting' AND tries = $2",
                cells![id, tries],
            )
            .await?;
        Ok(changed == 1)
    }

    /// Those who wait for an answer in a topic.
    pub async fn bridges_in(
        &mut self,
        (source, topic): (&str, &str),
    ) -> Result<Vec<BridgeRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM bridges WHERE source = $1 AND topic = $2 AND state = 'open' \
                 ORDER BY escalation_id",
                cells![source, topic],
            )
            .await?;
        read_all(&rows)
    }

    /// Whether a customer gets an answer of a topic for another question of theirs, or got it.
    pub async fn told_beside(
        &mut self,
        row: &BridgeRow,
        customer: CustomerId,
        answer: &str,
    ) -> Result<Option<BridgeState>, StoreError> {
        let row = self
            .one(
                "SELECT b.state FROM bridges b JOIN escalations e ON e.id = b.escalation_id \
                 WHERE b.source = $1 AND b.topic = $2 AND b.answer_id = $3 \
                 AND b.state IN ('telling', 'told') AND (e.customer_id = $4 \
                 OR e.customer_id IN (SELECT o.customer_id FROM identities i JOIN identities o \
                 ON o.circle_id = i.circle_id WHERE i.customer_id = $4)) \
                 AND b.escalation_id <> $5 ORDER BY b.state DESC LIMIT 1",
                cells![&row.source, &row.topic, answer, customer, row.escalation_id],
            )
            .await?;
        row.map(|row| row.word("bridges", "state")).transpose()
    }

    /// A customer's other questions that wait in the topic of one of theirs.
    pub async fn bridges_beside(
        &mut self,
        row: &BridgeRow,
        customer: CustomerId,
    ) -> Result<Vec<BridgeRow>, StoreError> {
        let rows = self
            .all(
                "SELECT b.* FROM bridges b JOIN escalations e ON e.id = b.escalation_id \
                 WHERE b.source = $1 AND b.topic = $2 AND b.state = 'open' \
                 AND e.customer_id = $3 AND b.escalation_id <> $4 ORDER BY b.escalation_id",
                cells![&row.source, &row.topic, customer, row.escalation_id],
            )
            .await?;
        read_all(&rows)
    }

    /// Those who wait for another's topic to be opened.
    pub async fn bridges_behind(
        &mut self,
        leader: EscalationId,
    ) -> Result<Vec<BridgeRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM bridges WHERE leader = $1 AND state = 'waiting' \
                 ORDER BY escalation_id",
                cells![leader],
            )
            .await?;
        read_all(&rows)
    }

    /// The rows in a state, oldest first.
    pub async fn bridges_in_state(
        &mut self,
        state: BridgeState,
        limit: i64,
    ) -> Result<Vec<BridgeRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM bridges WHERE state = $1 ORDER BY escalation_id LIMIT $2",
                cells![state, limit],
            )
            .await?;
        read_all(&rows)
    }

    /// Escalations that nobody took since `before` and whose customers may be asked by rule: in
    /// private, where something can be said, not about what people must take.
    pub async fn to_ask_by_rule(
        &mut self,
        before: Timestamp,
        limit: i64,
    ) -> Result<Vec<EscalationRow>, StoreError> {
        let rows = self
            .all(
                "SELECT e.* FROM escalations e JOIN conversations c ON c.id = e.conversation_id \
                 JOIN customers u ON u.id = e.customer_id \
                 LEFT JOIN bridges b ON b.escalation_id = e.id \
                 WHERE e.state = 'open' AND e.opened_at <= $1 AND e.replied_at IS NULL \
                 AND e.reason NOT IN ('sensitive_topic', 'asked_for_human', 'stopped') \
                 AND c.place_id IS NULL AND c.closed_reason IS NULL AND u.stopped_at IS NULL \
                 AND b.escalation_id IS NULL ORDER BY e.id LIMIT $2",
                cells![before, limit],
            )
            .await?;
        rows.iter().map(EscalationRow::read).collect()
    }

    /// The parts that were enqueued in a conversation for a cause, in order.
    pub async fn deliveries_for(
        &mut self,
        conversation: ConversationId,
        cause: &str,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM outbox WHERE conversation_id = $1 AND cause = $2 \
                 ORDER BY kind, part",
                cells![conversation, cause],
            )
            .await?;
        rows.iter().map(DeliveryRow::read).collect()
    }

    /// An escalation that was closed without an answer was solved later.
    pub async fn solved_after_all(&mut self, id: EscalationId) -> Result<(), StoreError> {
        self.execute(
            "UPDATE escalations SET outcome = $2 \
             WHERE id = $1 AND state = 'closed' AND outcome = $3",
            cells![id, Outcome::Solved, Outcome::NoAnswer],
        )
        .await?;
        Ok(())
    }

    /// Forgets the wording of a customer's questions; what is in the forum stands there without
    /// anything of theirs.
    pub(super) async fn erase_bridges(&mut self, customer: CustomerId) -> Result<(), StoreError> {
        self.execute(
            "UPDATE bridges SET title = '', text = '', state = CASE WHEN state = 'told' \
             THEN state ELSE 'ended' END WHERE escalation_id IN \
             (SELECT id FROM escalations WHERE customer_id = $1)",
            cells![customer],
        )
        .await?;
        Ok(())
    }
}
