//! What the brand's own systems know of a customer, asked for the escalation's card.
//!
//! In: a customer. Out: facts to show (orders, products, tier: whatever the address answers), or
//! why there are none. One signed post with little time to answer; what it said is kept for a few
//! minutes in memory only, failures more briefly. Must not know: pages, SQL.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};
use standardwebhooks::Webhook;

use crate::config::LookupConfig;
use crate::ids::CustomerId;
use crate::open::http_client;
use crate::store::customers::Customer;

/// How long the card waits.
const TIME_OUT: Duration = Duration::from_millis(1500);
/// How long an answer is as good as new.
const KEPT_FOR: SignedDuration = SignedDuration::from_mins(5);
/// How long a failure is not tried again.
const FAILED_FOR: SignedDuration = SignedDuration::from_secs(30);
/// Beyond this many customers the oldest answers are forgotten.
const MANY: usize = 1000;
/// The largest answer that is read, in bytes.
const LARGEST: usize = 64 * 1024;
/// How many facts, values of each, and letters of each value are shown.
const SHOWN: (usize, usize, usize) = (20, 10, 200);

/// One thing that is known of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What: `tier`, `orders`.
    pub name: String,
    /// One or several values, as people read them.
    pub values: Vec<String>,
}

/// What asking came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// These facts, in the order of the answer.
    Facts(Vec<Fact>),
    /// Nothing, for this reason.
    Failed(String),
}

/// Asks one address, and remembers what it said.
#[derive(Debug)]
pub struct Lookup {
    config: Option<LookupConfig>,
    kept: Mutex<HashMap<CustomerId, (Timestamp, Known)>>,
}

impl Lookup {
    /// Asks this address; without one nothing is ever known.
    pub fn new(config: Option<LookupConfig>) -> Self {
        Self { config, kept: Mutex::default() }
    }

    /// What is known of a customer; `None` where no address is set up. Never fails: the card is
    /// shown without.
    pub async fn ask(
        &self,
        customer: &Customer,
        attributes: &Map<String, Value>,
        now: Timestamp,
    ) -> Option<Known> {
        let config = self.config.as_ref()?;
        if let Some(kept) = self.kept(customer.id, now) {
            return Some(kept);
        }
        let body = json!({ "customer": {
            "id": customer.id, "channel": customer.channel, "external_id": customer.external_id,
            "name": customer.name, "lang": customer.lang, "attributes": attributes,
        }});
        let known = match post(config, &body.to_string(), (customer.id, now)).await {
            Ok(Value::Object(answer)) => Known::Facts(facts(&answer)),
            Ok(_) => Known::Failed("it did not answer with a JSON object".to_owned()),
            Err(reason) => Known::Failed(reason),
        };
        if let Known::Failed(reason) = &known {
            tracing::warn!(customer.id = %customer.id, "could not look a customer up: {reason}");
        }
        let mut kept = self.kept.lock().expect("nothing panics while it holds this lock");
        if kept.len() >= MANY {
            kept.retain(|_, (at, known)| is_fresh(*at, known, now));
        }
        if kept.len() >= MANY {
            kept.clear();
        }
        kept.insert(customer.id, (now, known.clone()));
        Some(known)
    }

    fn kept(&self, customer: CustomerId, now: Timestamp) -> Option<Known> {
        let kept = self.kept.lock().expect("nothing panics while it holds this lock");
        let (at, known) = kept.get(&customer)?;
        is_fresh(*at, known, now).then(|| known.clone())
    }
}

fn is_fresh(at: Timestamp, known: &Known, now: Timestamp) -> bool {
    let span = match known {
        Known::Facts(_) => KEPT_FOR,
        Known::Failed(_) => FAILED_FOR,
    };
    now.duration_since(at) < span
}

async fn post(
    config: &LookupConfig,
    body: &str,
    (customer, now): (CustomerId, Timestamp),
) -> Result<Value, String> {
    let client = http_client().map_err(|error| error.to_string())?;
    let id = format!("lookup_{customer}_{}", now.as_millisecond());
    let mut request = client
        .post(config.url.clone())
        .timeout(TIME_OUT)
        .header("content-type", "application/json")
        .header("webhook-id", &id)
        .header("webhook-timestamp", now.as_second().to_string());
    if let Some(secret) = &config.secret {
        let signature = Webhook::new(secret.expose_secret())
            .and_then(|webhook| webhook.sign(&id, now.as_second(), body.as_bytes()))
            .map_err(|error| format!("SUPERFAN_LOOKUP_SECRET cannot sign: {error}"))?;
        request = request.header("webhook-signature", signature);
    }
    // The address may hold a secret.
    let failed = |error: reqwest::Error| {
        if error.is_timeout() {
            "it took too long to answer".to_owned()
        } else {
            error.without_url().to_string()
        }
    };
    let mut answer = request.body(body.to_owned()).send().await.map_err(failed)?;
    if !answer.status().is_success() {
        return Err(format!("it answered {}", answer.status()));
    }
    let mut read = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        read.extend_from_slice(&chunk);
        if read.len() > LARGEST {
            return Err("it answered more than 64 KiB".to_owned());
        }
    }
    serde_json::from_slice(&read).map_err(|error| format!("it did not answer with JSON: {error}"))
}

/// The facts of a JSON object, as people read them; the card shows a screenful at most.
pub fn facts(object: &Map<String, Value>) -> Vec<Fact> {
    let fact = |(name, value): (&String, &Value)| {
        let values: Vec<String> = match value {
            Value::Array(items) => items.iter().take(SHOWN.1).map(in_words).collect(),
            other => vec![in_words(other)],
        };
        let values: Vec<String> = values.into_iter().filter(|text| !text.is_empty()).collect();
        (!values.is_empty()).then(|| Fact { name: name.replace('_', " "), values })
    };
    object.iter().filter_map(fact).take(SHOWN.0).collect()
}

fn in_words(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Object(fields) => {
            let parts = fields.iter().filter(|(_, value)| !value.is_null());
            let parts = parts.map(|(name, value)| format!("{name}: {}", in_words(value)));
            parts.collect::<Vec<_>>().join(", ")
        }
        Value::Array(items) => items.iter().map(in_words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    text.chars().take(SHOWN.2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_becomes_facts() {
        let answer = json!({
            "tier": "gold", "orders": [{ "number": "A1", "state": "sent" }, "B2"], "vip": true,
            "nothing": null, "last_seen": "2026-01-04",
        });
        let facts = facts(answer.as_object().unwrap());
        let lines: Vec<String> = facts
            .iter()
            .map(|fact| format!("{} = {}", fact.name, fact.values.join("; ")))
            .collect();
        assert_eq!(
            lines,
            [
                "tier = gold",
                "orders = number: A1, state: sent; B2",
                "vip = true",
                "last seen = 2026-01-04",
            ]
        );
    }
}
