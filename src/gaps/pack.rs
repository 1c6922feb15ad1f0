//! The voice of the customer on one page: a month's ten largest gaps, with what was asked in the
//! customers' words, who has them and where they stand.

use std::fmt::Write;

use jiff::Timestamp;
use serde::Serialize;

use crate::months::{days_of, month_before};
use crate::privacy::mask_naming;
use crate::store::{StoreError, Tx};
use crate::vocabulary::GapState;

/// How many gaps are on the page.
const TOP: i64 = 10;
/// How many customers are quoted on each.
const QUOTES: i64 = 2;
/// The longest quote, in characters.
const LONGEST_QUOTE: usize = 160;

/// A month on one page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pack {
    /// `2026-11`.
    pub month: String,
    /// The brand.
    pub brand: String,
    /// Questions of the month that the base could not answer.
    pub n: i64,
    /// The same of the month before.
    pub n_before: i64,
    /// The largest gaps, the largest first.
    pub gaps: Vec<PackGap>,
}

/// A gap in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackGap {
    /// The words that name it.
    pub name: String,
    /// The product or tag it seems to be about.
    pub about: String,
    /// Questions of the month.
    pub n: i64,
    /// Questions of the month before.
    pub n_before: i64,
    /// Which department has it.
    pub owner: String,
    /// Where it stands.
    pub state: GapState,
    /// Where it stood at the end of the month before; `new` if it was not there.
    pub before: String,
    /// What customers wrote, without personal data.
    pub quotes: Vec<String>,
}

/// A month's days, and those of the month before; `None` if it is no month (`2026-11`).
fn spans(month: &str) -> Option<[(Timestamp, Timestamp); 2]> {
    let this = days_of(month)?;
    Some([this, days_of(&month_before(this.0))?])
}

/// The page of a month; `None` if it is no month.
pub async fn pack(tx: &mut Tx, month: &str, brand: &str) -> Result<Option<Pack>, StoreError> {
    let Some([this, before]) = spans(month) else { return Ok(None) };
    let mut gaps = Vec::new();
    for (id, n) in tx.largest_gaps(this, TOP).await? {
        let Some(row) = tx.gap(id).await? else { continue };
        let earlier = tx.gap_in_month(id, &month_before(this.0)).await?;
        let is_old = row.first_at < this.0;
        let stood = earlier.map_or(if is_old { "open" } else { "new" }, GapState::as_str);
        gaps.push(PackGap {
            n,
            n_before: tx.count_in_gap(id, before).await?,
            quotes: quotes(tx, id, this).await?,
            before: stood.to_owned(),
            name: row.name,
            about: row.about,
            owner: row.owner,
            state: row.state,
        });
    }
    Ok(Some(Pack {
        month: month.to_owned(),
        brand: brand.to_owned(),
        n: tx.count_in_gaps(this).await?,
        n_before: tx.count_in_gaps(before).await?,
        gaps,
    }))
}

async fn quotes(
    tx: &mut Tx,
    gap: crate::ids::GapId,
    span: (Timestamp, Timestamp),
) -> Result<Vec<String>, StoreError> {
    let mut quotes = Vec::new();
    for (text, name) in tx.words_in_gap(gap, span, QUOTES).await? {
        let names: Vec<&str> = name.iter().flat_map(|name| name.split_whitespace()).collect();
        let text = mask_naming(&text, &names).split_whitespace().collect::<Vec<_>>().join(" ");
        quotes.push(match text.char_indices().nth(LONGEST_QUOTE) {
            Some((end, _)) => format!("{}…", text[..end].trim_end()),
            None => text,
        });
    }
    Ok(quotes)
}

impl Pack {
    /// What the page is about, in one line.
    pub fn title(&self) -> String {
        let brand = if self.brand == "our" { "Our" } else { &self.brand };
        format!("{brand}: what customers asked and nobody had answered, {}", self.month)
    }

    fn summary(&self) -> String {
        format!("{} questions; {} the month before.", self.n, self.n_before)
    }

    /// The page as Markdown.
    pub fn markdown(&self) -> String {
        let mut page = format!("# {}\n\n{}\n", plain(&self.title()), self.summary());
        for (number, gap) in (1..).zip(&self.gaps) {
            let _ = write!(page, "\n## {number}. {}\n\n", plain(&gap.name));
            let _ = writeln!(page, "{}", plain(&gap.facts()));
            for quote in &gap.quotes {
                let _ = write!(page, "\n> {}\n", plain(quote));
            }
        }
        page
    }

    /// The page as HTML, complete without anything else.
    pub fn html(&self) -> String {
        let title = escaped(&self.title());
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
             <style>body{{font:15px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;\
             padding:0 1rem}}blockquote{{margin:.3rem 0;padding-left:.8rem;border-left:3px solid \
             #999}}h2{{font-size:1.05rem;margin:1.2rem 0 0}}p{{margin:.2rem 0}}</style></head><body>\n\
             <h1>{title}</h1>\n<p>{}</p>\n",
            escaped(&self.summary())
        );
        for (number, gap) in (1..).zip(&self.gaps) {
            let (name, facts) = (escaped(&gap.name), escaped(&gap.facts()));
            let _ = write!(page, "<h2 dir=\"auto\">{number}. {name}</h2>\n<p>{facts}</p>\n");
            for quote in &gap.quotes {
                let _ = writeln!(page, "<blockquote dir=\"auto\">{}</blockquote>", escaped(quote));
            }
        }
        page.push_str("</body></html>\n");
        page
    }
}

impl PackGap {
    fn facts(&self) -> String {
        let mut facts = format!("{} asked; {} the month before", self.n, self.n_before);
        for (what, value) in [("about", &self.about), ("with", &self.owner)] {
            if !value.is_empty() {
                let _ = write!(facts, " · {what} {value}");
            }
        }
        let _ = write!(facts, " · {}; a month before: {}", self.state, self.before);
        facts
    }
}

/// A line that Markdown takes as it is: what customers write is no markup.
fn plain(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_[]<>#|~!".contains(c) {
            line.push('\\');
        }
        line.push(c);
    }
    line
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Pack {
        let gap = PackGap {
            name: "sofa hum".to_owned(),
            about: "halo".to_owned(),
            n: 9,
            n_before: 4,
            owner: "Sound".to_owned(),
            state: GapState::Planned,
            before: "open".to_owned(),
            quotes: vec!["Why does it <b>hum</b>? [e-mail]".to_owned()],
        };
        let (month, brand) = ("2026-11".to_owned(), "our".to_owned());
        Pack { month, brand, n: 12, n_before: 7, gaps: vec![gap] }
    }

    #[test]
    fn a_month_is_one_page_in_markdown() {
        insta::assert_snapshot!(sample().markdown(), @r"
        # Our: what customers asked and nobody had answered, 2026-11

        12 questions; 7 the month before.

        ## 1. sofa hum

        9 asked; 4 the month before · about halo · with Sound · planned; a month before: open

        > Why does it \<b\>hum\</b\>? \[e-mail\]
        ");
    }

    #[test]
    fn nothing_a_customer_wrote_becomes_markup() {
        let page = sample().html();
        assert!(
            page.contains("<blockquote dir=\"auto\">Why does it &lt;b&gt;hum&lt;/b&gt;? [e-mail]")
        );
        assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    }

    #[test]
    fn a_month_has_its_days_and_nothing_else_is_one() {
        let [this, before] = spans("2026-03").unwrap();
        let days = |(from, to): (Timestamp, Timestamp)| to.duration_since(from).as_hours() / 24;
        assert_eq!((days(this), days(before)), (31, 28));
        assert_eq!(spans("soon"), None);
    }
}
