//! A group of rows, of which each part is read when it is first needed.

use std::sync::{Arc, OnceLock};

use super::cell::Cell;
use super::form::Form;
use super::outline::Slot;
use super::pieces::ColumnParts;
use super::ranks::Ranks;
use super::template::TableShape;

/// What has been read of a group.
#[derive(Debug)]
pub(super) struct Group {
    /// The bytes of the cells.
    pub(super) parts: OnceLock<ColumnParts>,
    /// By column.
    pub(super) cells: Box<[OnceLock<Arc<Cell>>]>,
    /// By table.
    pub(super) rosters: Box<[OnceLock<Roster>]>,
    /// What each row has beside its texts.
    pub(super) own: OnceLock<Box<OwnParts>>,
}

/// What each row has beside its texts.
#[derive(Debug)]
pub(super) struct OwnParts {
    pub(super) ids: Arc<Cell>,
    pub(super) times: Arc<Cell>,
    pub(super) sequences: Arc<Cell>,
    pub(super) backs: Arc<Cell>,
    pub(super) streams: Values,
    pub(super) types: Values,
    /// Which rows are the first events of calls with keys.
    pub(super) calls: Presence,
}

/// The values that a column has in a group, and how they are written.
#[derive(Clone, Debug)]
pub(super) struct Values {
    pub(super) cell: Arc<Cell>,
    pub(super) form: Arc<Form>,
}

impl Values {
    /// Appends the text of the value with the number `index`; `None` where there is none.
    #[inline]
    pub(super) fn write(&self, index: usize, out: &mut Vec<u8>) -> Option<()> {
        self.cell.write_text(&self.form, index, out)
    }
}

impl Group {
    pub(super) fn new(columns: usize, tables: usize) -> Self {
        Self {
            parts: OnceLock::new(),
            cells: std::iter::repeat_with(OnceLock::new)
                .take(columns)
                .collect(),
            rosters: std::iter::repeat_with(OnceLock::new).take(tables).collect(),
            own: OnceLock::new(),
        }
    }

    /// How much memory it takes while nothing has been read of it.
    pub(super) fn memory_bytes(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.cells) + size_of_val(&*self.rosters)
    }
}

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

    /// What records have for which `integers` has 1.
    pub(super) fn of_flags(integers: impl Iterator<Item = i64>, count: usize) -> Self {
        let mut words = vec![0; count.div_ceil(64)];
        for (at, integer) in integers.take(count).enumerate() {
            words[at / 64] |= u64::from(integer == 1) << (at % 64);
        }
        Self::Some(Ranks::new(words))
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
    shapes: Shapes,
    /// Of each of the table's slots.
    slots: Box<[Presence]>,
    /// Which records are kept as texts.
    pub(super) kept: Presence,
    /// By shape.
    pub(super) values: Box<[OnceLock<ShapeValues>]>,
}

/// The values of each part of a shape, but of arrays.
pub(super) type ShapeValues = Box<[Option<Values>]>;

/// Of which shapes records are.
#[derive(Debug)]
enum Shapes {
    /// All of one.
    One(usize),
    Many(Arc<Cell>),
}

impl Roster {
    /// What a group has of a table whose records all are of one shape.
    pub(super) fn of_one(table: &TableShape, records: usize, shape: usize) -> Option<Self> {
        let template = table.shapes.get(shape)?;
        let presence = |is_there| {
            if is_there {
                Presence::All(records)
            } else {
                Presence::None
            }
        };
        let has = |slot: &Slot| template.parts.iter().any(|part| part.slot == *slot);
        Some(Self {
            records,
            shapes: Shapes::One(shape),
            values: unknown(table),
            slots: table.slots.iter().map(|slot| presence(has(slot))).collect(),
            kept: presence(shape == 0),
        })
    }

    /// What a group has of a table whose records are of these shapes.
    pub(super) fn of_many(table: &TableShape, records: usize, cell: &Arc<Cell>) -> Option<Self> {
        let words = records.div_ceil(64);
        let mut by_shape: Vec<Vec<u64>> = vec![Vec::new(); table.shapes.len()];
        for (at, shape) in cell.integers()?.enumerate() {
            let bits = by_shape.get_mut(usize::try_from(shape).ok()?)?;
            bits.resize(words, 0);
            *bits.get_mut(at / 64)? |= 1 << (at % 64);
        }
        let mut by_slot: Vec<Vec<u64>> = vec![Vec::new(); table.slots.len()];
        let met = table.shapes.iter().zip(&by_shape);
        for (template, bits) in met.filter(|(_, bits)| !bits.is_empty()) {
            for part in &template.parts {
                let all = by_slot.get_mut(part.place)?;
                all.resize(words, 0);
                for (all, bits) in all.iter_mut().zip(bits) {
                    *all |= bits;
                }
            }
        }
        let presence = |bits: Vec<u64>| match Ranks::new(bits) {
            ranks if ranks.ones() == 0 => Presence::None,
            ranks if ranks.ones() == records => Presence::All(records),
            ranks => Presence::Some(ranks),
        };
        let kept = by_shape.first_mut().map(std::mem::take).unwrap_or_default();
        Some(Self {
            records,
            shapes: Shapes::Many(Arc::clone(cell)),
            values: unknown(table),
            slots: by_slot.into_iter().map(&presence).collect(),
            kept: presence(kept),
        })
    }

    /// The shape of a record.
    #[inline]
    pub(super) fn shape(&self, index: usize) -> Option<usize> {
        match &self.shapes {
            Shapes::One(shape) => Some(*shape),
            Shapes::Many(cell) => usize::try_from(cell.integer(index)?).ok(),
        }
    }

    /// Which records have that one of the table's slots.
    #[inline]
    pub(super) fn presence(&self, place: usize) -> Option<&Presence> {
        self.slots.get(place)
    }

    /// How much memory it takes beside its own place.
    pub(super) fn memory_bytes(&self) -> usize {
        let slots = self.slots.iter().map(Presence::memory_bytes);
        size_of_val(&*self.slots)
            + size_of_val(&*self.values)
            + self.kept.memory_bytes()
            + slots.sum::<usize>()
    }
}

/// Nothing that is known of any shape.
fn unknown(table: &TableShape) -> Box<[OnceLock<ShapeValues>]> {
    let shapes = table.shapes.len();
    std::iter::repeat_with(OnceLock::new).take(shapes).collect()
}
