//! Events that are encrypted with a key of their subject: how they are stored, read and forgotten.
//!
//! What is stored is encrypted, so that no table, column, journal, export or backup has anything else. Nothing below this
//! layer knows of it. Reading decrypts an event as the last step before it is shown, or, where a query looks into payloads, as
//! the first one.

mod revealed;
mod revealing;
mod sealing;
mod subject;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

pub(super) use self::revealing::{Revealed, Revealing};
pub(super) use self::sealing::{Sealing, encrypted_size};
pub(super) use self::subject::{EXPECTED, KEY, subject_of};
use super::LogOptions;
use crate::encryption::keyring::{Keyring, KeyringPlace};
use crate::engine::IN_MEMORY;
use crate::error::{Code, Error};

/// The keyring of a log, once the log is open. A log that an engine without a file keeps may have none.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys(Arc<OnceLock<Arc<Keyring>>>);

impl Keys {
    /// Opens the keyring that the options of a log name, or the one beside the log at `path`. A log without either has none.
    ///
    /// # Errors
    ///
    /// As [`Keyring::open`].
    pub(super) fn open(&self, options: &LogOptions, path: Option<&Path>) -> Result<(), Error> {
        let place = match (&options.keyring, path) {
            (Some(keyring), _) => {
                let path = std::path::absolute(keyring).unwrap_or_else(|_| keyring.clone());
                KeyringPlace::File(canonical(&path))
            }
            (None, Some(path)) if path == Path::new(IN_MEMORY) => KeyringPlace::Memory,
            // Whoever opens the log by another name is to find the same keyring.
            (None, Some(path)) => KeyringPlace::File(beside(&canonical(path))),
            (None, None) => return Ok(()),
        };
        let lock_wait = options.engine.lock_wait;
        let keyring = Keyring::open(place, options.key.clone(), lock_wait)?;
        // A log is opened once.
        let _ = self.0.set(Arc::new(keyring));
        Ok(())
    }

    pub(super) fn keyring(&self) -> Option<&Keyring> {
        self.0.get().map(|keyring| &**keyring)
    }

    /// The keyring, for what cannot be done without one.
    pub(super) fn required(&self) -> Result<&Keyring, Error> {
        self.keyring().ok_or_else(|| {
            let text = "expected a keyring: open the log with `key` and `keyring`";
            Error::new(Code::KeyUnavailable, text)
        })
    }
}

/// What the name of the keyring of a log ends with.
const ENDING: &str = ".keyring";

fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ENDING);
    name.into()
}

/// The path that the file has, without symbolic links.
fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
