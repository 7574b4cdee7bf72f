//! Which records the groups of a block have, and what of them has something.

use super::Damaged;
use super::cell::Values;
use super::outline::Slot;
use super::ranks::{Ranks, with_bits};
use super::shredder::KEPT;
use super::template::TableShape;

/// Which records have something.
#[derive(Debug)]
pub(super) enum Presence {
    None,
    All(usize),
    Some(Ranks),
}

impl Presence {
    /// How many records have it.
    pub(super) const fn count(&self) -> usize {
        match self {
            Self::None => 0,
            Self::All(count) => *count,
            Self::Some(ranks) => ranks.ones(),
        }
    }

    /// How many records before `index` have it; `None` where that one has not.
    #[inline]
    pub(super) fn rank(&self, index: usize) -> Option<usize> {
        match self {
            Self::None => None,
            Self::All(_) => Some(index),
            Self::Some(ranks) => ranks.rank(index),
        }
    }

    /// Which of so many rows are the first events of calls with keys, by what their column has.
    pub(super) fn of_calls(calls: Values<'_>, rows: usize) -> Result<Self, Damaged> {
        Ok(match calls.only() {
            Some(0) => Self::None,
            Some(_) => Self::All(rows),
            None => {
                let flags = calls.integers().ok_or(Damaged("calls"))?;
                Self::of_flags(flags, rows)
            }
        })
    }

    /// What records have for which `integers` has 1.
    pub(super) fn of_flags(integers: impl Iterator<Item = i64>, count: usize) -> Self {
        Self::Some(with_bits(count, |words| {
            for (at, integer) in integers.take(count).enumerate() {
                words[at / 64] |= u64::from(integer == 1) << (at % 64);
            }
            Ranks::new(words)
        }))
    }

    /// How much memory it takes beside its own place.
    pub(super) fn memory_bytes(&self) -> usize {
        match self {
            Self::Some(ranks) => ranks.memory_bytes(),
            _ => 0,
        }
    }
}

/// Which records of a table a group has, and of which shapes they are.
#[derive(Debug)]
pub(super) struct Roster {
    pub(super) records: usize,
    /// The shape of each.
    pub(super) shapes: Shapes,
    /// Which records have which of the table's slots. Records of one shape all have the same.
    slots: Box<[Presence]>,
    /// Which records are kept as texts.
    pub(super) kept: Presence,
}

/// Of which shapes records are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shapes {
    /// All of one.
    One(usize),
    /// That is in the column of shapes.
    Many,
}

impl Roster {
    /// What a group has of a table, by the shapes of its records; `None` where these are none of the table's.
    pub(super) fn of(table: &TableShape, records: usize, shapes: Values<'_>) -> Option<Self> {
        match shapes.only() {
            // There may be none of any shape.
            Some(shape) => Self::of_one(table, records, usize::try_from(shape).ok()?),
            None => Self::of_many(table, records, shapes),
        }
    }

    /// The shape that all records have, if they have one.
    pub(super) const fn only_shape(&self) -> Option<usize> {
        match self.shapes {
            Shapes::One(shape) => Some(shape),
            Shapes::Many => None,
        }
    }

    /// What a group has of a table whose records all are of one shape.
    fn of_one(table: &TableShape, records: usize, shape: usize) -> Option<Self> {
        table.shapes.get(shape)?;
        Some(Self {
            records,
            shapes: Shapes::One(shape),
            slots: Box::default(),
            kept: if shape == KEPT as usize {
                Presence::All(records)
            } else {
                Presence::None
            },
        })
    }

    /// What a group has of a table whose records are of these shapes.
    fn of_many(table: &TableShape, records: usize, shapes: Values<'_>) -> Option<Self> {
        // Of each shape and of each slot, one after the other, the bits of the records that have it.
        let words = records.div_ceil(64);
        let mut by_shape = vec![0_u64; words * table.shapes.len()];
        for (at, shape) in shapes.integers()?.take(records).enumerate() {
            let shape = usize::try_from(shape).ok();
            let shape = shape.filter(|shape| *shape < table.shapes.len())?;
            by_shape[shape * words + at / 64] |= 1 << (at % 64);
        }
        let mut by_slot = vec![0_u64; words * table.slots.len()];
        let met = table.shapes.iter().zip(by_shape.chunks(words.max(1)));
        for (template, bits) in met.filter(|(_, bits)| bits.iter().any(|bits| *bits != 0)) {
            for part in &template.parts {
                let all = by_slot.get_mut(part.place * words..)?.get_mut(..words)?;
                for (all, bits) in all.iter_mut().zip(bits) {
                    *all |= bits;
                }
            }
        }
        let presence = |bits: &[u64]| match Ranks::new(bits) {
            ranks if ranks.ones() == 0 => Presence::None,
            ranks if ranks.ones() == records => Presence::All(records),
            ranks => Presence::Some(ranks),
        };
        let slot = |slot: usize| presence(&by_slot[slot * words..(slot + 1) * words]);
        let kept = by_shape.get(..words).unwrap_or_default();
        Some(Self {
            records,
            shapes: Shapes::Many,
            slots: (0..table.slots.len()).map(slot).collect(),
            kept: presence(kept),
        })
    }

    /// The how manieth a record is of those that have one of the table's slots; `None` where it has not. Of records of
    /// one shape, it is one that the shape has.
    #[inline]
    pub(super) fn rank(&self, place: usize, index: usize) -> Option<usize> {
        match self.shapes {
            Shapes::One(_) => (index < self.records).then_some(index),
            Shapes::Many => self.slots.get(place)?.rank(index),
        }
    }

    /// How many records have one of the table's slots. Of records of one shape, it is one that the shape has.
    #[inline]
    pub(super) fn count_of(&self, place: usize) -> usize {
        match self.shapes {
            Shapes::One(_) => self.records,
            Shapes::Many => self.slots.get(place).map_or(0, Presence::count),
        }
    }

    /// Whether all records have one of the table's slots. Of records of one shape, it is one that the shape has.
    pub(super) fn has_all(&self, place: usize) -> bool {
        match self.shapes {
            Shapes::One(_) => true,
            Shapes::Many => matches!(self.slots.get(place), Some(Presence::All(_))),
        }
    }

    /// Calls `each` with the table's slots that records have, and how many do.
    pub(super) fn count(&self, table: &TableShape, mut each: impl FnMut(Slot, usize)) {
        match self.shapes {
            Shapes::One(shape) => {
                let parts = table.shapes[shape].parts.iter();
                parts.for_each(|part| each(part.slot, self.records));
            }
            Shapes::Many => {
                let slots = table.slots.iter().zip(&self.slots);
                slots.for_each(|(slot, records)| each(*slot, records.count()));
            }
        }
    }

    /// How much memory it takes beside its own place.
    pub(super) fn memory_bytes(&self) -> usize {
        let slots = self.slots.iter().map(Presence::memory_bytes);
        size_of_val(&*self.slots) + self.kept.memory_bytes() + slots.sum::<usize>()
    }
}
