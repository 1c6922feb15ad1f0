//! Signing in: one-time links, then a password; sessions and API tokens.

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, PasswordHash};
use jiff::{SignedDuration, Timestamp};
use superfan_bots::discourse::connect::Member;

use super::{Act, ActError, Actor, Via, digest, random_token, record};
use crate::desk::Stage;
use crate::ids::PersonId;
use crate::store::people::{PersonRow, SessionRow};
use crate::store::{StoreError, Tx};
use crate::vocabulary::Role;

/// How long a sign-in link works.
pub const SIGN_IN_HOURS: i64 = 24;
/// How long a session works.
pub const SESSION_HOURS: i64 = 24 * 14;

/// Why somebody could not sign in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Used, expired or never given.
    #[error("this sign-in link was used, has expired or never existed; ask an admin for a new one")]
    BadLink,
    /// Wrong address or password; which one is not said.
    #[error("the address or the password is wrong")]
    BadPassword,
    /// The store failed.
    #[error("could not sign in")]
    Store(#[from] StoreError),
}

/// Adds a person or changes their role; returns the token of a fresh one-time sign-in link.
pub async fn add_person(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    email: &str,
    role: Role,
) -> Result<String, ActError> {
    actor.require(Role::Admin)?;
    let email = email.trim().to_lowercase();
    let Some((name, host)) = email.split_once('@').filter(|(n, h)| !n.is_empty() && !h.is_empty())
    else {
        return Err(ActError::Invalid {
            reason: format!("{email:?} is not an e-mail address; write it as name@host"),
        });
    };
    tracing::debug!(host, "adding a person");
    let person = PersonRow {
        id: stage.ids.next(),
        email: email.clone(),
        name: name.to_owned(),
        role,
        password: None,
        langs: String::new(),
        skills: String::new(),
    };
    let person = tx.put_person(&person, stage.now).await?;
    let token = random_token();
    let expires_at = stage.now + SignedDuration::from_hours(SIGN_IN_HOURS);
    tx.add_sign_in_link(&digest(&token), person.id, expires_at).await?;
    let act = Act { act: "add person", object: &email, detail: role.as_str() };
    record(tx, stage, actor, &act).await?;
    Ok(token)
}

/// Makes an API token for a person; it is never shown again.
pub async fn make_token(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    email: &str,
    scope: Option<Role>,
) -> Result<String, ActError> {
    actor.require(Role::Admin)?;
    let email = email.trim().to_lowercase();
    let person = tx.person_by_email(&email).await?.ok_or_else(|| ActError::Unknown {
        what: format!("person {email}; add them with `superfan people add`"),
    })?;
    let scope = scope.unwrap_or(person.role).min(person.role);
    let token = format!("sf_{}", random_token());
    tx.add_api_token(&digest(&token), person.id, scope.as_str(), stage.now).await?;
    record(tx, stage, actor, &Act { act: "make token", object: &email, detail: scope.as_str() })
        .await?;
    Ok(token)
}

/// Who an API token acts for.
pub async fn api_actor(tx: &mut Tx, token: &str) -> Result<Option<Actor>, StoreError> {
    let Some((person, scope)) = tx.api_token(&digest(token)).await? else {
        return Ok(None);
    };
    let scope: Role = scope.parse().unwrap_or(Role::Viewer);
    let role = scope.min(person.role);
    Ok(Some(Actor { role, via: Via::Api, ..Actor::from(person) }))
}

/// Uses a one-time link; returns the session token and the person.
pub async fn sign_in_with_link(
    tx: &mut Tx,
    now: Timestamp,
    token: &str,
) -> Result<(String, PersonId), SignInError> {
    let person = tx.use_sign_in_link(&digest(token), now).await?.ok_or(SignInError::BadLink)?;
    Ok((start_session(tx, now, person).await?, person))
}

/// Signs in somebody of whom the forum says who they are: people we know, and members of the
/// experts' group, who become experts. Admins sign in here themselves, so that whoever runs the
/// forum does not run this too.
pub async fn sign_in_member(
    tx: &mut Tx,
    stage: &Stage<'_>,
    member: &Member,
    group: &str,
) -> Result<String, ActError> {
    let email = member.email.trim().to_lowercase();
    let person = match tx.person_by_email(&email).await? {
        Some(person) if person.role >= Role::Admin => {
            let reason = "admins sign in with their password or a link".to_owned();
            return Err(ActError::Conflict { reason, owner: None });
        }
        Some(person) => person,
        None if !group.is_empty() && member.groups.iter().any(|one| one == group) => {
            let name = member.name.as_ref().unwrap_or(&member.username);
            let person = PersonRow {
                id: stage.ids.next(),
                email: email.clone(),
                name: name.chars().take(60).collect(),
                role: Role::Expert,
                password: None,
                langs: String::new(),
                skills: String::new(),
            };
            let person = tx.put_person(&person, stage.now).await?;
            let act = Act { act: "join from the forum", object: &email, detail: "expert" };
            record(tx, stage, &Actor::from(person.clone()), &act).await?;
            person
        }
        None => {
            let reason = "nobody here has this address, and its account is not in the group of \
                          experts; ask for an invitation"
                .to_owned();
            return Err(ActError::Conflict { reason, owner: None });
        }
    };
    tx.set_forum_name(person.id, &member.username).await?;
    Ok(start_session(tx, stage.now, person.id).await?)
}

/// Checks a password; give it a read transaction, since it is slow on purpose.
pub async fn check_password(
    tx: &mut Tx,
    email: &str,
    password: &str,
) -> Result<PersonId, SignInError> {
    let person = tx.person_by_email(&email.trim().to_lowercase()).await?;
    let hash = person.as_ref().and_then(|person| person.password.clone());
    let password = password.to_owned();
    let matches = tokio::task::spawn_blocking(move || password_matches(hash.as_deref(), &password))
        .await
        .unwrap_or(false);
    person.filter(|_| matches).map(|person| person.id).ok_or(SignInError::BadPassword)
}

/// Works as long for an unknown address as for a known one.
fn password_matches(hash: Option<&str>, password: &str) -> bool {
    let Some(hash) = hash.and_then(|hash| PasswordHash::new(hash).ok()) else {
        let _ = Argon2::default().hash_password(password.as_bytes());
        return false;
    };
    Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
}

/// Starts a session for somebody who proved who they are; returns its token.
pub async fn start_session(
    tx: &mut Tx,
    now: Timestamp,
    person: PersonId,
) -> Result<String, StoreError> {
    let token = random_token();
    let expires_at = now + SignedDuration::from_hours(SESSION_HOURS);
    tx.add_session(&digest(&token), person, &random_token(), expires_at).await?;
    Ok(token)
}

/// Whose session a cookie's token is.
pub async fn session_actor(
    tx: &mut Tx,
    now: Timestamp,
    token: &str,
) -> Result<Option<SessionRow>, StoreError> {
    tx.session(&digest(token), now).await
}

/// Ends a session.
pub async fn sign_out(tx: &mut Tx, token: &str) -> Result<(), StoreError> {
    tx.end_session(&digest(token)).await
}

/// Sets a person's own password, at least ten characters.
pub async fn set_password(tx: &mut Tx, person: &PersonRow, password: &str) -> Result<(), ActError> {
    if password.chars().count() < 10 {
        return Err(ActError::Invalid {
            reason: "a password needs at least ten characters".to_owned(),
        });
    }
    let password = password.to_owned();
    let hash = tokio::task::spawn_blocking(move || {
        Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
    })
    .await
    .ok()
    .and_then(Result::ok)
    .ok_or_else(|| ActError::Invalid { reason: "the password could not be hashed".to_owned() })?;
    tx.update_person(&PersonRow { password: Some(hash), ..person.clone() }).await?;
    Ok(())
}
