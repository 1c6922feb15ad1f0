//! Secrets at rest: what the store keeps of tokens is sealed with a key that is not in it.
//!
//! A copy of the database alone opens nothing. Must not know: what the secrets are for.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rand::TryRngCore;
use rand::rngs::OsRng;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::people::random_token;

/// What stands before everything sealed.
const MARK: &str = "sealed:";
/// The file in the data dir that holds the key where no setting names one.
const KEY_FILE: &str = "secret.key";

/// Seals and opens secrets; one key for all of them.
#[derive(Clone, Debug)]
pub struct Vault {
    given: Option<SecretString>,
    file: PathBuf,
    key: Arc<OnceLock<LessSafeKey>>,
}

/// Why a secret could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The key cannot be read or made.
    #[error("cannot use the key {path}: {source}; make it readable or set SUPERFAN_SECRET_KEY")]
    Key {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Sealed with another key, or changed since.
    #[error(
        "{name} was sealed with another key: set SUPERFAN_SECRET_KEY to the one it was sealed \
         with, the same on every node, or enter the secret again"
    )]
    OtherKey {
        /// Which secret.
        name: String,
    },
}

impl Vault {
    /// A vault whose key is `given` (`SUPERFAN_SECRET_KEY`), or is made in the data dir with its
    /// first use, readable by its owner only.
    pub fn new(given: Option<SecretString>, data_dir: &std::path::Path) -> Self {
        Self { given, file: data_dir.join(KEY_FILE), key: Arc::default() }
    }

    /// Seals a secret for the store; only under the same name it opens again.
    pub fn seal(&self, name: &str, secret: &SecretString) -> Result<String, VaultError> {
        let mut nonce = [0_u8; NONCE_LEN];
        OsRng.try_fill_bytes(&mut nonce).expect("the system's random source works");
        let mut bytes = secret.expose_secret().as_bytes().to_vec();
        self.key()?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(name),
                &mut bytes,
            )
            .expect("secrets are shorter than the cipher's gigabytes");
        Ok(format!("{MARK}{}", STANDARD_NO_PAD.encode([&nonce[..], &bytes].concat())))
    }

    /// Opens what was sealed under this name; what was never sealed is given back as it is.
    pub fn open(&self, name: &str, kept: &str) -> Result<SecretString, VaultError> {
        let Some(sealed) = kept.strip_prefix(MARK) else {
            return Ok(kept.into());
        };
        let key = self.key()?;
        let opened = STANDARD_NO_PAD.decode(sealed).ok().and_then(|bytes| {
            let (nonce, mut sealed) =
                (bytes.first_chunk::<NONCE_LEN>()?, bytes.get(NONCE_LEN..)?.to_vec());
            let nonce = Nonce::assume_unique_for_key(*nonce);
            let opened = key.open_in_place(nonce, Aad::from(name), &mut sealed).ok()?;
            std::str::from_utf8(opened).ok().map(SecretString::from)
        });
        opened.ok_or_else(|| VaultError::OtherKey { name: name.to_owned() })
    }

    fn key(&self) -> Result<&LessSafeKey, VaultError> {
        if let Some(key) = self.key.get() {
            return Ok(key);
        }
        let text = match &self.given {
            Some(given) => given.clone(),
            None => self.kept_key()?,
        };
        let digest = Sha256::digest(text.expose_secret().trim().as_bytes());
        let key = UnboundKey::new(&AES_256_GCM, &digest).expect("a digest is 32 bytes");
        Ok(self.key.get_or_init(|| LessSafeKey::new(key)))
    }

    fn kept_key(&self) -> Result<SecretString, VaultError> {
        let failed = |source| VaultError::Key { path: self.file.display().to_string(), source };
        let made =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.file);
        match made {
            Ok(mut file) => {
                let token = random_token();
                file.write_all(token.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
                Ok(token.into())
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                let text = std::fs::read_to_string(&self.file).map_err(failed)?;
                // Another process may be writing it right now.
                if text.trim().is_empty() {
                    return Err(failed(std::io::Error::other("the file is empty")));
                }
                Ok(text.into())
            }
            Err(error) => Err(failed(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_sealed_opens_under_its_own_name_and_key_only() {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::new(None, dir.path());
        let sealed = vault.seal("token of x", &"s3cret".into()).unwrap();
        assert!(!sealed.contains("s3cret"));
        assert_ne!(sealed, vault.seal("token of x", &"s3cret".into()).unwrap());
        let again = Vault::new(None, dir.path());
        assert_eq!(again.open("token of x", &sealed).unwrap().expose_secret(), "s3cret");
        assert!(again.open("token of y", &sealed).is_err());
        let other = Vault::new(Some("another key".into()), dir.path());
        let said = other.open("token of x", &sealed).unwrap_err().to_string();
        assert!(said.contains("SUPERFAN_SECRET_KEY"), "{said}");
        let mode = std::fs::metadata(dir.path().join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(again.open("older", "as it was").unwrap().expose_secret(), "as it was");
    }
}
