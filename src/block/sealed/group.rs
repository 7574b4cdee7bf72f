//! A group of rows, which is read and checked as a whole.

use std::sync::Arc;

use super::cell::{Cell, Values};
use super::column::{Columns, Own};
use super::directory::Forms;
use super::outline::Slot;
use super::pieces::ColumnParts;
use super::ranks::{Ranks, with_bits};
use super::shredder::{KEPT, METADATAS};
use super::template::TableShape;
use super::{Damaged, Directory, EVENT_VALUES_MAX, GROUP_ROWS};

/// More elements than the rows of a group can have.
const ELEMENTS_MAX: usize = GROUP_ROWS * (EVENT_VALUES_MAX + 1);

/// What is wanted of a group.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted<'a> {
    All,
    /// The shapes of all records, and the values of these columns of values. The others are as if they had no cell.
    Leaves(&'a [u32]),
}

/// A group of rows: the bytes of its cells, and where everything is in them.
pub struct Group {
    piece: Arc<[u8]>,
    columns: Columns,
    /// By column.
    cells: Box<[Cell]>,
    /// By table.
    rosters: Box<[Roster]>,
    /// Which rows are the first events of calls with keys.
    pub(super) calls: Presence,
    memory_bytes: usize,
}

impl std::fmt::Debug for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Group({} bytes)", self.memory_bytes)
    }
}

impl Group {
    /// Reads a group of a block, whose piece is whole.
    pub(super) fn read(
        directory: &Directory,
        forms: &Forms,
        number: usize,
        piece: Arc<[u8]>,
        wanted: Wanted<'_>,
    ) -> Result<Self, Damaged> {
        let mut reading = GroupReading::new(directory, forms, &piece)?;
        let calls = match wanted {
            Wanted::All => reading.own(number)?,
            Wanted::Leaves(_) => Presence::None,
        };
        let rosters = reading.rosters(number)?;
        reading.leaves(wanted)?;
        let cells: Box<[Cell]> = reading.cells.into();
        let apart = cells.iter().map(Cell::memory_bytes).sum::<usize>()
            + rosters.iter().map(Roster::memory_bytes).sum::<usize>();
        let own = size_of::<Self>() + size_of_val(&*piece) + calls.memory_bytes();
        Ok(Self {
            memory_bytes: own + size_of_val(&*cells) + size_of_val(&*rosters) + apart,
            piece,
            columns: directory.columns(),
            cells,
            rosters,
            calls,
        })
    }

    /// How much memory it takes, in bytes, or nearly so.
    #[must_use]
    pub const fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// The values that a column has in the group.
    #[inline]
    pub(super) fn values(&self, column: usize) -> Values<'_> {
        self.cells[column].of(&self.piece)
    }

    #[inline]
    pub(super) fn own(&self, column: Own) -> Values<'_> {
        self.values(column.number())
    }

    #[inline]
    pub(super) fn roster(&self, table: usize) -> &Roster {
        &self.rosters[table]
    }

    /// The shape of a table's record.
    #[inline]
    pub(super) fn shape(&self, table: usize, index: usize) -> Option<usize> {
        match self.rosters[table].shapes {
            Shapes::One(shape) => Some(shape),
            Shapes::Many => {
                let shape = self.values(self.columns.shapes(table)).integer(index)?;
                usize::try_from(shape).ok()
            }
        }
    }
}

/// A group being read.
struct GroupReading<'a> {
    directory: &'a Directory,
    forms: &'a Forms,
    piece: &'a [u8],
    parts: ColumnParts,
    cells: Vec<Cell>,
    /// How many values each column of a path has.
    values: Vec<usize>,
    /// How many arrays there are whose elements are a table's records.
    arrays: Vec<usize>,
}

impl<'a> GroupReading<'a> {
    fn new(directory: &'a Directory, forms: &'a Forms, piece: &'a [u8]) -> Result<Self, Damaged> {
        let columns = directory.columns().all().end;
        let parts = ColumnParts::read(piece, columns).ok_or(Damaged("columns"))?;
        Ok(Self {
            directory,
            forms,
            piece,
            parts,
            cells: std::iter::repeat_with(Cell::default)
                .take(columns)
                .collect(),
            values: vec![0; directory.leaves.len()],
            arrays: vec![0; directory.templates.tables.len()],
        })
    }

    /// Reads the cell of a column that has so many values in the group.
    fn cell(&mut self, column: usize, count: usize) -> Result<Values<'_>, Damaged> {
        let (form, range) = (self.forms.of(column), self.parts.range(column));
        let cell = Cell::read(self.piece, range, form, count).ok_or(Damaged("cells"))?;
        self.cells[column] = cell;
        Ok(self.cells[column].of(self.piece))
    }

    /// Reads the columns that each block has. Says which rows are the first events of calls with keys.
    fn own(&mut self, number: usize) -> Result<Presence, Damaged> {
        let rows = self.directory.rows_in(number);
        for column in Own::Ids.number()..Own::Calls.number() {
            self.cell(column, rows)?;
        }
        let calls = self.cell(Own::Calls.number(), rows)?;
        let calls = match calls.only() {
            Some(0) => Presence::None,
            Some(_) => Presence::All(rows),
            None => {
                let flags = calls.integers().ok_or(Damaged("calls"))?;
                Presence::of_flags(flags, rows)
            }
        };
        for column in Own::CallEvents.number()..=Own::CallKeys.number() {
            self.cell(column, calls.count())?;
        }
        for column in Own::Likes.number()..=Own::KeptEnds.number() {
            self.cell(column, self.directory.kept[number])?;
        }
        Ok(calls)
    }

    /// Reads which records each table has, and where its arrays end. A table stands after the one that has its arrays.
    fn rosters(&mut self, number: usize) -> Result<Box<[Roster]>, Damaged> {
        let directory = self.directory;
        let (columns, tables) = (directory.columns(), &directory.templates.tables);
        let mut rosters: Vec<Roster> = Vec::with_capacity(tables.len());
        for (table, of_table) in tables.iter().enumerate() {
            let records = if table <= METADATAS as usize {
                self.cell(columns.ends(table), 0)?;
                directory.rows_in(number)
            } else {
                self.elements(columns.ends(table), self.arrays[table])?
            };
            let shapes = self.cell(columns.shapes(table), records)?;
            let roster = match shapes.only() {
                // There may be none of any shape.
                Some(shape) => usize::try_from(shape)
                    .ok()
                    .and_then(|shape| Roster::of_one(of_table, records, shape)),
                None => Roster::of_many(of_table, records, shapes),
            };
            let roster = roster.ok_or(Damaged("shapes"))?;
            roster.count(of_table, |slot, count| match slot {
                Slot::Leaf(leaf) => self.values[leaf as usize] = count,
                Slot::Array(elements) => self.arrays[elements as usize] = count,
                Slot::End(_) => {}
            });
            rosters.push(roster);
        }
        Ok(rosters.into())
    }

    /// Reads where so many arrays end, and says how many elements they have.
    fn elements(&mut self, column: usize, arrays: usize) -> Result<usize, Damaged> {
        let ends = self.cell(column, arrays)?;
        let Some(last) = arrays.checked_sub(1) else {
            return Ok(0);
        };
        let end = ends
            .integer(last)
            .and_then(|end| usize::try_from(end).ok())
            .filter(|end| *end <= ELEMENTS_MAX);
        end.ok_or(Damaged("arrays"))
    }

    /// Reads the values of the paths that are wanted.
    fn leaves(&mut self, wanted: Wanted<'_>) -> Result<(), Damaged> {
        let columns = self.directory.columns();
        let mut leaf = |leaf| {
            let cell = self.cell(columns.leaf(leaf), self.values[leaf]);
            cell.map(drop)
        };
        match wanted {
            Wanted::All => (0..columns.leaves).try_for_each(leaf),
            Wanted::Leaves(leaves) => leaves.iter().try_for_each(|it| leaf(*it as usize)),
        }
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
    shapes: Shapes,
    /// Which records have which of the table's slots. Records of one shape all have the same.
    slots: Box<[Presence]>,
    /// Which records are kept as texts.
    pub(super) kept: Presence,
}

/// Of which shapes records are.
#[derive(Clone, Copy, Debug)]
enum Shapes {
    /// All of one.
    One(usize),
    /// That is in the column of shapes.
    Many,
}

impl Roster {
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

    /// Whether all records have one of the table's slots. Of records of one shape, it is one that the shape has.
    pub(super) fn has_all(&self, place: usize) -> bool {
        match self.shapes {
            Shapes::One(_) => true,
            Shapes::Many => matches!(self.slots.get(place), Some(Presence::All(_))),
        }
    }

    /// Calls `each` with the table's slots that records have, and how many do.
    fn count(&self, table: &TableShape, mut each: impl FnMut(Slot, usize)) {
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
    fn memory_bytes(&self) -> usize {
        let slots = self.slots.iter().map(Presence::memory_bytes);
        size_of_val(&*self.slots) + self.kept.memory_bytes() + slots.sum::<usize>()
    }
}
