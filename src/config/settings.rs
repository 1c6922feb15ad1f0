//! Where settings come from: the environment, then `.env`, then `superfan.toml`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use secrecy::SecretString;

use crate::products::ProductsError;

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The value does not fit.
    #[error("{name} is {value:?} ({origin}): {advice}")]
    Invalid {
        /// The variable.
        name: String,
        /// What it was set to.
        value: String,
        /// Where it was set.
        origin: Origin,
        /// What would fit.
        advice: String,
    },
    /// A setting that another one needs is missing.
    #[error("{name} is missing: {advice}")]
    Missing {
        /// The variable.
        name: String,
        /// What to do.
        advice: String,
    },
    /// A settings file cannot be read.
    #[error("cannot read the settings file {}: {reason}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The list of products cannot be used.
    #[error(transparent)]
    Products(#[from] ProductsError),
}

/// Where a setting was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The environment (or `.env`).
    Environment,
    /// `superfan.toml`.
    File,
    /// Nowhere: the default counts.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "from the environment",
            Self::File => "from superfan.toml",
            Self::Default => "default",
        })
    }
}

/// Every setting that was given, by variable name.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    environment: BTreeMap<String, String>,
    file: toml::Table,
}

impl Settings {
    /// Settings of this process: its environment, and the file if one is named.
    pub fn of_process(file: Option<&Path>) -> Result<Self, ConfigError> {
        let environment = std::env::vars().filter(|(_, value)| !value.is_empty()).collect();
        let file = file.map(read_file).transpose()?.unwrap_or_default();
        Ok(Self { environment, file })
    }

    /// Settings from pairs, for tests.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { environment: pairs.collect(), file: toml::Table::new() }
    }

    /// The settings of one `[[channels]]` entry, as if they were the environment.
    pub fn of_channel(entry: &toml::Table) -> Self {
        Self { environment: BTreeMap::new(), file: entry.clone() }
    }

    /// The `[[channels]]` entries of the file.
    pub fn channel_entries(&self) -> Vec<toml::Table> {
        let entries = self.file.get("channels").and_then(toml::Value::as_array);
        entries.into_iter().flatten().filter_map(|entry| entry.as_table().cloned()).collect()
    }

    /// The text of a setting and where it was found.
    pub fn text(&self, name: &str) -> Option<(String, Origin)> {
        if let Some(value) = self.environment.get(name) {
            return Some((value.clone(), Origin::Environment));
        }
        let key = name.to_lowercase();
        let short = key.strip_prefix("superfan_").unwrap_or(&key);
        let tail = key.split_once('_').map_or("", |(_, tail)| tail);
        let value = [short, &key, tail].into_iter().find_map(|key| self.file.get(key))?;
        let text = match value {
            toml::Value::String(text) => text.clone(),
            toml::Value::Array(items) => {
                items.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>().join(",")
            }
            other => other.to_string(),
        };
        (!text.is_empty()).then_some((text, Origin::File))
    }

    /// A secret.
    pub fn secret(&self, name: &str) -> Option<SecretString> {
        self.text(name).map(|(text, _)| SecretString::from(text))
    }

    /// A parsed setting, or the default.
    pub fn parsed<T: FromStr>(
        &self,
        name: &str,
        default: T,
        advice: &str,
    ) -> Result<T, ConfigError> {
        Ok(self.optional(name, advice)?.unwrap_or(default))
    }

    /// A parsed setting, if it was given.
    pub fn optional<T: FromStr>(&self, name: &str, advice: &str) -> Result<Option<T>, ConfigError> {
        let Some((value, origin)) = self.text(name) else {
            return Ok(None);
        };
        match value.trim().parse() {
            Ok(parsed) => Ok(Some(parsed)),
            Err(_) => Err(invalid(name, value, origin, advice)),
        }
    }

    /// A setting with several values, separated by commas.
    pub fn list(&self, name: &str) -> Vec<String> {
        let text = self.text(name).map(|(text, _)| text).unwrap_or_default();
        text.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect()
    }
}

/// The error for a value that does not fit.
pub(super) fn invalid(name: &str, value: String, origin: Origin, advice: &str) -> ConfigError {
    ConfigError::Invalid { name: name.to_owned(), value, origin, advice: advice.to_owned() }
}

fn read_file(path: &Path) -> Result<toml::Table, ConfigError> {
    let failed = |reason: String| ConfigError::File { path: path.to_owned(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    text.parse().map_err(|error: toml::de::Error| failed(error.to_string()))
}
