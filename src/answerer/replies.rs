//! The bot's replies as values: an answer with its credit, a short list, a sentence.

use superfan_bots::{Button, Credit, Reply, ReplyKind};

use super::ask::Asked;
use crate::answers::quote::reply_text;
use crate::ids::DecisionId;
use crate::store::answers::AnswerRow;
use crate::vocabulary::Action;
use crate::words::{self, Key, say};

/// The reply that carries a decision's answer or short list; `None` if it has neither.
pub(super) fn for_decision(
    lang: &str,
    decision: DecisionId,
    asked: &Asked,
    picked: &[&AnswerRow],
) -> Option<Reply> {
    match asked.action {
        Action::Answer => {
            let row = picked.first()?;
            let confidence = asked.hits.first().map(|hit| hit.confidence);
            Some(answer(lang, decision, row, confidence))
        }
        Action::Choices => Some(choices(lang, decision, picked)),
        _ => None,
    }
}

/// An accepted answer with its credit and the three buttons.
pub(super) fn answer(
    lang: &str,
    decision: DecisionId,
    row: &AnswerRow,
    confidence: Option<f64>,
) -> Reply {
    let solved = u64::try_from(row.helped).unwrap_or(0);
    let button =
        |id: &str, key| Button { id: format!("{id}:{decision}"), label: say(lang, key, &[]) };
    Reply {
        kind: ReplyKind::Answer,
        text: reply_text(row),
        credit: Some(Credit {
            line: words::credit(lang, row.credited(), solved),
            author: row.credited().map(str::to_owned),
            title: Some(row.title.clone()).filter(|title| !title.is_empty()),
            url: row.url.clone(),
            licence: row.licence.clone(),
        }),
        buttons: vec![
            button("helped", Key::Helped),
            button("didnt", Key::DidntHelp),
            button("human", Key::Human),
        ],
        answer_id: Some(row.id.clone()),
        confidence,
        ..sentence(lang, ReplyKind::Answer, String::new())
    }
}

/// Two or three answers to choose from.
pub(super) fn choices(lang: &str, decision: DecisionId, rows: &[&AnswerRow]) -> Reply {
    let mut text = say(lang, Key::ChoicesIntro, &[]);
    text.push('\n');
    let mut buttons = Vec::with_capacity(rows.len() + 1);
    for (number, row) in (1..).zip(rows) {
        let title = if row.title.is_empty() { first_line(&row.question) } else { &row.title };
        text.extend(["\n", &number.to_string(), ". ", title]);
        buttons.push(Button { id: format!("pick:{decision}:{number}"), label: number.to_string() });
    }
    let label = say(lang, Key::NoneOfThese, &[]);
    buttons.push(Button { id: format!("human:{decision}"), label });
    Reply { buttons, ..sentence(lang, ReplyKind::Choices, text) }
}

/// One sentence of the bot.
pub(super) fn notice(lang: &str, key: Key, args: &[(&str, &str)]) -> Reply {
    sentence(lang, ReplyKind::Notice, say(lang, key, args))
}

/// A question back.
pub(super) fn question(lang: &str, key: Key) -> Reply {
    sentence(lang, ReplyKind::Question, say(lang, key, &[]))
}

/// The first greeting.
pub(super) fn greeting(lang: &str, brand: &str) -> Reply {
    sentence(lang, ReplyKind::Greeting, words::greeting(lang, brand))
}

fn sentence(lang: &str, kind: ReplyKind, text: String) -> Reply {
    Reply {
        kind,
        text,
        credit: None,
        buttons: Vec::new(),
        lang: lang.to_owned(),
        answer_id: None,
        confidence: None,
        human: None,
        in_reply_to: None,
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
