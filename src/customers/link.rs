//! One person on several channels: said by a one-time code that goes from one account to the other,
//! never guessed. Each account keeps its own words, so that the link can be undone.

use jiff::SignedDuration;

use crate::desk::Stage;
use crate::people::{digest, random_digits};
use crate::store::links::Identity;
use crate::store::{StoreError, Tx};

/// How long a code works.
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(10);
/// How many codes that are none may be tried in that time.
const TRIES: i64 = 5;

/// What became of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// Both are one person from now on.
    With(Identity),
    /// It is to be sent from the other account.
    Own,
    /// It is none, is too old, or too many were tried.
    Unknown,
}

/// Makes a one-time code for an account; earlier ones end.
pub async fn make_link_code(
    tx: &mut Tx,
    stage: &Stage<'_>,
    whose: Identity,
) -> Result<String, StoreError> {
    let times = (stage.now, stage.now + GOOD_FOR);
    loop {
        let code = random_digits();
        if tx.add_link_code(&digest(&code), whose, times).await? {
            return Ok(code);
        }
    }
}

/// Links the account that sent a code with the one that it was made for.
pub async fn link(
    tx: &mut Tx,
    stage: &Stage<'_>,
    here: Identity,
    code: &str,
) -> Result<Linked, StoreError> {
    let since = stage.now - GOOD_FOR;
    if tx.link_tries(here.customer_id, since).await? >= TRIES {
        return Ok(Linked::Unknown);
    }
    let code: String = code.chars().filter_map(|c| c.to_digit(10)).map(|n| n.to_string()).collect();
    let code_hash = digest(&code);
    match tx.link_code(&code_hash, stage.now).await? {
        Some(whose) if whose.customer_id == here.customer_id => Ok(Linked::Own),
        Some(whose) if tx.use_link_code(&code_hash).await? => {
            tx.join_identities(whose, here, stage.now).await?;
            tracing::info!("a customer linked two accounts of theirs");
            Ok(Linked::With(whose))
        }
        _ => {
            tx.add_link_try(here.customer_id, (since, stage.now)).await?;
            Ok(Linked::Unknown)
        }
    }
}
