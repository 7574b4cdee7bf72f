//! Maps whose keys are texts that callers choose. Their hashes begin with a random number, so that nobody can
//! choose texts that all have the same one. Maps by numbers of the log's own have `FxHashMap`.

use std::collections::{HashMap, HashSet};

/// How texts of callers are hashed: anew in each process, and in each map.
pub(crate) type TextHash = foldhash::quality::RandomState;

/// A map by texts of callers, or by what contains them.
pub(crate) type TextMap<K, V> = HashMap<K, V, TextHash>;

/// A set of texts of callers, or of what contains them.
pub(crate) type TextSet<K> = HashSet<K, TextHash>;

#[cfg(test)]
mod tests {
    use std::hash::BuildHasher;

    use super::*;

    #[test]
    fn each_map_has_a_hash_of_its_own() {
        let hash = |state: TextHash| state.hash_one("the same text");
        assert_ne!(hash(TextHash::default()), hash(TextHash::default()));
        let state = TextHash::default();
        assert_eq!(hash(state.clone()), hash(state));
    }
}
