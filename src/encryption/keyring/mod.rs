//! The keys of subjects, in a file of their own.
//!
//! The file is not a part of the log, so that no copy of the log has a key: what was encrypted in an old backup of a log is
//! forgotten with the key in the keyring. Each key is encrypted with the key of the keyring, which the caller has.
//!
//! Several processes may use one keyring. Each change is made under a lock, and counts in the file tell the others. Nothing is
//! encrypted with a key that is not known to be on disk.

mod changing;
#[cfg(fuzzing)]
pub mod fuzzing;
mod layout;
mod medium;
mod reading;
mod ring;
#[cfg(test)]
mod test;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

pub use self::layout::KeyId;
use self::layout::{COUNTS_AT, Counts, ENTRIES_AT, Head, State, Wrapped};
use self::medium::{InFile, InMemory, Medium};
use self::ring::Ring;
use super::secret::{Secret, random};
use crate::error::{Code, Error};

/// Where a keyring is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyringPlace {
    /// In that file, which need not exist, and in files beside it whose names begin with its name: `.lock` and `.next`.
    File(PathBuf),
    /// In memory, for as long as it is open.
    Memory,
}

/// The keys of subjects.
pub struct Keyring {
    medium: Box<dyn Medium>,
    /// How errors name it.
    name: String,
    known: Mutex<Known>,
}

/// What is known of the file.
struct Known {
    secret: Option<Secret>,
    /// The head as it was last seen, and the length of the file.
    seen: Option<(Vec<u8>, u64)>,
    ring: Option<Ring>,
    /// The id of the file, with the key that it has, whose name is known to be on disk.
    named: Option<Vec<u8>>,
}

/// What a keyring says of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundKey {
    /// The key, which is of that subject.
    Secret(Secret, Arc<str>),
    /// It was of that subject, and is destroyed.
    Forgotten(Arc<str>),
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Keyring {
    /// Opens a keyring, and makes sure that `secret` is its key, if that is given and there is a keyring. Without it, nothing
    /// can be encrypted or decrypted. Other processes are waited for as long as `lock_wait`.
    ///
    /// # Errors
    ///
    /// `KEY_UNAVAILABLE` if it has another key; `CORRUPTED`, `UNSUPPORTED_FORMAT`, `STORAGE_FAILED`.
    pub fn open(
        place: KeyringPlace,
        secret: Option<Secret>,
        lock_wait: Duration,
    ) -> Result<Self, Error> {
        let name = match &place {
            KeyringPlace::File(path) => format!("the keyring {}", path.display()),
            KeyringPlace::Memory => "the keyring in memory".to_owned(),
        };
        let medium: Box<dyn Medium> = match place {
            KeyringPlace::File(path) => Box::new(InFile::new(path, lock_wait)),
            KeyringPlace::Memory => Box::<InMemory>::default(),
        };
        Self::over(medium, name, secret)
    }

    fn over(medium: Box<dyn Medium>, name: String, secret: Option<Secret>) -> Result<Self, Error> {
        let keyring = Self {
            medium,
            name,
            known: Mutex::new(Known {
                secret,
                seen: None,
                ring: None,
                named: None,
            }),
        };
        let mut known = keyring.known.lock();
        if known.secret.is_some() {
            keyring.look(&mut known)?;
            keyring.secret_of(&known)?;
        }
        drop(known);
        Ok(keyring)
    }

    /// Learns of what other processes have changed since it was last looked at.
    ///
    /// # Errors
    ///
    /// `CORRUPTED`, `UNSUPPORTED_FORMAT`, `STORAGE_FAILED`.
    pub fn refresh(&self) -> Result<(), Error> {
        self.look(&mut self.known.lock())
    }

    /// What is known of the key with that id, as of the last time that the keyring was looked at.
    ///
    /// # Errors
    ///
    /// `KEY_UNAVAILABLE` if there is no such key, or the key of the keyring is not given, or is another one; `CORRUPTED` if
    /// the key is not what was written.
    pub fn find(&self, id: &KeyId) -> Result<FoundKey, Error> {
        let known = &mut *self.known.lock();
        if known.ring.is_none() {
            self.look(known)?;
        }
        let secret = self.secret_of(known);
        let Some(ring) = &mut known.ring else {
            return Err(self.unavailable("there is none"));
        };
        let keyring = ring.head.keyring;
        let Some(kept) = ring.get_mut(id) else {
            return Err(self.unavailable("it has none with the id that the event names"));
        };
        let subject = Arc::clone(&kept.subject);
        if let Some(secret) = &kept.secret {
            return Ok(FoundKey::Secret(secret.clone(), subject));
        }
        let State::Wrapped(wrapped) = &kept.entry.state else {
            return Ok(FoundKey::Forgotten(subject));
        };
        let unwrapped = wrapped.unwrap(&secret?, &kept.entry.place(&keyring));
        let unwrapped = unwrapped.ok_or_else(|| self.damaged("a key in it was altered"))?;
        kept.secret = Some(unwrapped.clone());
        Ok(FoundKey::Secret(unwrapped, subject))
    }

    /// The keys of subjects, in their order. Those that have none are given one. All of them are on disk then.
    ///
    /// # Errors
    ///
    /// As [`Keyring::find`]; `LOCKED`, `STORAGE_FAILED`: then none is used.
    pub fn keys_of(&self, subjects: &[&str], now_ms: i64) -> Result<Vec<(KeyId, Secret)>, Error> {
        let mut guard = self.known.lock();
        let known = &mut *guard;
        self.look(known)?;
        self.name(known)?;
        if known.synced_of(subjects).is_none() {
            self.secret_of(known)?;
            let locked = self.lock(known)?;
            self.make(known, subjects, now_ms)?;
            self.read(known)?;
            self.name(known)?;
            drop(locked);
        }
        let ids = known.synced_of(subjects);
        drop(guard);
        let ids = ids.ok_or_else(|| self.unavailable("it has none of a subject"))?;
        let key = |id: KeyId| match self.find(&id)? {
            FoundKey::Secret(secret, _) => Ok((id, secret)),
            FoundKey::Forgotten(_) => Err(self.unavailable("it was destroyed meanwhile")),
        };
        ids.into_iter().map(key).collect()
    }

    /// Destroys the keys of a subject, if it has any, and gives the time when that was done; `None` if the subject has never
    /// had one. The keys are gone from the file then.
    ///
    /// # Errors
    ///
    /// `KEY_UNAVAILABLE` if there is no keyring; `LOCKED`; `CORRUPTED`; `STORAGE_FAILED`: the key may be gone then, or half so,
    /// in which case the next change finishes it.
    pub fn forget(&self, subject: &str, now_ms: i64) -> Result<Option<i64>, Error> {
        let known = &mut *self.known.lock();
        self.look(known)?;
        if known.ring.is_none() {
            return Err(self.unavailable("there is none"));
        }
        let locked = self.lock(known)?;
        // What fails from here on leaves nothing that is taken to be known.
        let Some(ring) = known.take() else {
            return Err(self.unavailable("there is none"));
        };
        let states = ring.keys_of(subject);
        if states.is_empty() {
            return Ok(ring.forgotten_at(subject));
        }
        self.destroy(&states, ring.head.counts, now_ms)?;
        self.read(known)?;
        drop(locked);
        Ok(Some(now_ms))
    }

    /// Has the keyring have another key from now on, and gives how many keys of subjects there are. What they have encrypted
    /// stays as it is.
    ///
    /// # Errors
    ///
    /// `KEY_UNAVAILABLE` if this one does not have the right key; `LOCKED`, `CORRUPTED`, `STORAGE_FAILED`: then the keyring has
    /// either of the keys, and all of it.
    pub fn rotate(&self, next: Secret) -> Result<usize, Error> {
        let known = &mut *self.known.lock();
        let locked = self.lock(known)?;
        let secret = self.secret_of(known)?;
        let mut keys = 0;
        if let Some(ring) = known.take() {
            let mut head = Head::new(ring.head.keyring, random()?, &next)?;
            head.counts = Counts {
                synced: ring.end - ENTRIES_AT,
                ..ring.head.counts
            };
            let mut bytes = head.encode();
            for (_, entry) in ring.entries() {
                let mut entry = entry.clone();
                if let State::Wrapped(wrapped) = &entry.state {
                    let place = entry.place(&head.keyring);
                    let key = wrapped.unwrap(&secret, &place);
                    let key = key.ok_or_else(|| self.damaged("a key in it was altered"))?;
                    let wrapped = Wrapped::new(&key, (&next, random()?), &place)?;
                    entry.state = State::Wrapped(wrapped);
                    keys += 1;
                }
                entry.encode(&mut bytes);
            }
            self.replace(&bytes)?;
        }
        known.secret = Some(next);
        self.read(known)?;
        drop(locked);
        Ok(keys)
    }

    /// Has the name of the file be on disk, if that is not known of it.
    fn name(&self, known: &mut Known) -> Result<(), Error> {
        let of_file = |(beginning, _): &(Vec<u8>, u64)| {
            let beginning = beginning.iter().take(COUNTS_AT as usize);
            beginning.copied().collect::<Vec<u8>>()
        };
        let seen = known.seen.as_ref().map(of_file);
        if seen.is_some() && seen != known.named {
            self.done(self.medium.sync_name())?;
            known.named = seen;
        }
        Ok(())
    }

    /// The key of the keyring, if it is given and the right one.
    fn secret_of(&self, known: &Known) -> Result<Secret, Error> {
        let Some(secret) = &known.secret else {
            return Err(self.unavailable("the log was opened without `key`"));
        };
        match &known.ring {
            Some(ring) if !ring.head.is_of(secret) => {
                Err(self.unavailable("the `key` that the log was opened with is another one"))
            }
            _ => Ok(secret.clone()),
        }
    }

    fn unavailable(&self, why: &str) -> Error {
        let text = format!("expected a key of {}: {why}", self.name);
        Error::new(Code::KeyUnavailable, text)
    }

    fn damaged(&self, why: &str) -> Error {
        Error::new(Code::Corrupted, format!("{} is damaged: {why}", self.name))
    }

    fn done<T>(&self, outcome: io::Result<T>) -> Result<T, Error> {
        outcome.map_err(|error| {
            Error::new(
                Code::StorageFailed,
                format!("{} cannot be used: {error}", self.name),
            )
        })
    }
}

impl Known {
    /// Gives what is known of the file, which is to be read anew.
    fn take(&mut self) -> Option<Ring> {
        self.seen = None;
        self.ring.take()
    }

    /// The ids of the keys of subjects; `None` if not all of them are known to be on disk.
    fn synced_of(&self, subjects: &[&str]) -> Option<Vec<KeyId>> {
        let ring = self.ring.as_ref()?;
        subjects
            .iter()
            .map(|subject| ring.synced_of(subject))
            .collect()
    }
}
