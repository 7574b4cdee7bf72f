//! A group of rows, which is read and checked as a whole.

use std::sync::Arc;

use super::cell::{Cell, Values};
use super::column::{Columns, Own};
use super::directory::Forms;
use super::outline::Slot;
use super::pieces::ColumnParts;
use super::roster::{Presence, Roster, Shapes};
use super::shredder::METADATAS;
use super::{Damaged, Directory, EVENT_VALUES_MAX, GROUP_ROWS};

/// More elements than the rows of a group can have.
pub(super) const ELEMENTS_MAX: usize = GROUP_ROWS * (EVENT_VALUES_MAX + 1);

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
        let calls = Presence::of_calls(self.cell(Own::Calls.number(), rows)?, rows)?;
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
            let roster = Roster::of(of_table, records, shapes).ok_or(Damaged("shapes"))?;
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
