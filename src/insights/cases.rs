//! From what was said and done to cases: which questions there were, who handled them, how they
//! ended. Pure: the same history, the same cases.

use jiff::{SignedDuration, Timestamp};

use crate::ids::{ConversationId, DecisionId};
use crate::store::case_history::{PassedRow, SaidRow};
use crate::vocabulary::{Action, Ending, Handler, Outcome, Reason, Role, Verdict};

/// The same question within this time says that the first answer did not do.
const AGAIN: SignedDuration = SignedDuration::from_hours(72);
/// An answer to a question back, or a call for a person, belongs to what was said this long before.
const FOLLOWS: SignedDuration = SignedDuration::from_mins(30);
/// A case of more turns is complex.
const SIMPLE_TURNS: usize = 2;

/// What is known of one customer, in the order of time.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Decisions.
    pub said: Vec<Said>,
    /// Escalations.
    pub passed: Vec<PassedRow>,
}

/// A decision, and when what belongs to it happened.
#[derive(Clone, Debug)]
pub struct Said {
    /// The decision.
    pub row: SaidRow,
    /// When the customer's words arrived; `None` if it followed from a press.
    pub received_at: Option<Timestamp>,
    /// When the bot's answer was sent.
    pub answered_at: Option<Timestamp>,
    /// When a person's was.
    pub replied_at: Option<Timestamp>,
}

/// One question, from its first words to how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The decision that began it.
    pub id: DecisionId,
    /// Channel account.
    pub channel: String,
    /// Language.
    pub lang: String,
    /// When it began.
    pub at: Timestamp,
    /// More than two turns, or passed on to a person.
    pub is_complex: bool,
    /// How it ended for each who handled it; the whole case first.
    pub ends: Vec<End>,
}

/// How it ended for one who handled a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Who.
    pub handler: Handler,
    /// How.
    pub ending: Ending,
    /// From the question to the first answer that arrived.
    pub waited: Option<SignedDuration>,
    /// Presses on *Helped*.
    pub n_helped: i64,
    /// Presses on *Didn't help*.
    pub n_refused: i64,
    /// The answer that was given last.
    pub answer_id: Option<String>,
}

/// A case while it is put together: indexes into the history.
struct Thread {
    conversation: ConversationId,
    said: Vec<usize>,
    passed: Option<usize>,
    turns: usize,
}

/// The cases of one customer, oldest first. `alike` says whether two questions ask the same.
///
/// Spam and what was closed as asked elsewhere are no cases.
pub fn cases(history: &History, alike: &dyn Fn(&SaidRow, &SaidRow) -> bool) -> Vec<Case> {
    let mut threads: Vec<Thread> = Vec::new();
    for (at, said) in history.said.iter().enumerate() {
        let row = &said.row;
        let is_silent = row.action == Action::Silent;
        if is_silent && row.reason != Reason::HumanOwns {
            continue;
        }
        let latest = threads.iter_mut().rev().find(|t| t.conversation == row.conversation_id);
        let turn = usize::from(said.received_at.is_some());
        match latest.filter(|thread| thread.goes_on_with(history, said)) {
            Some(thread) => {
                thread.said.push(at);
                thread.turns += turn;
                thread.passed = thread.passed.or(history.passed_by(row.id));
            }
            None if is_silent => {}
            None => threads.push(Thread {
                conversation: row.conversation_id,
                said: vec![at],
                passed: history.passed_by(row.id),
                turns: turn,
            }),
        }
    }
    threads.retain(|thread| {
        let outcome = thread.passed.and_then(|at| history.passed[at].outcome);
        !matches!(outcome, Some(Outcome::Spam | Outcome::Duplicate))
    });
    let mut cases: Vec<Case> = threads.iter().map(|thread| thread.judged(history)).collect();
    for (at, thread) in threads.iter().enumerate() {
        if threads[at + 1..].iter().any(|later| thread.is_asked_again(later, history, alike)) {
            cases[at].was_asked_again();
        }
    }
    cases
}

impl History {
    fn passed_by(&self, decision: DecisionId) -> Option<usize> {
        self.passed.iter().position(|passed| passed.decision_id == Some(decision))
    }
}

impl Thread {
    /// Whether what was said next in the same conversation belongs to this case.
    fn goes_on_with(&self, history: &History, next: &Said) -> bool {
        let waits = self.passed.map(|at| &history.passed[at]).is_some_and(|passed| {
            passed.opened_at <= next.row.at && passed.closed_at.is_none_or(|at| at > next.row.at)
        });
        let with_people =
            next.row.action == Action::Escalate || next.row.reason == Reason::HumanOwns;
        if waits && with_people {
            return true;
        }
        let Some(last) = self.said.last().map(|at| &history.said[*at].row) else { return false };
        let is_soon = next.row.at.duration_since(last.at) <= FOLLOWS;
        let is_press = next.received_at.is_none() && next.row.question == last.question;
        let adds = next.row.question.starts_with(&format!("{}\n", last.question));
        let is_pick = last.action == Action::Choices && next.row.question == last.question;
        is_press
            || (is_soon && (adds || is_pick || last.action == Action::AskBack))
            || (is_soon && next.row.reason == Reason::AskedForHuman)
    }

    fn judged(&self, history: &History) -> Case {
        let said: Vec<&Said> = self.said.iter().map(|at| &history.said[*at]).collect();
        let first = said[0];
        let mut ends = vec![self.bots_end(&said)];
        ends.extend(self.persons_end(history, &said));
        let is_passed = self.passed.is_some();
        let last = ends.last().cloned().unwrap_or_else(|| self.bots_end(&said));
        // Passed on, and nobody has answered: whatever the bot's answer came to, they wait.
        let is_waiting = is_passed && ends.len() == 1 && last.ending != Ending::Confirmed;
        ends.insert(
            0,
            End {
                handler: Handler::All,
                ending: if is_waiting { Ending::Escalated } else { last.ending },
                waited: ends.iter().find_map(|end| end.waited),
                n_helped: ends.iter().map(|end| end.n_helped).sum(),
                n_refused: ends.iter().map(|end| end.n_refused).sum(),
                answer_id: last.answer_id,
            },
        );
        Case {
            id: first.row.id,
            channel: first.row.channel.clone(),
            lang: first.row.lang.clone(),
            at: first.row.at,
            is_complex: is_passed || self.turns > SIMPLE_TURNS,
            ends,
        }
    }

    /// How it ended for the bot: with one answer, or with a short list.
    fn bots_end(&self, said: &[&Said]) -> End {
        let given: Vec<&&Said> = said
            .iter()
            .filter(|said| matches!(said.row.action, Action::Answer | Action::Choices))
            .collect();
        let is_list = given.iter().any(|said| said.row.action == Action::Choices);
        let count =
            |verdict| given.iter().filter(|said| said.row.feedback == Some(verdict)).count();
        let last_word =
            given.iter().rev().find_map(|said| Some((said.row.action, said.row.feedback?)));
        let ending = match last_word {
            Some((_, Verdict::Helped)) => Ending::Confirmed,
            // On a short list the third button says that none of them fits.
            Some((_, Verdict::Refused) | (Action::Choices, Verdict::Human)) => Ending::Refused,
            Some((_, Verdict::Human)) => Ending::Escalated,
            None if self.passed.is_some() => Ending::Escalated,
            None => Ending::Silent,
        };
        let answered = given.iter().find_map(|said| said.answered_at);
        End {
            handler: if is_list { Handler::List } else { Handler::Bot },
            ending,
            waited: wait(said[0].received_at, answered),
            n_helped: number(count(Verdict::Helped)),
            n_refused: number(count(Verdict::Refused)),
            answer_id: given
                .iter()
                .rev()
                .find(|said| said.row.action == Action::Answer)
                .and_then(|said| said.row.answer_ids.first().cloned()),
        }
    }

    /// How it ended for the person who answered, if one did.
    fn persons_end(&self, history: &History, said: &[&Said]) -> Option<End> {
        let passed = self.passed.map(|at| &history.passed[at])?;
        let replied_at = passed.replied_at?;
        let about = said.iter().find(|said| Some(said.row.id) == passed.decision_id)?;
        // A press under the person's words is kept with the decision that called them.
        let word = about.row.feedback.filter(|_| about.row.action == Action::Escalate);
        let arrived = about.replied_at.unwrap_or(replied_at);
        Some(End {
            handler: match passed.role {
                Some(Role::Expert) => Handler::Expert,
                _ => Handler::Moderator,
            },
            ending: match word {
                Some(Verdict::Helped) => Ending::Confirmed,
                Some(Verdict::Refused) => Ending::Refused,
                _ if passed.outcome == Some(Outcome::NoAnswer) => Ending::Escalated,
                _ => Ending::Silent,
            },
            waited: wait(about.received_at.or(Some(passed.opened_at)), Some(arrived)),
            n_helped: i64::from(word == Some(Verdict::Helped)),
            n_refused: i64::from(word == Some(Verdict::Refused)),
            answer_id: passed.answer_id.clone(),
        })
    }

    fn is_asked_again(
        &self,
        later: &Self,
        history: &History,
        alike: &dyn Fn(&SaidRow, &SaidRow) -> bool,
    ) -> bool {
        let (Some(first), Some(last)) = (self.said.first(), self.said.last()) else { return false };
        let Some(again) = later.said.first().map(|at| &history.said[*at].row) else { return false };
        let since = again.at.duration_since(history.said[*last].row.at);
        since <= AGAIN && alike(&history.said[*first].row, again)
    }
}

impl Case {
    /// What seemed well, or was not spoken of, was not.
    fn was_asked_again(&mut self) {
        let seems_well = |end: &&mut End| matches!(end.ending, Ending::Confirmed | Ending::Silent);
        let n_ends = self.ends.len();
        // The whole case, and the last who handled it.
        for (at, end) in self.ends.iter_mut().enumerate() {
            if (at == 0 || at + 1 == n_ends) && seems_well(&end) {
                end.ending = Ending::AskedAgain;
            }
        }
    }
}

fn wait(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<SignedDuration> {
    Some(to?.duration_since(from?).max(SignedDuration::ZERO))
}

fn number(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
