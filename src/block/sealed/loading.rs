//! The parts of a block, each of which is read and checked when it is first needed.

use std::borrow::Cow;
use std::sync::Arc;

use super::block::Block;
use super::cell::Cell;
use super::column::Own;
use super::directory::Forms;
use super::form::Form;
use super::group::{OwnParts, Presence, Roster, Values};
use super::kept;
use super::outline::Slot;
use super::pieces::ColumnParts;
use super::shredder::METADATAS;
use super::template::{Template, TemplatePart};
use super::{Damaged, Directory, EVENT_VALUES_MAX, GROUP_ROWS, Source};
use crate::block;

/// More elements than the rows of a group can have.
const ELEMENTS_MAX: usize = GROUP_ROWS * (EVENT_VALUES_MAX + 1);

impl<S: Source> Block<S> {
    /// What each row of a group has beside its texts.
    #[inline]
    pub(super) fn own_parts(&self, group: usize) -> Result<&OwnParts, S::Fault> {
        let slot = &self.loaded.group(group).own;
        let own = self.loaded.get_or_make(slot, || {
            let cell = |own: Own| self.cell(own.number(), group).map(Arc::clone);
            let calls = self.calls(group)?;
            let bytes = size_of::<OwnParts>() + calls.memory_bytes();
            let parts = OwnParts {
                ids: cell(Own::Ids)?,
                times: cell(Own::Times)?,
                sequences: cell(Own::Sequences)?,
                backs: cell(Own::Backs)?,
                streams: self.values(Own::Streams.number(), group)?,
                types: self.values(Own::Types.number(), group)?,
                calls,
            };
            Ok::<_, S::Fault>((Box::new(parts), bytes))
        });
        own.map(|own| &**own)
    }

    /// Which rows of a group are the first events of calls with keys.
    fn calls(&self, group: usize) -> Result<Presence, S::Fault> {
        let rows = self.directory.rows_in(group);
        let calls = self.own(Own::Calls, group)?;
        Ok(match calls.only() {
            Some(0) => Presence::None,
            Some(_) => Presence::All(rows),
            None => {
                let flags = calls.integers().ok_or(Damaged("calls"))?;
                Presence::of_flags(flags, rows)
            }
        })
    }

    /// The values of a column in a group, with their form.
    fn values(&self, column: usize, group: usize) -> Result<Values, S::Fault> {
        Ok(Values {
            cell: Arc::clone(self.cell(column, group)?),
            form: Arc::clone(self.form(column)?),
        })
    }

    /// The values of each part of a shape, but of arrays, in a group of which this is the roster.
    #[inline]
    pub(super) fn values_of<'r>(
        &self,
        roster: &'r Roster,
        template: &Template,
        shape: usize,
        group: usize,
    ) -> Result<&'r [Option<Values>], S::Fault> {
        let slot = roster.values.get(shape).ok_or(Damaged("shapes"))?;
        let values = self.loaded.get_or_make(slot, || {
            let value = |part: &TemplatePart| match part.slot {
                Slot::Leaf(leaf) => {
                    let column = self.directory.columns().leaf(leaf as usize);
                    self.values(column, group).map(Some)
                }
                Slot::Array(_) | Slot::End(_) => Ok(None),
            };
            let values: Result<Box<[_]>, S::Fault> = template.parts.iter().map(value).collect();
            values.map(|values| {
                let bytes = size_of_val(&*values);
                (values, bytes)
            })
        });
        values.map(|values| &**values)
    }

    /// The text of a dictionary.
    pub(super) fn like(&self, like: usize) -> Result<&[u8], S::Fault> {
        let slot = self.loaded.likes.get(like).ok_or(Damaged("dictionaries"))?;
        let text = self.loaded.get_or_make(slot, || {
            let base = if like == 0 { &[] } else { self.like(0)? };
            let piece = self.piece(self.directory.like_piece(like))?;
            let like = kept::read_like(&piece, base);
            let like = like.ok_or_else(|| S::Fault::from(Damaged("dictionaries")))?;
            let bytes = like.len();
            Ok((like, bytes))
        });
        text.map(|text| &**text)
    }

    /// The compressed texts of a kept row and those beside it.
    pub(super) fn kept_piece(&self, group: usize, kept: usize) -> Result<Arc<[u8]>, S::Fault> {
        let piece = self.directory.kept_piece(group, kept);
        let last = self.texts.lock().clone();
        if let Some((_, texts)) = last.filter(|(last, _)| *last == piece) {
            return Ok(texts);
        }
        let texts: Arc<[u8]> = self.piece(piece)?.as_ref().into();
        *self.texts.lock() = Some((piece, Arc::clone(&texts)));
        Ok(texts)
    }

    /// Reads a piece, and checks that it is what was written.
    pub(super) fn piece(&self, piece: usize) -> Result<Cow<'_, [u8]>, S::Fault> {
        let place = self.directory.place(piece).ok_or(Damaged("pieces"))?;
        let bytes = self.source.read(place)?;
        if !self.directory.pieces.is_whole(piece, &bytes) {
            return Err(Damaged("pieces").into());
        }
        Ok(bytes)
    }

    /// The directory of the columns, if those stand beside the texts.
    pub(in crate::block) fn summary(&self) -> Result<Option<&block::Directory>, S::Fault> {
        let Some((piece, _)) = self.directory.summary_pieces() else {
            return Ok(None);
        };
        let summary = self.loaded.get_or_make(&self.loaded.summary, || {
            let piece = self.piece(piece)?;
            let summary = block::Directory::decode(&piece);
            let summary = summary.filter(|summary| summary.len() == self.directory.len());
            let summary = summary.ok_or_else(|| S::Fault::from(Damaged("summary")))?;
            let bytes = summary.memory_bytes();
            Ok((summary, bytes))
        });
        summary.map(Some)
    }

    /// Reads a part of the block that has checksums of its own.
    pub(super) fn part(&self, range: std::ops::Range<usize>) -> Result<Vec<u8>, S::Fault> {
        self.source.read(range).map(Cow::into_owned)
    }

    /// How the values of a column are written.
    pub(super) fn form(&self, column: usize) -> Result<&Arc<Form>, S::Fault> {
        if let Some(forms) = self.directory.forms.get() {
            return Ok(forms.of(column));
        }
        let columns = self.directory.columns().all();
        let heads = self.column_parts(Directory::HEADS)?;
        let form = |column| Form::read(&heads.bytes()[heads.range(column)]).map(Arc::new);
        let forms: Option<Box<[_]>> = columns.map(form).collect();
        let forms = forms.ok_or(Damaged("columns"))?;
        // Another thread may have been quicker, with the same.
        let forms = self.directory.forms.get_or_init(|| Forms::new(forms));
        Ok(forms.of(column))
    }

    /// A piece that has something of each column.
    fn column_parts(&self, piece: usize) -> Result<ColumnParts, S::Fault> {
        let columns = self.directory.columns().all().end;
        let parts = ColumnParts::read(&self.piece(piece)?, columns);
        parts.ok_or_else(|| Damaged("columns").into())
    }

    /// The values that a column has in a group.
    #[inline]
    pub(super) fn cell(&self, column: usize, group: usize) -> Result<&Arc<Cell>, S::Fault> {
        match self.loaded.group(group).cells[column].get() {
            Some(cell) => Ok(cell),
            None => self.read_cell(column, group),
        }
    }

    #[cold]
    fn read_cell(&self, column: usize, group: usize) -> Result<&Arc<Cell>, S::Fault> {
        let slot = &self.loaded.group(group).cells[column];
        self.loaded.get_or_make(slot, || {
            let form = self.form(column)?;
            let count = self.count(column, group)?;
            let cell = if form.is_constant() {
                Cell::constant(form, count)
            } else {
                let parts = self.parts(group)?;
                let cell = Cell::read(parts.bytes(), parts.range(column), form, count);
                cell.ok_or_else(|| S::Fault::from(Damaged("cells")))?
            };
            let bytes = cell.memory_bytes();
            Ok((Arc::new(cell), bytes))
        })
    }

    /// The bytes of the cells of a group.
    fn parts(&self, group: usize) -> Result<&ColumnParts, S::Fault> {
        let slot = &self.loaded.group(group).parts;
        self.loaded.get_or_make(slot, || {
            let parts = self.column_parts(Directory::group_piece(group))?;
            let bytes = parts.memory_bytes();
            Ok((parts, bytes))
        })
    }

    /// How many values a column has in a group.
    fn count(&self, column: usize, group: usize) -> Result<usize, S::Fault> {
        let columns = self.directory.columns();
        let tables = &self.directory.templates.tables;
        let of_slot = |table: usize, slot: Slot| -> Result<usize, S::Fault> {
            let place = tables[table].slots.iter().position(|it| *it == slot);
            let roster = self.roster(table, group)?;
            let presence = place.and_then(|place| roster.presence(place));
            Ok(presence.map_or(0, Presence::count))
        };
        if column >= columns.leaf(0) {
            let leaf = column - columns.leaf(0);
            let table = self.directory.leaves[leaf].table as usize;
            return of_slot(table, Slot::Leaf(leaf as u32));
        }
        if column >= columns.ends(0) {
            let table = column - columns.ends(0);
            if table <= METADATAS as usize {
                return Ok(0);
            }
            return of_slot(tables[table].parent as usize, Slot::Array(table as u32));
        }
        if column >= columns.shapes(0) {
            return self.records(column - columns.shapes(0), group);
        }
        Ok(if column >= Own::Likes.number() {
            self.directory.kept[group]
        } else if column > Own::Calls.number() {
            self.own_parts(group)?.calls.count()
        } else {
            self.directory.rows_in(group)
        })
    }

    /// How many records a table has in a group.
    fn records(&self, table: usize, group: usize) -> Result<usize, S::Fault> {
        if table <= METADATAS as usize {
            return Ok(self.directory.rows_in(group));
        }
        let column = self.directory.columns().ends(table);
        let Some(last) = self.count(column, group)?.checked_sub(1) else {
            return Ok(0);
        };
        let end = self.cell(column, group)?.integer(last);
        let end = end.and_then(|end| usize::try_from(end).ok());
        let end = end.filter(|end| *end <= ELEMENTS_MAX);
        end.ok_or_else(|| Damaged("arrays").into())
    }

    pub(super) fn roster(&self, table: usize, group: usize) -> Result<&Roster, S::Fault> {
        let slot = &self.loaded.group(group).rosters[table];
        self.loaded.get_or_make(slot, || {
            let records = self.records(table, group)?;
            let shape_of = &self.directory.templates.tables[table];
            let shapes = self.cell(self.directory.columns().shapes(table), group)?;
            let roster = match shapes.only() {
                // There may be none of any shape.
                Some(shape) => usize::try_from(shape)
                    .ok()
                    .and_then(|shape| Roster::of_one(shape_of, records, shape)),
                None => Roster::of_many(shape_of, records, shapes),
            };
            let roster = roster.ok_or_else(|| S::Fault::from(Damaged("shapes")))?;
            let bytes = roster.memory_bytes();
            Ok((roster, bytes))
        })
    }

    pub(super) fn own(&self, column: Own, group: usize) -> Result<&Arc<Cell>, S::Fault> {
        self.cell(column.number(), group)
    }
}
