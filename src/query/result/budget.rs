//! The bytes that a running query may still hold.

use std::hash::{BuildHasher, Hash};

use hashbrown::HashMap;

use crate::error::{Code, Error};
use crate::query::grammar::fold::Fold;
use crate::query::grammar::reduction::Reduction;
use crate::query::value::canonical;
use crate::query::value::found::Found;

/// A text that is lent keeps no more room than this, in bytes.
const LENT_BYTES_MAX: usize = 1 << 16;

/// What is left of the bytes that a query may hold at once. What is counted is what is allocated, with the room that lists
/// and maps have to spare.
#[derive(Debug)]
pub(in crate::query) struct Budget {
    bytes_max: usize,
    left: usize,
    /// What to do about a reduction that holds too much; `None` for a list of events or values.
    advice: Option<Box<str>>,
    /// What is lent to those who write a text on the way.
    text: String,
}

impl Budget {
    /// That of a list of events or values.
    pub(in crate::query) const fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            left: bytes_max,
            advice: None,
            text: String::new(),
        }
    }

    /// That of a reduction. `advice` says what to do if it holds too much.
    pub(in crate::query) fn of_reduction(bytes_max: usize, advice: Box<str>) -> Self {
        Self {
            advice: Some(advice),
            ..Self::new(bytes_max)
        }
    }

    /// Counts `bytes` more.
    pub(in crate::query) fn take(&mut self, bytes: usize) -> Result<(), Error> {
        match self.left.checked_sub(bytes) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(self.exceeded()),
        }
    }

    /// Counts `bytes` less, which were counted before.
    pub(in crate::query) const fn give(&mut self, bytes: usize) {
        self.left += bytes;
    }

    fn exceeded(&self) -> Error {
        let Some(advice) = &self.advice else {
            return too_large(self.bytes_max);
        };
        let text = format!(
            "reduce: expected to hold at most {} bytes at once, found more; {advice}",
            self.bytes_max
        );
        Error::new(Code::LimitExceeded, text)
    }

    /// Makes room for an item at the end of a list.
    pub(in crate::query) fn room_in<T>(&mut self, list: &mut Vec<T>) -> Result<(), Error> {
        let spare = list.capacity() - list.len();
        let more = self.room(spare, list.capacity(), 1, size_of::<T>())?;
        list.reserve_exact(more);
        Ok(())
    }

    /// Appends to a text.
    pub(in crate::query) fn append(&mut self, text: &mut String, part: &str) -> Result<(), Error> {
        let spare = text.capacity() - text.len();
        let more = self.room(spare, text.capacity(), part.len(), 1)?;
        text.reserve_exact(more);
        text.push_str(part);
        Ok(())
    }

    /// Counts what a list has to grow by, of items of `size` bytes, to have room for `wanted` of them, and how many that
    /// makes beside the items it has: it doubles while there is much left, and grows by less when there is little.
    pub(in crate::query) fn room(
        &mut self,
        spare: usize,
        capacity: usize,
        wanted: usize,
        size: usize,
    ) -> Result<usize, Error> {
        if wanted <= spare {
            return Ok(0);
        }
        let least = wanted - spare;
        let affordable = self.left / size.max(1) / 2;
        let growth = capacity.max(4).min(affordable).max(least);
        self.take(growth.saturating_mul(size))?;
        Ok(spare + growth)
    }

    /// Makes room for one more in a map. While it grows, the old table is there beside the new one.
    pub(in crate::query) fn room_in_map<K: Eq + Hash, V, S: BuildHasher>(
        &mut self,
        map: &mut HashMap<K, V, S>,
    ) -> Result<(), Error> {
        if map.len() < map.capacity() {
            return Ok(());
        }
        let before = map.allocation_size();
        let foreseen = (2 * before).max(4 * size_of::<(K, V)>() + TABLE_BYTES);
        self.take(foreseen)?;
        map.reserve(1);
        self.give(foreseen + before);
        self.take(map.allocation_size())
    }

    /// Lends the canonical text of a value. It counts until `then` is done, with what it takes to write it.
    pub(in crate::query) fn with_canonical<T>(
        &mut self,
        found: Found<'_>,
        then: impl FnOnce(&str, &mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let held = canonical::working_bytes(found);
        self.take(held)?;
        let done = self.with_text(|text, budget| {
            canonical::write(found, text);
            then(text, budget)
        });
        self.give(held);
        done
    }

    /// Lends an empty text, which others have used before.
    pub(in crate::query) fn with_text<T>(
        &mut self,
        then: impl FnOnce(&mut String, &mut Self) -> T,
    ) -> T {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        let done = then(&mut text, self);
        if text.capacity() <= LENT_BYTES_MAX {
            self.text = text;
        }
        done
    }
}

impl Reduction {
    /// What the reduction may hold.
    pub(in crate::query) fn budget(&self, bytes_max: usize, has_groups: bool) -> Budget {
        let mut advice = String::from("narrow the events with where");
        if has_groups {
            advice.push_str(", or group by a field with fewer values");
        }
        let folds = self.aggregates.iter().map(|named| named.fold);
        let keeps = |fold| match fold {
            Fold::Collect => Some("collect, which holds each value"),
            Fold::CountDistinct => Some("countDistinct, which holds each different value"),
            Fold::TopK(_) => Some("topK, which holds each different value"),
            _ => None,
        };
        let mut keepers: Vec<&str> = folds.filter_map(keeps).collect();
        keepers.sort_unstable();
        keepers.dedup();
        for keeper in keepers {
            advice.push_str(", or ask for less of ");
            advice.push_str(keeper);
        }
        Budget::of_reduction(bytes_max, advice.into())
    }
}

/// What the smallest table of a map takes beside its items, in bytes.
const TABLE_BYTES: usize = 48;

/// What so many bytes take when they are allocated on their own.
pub(in crate::query) const fn allocated(bytes: usize) -> usize {
    if bytes == 0 {
        return 0;
    }
    // Allocators write down a size beside it, and hand out multiples of 16 bytes.
    let whole = (bytes + size_of::<usize>()).next_multiple_of(16);
    if whole < 32 { 32 } else { whole }
}

/// The error of a result that is over `bytes_max`.
#[must_use]
pub fn too_large(bytes_max: usize) -> Error {
    let text = format!(
        "result: expected at most {bytes_max} bytes of JSON text, found more; ask for less with \
         limit and offset, select or where"
    );
    Error::new(Code::LimitExceeded, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hashing::TextHash;

    #[test]
    fn the_last_byte_can_be_taken_and_no_more() {
        let mut budget = Budget::new(10);
        assert_eq!(budget.take(7), Ok(()));
        assert_eq!(budget.take(3), Ok(()));
        let error = budget.take(1).unwrap_err();
        assert_eq!(error.code(), Code::LimitExceeded);
        assert!(
            error
                .text()
                .starts_with("result: expected at most 10 bytes")
        );
        budget.give(2);
        assert_eq!(budget.take(2), Ok(()));
        assert_eq!(budget.take(0), Ok(()));
    }

    #[test]
    fn a_reduction_says_what_to_do() {
        let mut budget = Budget::of_reduction(10, "do less".into());
        assert_eq!(
            budget.take(11).unwrap_err().text(),
            "reduce: expected to hold at most 10 bytes at once, found more; do less"
        );
    }

    #[test]
    fn a_list_and_a_text_can_use_all_that_there_is() {
        let mut budget = Budget::new(800);
        let mut list: Vec<u64> = Vec::new();
        while budget.room_in(&mut list).is_ok() {
            assert!(list.capacity() > list.len());
            list.push(0);
            assert_eq!(budget.left + list.capacity() * 8, 800);
        }
        assert_eq!(list.len(), 100);
        let mut budget = Budget::new(1000);
        let mut text = String::new();
        while budget.append(&mut text, "abc").is_ok() {
            assert_eq!(budget.left + text.capacity(), 1000);
        }
        assert_eq!(text.len(), 999);
    }

    #[test]
    fn a_map_counts_both_tables_while_it_grows() {
        let mut budget = Budget::new(10_000);
        let mut map: HashMap<u64, u64, TextHash> = HashMap::default();
        for key in 0.. {
            let was_full = map.len() == map.capacity();
            let before = map.allocation_size();
            if budget.room_in_map(&mut map).is_err() {
                assert!(was_full && before + 2 * before > 10_000);
                break;
            }
            map.insert(key, 0);
            assert_eq!(budget.left + map.allocation_size(), 10_000);
        }
        assert!(map.len() > 100);
    }

    #[test]
    fn a_lent_text_is_empty_and_one_at_a_time() {
        let mut budget = Budget::new(10);
        budget.with_text(|text, _| text.push_str("left over"));
        budget.with_text(|text, budget| {
            assert_eq!(text, "");
            assert!(text.capacity() > 0);
            budget.with_text(|other, _| assert_eq!(other.capacity(), 0));
            text.push_str(&"x".repeat(LENT_BYTES_MAX + 1));
        });
        budget.with_text(|text, _| assert_eq!(text.capacity(), 0));
    }
}
