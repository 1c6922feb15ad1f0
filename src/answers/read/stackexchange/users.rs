//! Who wrote: names and profiles of `Users.xml`, kept in the spill.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::spill::{Slot, Spill};
use super::xml::{Next, Rows};
use crate::answers::read::error::ReadError;
use crate::answers::read::fields::{present, web_address};
use crate::answers::read::input::{Input, Meter};

/// A user as answers show them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct User {
    pub(super) name: Option<String>,
    pub(super) url: Option<String>,
}

/// Where each user is in the spill, by id.
#[derive(Default)]
pub(super) struct Users(Vec<(i64, Slot)>);

impl Users {
    /// Reads all users. A bad row costs a name at most, so it is passed over.
    pub(super) fn read(path: &Path, meter: &Meter, spill: &mut Spill) -> Result<Self, ReadError> {
        let mut rows = Rows::open(Input::open(path, meter)?, "users")?;
        let mut users = Vec::new();
        loop {
            match rows.next_row()? {
                Next::End => break,
                Next::Bad { .. } => {}
                Next::Row(row) => {
                    let name = row.value("DisplayName").and_then(present);
                    if let (Some(id), Some(name)) = (row.number("Id"), name) {
                        let url = row.value("ProfileUrl").and_then(web_address);
                        users.push((id, spill.put(&User { name: Some(name), url })?));
                    }
                }
            }
        }
        users.sort_unstable();
        users.dedup_by_key(|(id, _)| *id);
        Ok(Self(users))
    }

    /// The user with this id; `None` for deleted ones and for dumps without users.
    pub(super) fn find(&self, id: i64, spill: &mut Spill) -> Result<Option<User>, ReadError> {
        match self.0.binary_search_by_key(&id, |(id, _)| *id) {
            Ok(at) => spill.fetch(self.0[at].1).map(Some),
            Err(_) => Ok(None),
        }
    }
}
