//! What this process has come to know of the commits of a log, whoever has made them.
//!
//! The database numbers the commits of each instance. Those who follow want one number for all of them, with which they
//! can ask whether something has happened since. That number is of this process alone: it grows with each change that
//! somebody here comes to know, be it the writer, a reader, or who looks for changes.

use std::collections::{BTreeSet, HashMap};

use parking_lot::Mutex;

use crate::hints::Hint;

/// What stands for the commits of an instance that is not there any more.
pub(crate) const DELETED: i64 = i64::MAX;

/// What is known of commits.
#[derive(Debug, Default)]
pub(crate) struct Observed(Mutex<Known>);

/// How many instances are remembered to be followed.
const FOLLOWED_MAX: usize = 256;

#[derive(Debug, Default)]
struct Known {
    /// How many changes have become known.
    number: u64,
    /// What is known of each instance; with `None`, of which instances there are.
    changed: HashMap<Option<u32>, Change>,
    /// The numbers under which it became known, by hints, that instances may have had more commits: how many is not known
    /// before somebody looks.
    hinted: HashMap<u32, u64>,
    /// The same of a hint that says nothing of instances.
    hinted_all: u64,
    /// The instances that somebody has followed not long ago.
    followed: BTreeSet<u32>,
    /// Up to which position the last snapshot of each of these has events.
    positions: HashMap<u32, u64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Change {
    /// How many commits the instance has had.
    commits: i64,
    /// The number under which that became known.
    number: u64,
}

impl Known {
    fn note(&mut self, instance: Option<u32>, commits: i64) {
        let change = self.changed.entry(instance).or_insert(Change {
            commits: -1,
            number: 0,
        });
        if change.commits < commits {
            self.number += 1;
            *change = Change {
                commits,
                number: self.number,
            };
        }
    }
}

impl Observed {
    /// The number of the last change that is known.
    pub(crate) fn number(&self) -> u64 {
        self.0.lock().number
    }

    /// Notes how many commits an instance has had, or which instances there are.
    pub(crate) fn note(&self, instance: Option<u32>, commits: i64) {
        self.0.lock().note(instance, commits);
    }

    /// Notes that there may be more commits, as a hint tells. Whoever looks from now on sees them.
    pub(crate) fn note_hint(&self, hint: &Hint) {
        let Known {
            number,
            followed,
            hinted,
            hinted_all,
            ..
        } = &mut *self.0.lock();
        *number += 1;
        match hint {
            Hint::OfAll => *hinted_all = *number,
            Hint::Of(instances) => {
                let followed = followed.intersection(instances);
                hinted.extend(followed.map(|instance| (*instance, *number)));
            }
        }
    }

    /// Notes that somebody follows an instance: each snapshot then says how it stands.
    pub(crate) fn follow(&self, instance: u32) {
        let Known {
            followed,
            hinted,
            positions,
            ..
        } = &mut *self.0.lock();
        if followed.len() >= FOLLOWED_MAX {
            followed.clear();
            hinted.clear();
            positions.clear();
        }
        followed.insert(instance);
    }

    /// Notes up to which position a snapshot has events of an instance that somebody follows.
    pub(crate) fn note_position(&self, instance: u32, position: u64) {
        self.0.lock().positions.insert(instance, position);
    }

    /// Up to which position the last snapshot had events of an instance that somebody follows, if there was one.
    pub(crate) fn position(&self, instance: u32) -> Option<u64> {
        self.0.lock().positions.get(&instance).copied()
    }

    /// The instances that somebody follows.
    pub(crate) fn followed(&self) -> Vec<i32> {
        let known = self.0.lock();
        known.followed.iter().map(|number| *number as i32).collect()
    }

    /// Notes what a snapshot sees that was begun when the last change had the number `before`. Returns the number of the
    /// last change before which there is none that it does not see.
    pub(crate) fn note_seen(&self, before: u64, seen: &[(Option<u32>, i64)]) -> u64 {
        let mut known = self.0.lock();
        for (instance, commits) in seen {
            known.note(*instance, *commits);
        }
        let sees = |instance: &Option<u32>, change: &Change| {
            change.number <= before || seen.contains(&(*instance, change.commits))
        };
        let unseen = known
            .changed
            .iter()
            .filter(|(instance, change)| !sees(instance, change));
        let is_all = unseen.count() == 0
            && known.hinted_all <= before
            && known.hinted.values().all(|hinted| *hinted <= before);
        if is_all { known.number } else { before }
    }

    /// Whether somebody has seen an instance, or which instances there are, after more commits than so many, by when the last
    /// change had the number `before`.
    pub(crate) fn was_ahead(&self, before: u64, instance: Option<u32>, commits: i64) -> bool {
        let known = self.0.lock();
        let change = known.changed.get(&instance);
        change.is_some_and(|change| change.number <= before && commits < change.commits)
    }

    /// The number under which the last change of an instance became known, or of which instances there are, or a hint of
    /// one; 0 if nothing is known of it.
    pub(crate) fn last_change(&self, instance: Option<u32>) -> u64 {
        let known = self.0.lock();
        let changed = known.changed.get(&instance);
        let changed = changed.map_or(0, |change| change.number);
        let hinted = instance.and_then(|instance| known.hinted.get(&instance));
        changed
            .max(hinted.copied().unwrap_or(0))
            .max(known.hinted_all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_has_seen_what_it_has_brought_and_nothing_that_others_have() {
        let observed = Observed::default();
        observed.note(Some(1), 5);
        observed.note(Some(1), 5);
        assert_eq!((observed.number(), observed.last_change(Some(1))), (1, 1));

        // It brings a change of its own.
        let seen = observed.note_seen(1, &[(Some(1), 6), (None, 1)]);
        assert_eq!((seen, observed.number()), (3, 3));

        // Others have brought another one meanwhile.
        observed.note(Some(1), 7);
        assert_eq!(observed.note_seen(3, &[(Some(1), 6), (None, 1)]), 3);
        observed.note(Some(2), 1);
        assert_eq!(observed.note_seen(4, &[(Some(1), 7), (None, 1)]), 4);
        assert_eq!(observed.note_seen(5, &[(Some(1), 7)]), 5);
    }

    #[test]
    fn who_has_looked_before_a_hint_has_not_seen_what_it_tells_of() {
        let observed = Observed::default();
        let hint = |number| Hint::Of([number].into());
        observed.follow(1);
        observed.note(Some(1), 5);
        let before = observed.number();
        observed.note_hint(&hint(2));
        // Nobody follows that one.
        assert_eq!(observed.last_change(Some(2)), 0);
        observed.note_hint(&hint(1));
        let seen = observed.note_seen(before, &[(Some(1), 5)]);
        assert!(observed.last_change(Some(1)) > seen);
        // It says nothing of how many commits there are.
        assert!(!observed.was_ahead(observed.number(), Some(1), 5));

        let before = observed.number();
        let seen = observed.note_seen(before, &[(Some(1), 6)]);
        assert!(observed.last_change(Some(1)) <= seen);
        observed.note_hint(&Hint::OfAll);
        assert!(observed.last_change(Some(1)) > seen);
        assert!(observed.last_change(None) > seen);
        let seen = observed.note_seen(observed.number(), &[(Some(1), 6)]);
        assert!(observed.last_change(Some(1)) <= seen);
    }

    #[test]
    fn what_was_seen_before_is_ahead_of_less() {
        let observed = Observed::default();
        observed.note(Some(1), 5);
        assert!(observed.was_ahead(1, Some(1), 4));
        assert!(!observed.was_ahead(1, Some(1), 5));
        assert!(!observed.was_ahead(1, Some(2), 0));
        // Somebody has seen more meanwhile, which says nothing of what was seen before.
        assert!(!observed.was_ahead(0, Some(1), 4));
        observed.note(Some(1), DELETED);
        assert!(observed.was_ahead(2, Some(1), 9));
    }

    #[test]
    fn what_was_deleted_stays_so() {
        let observed = Observed::default();
        observed.note(Some(1), DELETED);
        observed.note(Some(1), 9);
        assert_eq!((observed.number(), observed.last_change(Some(1))), (1, 1));
    }
}
