//! The people who work here: who they are, what they may do, and the record of what they did.
//!
//! In: e-mail addresses, passwords, tokens. Out: [`Actor`]s and audit rows. Every act of a person
//! is one function in its noun's module that takes an actor; nothing else writes the audit.

mod profile;
mod secrets;
mod sign_in;

use crate::desk::Stage;
use crate::ids::PersonId;
use crate::store::audit::AuditRow;
use crate::store::people::PersonRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::Role;

pub use profile::{Profile, set_profile};
pub use secrets::{digest, random_digits, random_token};
pub use sign_in::{
    SESSION_HOURS, SIGN_IN_HOURS, SignInError, add_person, api_actor, check_password, make_token,
    session_actor, set_password, sign_in_member, sign_in_with_link, sign_out, start_session,
};

/// Who acts, and what they may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The person; `None` for the command line and the API's own token.
    pub person: Option<PersonId>,
    /// How customers and colleagues read them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Where they do it.
    pub via: Via,
}

/// Where somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// In the console.
    Console,
    /// On the command line.
    CommandLine,
    /// Over the API.
    Api,
    /// In the help desk the brand has.
    HelpDesk,
    /// On an account of their own on a channel.
    Channel,
    /// In the channel of the brand's own people.
    StaffRoom,
}

impl Actor {
    /// Whoever runs commands on the machine.
    pub fn operator() -> Self {
        Self { person: None, name: "operator".to_owned(), role: Role::Admin, via: Via::CommandLine }
    }

    /// The holder of `SUPERFAN_API_TOKEN`.
    pub fn api() -> Self {
        Self { person: None, name: "API".to_owned(), role: Role::Admin, via: Via::Api }
    }

    /// Somebody who works in the help desk the brand has; it proved that it sent this.
    pub fn help_desk(name: &str) -> Self {
        Self { person: None, name: name.to_owned(), role: Role::Moderator, via: Via::HelpDesk }
    }

    /// The id that owns what this actor claims; 0 stands for actors that are no person.
    pub fn owner_id(&self) -> PersonId {
        self.person.unwrap_or(PersonId(0))
    }

    /// Checks that the actor may do what needs `role`.
    pub fn require(&self, role: Role) -> Result<(), ActError> {
        if self.role >= role {
            return Ok(());
        }
        Err(ActError::Forbidden { needs: role, has: self.role })
    }

    /// Refuses an expert what is about everybody's questions; whoever reads everything may.
    pub fn oversees(&self) -> Result<(), ActError> {
        match self.role {
            Role::Expert => self.require(Role::Moderator),
            _ => Ok(()),
        }
    }
}

impl From<PersonRow> for Actor {
    fn from(person: PersonRow) -> Self {
        Self { person: Some(person.id), name: person.name, role: person.role, via: Via::Console }
    }
}

/// Why an act was refused.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The actor's role does not allow it.
    #[error("this needs the role {needs}; yours is {has}")]
    Forbidden {
        /// The least role.
        needs: Role,
        /// The actor's role.
        has: Role,
    },
    /// What it is about does not exist.
    #[error("there is no {what}")]
    Unknown {
        /// What was looked for.
        what: String,
    },
    /// Somebody else has it, or it is over.
    #[error("{reason}")]
    Conflict {
        /// In words.
        reason: String,
        /// The owner's display name, when somebody has it.
        owner: Option<String>,
    },
    /// What was given cannot be used.
    #[error("{reason}")]
    Invalid {
        /// In words.
        reason: String,
    },
    /// The store failed.
    #[error("could not do it")]
    Store(#[from] StoreError),
}

/// What to write into the audit.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// The verb.
    pub act: &'static str,
    /// The object's id or name.
    pub object: &'a str,
    /// More, never customers' text.
    pub detail: &'a str,
}

/// Writes an act into the audit, in the transaction that does it.
pub async fn record(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    act: &Act<'_>,
) -> Result<(), StoreError> {
    let row = AuditRow {
        actor: actor.name.clone(),
        act: act.act.to_owned(),
        object: act.object.to_owned(),
        detail: act.detail.to_owned(),
        at: stage.now,
    };
    tx.add_audit(stage.ids.next(), &row).await
}
