//! Entries: a hash, and where it may be.

use super::{BLOCK_ROWS, LISTS_MERGED};

/// How many blocks a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(u8);

/// Where something may be, in the blocks of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In an event of a block.
    Row {
        /// The number of the block, from the first one of the list.
        block: u32,
        /// The number of the event in the block.
        row: u32,
    },
    /// In any event of a block.
    Block(u32),
    /// In any event of all blocks.
    Every,
}

/// A hash, and the number of a place at the level of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    pub(super) hash: u32,
    pub(super) place: u32,
}

impl Entry {
    /// The hash.
    #[must_use]
    pub const fn hash(self) -> u32 {
        self.hash
    }
}

/// How many entries are sorted by their digits. Fewer are sorted sooner by comparing them.
const DIGITS_MIN: usize = 256;

/// How many bits of a hash are a digit: a hash has two of them.
const DIGIT_BITS: u32 = 12;

/// Sorts entries. Most often their places ascend where their hashes are the same, and then it takes less time than to
/// compare each with others.
pub(super) fn sort(entries: &mut [Entry]) {
    if entries.len() < DIGITS_MIN {
        return entries.sort_unstable();
    }
    let mut other = entries.to_vec();
    by_digit(entries, &mut other, 0);
    by_digit(&other, entries, 1);
    for alike in entries.chunk_by_mut(|one, other| one.hash == other.hash) {
        if !alike.is_sorted() {
            alike.sort_unstable();
        }
    }
}

/// Puts entries in the order of a digit of their hashes; those that have the same stay in their order.
fn by_digit(from: &[Entry], to: &mut [Entry], digit: u32) {
    const DIGITS: usize = 1 << DIGIT_BITS;

    let digit_of = |entry: &Entry| (entry.hash >> (digit * DIGIT_BITS)) as usize % DIGITS;
    let mut places = [0_u32; DIGITS];
    for entry in from {
        places[digit_of(entry)] += 1;
    }
    let mut before = 0;
    for place in &mut places {
        before += std::mem::replace(place, before);
    }
    for entry in from {
        let place = &mut places[digit_of(entry)];
        to[*place as usize] = *entry;
        *place += 1;
    }
}

impl Level {
    /// One block.
    pub const BLOCK: Self = Self(0);

    /// As many blocks as a list can be of.
    pub const LAST: Self = Self(2);

    /// The levels, from the last one.
    pub const DOWN: [Self; 3] = [Self(2), Self(1), Self(0)];

    /// How many blocks a list of this level is of.
    #[must_use]
    pub const fn blocks(self) -> u64 {
        LISTS_MERGED.pow(self.0 as u32)
    }

    /// The level of lists that are made of those of this one.
    #[must_use]
    pub const fn above(self) -> Option<Self> {
        if self.0 < Self::LAST.0 {
            Some(Self(self.0 + 1))
        } else {
            None
        }
    }

    /// The number of the level, from 0.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    const fn rows(self) -> u32 {
        self.blocks() as u32 * BLOCK_ROWS
    }

    /// How many bits the number of a place has.
    pub(super) const fn place_bits(self) -> u8 {
        (u32::BITS - self.place(Place::Every).leading_zeros()) as u8
    }

    /// The number of a place.
    pub(super) const fn place(self, place: Place) -> u32 {
        match place {
            Place::Row { block, row } => block * BLOCK_ROWS + row,
            Place::Block(block) => self.rows() + block,
            Place::Every => self.rows() + self.blocks() as u32,
        }
    }

    /// The place with that number, if there is one.
    pub(super) const fn place_of(self, number: u32) -> Option<Place> {
        let Some(block) = number.checked_sub(self.rows()) else {
            return Some(Place::Row {
                block: number / BLOCK_ROWS,
                row: number % BLOCK_ROWS,
            });
        };
        if block < self.blocks() as u32 {
            Some(Place::Block(block))
        } else if block == self.blocks() as u32 {
            Some(Place::Every)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn entries_are_sorted_however_many_there_are(
            given in prop::collection::vec((any::<u32>(), 0..4_u32), 0..3 * DIGITS_MIN),
            bits in 0..=24_u32,
        ) {
            let entry = |(hash, place): &(u32, u32)| Entry { hash: hash % (1 << bits), place: *place };
            let mut entries: Vec<Entry> = given.iter().map(entry).collect();
            let mut expected = entries.clone();
            expected.sort();
            sort(&mut entries);
            prop_assert_eq!(entries, expected);
        }
    }

    #[test]
    fn each_place_has_a_number_of_its_own() {
        for (level, bits) in Level::DOWN.into_iter().zip([21, 17, 13]) {
            assert_eq!(level.place_bits(), bits);
            let last = level.blocks() as u32 - 1;
            let places = [
                Place::Row { block: 0, row: 0 },
                Place::Row {
                    block: last,
                    row: 4_095,
                },
                Place::Block(0),
                Place::Block(last),
                Place::Every,
            ];
            for place in places {
                assert_eq!(level.place_of(level.place(place)), Some(place));
            }
            assert_eq!(level.place_of(level.place(Place::Every) + 1), None);
        }
    }
}
