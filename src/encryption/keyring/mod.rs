//! The keys of subjects, in a file of their own.
//!
//! The file is not a part of the log, so that no copy of the log has a key: what was encrypted in an old backup of a log is
//! forgotten with the key in the keyring. Each key is encrypted with the key of the keyring, which the caller has.
//!
//! Several processes may use one keyring. Each change is made under a lock, and counts in the file tell the others. Nothing is
//! encrypted with a key that is not known to be on disk.

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
use self::layout::{COUNTS_AT, Counts, ENTRIES_AT, Entry, FORGOTTEN, Head, State, Wrapped};
use self::medium::{InFile, InMemory, Locked, Medium};
use self::ring::Ring;
use super::secret::{Secret, random};
use crate::error::{Code, Error};
use crate::timestamp;

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

    /// Keeps others from changing the keyring, learns of what they have changed, and finishes what a crash has left.
    fn lock(&self, known: &mut Known) -> Result<Box<dyn Locked>, Error> {
        let locked = self.medium.lock()?;
        self.done(self.medium.wipe_next())?;
        self.read(known)?;
        let Some(ring) = &known.ring else {
            return Ok(locked);
        };
        let (states, counts) = (ring.forgetting(), ring.head.counts);
        if states.is_empty() && !counts.is_forgetting() {
            return Ok(locked);
        }
        known.take();
        self.destroy(&states, counts, timestamp::now())?;
        self.read(known)?;
        Ok(locked)
    }

    /// Makes the keys of those subjects that have none. Others that are not known to be on disk are written once more.
    fn make(&self, known: &mut Known, subjects: &[&str], now_ms: i64) -> Result<(), Error> {
        let secret = self.secret_of(known)?;
        let ring = known.take();
        let head = match &ring {
            Some(ring) => ring.head.clone(),
            None => Head::new(random()?, random()?, &secret)?,
        };
        let from = ring.as_ref().map_or(ENTRIES_AT, Ring::synced_end);
        let mut bytes = Vec::new();
        for (at, entry) in ring.iter().flat_map(Ring::entries) {
            if at >= from {
                entry.encode(&mut bytes);
            }
        }
        let mut made: Vec<&str> = Vec::new();
        for subject in subjects {
            let is_there = ring
                .as_ref()
                .is_some_and(|ring| ring.of_subject(subject).is_some());
            if is_there || made.contains(subject) {
                continue;
            }
            let entry = new_entry(subject, &secret, &head.keyring, now_ms)?;
            entry.encode(&mut bytes);
            made.push(subject);
        }
        let counts = Counts {
            synced: from - ENTRIES_AT + bytes.len() as u64,
            ..head.counts
        };
        let Some(ring) = ring else {
            let mut head = head;
            head.counts = counts;
            let mut all = head.encode();
            all.extend_from_slice(&bytes);
            return self.replace(&all);
        };
        // What a crash has left of an entry.
        self.done(self.medium.cut(ring.end))?;
        self.done(self.medium.write(from, &bytes))?;
        self.done(self.medium.sync())?;
        self.tell(counts)
    }

    /// Puts other bytes in the place of all, or makes the keyring. A crash leaves it as it was, or as it is to be.
    fn replace(&self, bytes: &[u8]) -> Result<(), Error> {
        let replaced = self.medium.write_next(bytes);
        let replaced = replaced.and_then(|()| self.medium.use_next());
        let replaced = replaced.and_then(|()| self.medium.sync_name());
        if replaced.is_err() {
            // Whoever changes the keyring next does it, if this fails too.
            drop(self.medium.wipe_next());
        }
        self.done(replaced)
    }

    /// Destroys the keys whose states are there, or goes on with that.
    ///
    /// Each step is on disk before the next one begins. That a state is marked is written once more where it is marked
    /// already: what is read of it need not be on disk, and a key that is written over in part, and not marked, is damage.
    fn destroy(&self, states: &[u64], counts: Counts, now_ms: i64) -> Result<(), Error> {
        self.tell(Counts {
            // An odd number, which other processes do not rely on.
            forgotten: counts.forgotten | 1,
            ..counts
        })?;
        self.done(self.medium.sync())?;
        for at in states {
            self.done(self.medium.write(*at, &[FORGOTTEN]))?;
        }
        self.done(self.medium.sync())?;
        let mut state = Vec::new();
        State::Forgotten(now_ms).encode(&mut state);
        for at in states {
            self.done(self.medium.write(at + 1, &state[1..]))?;
        }
        self.done(self.medium.sync())?;
        self.tell(Counts {
            // To the next even number.
            forgotten: (counts.forgotten + 2) & !1,
            ..counts
        })?;
        self.done(self.medium.sync())
    }

    /// Writes the counts, by which other processes learn of a change.
    fn tell(&self, counts: Counts) -> Result<(), Error> {
        self.done(self.medium.write(COUNTS_AT, &counts.encode()))
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

/// A new key of a subject.
fn new_entry(
    subject: &str,
    secret: &Secret,
    keyring: &[u8; 16],
    now_ms: i64,
) -> Result<Entry, Error> {
    let mut entry = Entry {
        id: random()?,
        made_at_ms: now_ms,
        subject: subject.to_owned(),
        state: State::Forgetting,
    };
    let place = entry.place(keyring);
    entry.state = State::Wrapped(Wrapped::new(
        &Secret::random()?,
        (secret, random()?),
        &place,
    )?);
    Ok(entry)
}
