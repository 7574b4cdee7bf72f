//! Groups that are known already, so that several threads look up those of a chunk.

use hashbrown::HashMap;
use parking_lot::RwLock;

use crate::hashing::TextHash;

/// The place of each group, by the canonical text of its values.
pub(in crate::query) type GroupPlaces = HashMap<Box<str>, u32, TextHash>;

/// Groups of a query that is under way, as far as whoever makes them has lent them. Places never change.
#[derive(Debug, Default)]
pub struct KnownGroups(RwLock<GroupPlaces>);

impl KnownGroups {
    /// Lends the groups that there are. What was lent before must have been taken back.
    pub(in crate::query) fn lend(&self, places: GroupPlaces) {
        *self.0.write() = places;
    }

    /// Takes back what was lent. Until it is lent again, no group is known.
    pub(in crate::query) fn take_back(&self) -> GroupPlaces {
        std::mem::take(&mut self.0.write())
    }

    /// The places of the groups that have these texts, as far as they are known.
    pub(super) fn places_of<'t>(
        &self,
        texts: impl Iterator<Item = Option<&'t str>>,
    ) -> Vec<Option<u32>> {
        let known = self.0.read();
        if known.is_empty() {
            return Vec::new();
        }
        texts.map(|text| known.get(text?).copied()).collect()
    }
}
