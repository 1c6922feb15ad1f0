//! Tables `people`, `sign_in_links`, `sessions`, `api_tokens`, `idempotency_keys`.

use jiff::Timestamp;

use super::{Row, StoreError, Tx, cells};
use crate::ids::PersonId;
use crate::vocabulary::Role;

/// Somebody who works here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// Their id.
    pub id: PersonId,
    /// How they sign in.
    pub email: String,
    /// How customers read them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Argon2 hash, once they chose a password.
    pub password: Option<String>,
    /// Languages they answer in, comma-separated BCP 47; empty for all.
    pub langs: String,
    /// What they know, comma-separated tags; empty for all.
    pub skills: String,
}

impl PersonRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.int("id")?.into(),
            email: row.text("email")?,
            name: row.text("name")?,
            role: row.word("people", "role")?,
            password: row.opt_text("password")?,
            langs: row.text("langs")?,
            skills: row.text("skills")?,
        })
    }
}

/// A signed-in browser.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// Whose.
    pub person: PersonRow,
    /// What every form must send back.
    pub csrf: String,
}

impl Tx {
    /// Adds a person, or changes the role of the one with this address; returns the row.
    pub async fn put_person(
        &mut self,
        person: &PersonRow,
        now: Timestamp,
    ) -> Result<PersonRow, StoreError> {
        let row = self
            .one(
                "INSERT INTO people (id, email, name, role, langs, skills, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7) \
                 ON CONFLICT (email) DO UPDATE SET role = excluded.role RETURNING *",
                cells![
                    person.id,
                    &person.email,
                    &person.name,
                    person.role,
                    &person.langs,
                    &person.skills,
                    now,
                ],
            )
            .await?;
        let row = row.ok_or_else(|| StoreError::Inconsistent {
            table: "people",
            detail: "an upsert returned nothing".to_owned(),
        })?;
        PersonRow::read(&row)
    }

    /// One person.
    pub async fn person(&mut self, id: PersonId) -> Result<Option<PersonRow>, StoreError> {
        let row = self.one("SELECT * FROM people WHERE id = $1", cells![id]).await?;
        row.as_ref().map(PersonRow::read).transpose()
    }

    /// The person with this address.
    pub async fn person_by_email(&mut self, email: &str) -> Result<Option<PersonRow>, StoreError> {
        let row = self.one("SELECT * FROM people WHERE email = $1", cells![email]).await?;
        row.as_ref().map(PersonRow::read).transpose()
    }

    /// Everybody, by address.
    pub async fn people(&mut self) -> Result<Vec<PersonRow>, StoreError> {
        let rows = self.all("SELECT * FROM people ORDER BY email", vec![]).await?;
        rows.iter().map(PersonRow::read).collect()
    }

    /// Changes what a person set about themselves.
    pub async fn update_person(&mut self, person: &PersonRow) -> Result<(), StoreError> {
        self.execute(
            "UPDATE people SET name = $2, password = $3, langs = $4, skills = $5 WHERE id = $1",
            cells![person.id, &person.name, &person.password, &person.langs, &person.skills],
        )
        .await?;
        Ok(())
    }

    /// Keeps a one-time sign-in link; earlier unused ones of the person end.
    pub async fn add_sign_in_link(
        &mut self,
        token_hash: &str,
        person: PersonId,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "DELETE FROM sign_in_links WHERE person_id = $1 AND used_at IS NULL",
            cells![person],
        )
        .await?;
        self.execute(
            "INSERT INTO sign_in_links (token_hash, person_id, expires_at) VALUES ($1, $2, $3)",
            cells![token_hash, person, expires_at],
        )
        .await?;
        Ok(())
    }

    /// Whose unused, unexpired sign-in link this is, without using it.
    pub async fn peek_sign_in_link(
        &mut self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<PersonId>, StoreError> {
        let row = self
            .one(
                "SELECT person_id FROM sign_in_links WHERE token_hash = $1 AND used_at IS NULL \
                 AND expires_at > $2",
                cells![token_hash, now],
            )
            .await?;
        row.map(|row| Ok(row.int("person_id")?.into())).transpose()
    }

    /// Uses a sign-in link; `None` if it does not exist, was used or has expired.
    pub async fn use_sign_in_link(
        &mut self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<PersonId>, StoreError> {
        let row = self
            .one(
                "UPDATE sign_in_links SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL \
                 AND expires_at > $2 RETURNING person_id",
                cells![token_hash, now],
            )
            .await?;
        row.map(|row| Ok(row.int("person_id")?.into())).transpose()
    }

    /// Keeps a browser's session.
    pub async fn add_session(
        &mut self,
        token_hash: &str,
        person: PersonId,
        csrf: &str,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO sessions (token_hash, person_id, csrf, expires_at) \
             VALUES ($1, $2, $3, $4)",
            cells![token_hash, person, csrf, expires_at],
        )
        .await?;
        Ok(())
    }

    /// A browser's session, if it has not expired.
    pub async fn session(
        &mut self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<SessionRow>, StoreError> {
        let row = self
            .one(
                "SELECT p.*, s.csrf FROM sessions s JOIN people p ON p.id = s.person_id \
                 WHERE s.token_hash = $1 AND s.expires_at > $2",
                cells![token_hash, now],
            )
            .await?;
        row.map(|row| Ok(SessionRow { person: PersonRow::read(&row)?, csrf: row.text("csrf")? }))
            .transpose()
    }

    /// Ends a browser's session.
    pub async fn end_session(&mut self, token_hash: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM sessions WHERE token_hash = $1", cells![token_hash]).await?;
        Ok(())
    }

    /// Keeps an API token of a person.
    pub async fn add_api_token(
        &mut self,
        token_hash: &str,
        person: PersonId,
        scope: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO api_tokens (token_hash, person_id, scope, created_at) \
             VALUES ($1, $2, $3, $4)",
            cells![token_hash, person, scope, now],
        )
        .await?;
        Ok(())
    }

    /// Whose API token this is, and its scope.
    pub async fn api_token(
        &mut self,
        token_hash: &str,
    ) -> Result<Option<(PersonRow, String)>, StoreError> {
        let row = self
            .one(
                "SELECT p.*, t.scope FROM api_tokens t JOIN people p ON p.id = t.person_id \
                 WHERE t.token_hash = $1",
                cells![token_hash],
            )
            .await?;
        row.map(|row| Ok((PersonRow::read(&row)?, row.text("scope")?))).transpose()
    }

    /// What an earlier request with this idempotency key was answered.
    pub async fn idempotent_answer(
        &mut self,
        actor: &str,
        key: &str,
    ) -> Result<Option<String>, StoreError> {
        let row = self
            .one(
                "SELECT answer FROM idempotency_keys WHERE actor = $1 AND key = $2",
                cells![actor, key],
            )
            .await?;
        row.map(|row| row.text("answer")).transpose()
    }

    /// Keeps what a request with an idempotency key was answered.
    pub async fn keep_idempotent_answer(
        &mut self,
        actor: &str,
        key: &str,
        answer: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO idempotency_keys (actor, key, answer, at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (actor, key) DO NOTHING",
            cells![actor, key, answer, now],
        )
        .await?;
        Ok(())
    }
}
