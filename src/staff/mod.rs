//! Escalations where the brand's own people are: a card in their channel, the thread under it.
//!
//! In: what happens to escalations, in the transaction in which it happens. Out: cards that say how
//! each stands, customers' words in the thread of whoever claimed there. What people press and write
//! there comes back through the answerer, as acts. Must not know: platforms, pages.

mod card;
mod post;
mod room;

pub(crate) use post::{changed, forget, opened, replied, said};
pub(crate) use room::{claimed_here, person_behind, put_right, say};
