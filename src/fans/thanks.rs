//! A letter of thanks for a month, in the author's language: a draft to be read, edited and posted.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::board::hours;
use crate::months::days_of;
use crate::store::solves::SolveFilter;
use crate::store::{StoreError, Tx};
use crate::words::spoken;

/// The sentences of one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Letter {
    /// The title of a topic: `author`, `month`.
    title: String,
    /// To whom: `author`, `month`.
    hello: String,
    /// What: `n`, `langs`, `people`.
    solved: String,
    /// The answer that helped most: `title`.
    best: String,
    /// `hours`, labelled an estimate.
    hours: String,
}

static LETTERS: LazyLock<BTreeMap<String, Letter>> = LazyLock::new(|| {
    toml::from_str(include_str!("thanks.toml")).expect("the letters are read in a test")
});

/// A draft.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Thanks {
    /// As the base names the author.
    pub author: String,
    /// `2026-11`.
    pub month: String,
    /// How it names them.
    pub named: String,
    /// The language it is written in.
    pub lang: String,
    /// Questions solved in that month.
    pub solves: i64,
    /// The title of a topic with it.
    pub title: String,
    /// The letter.
    pub text: String,
}

/// The letter to an author for a month (`2026-11`); `None` if nothing of theirs counted then, they
/// want no credit, or it is no month.
pub async fn thanks(
    tx: &mut Tx,
    author: &str,
    month: &str,
    minutes_per_case: i64,
) -> Result<Option<Thanks>, StoreError> {
    let Some(filter) = of_month(month) else { return Ok(None) };
    let sums = tx.author_sums(&filter, i64::MAX).await?;
    let Some(sum) = sums.into_iter().find(|sum| sum.author == author) else { return Ok(None) };
    let wish = tx.wish_of(author).await?;
    let lang = tx.author_lang(author).await?.unwrap_or_default();
    let lang = spoken(&lang);
    let best = match tx.best_answers(author, &filter, 1).await?.first() {
        Some((id, _)) => tx.answer(id).await?.map(|row| row.title),
        None => None,
    };
    let letter = &LETTERS[lang];
    let estimated = format!("{:.1}", hours(sum.n * minutes_per_case));
    let (n, langs, people) = (sum.n.to_string(), sum.n_langs.to_string(), sum.n_people.to_string());
    let name = wish.name(Some(author)).unwrap_or(author);
    let fill = |text: &str| {
        text.replace("{month}", month)
            .replace("{n}", &n)
            .replace("{langs}", &langs)
            .replace("{people}", &people)
            .replace("{hours}", &estimated)
    };
    let mut text = format!("{}\n\n{}", fill(&letter.hello), fill(&letter.solved));
    if let Some(title) = best.filter(|title| !title.is_empty()) {
        text.push('\n');
        text.push_str(&letter.best.replace("{title}", &title));
    }
    text.push('\n');
    text.push_str(&fill(&letter.hours));
    // Last: a name may look like a placeholder.
    let text = text.replacen("{author}", name, 1);
    let title = fill(&letter.title).replacen("{author}", name, 1);
    Ok(Some(Thanks {
        author: author.to_owned(),
        month: month.to_owned(),
        named: name.to_owned(),
        lang: lang.to_owned(),
        solves: sum.n,
        title,
        text,
    }))
}

fn of_month(month: &str) -> Option<SolveFilter> {
    let (from, to) = days_of(month)?;
    Some(SolveFilter { from, to, ..SolveFilter::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::LANGUAGES;

    #[test]
    fn every_language_has_its_letter_with_every_figure() {
        assert_eq!(LETTERS.len(), LANGUAGES.len());
        for language in LANGUAGES {
            let letter = &LETTERS[language.tag];
            for (text, wanted) in [
                (&letter.title, &["{author}", "{month}"][..]),
                (&letter.hello, &["{author}", "{month}"]),
                (&letter.solved, &["{n}", "{langs}", "{people}"]),
                (&letter.best, &["{title}"]),
                (&letter.hours, &["{hours}"]),
            ] {
                assert!(wanted.iter().all(|name| text.contains(name)), "{}", language.tag);
                assert_eq!(text.matches('{').count(), wanted.len(), "{}", language.tag);
            }
        }
    }
}
