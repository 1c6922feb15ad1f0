//! The two passes over `Posts.xml`: questions are put aside, answers are met.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::links::Links;
use super::spill::{Slot, Spill};
use super::users::{User, Users};
use super::xml::{Next, Row, Rows};
use crate::answers::read::error::ReadError;
use crate::answers::read::fields::{check_text, present, title, web_address};
use crate::answers::read::html::html_to_text;
use crate::answers::read::input::{Input, Meter};
use crate::answers::read::lang::normalise_lang;
use crate::answers::read::when::parse_time;
use crate::answers::read::{Item, Skipped, SourceAnswer};

const QUESTION: i64 = 1;
const ANSWER: i64 = 2;

/// Opens the posts and checks that they are posts.
pub(super) fn open_posts(path: &Path, meter: &Meter) -> Result<Rows, ReadError> {
    Rows::open(Input::open(path, meter)?, "posts")
}

/// What the second pass needs of a question, as the dump has it.
#[derive(Serialize, Deserialize)]
struct Question {
    line: u64,
    id: i64,
    title: String,
    body: String,
    tags: String,
    owner: Owner,
    created: Option<String>,
    licence: Option<String>,
    lang: Option<String>,
    url: Option<String>,
    product: Option<String>,
}

impl Question {
    fn read(row: &Row, id: i64) -> Self {
        let value = |name| row.value(name).and_then(present);
        Self {
            line: row.line,
            id,
            title: row.value("Title").unwrap_or_default().to_owned(),
            body: row.value("Body").unwrap_or_default().to_owned(),
            tags: row.value("Tags").unwrap_or_default().to_owned(),
            owner: Owner::read(row),
            created: value("CreationDate"),
            licence: value("ContentLicense"),
            lang: value("Locale"),
            url: value("SourceUrl"),
            product: value("Product"),
        }
    }
}

/// Who wrote a post, as the post says.
#[derive(Clone, Serialize, Deserialize)]
struct Owner {
    id: Option<i64>,
    name: Option<String>,
}

impl Owner {
    fn read(row: &Row) -> Self {
        let name = row.value("OwnerDisplayName").and_then(present);
        Self { id: row.number("OwnerUserId"), name }
    }

    /// The user of that id, or the name that a deleted one left on the post.
    fn find(self, users: &Users, spill: &mut Spill) -> Result<User, ReadError> {
        let found = match self.id {
            Some(id) => users.find(id, spill)?,
            None => None,
        };
        Ok(found.unwrap_or(User { name: self.name, url: None }))
    }
}

/// The questions with an accepted answer: its id, where the question is, whether it was met.
pub(super) struct Kept {
    by_answer: Vec<(i64, Slot, bool)>,
    /// Questions with their accepted answers, ascending.
    by_question: Vec<(i64, i64)>,
    links: Links,
    n_told: usize,
}

impl Kept {
    /// The first pass. Bad rows are told here, the second pass passes over them.
    pub(super) fn collect(
        mut posts: Rows,
        links: Links,
        spill: &mut Spill,
        skipped: &mut Vec<Skipped>,
    ) -> Result<Self, ReadError> {
        let (mut by_answer, mut by_question) = (Vec::new(), Vec::new());
        loop {
            let row = match posts.next_row()? {
                Next::End => break,
                Next::Bad { line, id, reason } => {
                    skipped.push(Skipped::new(line, id.as_deref(), reason));
                    continue;
                }
                Next::Row(row) => row,
            };
            match read_question(&row) {
                Ok(None) => {}
                Ok(Some((answer, question))) => {
                    by_question.push((question.id, answer));
                    by_answer.push((answer, spill.put(&question)?, false));
                }
                Err(reason) => skipped.push(Skipped::new(row.line, row.value("Id"), reason)),
            }
        }
        // Stable, so that of two questions with one answer the first keeps it.
        by_answer.sort_by_key(|(answer, ..)| *answer);
        by_question.sort_unstable();
        Ok(Self { by_answer, by_question, links, n_told: 0 })
    }

    /// What was accepted under the questions that ask the same as this one.
    fn same_as(&self, question: i64) -> Vec<String> {
        let accepted = self.links.of(question).filter_map(|other| {
            let at =
                self.by_question.binary_search_by_key(&other, |(question, _)| *question).ok()?;
            Some(self.by_question[at].1.to_string())
        });
        accepted.collect()
    }

    /// Where the question of this answer is; `None` when nobody accepted it.
    fn question_of(&self, answer: i64) -> Option<usize> {
        let at = self.by_answer.partition_point(|(found, ..)| *found < answer);
        (self.by_answer.get(at)?.0 == answer).then_some(at)
    }

    /// After the last answer: the next question whose accepted answer never came.
    pub(super) fn next_unanswered(
        &mut self,
        spill: &mut Spill,
    ) -> Result<Option<Skipped>, ReadError> {
        while let Some((answer, slot, is_met)) = self.by_answer.get(self.n_told) {
            self.n_told += 1;
            if !is_met {
                let question: Question = spill.fetch(*slot)?;
                let reason =
                    format!("its accepted answer {answer} is not in the dump or not its own");
                return Ok(Some(Skipped::new(
                    question.line,
                    Some(&question.id.to_string()),
                    reason,
                )));
            }
        }
        Ok(None)
    }
}

fn read_question(row: &Row) -> Result<Option<(i64, Question)>, String> {
    let Some(kind) = row.number("PostTypeId") else {
        return Err("PostTypeId is missing".to_owned());
    };
    let Some(id) = row.number("Id") else {
        return Err("the id is missing or no number".to_owned());
    };
    if kind == ANSWER && row.number("ParentId").is_none() {
        return Err("the answer names no question (ParentId)".to_owned());
    }
    if kind != QUESTION || row.value("AcceptedAnswerId").is_none() {
        return Ok(None);
    }
    let Some(answer) = row.number("AcceptedAnswerId") else {
        return Err("AcceptedAnswerId is no number".to_owned());
    };
    Ok(Some((answer, Question::read(row, id))))
}

/// The second pass.
pub(super) struct Posts(Rows);

impl Posts {
    pub(super) fn new(rows: Rows) -> Self {
        Self(rows)
    }

    /// The next accepted answer, or why it was skipped; `None` at the end.
    pub(super) fn next_answer(
        &mut self,
        kept: &mut Kept,
        users: &Users,
        spill: &mut Spill,
    ) -> Result<Option<Item>, ReadError> {
        loop {
            let row = match self.0.next_row()? {
                Next::End => return Ok(None),
                Next::Bad { .. } => continue,
                Next::Row(row) => row,
            };
            if row.number("PostTypeId") != Some(ANSWER) || row.number("ParentId").is_none() {
                continue;
            }
            let Some(at) = row.number("Id").and_then(|id| kept.question_of(id)) else { continue };
            let skipped = |reason: &str| {
                Ok(Some(Item::Skipped(Skipped::new(row.line, row.value("Id"), reason))))
            };
            let (_, slot, is_met) = &mut kept.by_answer[at];
            if *is_met {
                return skipped("the id was already used further up in this file");
            }
            let question: Question = spill.fetch(*slot)?;
            if row.number("ParentId") != Some(question.id) {
                return skipped("another question names it as accepted, not its own");
            }
            *is_met = true;
            let author = Owner::read(&row).find(users, spill)?;
            let asker = question.owner.clone().find(users, spill)?;
            let same_as = kept.same_as(question.id);
            return match join(&row, question, author, asker) {
                Ok(answer) => Ok(Some(Item::Answer(Box::new(SourceAnswer { same_as, ..answer })))),
                Err(reason) => skipped(&reason),
            };
        }
    }
}

fn join(row: &Row, question: Question, author: User, asker: User) -> Result<SourceAnswer, String> {
    let value = |name| row.value(name).and_then(present);
    let lang = value("Locale").or(question.lang).and_then(|tag| normalise_lang(&tag));
    check_text(SourceAnswer {
        id: row.value("Id").unwrap_or_default().trim().to_owned(),
        topic: Some(question.id.to_string()),
        lang,
        title: title(&question.title),
        question: html_to_text(&question.body),
        answer: html_to_text(row.value("Body").unwrap_or_default()),
        author: author.name,
        author_url: author.url,
        asker: asker.name,
        score: row.number("Score").unwrap_or(0),
        url: value("SourceUrl").and_then(web_address).or(question.url.and_then(web_address)),
        accepted_at: date(value("CreationDate"))?,
        asked_at: date(question.created)?,
        tags: labels(&question.tags),
        licence: value("ContentLicense").or(question.licence),
        product: question.product,
        same_as: Vec::new(),
    })
}

fn date(text: Option<String>) -> Result<Option<jiff::Timestamp>, String> {
    match text {
        None => Ok(None),
        Some(text) => match parse_time(&text) {
            Some(at) => Ok(Some(at)),
            None => Err(format!("CreationDate {text:?} is no date")),
        },
    }
}

/// `<a><b>` or `|a|b|`.
fn labels(tags: &str) -> Vec<String> {
    tags.split(['<', '>', '|']).filter_map(present).collect()
}
