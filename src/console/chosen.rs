//! An accepted answer as a person sends it: the whole text and whose it is.

use super::card::CardView;
use crate::answers::quote::with_credit;
use crate::store::{StoreError, Tx};

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
