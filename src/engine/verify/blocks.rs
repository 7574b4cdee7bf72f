//! Blocks: each that is whole is there as it was sealed, or as rows with a summary that says what they say, and
//! never as both.

use std::ops::RangeInclusive;

use redb::{ReadOnlyTable, TableDefinition};

use super::columns::ColumnCheck;
use super::events::EventCheck;
use super::lookups::LookupCheck;
use super::text_of_damage;
use crate::block::lookup::{self, Lookup};
use crate::block::sealed::RowBuffer;
use crate::engine::Fault;
use crate::engine::summary::lookups::FIRST_LIST;
use crate::engine::summary::{Facts, SealedBlock, StoredEvents, Summing};
use crate::engine::tables::row;
use crate::engine::tables::schema::{self, PieceKey};

type Rows = ReadOnlyTable<u64, &'static [u8]>;
type Pieces = ReadOnlyTable<PieceKey, &'static [u8]>;

impl EventCheck<'_, '_> {
    /// Takes the events that the tables have, block by block.
    pub(super) fn take_stored(&mut self) -> Result<(), Fault> {
        let snapshot = self.check.snapshot;
        let (events, _, blocks) = schema::tables_of(self.number);
        let transaction = snapshot.transaction();
        let rows = transaction.open_table(TableDefinition::<u64, &[u8]>::new(&events))?;
        let pieces = transaction.open_table(TableDefinition::<PieceKey, &[u8]>::new(&blocks))?;
        let stored = StoredEvents::unknown(
            transaction,
            self.number,
            snapshot.open_log().storage.block_events()?,
        )?;
        if rows.get(0)?.is_some() {
            self.problem(Some(0), "expected no event there, found one");
        }
        let mut lookups = LookupCheck::default();
        let mut next = Some(0);
        while let Some(block) = next {
            let Some(block) = first_block(&rows, &pieces, block, stored.block_events())? else {
                break;
            };
            let lookup = match stored.sealed(block) {
                Ok(Some(sealed)) => self.take_sealed(&rows, &stored, block, &sealed)?,
                Ok(None) => self.take_rows(&rows, &pieces, &stored, block)?,
                Err(fault) => {
                    let text = text_of_damage(fault)?;
                    self.tell_rows_beside(&rows, &stored, block)?;
                    self.lose(stored.positions_of(block), text);
                    None
                }
            };
            if let Some(lookup) = lookup {
                self.compare_lookup(&mut lookups, &pieces, block, &lookup)?;
            }
            next = block.checked_add(1);
        }
        let whole = self.tally.last_position / stored.block_events();
        if let Some(entry) = pieces.range((whole, 0)..(FIRST_LIST, 0))?.next() {
            let block = entry?.0.value().0;
            let text =
                format!("there is something of block {block}, of which not all events are there");
            self.problem(None, text);
        }
        self.check_lists(&pieces, whole)
    }

    /// Tells of a block that cannot be read.
    fn lose(&mut self, positions: RangeInclusive<u64>, text: String) {
        let (first, last) = positions.into_inner();
        let next = self.tally.last_position.saturating_add(1);
        if first > next {
            self.missing(next, first - 1);
        }
        self.tally.is_incomplete = true;
        self.tally.last_position = last;
        self.problem(Some(first), text);
    }

    /// Tells of rows of a block that is sealed.
    fn tell_rows_beside(
        &mut self,
        rows: &Rows,
        stored: &StoredEvents,
        block: u64,
    ) -> Result<(), Fault> {
        for entry in rows.range(stored.positions_of(block))? {
            let text = format!("it is in the table, and block {block} has it too");
            self.problem(Some(entry?.0.value()), text);
        }
        Ok(())
    }

    /// Takes the events of a block that are rows, with what is beside them. Returns what they are looked up by, if all are
    /// there.
    fn take_rows(
        &mut self,
        rows: &Rows,
        pieces: &Pieces,
        stored: &StoredEvents,
        block: u64,
    ) -> Result<Option<Lookup>, Fault> {
        let positions = stored.positions_of(block);
        if rows.range(positions.clone())?.next().is_none() {
            // What is there of the block is not what a sealed one begins with.
            let text = text_of_damage(stored.damaged(block, "its directory"))?;
            self.lose(positions, text);
            return Ok(None);
        }
        let mut summing = Summing::default();
        let mut looking_up = lookup::Builder::new();
        let mut taken = 0;
        for entry in rows.range(stored.positions_of(block))? {
            let (position, bytes) = entry?;
            let (position, bytes) = (position.value(), bytes.value());
            if rows.get(position)?.is_none() {
                self.tally.is_incomplete = true;
                let text = "it is in the table, and is not found there";
                self.problem(Some(position), text);
            }
            let record = match row::unpack(bytes, position) {
                Ok(record) => record,
                Err(fault) => {
                    if self.comes_next(position)? {
                        self.damaged(position, text_of_damage(fault)?);
                    }
                    continue;
                }
            };
            if let Some(record) = self.take(position, &record)? {
                taken += 1;
                summing.push(&record);
                looking_up.push(&record.row());
            }
        }
        // Without one of its events it cannot be compared, and that is told of the event.
        if taken != stored.block_events() {
            return Ok(None);
        }
        if let Some(text) = compare(pieces, block, summing)? {
            self.problem(None, text);
        }
        Ok(Some(looking_up.finish()))
    }

    /// Takes the events of a sealed block. Returns what they are looked up by, if all are there.
    fn take_sealed(
        &mut self,
        rows: &Rows,
        stored: &StoredEvents,
        block: u64,
        sealed: &SealedBlock<'_>,
    ) -> Result<Option<Lookup>, Fault> {
        let positions = stored.positions_of(block);
        self.tell_rows_beside(rows, stored, block)?;
        let mut is_told = false;
        if let Err(fault) = sealed.check() {
            let text = text_of_damage(fault)?;
            self.problem(Some(*positions.start()), text);
            is_told = true;
        }
        let mut columns = None;
        if !is_told {
            match sealed.prepare().and_then(|()| ColumnCheck::of(sealed)) {
                Ok(read) => columns = Some(read),
                Err(fault) => {
                    let text = text_of_damage(fault)?;
                    self.problem(Some(*positions.start()), text);
                    is_told = true;
                }
            }
        }
        let mut buffer = RowBuffer::default();
        let mut facts = Facts::default();
        let mut looking_up = lookup::Builder::new();
        for (row, position) in positions.enumerate() {
            if !self.comes_next(position)? {
                continue;
            }
            match sealed.row(row, &mut buffer) {
                Ok(record) => {
                    facts.add(&record);
                    looking_up.push(&record.row());
                    if let Some(columns) = &mut columns {
                        columns.compare(row, &record);
                    }
                    self.add(position, &record)?;
                }
                Err(fault) => {
                    let text = text_of_damage(fault)?;
                    // Of a damaged block not each event is told.
                    if is_told {
                        self.tally.is_incomplete = true;
                        self.tally.last_position = position;
                    } else {
                        self.damaged(position, text);
                    }
                }
            }
        }
        if facts.rows() != stored.block_events() {
            return Ok(None);
        }
        if let Some(columns) = columns {
            let are_same = facts.are_those_of(sealed.overview()) && columns.finish(sealed)?;
            if !are_same {
                let text = format!("what block {block} says of its events is not what they say");
                self.problem(None, text);
            }
        }
        Ok(Some(looking_up.finish()))
    }
}

/// The first block from one on of which there is something.
fn first_block(
    rows: &Rows,
    pieces: &Pieces,
    from: u64,
    block_events: u64,
) -> Result<Option<u64>, Fault> {
    let next_row = from
        .checked_mul(block_events)
        .map(|before| rows.range(before + 1..))
        .transpose()?
        .and_then(|mut rows| rows.next())
        .transpose()?
        .map(|(position, _)| (position.value() - 1) / block_events);
    let next_piece = pieces.range((from, 0)..(FIRST_LIST, 0))?.next();
    let next_piece = next_piece.transpose()?;
    let next_piece = next_piece.map(|(key, _)| key.value().0);
    Ok(next_row.into_iter().chain(next_piece).min())
}

/// Compares the summary of a block with what its events give.
fn compare(pieces: &Pieces, block: u64, summing: Summing) -> Result<Option<String>, Fault> {
    let (mut directory, mut body) = (None, Vec::new());
    for (entry, expected) in pieces.range((block, 0)..=(block, u32::MAX))?.zip(0..) {
        let (key, bytes) = entry?;
        if key.value().1 != expected {
            return Ok(Some(format!(
                "piece {expected} of block {block} is missing"
            )));
        }
        match directory {
            None => directory = Some(bytes.value().to_vec()),
            Some(_) => body.extend_from_slice(bytes.value()),
        }
    }
    let Some(directory) = directory else {
        return Ok(Some(format!("block {block} has no summary")));
    };
    let expected = summing.finish();
    let expected = expected.map_or_else(Default::default, |summary| {
        (summary.encoded.directory, summary.encoded.body)
    });
    let same = (directory, body) == expected;
    Ok((!same).then(|| format!("the summary of block {block} is not what its events say")))
}
