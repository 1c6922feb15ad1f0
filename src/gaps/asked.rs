//! What was asked about a gap, without anything that says who asked.

use crate::ids::GapId;
use crate::privacy::mask_naming;
use crate::store::escalations::EscalationRow;
use crate::store::{StoreError, Tx};

/// A question of a gap.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The question without personal data.
    pub text: String,
    /// The question as it waits.
    pub row: EscalationRow,
}

/// The questions of a gap, the newest first.
pub async fn asked(tx: &mut Tx, gap: GapId, limit: i64) -> Result<Vec<Asked>, StoreError> {
    let rows = tx.questions_in_gap(gap, limit).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.customer_id).collect();
    let customers = tx.customers_by_id(&ids).await?;
    let asked = |row: EscalationRow| {
        let customer = customers.iter().find(|customer| customer.id == row.customer_id);
        let name = customer.and_then(|customer| customer.name.as_deref());
        let names: Vec<&str> = name.iter().flat_map(|name| name.split_whitespace()).collect();
        Asked { text: mask_naming(&row.question, &names), row }
    };
    Ok(rows.into_iter().map(asked).collect())
}
