//! Ids that superfan makes: sortable numbers in the store, prefixed text outside.
//!
//! An id starts with the milliseconds since 2025 and ends with 20 bits of chance, so two nodes
//! make different ones, and a log line explains itself (`esc_0c8r…`).

use std::sync::Mutex;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use crate::clock::SharedClock;

/// 2025-01-01T00:00:00Z in milliseconds.
const EPOCH_MS: i64 = 1_735_689_600_000;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Makes ids: rising within a process, different between processes.
#[derive(Debug)]
pub struct Ids {
    clock: SharedClock,
    state: Mutex<(i64, SmallRng)>,
}

impl Ids {
    /// Ids from this clock and this seed.
    pub fn new(clock: SharedClock, seed: u64) -> Self {
        Self { clock, state: Mutex::new((0, SmallRng::seed_from_u64(seed))) }
    }

    /// The next id of any type.
    pub fn next<I: From<i64>>(&self) -> I {
        let mut state = self.state.lock().expect("nothing panics while it holds this lock");
        let millis = (self.clock.now().as_millisecond() - EPOCH_MS).max(0);
        let chance = i64::from(state.1.random::<u32>() >> 12);
        let id = ((millis << 20) | chance).max(state.0 + 1);
        state.0 = id;
        id.into()
    }
}

/// An id's text did not have the right shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {0}…")]
pub struct InvalidId(pub &'static str);

/// Thirteen characters of Crockford's base 32, so that text sorts like the number.
fn encode(prefix: &str, id: i64) -> String {
    let mut text = String::with_capacity(prefix.len() + 13);
    text.push_str(prefix);
    for digit in (0..13).rev() {
        let index = usize::try_from((id >> (digit * 5)) & 31).expect("five bits fit");
        text.push(char::from(ALPHABET[index]));
    }
    text
}

fn decode(prefix: &'static str, text: &str) -> Result<i64, InvalidId> {
    let digits = text.strip_prefix(prefix).filter(|rest| rest.len() == 13);
    let mut id: i64 = 0;
    for byte in digits.ok_or(InvalidId(prefix))?.bytes() {
        let value = ALPHABET.iter().position(|&c| c == byte).ok_or(InvalidId(prefix))?;
        let value = i64::try_from(value).expect("below 32");
        id = id.checked_mul(32).and_then(|id| id.checked_add(value)).ok_or(InvalidId(prefix))?;
    }
    Ok(id)
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub i64);

        impl $name {
            /// What the text form starts with.
            pub const PREFIX: &'static str = $prefix;
        }

        impl From<i64> for $name {
            fn from(id: i64) -> Self {
                Self(id)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&encode($prefix, self.0))
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                decode($prefix, text).map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id_type!(
    /// A customer's wording that an answer may be found by.
    PhrasingId, "phr_"
);
id_type!(
    /// A customer's thread on a channel.
    ConversationId, "conv_"
);
id_type!(
    /// One person on one channel.
    CustomerId, "cus_"
);
id_type!(
    /// One inbound message.
    MessageId, "msg_"
);
id_type!(
    /// One part of a reply in the outbox.
    DeliveryId, "out_"
);
id_type!(
    /// One decision of the answerer.
    DecisionId, "dec_"
);
id_type!(
    /// A conversation waiting for a human.
    EscalationId, "esc_"
);
id_type!(
    /// An answer written here.
    AnswerId, "ans_"
);
id_type!(
    /// A calibration fitted to the brand's own feedback.
    CalibrationId, "cal_"
);
id_type!(
    /// One walk through the base's history.
    ReplayId, "rep_"
);
id_type!(
    /// An expert's words that a moderator reads first.
    DraftId, "drf_"
);
id_type!(
    /// Something the brand's own desk is told.
    DeskEventId, "evt_"
);
id_type!(
    /// An answer taken back from those who got it.
    RecallId, "rcl_"
);
id_type!(
    /// Something super fans are invited to.
    ProgrammeId, "prg_"
);
id_type!(
    /// Questions that mean the same and have no answer.
    GapId, "gap_"
);
id_type!(
    /// A gap that many asked about at once.
    IncidentId, "inc_"
);
id_type!(
    /// Somebody who works here.
    PersonId, "per_"
);

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::{TestClock, from_millis};

    #[test]
    fn text_form_round_trips_and_sorts_like_the_number() {
        let (a, b) = (EscalationId(77), EscalationId(i64::MAX));
        assert_eq!(a.to_string().parse(), Ok(a));
        assert_eq!(b.to_string().parse(), Ok(b));
        assert!(a.to_string() < b.to_string());
    }

    #[test]
    fn another_types_id_does_not_parse() {
        let text = ConversationId(5).to_string();
        assert_eq!(text.parse::<EscalationId>(), Err(InvalidId("esc_")));
        assert_eq!("esc_zzzzzzzzzzzzz".parse::<EscalationId>(), Err(InvalidId("esc_")));
    }

    #[test]
    fn ids_rise_even_when_the_clock_stands_still() {
        let ids = Ids::new(Arc::new(TestClock::starting(from_millis(EPOCH_MS + 5))), 1);
        let many: Vec<MessageId> = (0..100).map(|_| ids.next()).collect();
        assert!(many.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
