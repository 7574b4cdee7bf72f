//! Reading one of the columns that each block has, and no more of its groups.

use super::block::Block;
use super::cell::{Cell, Values};
use super::column::Own;
use super::pieces::ColumnParts;
use super::{Damaged, KnownGroup, Source};

impl<S: Source> Block<S> {
    /// Calls `each` with the number of each group, in order, and what a column has in it, which is one of those that have
    /// something of each row. A group that was not known is not kept: no more than that is read of it.
    pub(super) fn each_own(
        &self,
        column: Own,
        mut each: impl FnMut(usize, Values<'_>) -> Result<(), Damaged>,
    ) -> Result<(), S::Fault> {
        let form = self.forms()?.of(column.number());
        let columns = self.directory.columns().all().end;
        for number in 0..self.directory.groups() {
            let piece = match self.known_or_scanned(number)? {
                KnownGroup::Read(group) => {
                    each(number, group.own(column))?;
                    continue;
                }
                KnownGroup::Piece(piece) => piece,
            };
            let parts = ColumnParts::read(&piece, columns).ok_or(Damaged("columns"))?;
            let rows = self.directory.rows_in(number);
            let cell = Cell::read(&piece, parts.range(column.number()), form, rows);
            each(number, cell.ok_or(Damaged("cells"))?.of(&piece))?;
        }
        Ok(())
    }
}
