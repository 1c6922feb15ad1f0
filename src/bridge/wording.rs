//! What would be posted: the customer's words without anything that says who they are.

use crate::people::ActError;
use crate::privacy::mask_naming;
use crate::store::bridges::BridgeRow;
use crate::store::escalations::EscalationRow;
use crate::store::{StoreError, Tx};

/// The longest title, in characters: what Discourse takes.
const LONGEST_TITLE: usize = 255;
/// Where a proposed title is cut, in characters.
const USUAL_TITLE: usize = 100;
/// The longest text, in characters.
const LONGEST_TEXT: usize = 20_000;

/// A topic's title and text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wording {
    /// The title.
    pub title: String,
    /// The text, Markdown.
    pub text: String,
}

impl Wording {
    /// Somebody's own wording of it.
    ///
    /// Errors: [`ActError::Invalid`] when one is empty or too long.
    pub fn checked(title: &str, text: &str) -> Result<Self, ActError> {
        let (title, text) = (title.trim(), text.trim());
        let longer = |text: &str, longest| text.chars().count() > longest;
        let reason = if title.is_empty() || text.is_empty() {
            "write a title and a text"
        } else if longer(title, LONGEST_TITLE) || longer(text, LONGEST_TEXT) {
            "the title has at most 255 characters, the text 20,000"
        } else {
            return Ok(Self { title: title.to_owned(), text: text.to_owned() });
        };
        Err(ActError::Invalid { reason: reason.to_owned() })
    }
}

/// A question in the words that were kept for the forum, or else as it could be posted.
pub async fn kept_or_proposed(tx: &mut Tx, row: &EscalationRow) -> Result<Wording, StoreError> {
    match tx.bridge(row.id).await? {
        Some(BridgeRow { title, text, .. }) if !title.is_empty() => Ok(Wording { title, text }),
        _ => proposed(tx, row).await,
    }
}

/// A question as it could be posted: masked, its beginning as the title.
pub async fn proposed(tx: &mut Tx, row: &EscalationRow) -> Result<Wording, StoreError> {
    let name = tx.customer(row.customer_id).await?.and_then(|customer| customer.name);
    let names: Vec<&str> = name.iter().flat_map(|name| name.split_whitespace()).collect();
    let text = mask_naming(row.question.trim(), &names);
    Ok(Wording { title: title_of(&text), text })
}

/// The first sentence, or as much of it as a title takes.
fn title_of(text: &str) -> String {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    let ends = ["? ", "! ", ". ", "？", "。", "！", "؟ "];
    let sentence = ends.iter().filter_map(|end| Some(line.find(end)? + end.trim_end().len())).min();
    let sentence = &line[..sentence.unwrap_or(line.len())];
    let Some((end, _)) = sentence.char_indices().nth(USUAL_TITLE) else {
        return sentence.to_owned();
    };
    let head = &sentence[..end];
    let word = head.rfind(char::is_whitespace).filter(|at| *at >= end / 2);
    format!("{}…", head[..word.unwrap_or(end)].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(title_of(text), expected);
    }

    #[test]
    fn a_title_is_the_first_sentence() {
        check("Why does it hum? It is new.\nThanks", "Why does it hum?");
        check("\n  it hums  \nall day", "it hums");
        check("它为什么响？我刚买的。", "它为什么响？");
        let long = "hum ".repeat(60);
        check(&long, &format!("{}…", long[..99].trim_end()));
    }

    #[test]
    fn nothing_empty_or_endless_is_posted() {
        assert!(Wording::checked("  ", "a text").is_err());
        assert!(Wording::checked("a title", "").is_err());
        assert!(Wording::checked(&"t".repeat(256), "a text").is_err());
        let kept = Wording::checked(" a title ", " a text\n").unwrap();
        assert_eq!(kept, Wording { title: "a title".to_owned(), text: "a text".to_owned() });
    }
}
