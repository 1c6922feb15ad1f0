//! The generic channel's own JSON: what is posted to us, field by field, and what we post.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::ReceiveError;

/// A message posted to us.
pub(super) struct Incoming {
    pub(super) conversation_id: String,
    pub(super) message_id: String,
    pub(super) customer: Customer,
    pub(super) said: Said,
    pub(super) public: bool,
    pub(super) addressed: bool,
}

/// Who wrote it.
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) lang: Option<String>,
    pub(super) bot: bool,
}

/// Exactly one of the two.
pub(super) enum Said {
    Text(String),
    Press(String),
}

/// A reply as it is posted; the fields known only when sending are added then.
#[derive(Serialize)]
pub(super) struct Outgoing<'a> {
    pub(super) message_id: &'a str,
    pub(super) conversation_id: &'a str,
    #[serde(flatten)]
    pub(super) reply: super::render::Payload,
    pub(super) at: Timestamp,
}

impl Incoming {
    /// Reads a delivery strictly; the error names the first field that is wrong.
    pub(super) fn read(body: &[u8]) -> Result<Self, ReceiveError> {
        let value: Value =
            serde_json::from_slice(body).map_err(|error| bad(&format!("not JSON: {error}")))?;
        let fields =
            Fields { path: "", map: value.as_object().ok_or_else(|| bad("not an object"))? };
        let customer = fields.object("customer")?;
        let said = match (fields.optional("text")?, fields.optional("press")?) {
            (Some(text), None) => Said::Text(text),
            (None, Some(press)) => Said::Press(press),
            (Some(_), Some(_)) => return Err(bad("text and press exclude each other")),
            (None, None) => return Err(bad("text is missing")),
        };
        Ok(Self {
            conversation_id: fields.required("conversation_id")?,
            message_id: fields.required("message_id")?,
            customer: Customer {
                id: customer.required("id")?,
                name: customer.optional("name")?,
                lang: customer.optional("lang")?,
                bot: customer.flag("bot")?,
            },
            said,
            public: fields.flag("public")?,
            addressed: fields.flag("addressed")?,
        })
    }
}

/// An object and where it stands in the delivery, for the errors.
struct Fields<'a> {
    path: &'static str,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// `null` is the same as absent.
    fn value(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    fn required(&self, name: &str) -> Result<String, ReceiveError> {
        self.optional(name)?.ok_or_else(|| self.bad(name, "is missing"))
    }

    /// A string that is not blank, if the field is there.
    fn optional(&self, name: &str) -> Result<Option<String>, ReceiveError> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Err(self.bad(name, "is empty")),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.bad(name, "must be a string")),
        }
    }

    fn flag(&self, name: &str) -> Result<bool, ReceiveError> {
        match self.value(name) {
            None => Ok(false),
            Some(value) => value.as_bool().ok_or_else(|| self.bad(name, "must be true or false")),
        }
    }

    fn object(&self, name: &'static str) -> Result<Fields<'a>, ReceiveError> {
        let value = self.value(name).ok_or_else(|| self.bad(name, "is missing"))?;
        let map = value.as_object().ok_or_else(|| self.bad(name, "must be an object"))?;
        Ok(Fields { path: name, map })
    }

    fn bad(&self, name: &str, what: &str) -> ReceiveError {
        let dot = if self.path.is_empty() { "" } else { "." };
        bad(&format!("{}{dot}{name} {what}", self.path))
    }
}

fn bad(what: &str) -> ReceiveError {
    ReceiveError::Undecodable(what.to_owned())
}
