//! Changing what a keyring has, so that a crash at any moment leaves a keyring, and other processes notice.

use super::layout::{COUNTS_AT, Counts, ENTRIES_AT, Entry, FORGOTTEN, Head, State, Wrapped};
use super::medium::Locked;
use super::ring::Ring;
use super::{Keyring, Known};
use crate::encryption::secret::{Secret, random};
use crate::error::Error;
use crate::timestamp;

impl Keyring {
    /// Keeps others from changing the keyring, learns of what they have changed, and finishes what a crash has left.
    pub(super) fn lock(&self, known: &mut Known) -> Result<Box<dyn Locked>, Error> {
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
    pub(super) fn make(
        &self,
        known: &mut Known,
        subjects: &[&str],
        now_ms: i64,
    ) -> Result<(), Error> {
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
    pub(super) fn replace(&self, bytes: &[u8]) -> Result<(), Error> {
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
    pub(super) fn destroy(&self, states: &[u64], counts: Counts, now_ms: i64) -> Result<(), Error> {
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
            // To the next even number; nothing says that the one before was not altered.
            forgotten: counts.forgotten.wrapping_add(2) & !1,
            ..counts
        })?;
        self.done(self.medium.sync())
    }

    /// Writes the counts, by which other processes learn of a change.
    fn tell(&self, counts: Counts) -> Result<(), Error> {
        self.done(self.medium.write(COUNTS_AT, &counts.encode()))
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
