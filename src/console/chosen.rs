//! An accepted answer as a person sends it: the whole text and whose it is.

use super::card::CardView;
use crate::answers::quote::reply_text;
use crate::store::answers::AnswerRow;
use crate::store::{StoreError, Tx};
use crate::words::{Key, credit, say};

/// An answer as a person would send it, with its id: the whole text and whose it is.
pub(super) async fn chosen(
    tx: &mut Tx,
    card: &CardView,
    lang: &str,
    number: &str,
) -> Result<(String, String), StoreError> {
    let candidate = card.answers.iter().find(|answer| answer.number.to_string() == number);
    let Some(candidate) = candidate else {
        return Ok(Default::default());
    };
    Ok(match tx.answer(&candidate.id).await? {
        Some(row) => (row.id.clone(), with_credit(&row, lang)),
        None => (String::new(), candidate.text.clone()),
    })
}

pub(super) fn with_credit(row: &AnswerRow, lang: &str) -> String {
    let n_solved = u64::try_from(row.helped).unwrap_or(0);
    let mut text = format!("{}\n\n{}", reply_text(row), credit(lang, row.credited(), n_solved));
    if let Some(url) = &row.url {
        text.push('\n');
        text.push_str(&say(lang, Key::ReadMore, &[("url", url)]));
    }
    if let Some(licence) = &row.licence {
        text.push('\n');
        text.push_str(&say(lang, Key::Licence, &[("licence", licence)]));
    }
    text
}
