//! What somebody says of themselves: their name, the languages they answer in, what they know.

use super::{Act, ActError, Actor, record};
use crate::answers::read::normalise_lang;
use crate::desk::Stage;
use crate::store::Tx;
use crate::store::people::PersonRow;
use crate::vocabulary::Role;

/// The longest name and the longest list, in characters.
const LONGEST: usize = 200;

/// What can be said of a person.
#[derive(Clone, Copy, Debug)]
pub struct Profile<'a> {
    /// How customers and colleagues read them.
    pub name: &'a str,
    /// Languages they answer in, comma-separated; empty for all.
    pub langs: &'a str,
    /// What they know, comma-separated; empty for everything.
    pub skills: &'a str,
}

/// Changes what is said of a person; one's own, or anybody's as an admin.
///
/// Errors: [`ActError::Invalid`] naming the field.
pub async fn set_profile(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    email: &str,
    profile: Profile<'_>,
) -> Result<(), ActError> {
    let person = tx.person_by_email(&email.trim().to_lowercase()).await?;
    let person = person.ok_or_else(|| ActError::Unknown { what: format!("person {email}") })?;
    if actor.person != Some(person.id) {
        actor.require(Role::Admin)?;
    }
    let invalid = |reason: String| ActError::Invalid { reason };
    let name = profile.name.trim();
    if name.is_empty() {
        return Err(invalid("name: write how customers are to read you".to_owned()));
    }
    let fields = [("name", name), ("languages", profile.langs), ("skills", profile.skills)];
    for (field, text) in fields {
        if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
            return Err(invalid(format!("{field}: at most {LONGEST} characters on one line")));
        }
    }
    let mut langs = Vec::new();
    for lang in parts(profile.langs) {
        let unknown =
            || invalid(format!("languages: {lang:?} is no language; write en, de, zh-Hant"));
        langs.push(normalise_lang(lang).ok_or_else(unknown)?);
    }
    let skills: Vec<String> = parts(profile.skills).map(str::to_lowercase).collect();
    let row = PersonRow {
        name: name.to_owned(),
        langs: langs.join(", "),
        skills: skills.join(", "),
        ..person
    };
    tx.update_person(&row).await?;
    record(tx, stage, actor, &Act { act: "set profile", object: &row.email, detail: "" }).await?;
    Ok(())
}

fn parts(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|part| !part.is_empty())
}
