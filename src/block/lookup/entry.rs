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
    use super::*;

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
