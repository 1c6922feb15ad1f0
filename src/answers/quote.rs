//! How much of an answer customers read: the one place where a source's quote policy is obeyed.
//!
//! In: an answer's row, which carries the policy of its source. Out: the text that a reply or a
//! public page may show.

use crate::desk::Stage;
use crate::people::{Act, ActError, Actor, record};
use crate::store::Tx;
use crate::store::answers::AnswerRow;
use crate::store::sources::Quote;
use crate::vocabulary::Role;
use crate::words::{Key, credit, say};

/// What ends a sentence, with the space after it where there is one.
const SENTENCE_ENDS: [&str; 9] = ["\n", ". ", "! ", "? ", "。", "！", "？", "؟ ", "; "];
/// What marks a block of code.
const FENCE: &str = "```";
/// Excerpts may be as long as this, in characters.
const LONGEST_EXCERPT: u32 = 10_000;

/// The answer's text as far as its source lets us quote it; empty where only a link is allowed.
pub fn quoted(row: &AnswerRow) -> String {
    match row.quote {
        Quote::Full => row.answer.clone(),
        Quote::Excerpt(n_chars) => excerpt(&row.answer, usize::try_from(n_chars).unwrap_or(0)),
        Quote::Link => String::new(),
    }
}

/// What a reply says: [`quoted`], or what was asked where only a link follows.
pub fn reply_text(row: &AnswerRow) -> String {
    match quoted(row) {
        text if !text.is_empty() => text,
        _ if row.title.is_empty() => row.question.lines().next().unwrap_or_default().to_owned(),
        _ => row.title.clone(),
    }
}

/// An answer as a person sends it: what a reply may show, whose it is, where it stands.
pub fn with_credit(row: &AnswerRow, lang: &str) -> String {
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

/// The beginning of a text, cut after a sentence, else between words; a block of code that is
/// cut is closed.
fn excerpt(text: &str, n_chars: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(n_chars) else { return text.to_owned() };
    let head = &text[..end];
    let ends = SENTENCE_ENDS.iter().filter_map(|mark| Some(head.rfind(mark)? + mark.len()));
    let sentence = ends.max().filter(|at| *at >= end / 3);
    let word = || head.rfind(char::is_whitespace).filter(|at| *at >= end / 3);
    let head = head[..sentence.or_else(word).unwrap_or(end)].trim_end();
    match head.matches(FENCE).count() % 2 {
        0 => format!("{head} …"),
        _ => format!("{head}\n{FENCE}\n…"),
    }
}

/// Decides how much of a source's answers may be quoted; needs [`Role::Admin`].
pub async fn set_quote(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    source: &str,
    quote: Quote,
) -> Result<(), ActError> {
    actor.require(Role::Admin)?;
    if let Quote::Excerpt(n_chars) = quote
        && !(1..=LONGEST_EXCERPT).contains(&n_chars)
    {
        let reason = format!("an excerpt has 1 to {LONGEST_EXCERPT} characters, not {n_chars}");
        return Err(ActError::Invalid { reason });
    }
    let is_known = tx.answer_counts().await?.iter().any(|count| count.source == source);
    if !is_known {
        return Err(ActError::Unknown { what: format!("source {source:?}") });
    }
    tx.set_quote(source, quote).await?;
    let detail = quote.to_string();
    Ok(record(tx, stage, actor, &Act { act: "set quoting", object: source, detail: &detail })
        .await?)
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[track_caller]
    fn check(text: &str, n_chars: usize, expected: &str) {
        assert_eq!(excerpt(text, n_chars), expected);
    }

    #[test]
    fn an_excerpt_ends_where_a_reader_would_pause() {
        check("Hold it.", 20, "Hold it.");
        check("Hold it. Then wait a minute.", 14, "Hold it. …");
        check("Hold the power button down", 15, "Hold the power …");
        check("长按电源键。然后松开手。", 8, "长按电源键。 …");
        check("unbreakable", 4, "unbr …");
        check("Run:\n```\nls\nrm\n```\nDone.", 13, "Run:\n```\nls\n```\n…");
    }
}
