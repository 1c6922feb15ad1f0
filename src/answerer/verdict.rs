//! From words to a verdict: reading, searching, deciding; nothing is written yet.

use superfan_index::{Found, Question};

use super::ask::{Asked, HITS, describe, policy};
use super::decide::{Decision, decide};
use super::reading::{Reading, read};
use super::scene::Scene;
use super::small_talk::Intent;
use super::{Answerer, HandleError};
use crate::store::answers::AnswerRow;
use crate::vocabulary::{Action, Reason};

/// What will be written and said.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    /// What and why.
    pub(super) decision: Decision,
    /// The question as it was read.
    pub(super) question: String,
    /// What was found, described.
    pub(super) asked: Asked,
    /// The answers that are sent or offered.
    pub(super) picked: Vec<AnswerRow>,
    /// Small talk, if that is what it was.
    pub(super) intent: Option<Intent>,
}

impl Answerer {
    /// Handles free text: one question, or small talk.
    pub(super) async fn handle_words(&self, scene: &Scene) -> Result<(), HandleError> {
        if self.handle_expert_words(scene).await? {
            return Ok(());
        }
        let rules = &self.desk.config.rules;
        let verdict = match read(&scene.situation(rules)) {
            Reading::Search { question } => match scene.picked_in_words() {
                Some((list, number)) => return self.pick_in_words(scene, list, number).await,
                None => self.search(scene, question).await?,
            },
            Reading::Settled(action, reason) => {
                self.settle(scene, Decision::without_answer(action, reason)).await?
            }
            Reading::Sensitive(_) => {
                let escalate = Decision::without_answer(Action::Escalate, Reason::SensitiveTopic);
                self.settle(scene, escalate).await?
            }
            Reading::SmallTalk(intent) => {
                let decision = Decision::without_answer(Action::Silent, Reason::SmallTalk);
                let mut verdict = without_search(scene, decision);
                verdict.intent = Some(intent);
                verdict
            }
        };
        self.write(scene, verdict).await
    }

    /// Searches and decides.
    async fn search(&self, scene: &Scene, question: String) -> Result<Verdict, HandleError> {
        let id = scene.conversation.id;
        tracing::debug!(conversation.id = %id, "searching for an accepted answer");
        let (found, rows) = self.find(&question, &scene.lang).await?;
        let policy = policy(&self.desk.search, &self.desk.config.rules);
        let subject = self.desk.config.rules.products.question(&question);
        let decision = decide(&found, &subject, &policy);
        let asked = describe(&found, &rows, &decision, &policy);
        let picked = decision
            .picks
            .iter()
            .filter_map(|&at| rows.iter().find(|row| row.id == found.hits[at].id).cloned())
            .collect();
        Ok(Verdict { decision, question, asked, picked, intent: None })
    }

    /// A decision that was clear before any search; people still want to see what was found.
    async fn settle(&self, scene: &Scene, decision: Decision) -> Result<Verdict, HandleError> {
        let mut verdict = without_search(scene, decision);
        if verdict.decision.action == Action::Escalate && !scene.text.trim().is_empty() {
            let (found, rows) = self.find(&scene.text, &scene.lang).await?;
            let policy = policy(&self.desk.search, &self.desk.config.rules);
            verdict.asked = describe(&found, &rows, &verdict.decision, &policy);
        }
        Ok(verdict)
    }

    async fn find(&self, text: &str, lang: &str) -> Result<(Found, Vec<AnswerRow>), HandleError> {
        let question = Question { text: text.to_owned(), lang: Some(lang.to_owned()) };
        let found = self.desk.search.find(question, HITS).await?;
        let ids: Vec<String> = found.hits.iter().map(|hit| hit.id.clone()).collect();
        let rows = self.desk.store.read().await?.answers_by_id(&ids).await?;
        Ok((found, rows))
    }
}

/// A verdict about words that were not searched for.
pub(super) fn without_search(scene: &Scene, decision: Decision) -> Verdict {
    let asked = Asked {
        action: decision.action,
        reason: decision.reason,
        confidence: 0.0,
        line: 0.0,
        lang: scene.lang.clone(),
        generation: 0,
        hits: Vec::new(),
        offered: None,
        card: super::ask::MatchCard::default(),
        rendered: Vec::new(),
    };
    let question = scene.text.trim().to_owned();
    Verdict { decision, question, asked, picked: Vec::new(), intent: None }
}
