//! The people who ask: what the brand tells us about them, and what they may ask of us: everything
//! that is kept of them, or nothing left of it.

mod acts;
mod link;

pub use acts::{Export, ExportedText, erase, export};
pub use link::{Linked, link, make_link_code};

use serde_json::{Map, Value};

use crate::desk::Stage;
use crate::ids::CustomerId;
use crate::people::{Act, ActError, Actor, record};
use crate::store::Tx;
use crate::vocabulary::Role;

/// The most that is kept of one customer, in bytes of JSON.
const LARGEST: usize = 16 * 1024;

/// Keeps what the brand says of a customer, in place of what it said before.
pub async fn describe(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: CustomerId,
    attributes: Map<String, Value>,
) -> Result<(), ActError> {
    actor.require(Role::Moderator)?;
    let unknown = || ActError::Unknown { what: format!("customer {id}") };
    tx.customer(id).await?.ok_or_else(unknown)?;
    let text = Value::Object(attributes.clone()).to_string();
    if text.len() > LARGEST || text.contains("\\u0000") {
        let reason = "the attributes are larger than 16 KiB of JSON, or hold U+0000; send less";
        return Err(ActError::Invalid { reason: reason.to_owned() });
    }
    tx.set_attributes(id, &attributes, stage.now).await?;
    record(
        tx,
        stage,
        actor,
        &Act { act: "describe customer", object: &id.to_string(), detail: "" },
    )
    .await?;
    Ok(())
}
