//! What people read of a reply, in order: who wrote it, the text, whose answer it is.

use super::{Style, Styled};
use crate::{Credit, Reply, ReplyKind};

/// Name of the person, text, credit.
pub(crate) fn whole_text(reply: &Reply) -> Styled {
    let mut whole = spoken_text(reply);
    if let Some(credit) = &reply.credit {
        for (n, line) in credit_lines(credit).enumerate() {
            whole.push(Style::Plain, if n == 0 { "\n\n" } else { "\n" });
            whole.push(Style::Plain, line);
        }
    }
    whole
}

/// The same without the credit.
pub(crate) fn spoken_text(reply: &Reply) -> Styled {
    let mut text = Styled::default();
    if let Some(human) = reply.human.as_deref().filter(|_| reply.kind == ReplyKind::Human) {
        text.push(Style::Bold, &format!("{human}:"));
        text.push(Style::Plain, "\n");
    }
    text.append(&Styled::from_markdown(&reply.text));
    text
}

/// The line that names the author, the link, the licence; what is missing is left out.
pub(crate) fn credit_lines(credit: &Credit) -> impl Iterator<Item = &str> {
    let lines = [Some(&credit.line), credit.url.as_ref(), credit.licence.as_ref()];
    lines.into_iter().flatten().map(String::as_str).filter(|line| !line.is_empty())
}
