//! Table `solves`: who helped whom, where, and whether it counts.

use jiff::Timestamp;

use super::{Row, StoreError, Tx, cells};
use crate::ids::{CustomerId, DecisionId};

/// What the forum's own acceptances have as their channel.
pub const FORUM: &str = "forum";

/// Somebody was helped by an author's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SolveRow {
    /// Which answer.
    pub answer_id: String,
    /// Which case; 0 for the forum's own acceptance.
    pub case_id: DecisionId,
    /// Who wrote the answer.
    pub author: String,
    /// Who was helped: their name in lower case, or their id where they have none.
    pub person: String,
    /// Which person that is: on the forum their name, elsewhere the first of a customer's linked
    /// accounts, since names are shared.
    pub helped: String,
    /// The customer; 0 for whoever asked on the forum.
    pub customer_id: CustomerId,
    /// Channel account, or [`FORUM`].
    pub channel: String,
    /// Language of the question.
    pub lang: String,
    /// What the answer is about.
    pub product: String,
    /// The answer's tags.
    pub tags: Vec<String>,
    /// Empty if it counts; else `self`, `repeat` or `ring`.
    pub discount: String,
    /// When.
    pub at: Timestamp,
}

/// Which solves a leaderboard counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SolveFilter {
    /// From then on.
    pub from: Timestamp,
    /// Before then.
    pub to: Timestamp,
    /// Only in this language; empty for all.
    pub lang: String,
    /// Only about this product; empty for all.
    pub product: String,
    /// Only with this tag; empty for all.
    pub tag: String,
}

/// An author's solves, summed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorSum {
    /// Who.
    pub author: String,
    /// Questions solved.
    pub n: i64,
    /// Of them, on the forum itself.
    pub n_forum: i64,
    /// People helped.
    pub n_people: i64,
    /// Languages helped in.
    pub n_langs: i64,
    /// Channels, the forum among them.
    pub n_channels: i64,
}

impl Tx {
    /// Keeps a solve, as it is now.
    pub async fn put_solve(&mut self, solve: &SolveRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO solves (answer_id, case_id, author, person, customer_id, channel, lang, \
             product, tags, discount, at, author_key, helped) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
             ON CONFLICT (answer_id, case_id) DO UPDATE SET author = excluded.author, \
             author_key = excluded.author_key, helped = excluded.helped, \
             person = excluded.person, lang = excluded.lang, product = excluded.product, \
             tags = excluded.tags, discount = excluded.discount, at = excluded.at",
            cells![
                &solve.answer_id,
                solve.case_id,
                &solve.author,
                &solve.person,
                solve.customer_id,
                &solve.channel,
                &solve.lang,
                &solve.product,
                serde_json::json!(solve.tags).to_string(),
                &solve.discount,
                solve.at,
                solve.author.to_lowercase(),
                &solve.helped,
            ],
        )
        .await?;
        Ok(())
    }

    /// Drops what the forum's own acceptance of an answer credited; returns whose it was.
    pub async fn drop_forum_solve(
        &mut self,
        answer_id: &str,
    ) -> Result<Option<String>, StoreError> {
        let sql = "DELETE FROM solves WHERE answer_id = $1 AND case_id = 0 RETURNING author";
        let row = self.one(sql, cells![answer_id]).await?;
        row.map(|row| row.text("author")).transpose()
    }

    /// Drops a customer's solves from a case on; returns whose they were.
    pub async fn drop_solves(
        &mut self,
        customer: CustomerId,
        from: DecisionId,
    ) -> Result<Vec<String>, StoreError> {
        let rows = self
            .all(
                "DELETE FROM solves WHERE customer_id = $1 AND case_id >= $2 AND case_id > 0 \
                 RETURNING author",
                cells![customer, from],
            )
            .await?;
        rows.iter().map(|row| row.text("author")).collect()
    }

    /// Whether a person was helped by the same author's same answer between two times, not
    /// counting one case; on the forum they go by their name.
    pub async fn was_helped_before(
        &mut self,
        solve: &SolveRow,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let n = self
            .count(
                "SELECT COUNT(*) AS n FROM solves WHERE author = $1 \
                 AND (helped = $7 OR (customer_id = 0 AND person = $2)) \
                 AND answer_id = $3 AND case_id <> $4 AND at >= $5 AND at <= $6 \
                 AND discount IN ('', 'ring')",
                cells![
                    &solve.author,
                    &solve.person,
                    &solve.answer_id,
                    solve.case_id,
                    since,
                    solve.at,
                    &solve.helped,
                ],
            )
            .await?;
        Ok(n > 0)
    }

    /// Authors by the solves that count, most first; those who do not want to be named are left
    /// out.
    pub async fn author_sums(
        &mut self,
        filter: &SolveFilter,
        limit: i64,
    ) -> Result<Vec<AuthorSum>, StoreError> {
        let tag = serde_json::json!(filter.tag).to_string();
        let rows = self
            .all(
                "SELECT author, COUNT(*) AS n, COUNT(DISTINCT helped) AS n_people, \
                 COUNT(DISTINCT lang) AS n_langs, COUNT(DISTINCT channel) AS n_channels, \
                 CAST(SUM(CASE WHEN channel = 'forum' THEN 1 ELSE 0 END) AS BIGINT) AS n_forum \
                 FROM solves WHERE discount = '' AND at >= $1 AND at < $2 \
                 AND ($3 = '' OR lang = $3) AND ($4 = '' OR product = $4) \
                 AND ($5 = '\"\"' OR tags LIKE $6 ESCAPE '!') AND NOT EXISTS (SELECT 1 \
                 FROM author_wishes AS w WHERE w.author = solves.author AND w.shown_as = '') \
                 GROUP BY author ORDER BY n DESC, author LIMIT $7",
                cells![
                    filter.from,
                    filter.to,
                    &filter.lang,
                    &filter.product,
                    &tag,
                    format!("%{}%", escaped(&tag)),
                    limit,
                ],
            )
            .await?;
        rows.iter().map(AuthorSum::read).collect()
    }

    /// An author's counted solves by answer, most first, with the answer's language.
    pub async fn best_answers(
        &mut self,
        author: &str,
        filter: &SolveFilter,
        limit: i64,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = self
            .all(
                "SELECT answer_id, COUNT(*) AS n FROM solves WHERE discount = '' AND author = $1 \
                 AND at >= $2 AND at < $3 GROUP BY answer_id ORDER BY n DESC, answer_id LIMIT $4",
                cells![author, filter.from, filter.to, limit],
            )
            .await?;
        rows.iter().map(|row| Ok((row.text("answer_id")?, row.int("n")?))).collect()
    }

    /// The language most of an author's answers are in; `None` if they wrote none.
    pub async fn author_lang(&mut self, author: &str) -> Result<Option<String>, StoreError> {
        let row = self
            .one(
                "SELECT lang, COUNT(*) AS n FROM answers WHERE author = $1 AND state = 'live' \
                 GROUP BY lang ORDER BY n DESC, lang LIMIT 1",
                cells![author],
            )
            .await?;
        row.map(|row| row.text("lang")).transpose()
    }

    /// Languages and products that solves have, for choosing from.
    pub async fn solve_choices(&mut self) -> Result<(Vec<String>, Vec<String>), StoreError> {
        let langs = self.all("SELECT DISTINCT lang AS v FROM solves ORDER BY v", vec![]).await?;
        let sql =
            "SELECT DISTINCT product AS v FROM solves WHERE product <> '' ORDER BY v LIMIT 100";
        let products = self.all(sql, vec![]).await?;
        let read = |rows: &[Row]| rows.iter().map(|row| row.text("v")).collect::<Result<_, _>>();
        Ok((read(&langs)?, read(&products)?))
    }
}

/// A text that stands for itself in `LIKE … ESCAPE '!'`.
fn escaped(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

impl Tx {
    /// A customer's name stands for them no more where they were helped.
    pub(super) async fn forget_helped(&mut self, customer: CustomerId) -> Result<(), StoreError> {
        let sql = "UPDATE solves SET person = $2 WHERE customer_id = $1 AND case_id > 0";
        self.execute(sql, cells![customer, customer.to_string()]).await?;
        Ok(())
    }
}

impl AuthorSum {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            author: row.text("author")?,
            n: row.int("n")?,
            n_forum: row.int("n_forum")?,
            n_people: row.int("n_people")?,
            n_langs: row.int("n_langs")?,
            n_channels: row.int("n_channels")?,
        })
    }
}
