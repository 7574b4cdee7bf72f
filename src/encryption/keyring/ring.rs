//! What a keyring has, as it was read.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::layout::{ENTRIES_AT, Entry, Head, KeyId, State};
use crate::encryption::secret::Secret;
use crate::hashing::TextMap;

/// The keys of a keyring.
pub(super) struct Ring {
    pub(super) head: Head,
    keys: FxHashMap<KeyId, Kept>,
    /// The key that each subject has.
    of_subjects: TextMap<String, KeyId>,
    /// When the last key of each subject was destroyed that has none.
    forgotten: TextMap<String, i64>,
    /// Where the next entry goes.
    pub(super) end: u64,
}

/// A key, and where it is kept.
pub(super) struct Kept {
    pub(super) at: u64,
    pub(super) entry: Entry,
    pub(super) subject: Arc<str>,
    /// The key itself, once it was asked for.
    pub(super) secret: Option<Secret>,
}

impl Ring {
    pub(super) fn new(head: Head) -> Self {
        Self {
            head,
            keys: FxHashMap::default(),
            of_subjects: TextMap::default(),
            forgotten: TextMap::default(),
            end: ENTRIES_AT,
        }
    }

    /// Adds the entries that bytes begin with, which are those of the file from `end` on. What is not whole at their end was
    /// not finished.
    pub(super) fn add(&mut self, mut bytes: &[u8]) {
        while let Some(entry) = Entry::decode(bytes) {
            bytes = bytes.get(entry.bytes() as usize..).unwrap_or_default();
            self.push(entry);
        }
    }

    /// Adds an entry that was written at the end.
    pub(super) fn push(&mut self, entry: Entry) {
        let at = self.end;
        self.end += entry.bytes();
        match &entry.state {
            State::Wrapped(_) => {
                self.forgotten.remove(&entry.subject);
                self.of_subjects.insert(entry.subject.clone(), entry.id);
            }
            State::Forgotten(at_ms) => self.note_forgotten(&entry.subject, *at_ms),
            State::Forgetting => self.note_forgotten(&entry.subject, entry.made_at_ms),
        }
        let kept = Kept {
            at,
            subject: entry.subject.as_str().into(),
            entry,
            secret: None,
        };
        self.keys.insert(kept.entry.id, kept);
    }

    fn note_forgotten(&mut self, subject: &str, at_ms: i64) {
        let at_ms = self
            .forgotten
            .get(subject)
            .map_or(at_ms, |other| at_ms.max(*other));
        self.forgotten.insert(subject.to_owned(), at_ms);
    }

    pub(super) fn get_mut(&mut self, id: &KeyId) -> Option<&mut Kept> {
        self.keys.get_mut(id)
    }

    /// The id of the key that a subject has.
    pub(super) fn of_subject(&self, subject: &str) -> Option<KeyId> {
        self.of_subjects.get(subject).copied()
    }

    /// When the last key of a subject was destroyed; `None` if there was none, or it has one.
    pub(super) fn forgotten_at(&self, subject: &str) -> Option<i64> {
        if self.of_subjects.contains_key(subject) {
            return None;
        }
        self.forgotten.get(subject).copied()
    }

    /// The entries, in the order of the file.
    pub(super) fn entries(&self) -> Vec<(u64, &Entry)> {
        let mut entries: Vec<_> = self
            .keys
            .values()
            .map(|kept| (kept.at, &kept.entry))
            .collect();
        entries.sort_unstable_by_key(|(at, _)| *at);
        entries
    }

    /// Where the states are of those keys that are about to be destroyed.
    pub(super) fn forgetting(&self) -> Vec<u64> {
        self.states_of(|entry| entry.state == State::Forgetting)
    }

    /// Where the states are of the keys that a subject has.
    pub(super) fn keys_of(&self, subject: &str) -> Vec<u64> {
        self.states_of(|entry| entry.subject == subject && matches!(entry.state, State::Wrapped(_)))
    }

    fn states_of(&self, is: impl Fn(&Entry) -> bool) -> Vec<u64> {
        let kept = self.keys.values().filter(|kept| is(&kept.entry));
        kept.map(|kept| kept.at + kept.entry.state_at()).collect()
    }

    /// Where the entries end that are known to be on disk. The count may be within one, if it was written in part.
    pub(super) fn synced_end(&self) -> u64 {
        let ends = self.keys.values().map(|kept| kept.at + kept.entry.bytes());
        let synced = ENTRIES_AT + self.head.counts.synced;
        ends.filter(|end| *end <= synced)
            .max()
            .unwrap_or(ENTRIES_AT)
    }

    /// The id of the key that a subject has, if the key is known to be on disk.
    pub(super) fn synced_of(&self, subject: &str) -> Option<KeyId> {
        let id = self.of_subject(subject)?;
        let kept = self.keys.get(&id)?;
        let end = kept.at + kept.entry.bytes();
        (end <= ENTRIES_AT + self.head.counts.synced).then_some(id)
    }
}
