//! What is known of the whole blocks of an instance.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use codebolt_eventlog::block::{ColumnKey, Finding};
use codebolt_eventlog::engine::Fault;
use parking_lot::Mutex;
use uuid::Uuid;

use super::Snapshot;
use crate::block_size::BlockSize;
use crate::blocks::{BlockId, Columns, Known, Made, Maker, StoredHead, View, Wanted};
use crate::rows::missing;
use crate::session::Values;

/// The directories, and a column, of so many blocks are read at once.
const BLOCKS_AT_ONCE: u32 = 32;

/// How many bytes of columns are read at once, about. One that is longer is read by itself.
const COLUMN_BYTES: usize = 2 << 20;

/// How many summaries wait in memory, at the most, to be kept in the table.
const MADE_MAX: usize = 64;

const LAST_IDS: &str = "SELECT position, id FROM events WHERE instance = $1 AND position = ANY($2)";

/// The directories of some blocks, with the ids that the last events have.
const DIRECTORIES: &str = "SELECT b.block, b.last_id, b.directory, e.id FROM blocks b JOIN events e \
     ON e.instance = b.instance AND e.position = (b.block::bigint + 1) * $4 \
     WHERE b.instance = $1 AND b.block BETWEEN $2 AND $3";

const SUMMARY: &str =
    "SELECT last_id, directory, body FROM blocks WHERE instance = $1 AND block = $2";

/// A part of the columns of each of some blocks. A server reads no more of a row than that, since the columns are stored
/// as they are, apart from the row.
const PARTS: &str = "SELECT b.block, substring(b.body FROM wanted.start FOR wanted.bytes) \
     FROM unnest($2::int[], $3::uuid[], $4::int[], $5::int[]) AS wanted (block, last_id, start, bytes) \
     JOIN blocks b ON b.instance = $1 AND b.block = wanted.block AND b.last_id = wanted.last_id";

impl Snapshot {
    /// Whether the table has nothing of a block but `made`, which was made of its events, or what a later version has
    /// written.
    pub(crate) fn has_no_other_summary(
        &self,
        instance: u32,
        block: u32,
        made: &Made,
    ) -> Result<bool, Fault> {
        if !self.tables.reads_blocks {
            return Ok(true);
        }
        let rows = self.rows(SUMMARY, &[&(instance as i32), &(block as i32)])?;
        let Some(row) = rows.first() else {
            return Ok(true);
        };
        let id = BlockId {
            log: self.tables.log,
            instance,
            block,
            last_id: made.last_id,
        };
        let (last_id, head, body): (Uuid, &[u8], &[u8]) = (row.get(0), row.get(1), row.get(2));
        let is_newer = matches!(id.read(head, self.block_size()), StoredHead::Newer);
        let is_same = (last_id, head, body) == (made.last_id, &made.head, &made.body);
        Ok(is_newer || is_same)
    }
}

/// The whole blocks of an instance as a snapshot has them. Several threads may ask at once.
pub(super) struct Blocks<'snapshot> {
    snapshot: &'snapshot Snapshot,
    instance: u32,
    count: u32,
    view: OnceLock<Option<View>>,
    /// Those for which the table is of no use, and why.
    without: Mutex<BTreeMap<u32, Without>>,
}

/// Why the table is of no use for a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Without {
    /// It has nothing, or not what was written.
    Summary,
    /// It has what a later version has written, which stays.
    ThisVersion,
}

/// A whole block as a snapshot has met it.
#[derive(Debug)]
pub(super) struct MetBlock {
    pub(super) known: Known,
    /// All columns, if what they have was found out just now, of the events.
    pub(super) columns: Option<Arc<[u8]>>,
}

/// Parts of the columns of some blocks, as the statement has them.
#[derive(Debug, Default)]
struct Parts {
    blocks: Vec<i32>,
    last_ids: Vec<Uuid>,
    /// From 1 on, as SQL counts.
    starts: Vec<i32>,
    bytes: Vec<i32>,
    bytes_in_all: usize,
}

impl Parts {
    fn push(&mut self, block: u32, last_id: Uuid, range: &Range<usize>) {
        self.blocks.push(block as i32);
        self.last_ids.push(last_id);
        self.starts.push(range.start as i32 + 1);
        self.bytes.push(range.len() as i32);
        self.bytes_in_all += range.len();
    }
}

impl<'snapshot> Blocks<'snapshot> {
    /// Those of an instance that has so many events.
    pub(super) fn new(snapshot: &'snapshot Snapshot, instance: u32, events: u64) -> Self {
        Self {
            snapshot,
            instance,
            count: snapshot.block_size().whole_blocks(events),
            view: OnceLock::new(),
            without: Mutex::default(),
        }
    }

    const fn size(&self) -> BlockSize {
        self.snapshot.block_size()
    }

    /// Whether a block is whole.
    pub(super) const fn has(&self, block: u32) -> bool {
        block < self.count
    }

    /// What is known of a whole block, if that was found out before.
    pub(super) fn find(&self, block: u32) -> Result<Option<MetBlock>, Fault> {
        let view = self.view()?;
        let mut known = view.and_then(|view| self.snapshot.known_blocks.get(view, block));
        let may_be_stored =
            self.snapshot.tables.reads_blocks && !self.without.lock().contains_key(&block);
        if known.is_none() && may_be_stored {
            known = self.read(view, block)?;
        }
        Ok(known.map(|known| MetBlock {
            known,
            columns: None,
        }))
    }

    /// Keeps what was made of the events of a whole block, and says what is known then.
    pub(super) fn keep(&self, block: u32, maker: Maker) -> Result<Option<MetBlock>, Fault> {
        let log = self.snapshot.tables.log;
        let made = maker.finish(log, (self.instance, block), self.size());
        let Some((made, known)) = made else {
            return Ok(None);
        };
        let all = Arc::clone(&made.body);
        if let Some(view) = self.view()? {
            let columns = (Columns::All, Arc::clone(&all));
            self.snapshot
                .known_blocks
                .insert_columns(view, block, columns);
        }
        self.note(self.view()?, block, &known);
        if self.without.lock().get(&block) != Some(&Without::ThisVersion) {
            self.want(block, Some(made));
        }
        Ok(Some(MetBlock {
            known,
            columns: Some(all),
        }))
    }

    /// A column of a block, by where it lies among all of them, if it is there.
    pub(super) fn column(
        &self,
        block: u32,
        known: &Known,
        (key, range): (&ColumnKey<'_>, Range<usize>),
    ) -> Result<Option<Arc<[u8]>>, Fault> {
        let view = self.view()?;
        let known_blocks = &self.snapshot.known_blocks;
        let kept = |columns| view.and_then(|view| known_blocks.columns(view, block, columns));
        if let Some(column) = kept(Columns::From(range.start)) {
            return Ok(Some(column));
        }
        if let Some(all) = kept(Columns::All) {
            return Ok(all.get(range).map(Arc::from));
        }
        let mut parts = Parts::default();
        parts.push(block, known.last_id, &range);
        if let Some(view) = view.filter(|view| view.has(block)) {
            self.add_neighbours(view, (block, key), &mut parts);
        }
        self.read_parts(view, block, &parts)
    }

    /// Adds the same column of blocks beside a block, as far as it is known where that lies and not what it has.
    fn add_neighbours(&self, view: View, (block, key): (u32, &ColumnKey<'_>), parts: &mut Parts) {
        let known_blocks = &self.snapshot.known_blocks;
        let first = block - block % BLOCKS_AT_ONCE;
        for other in (first..self.count.min(first + BLOCKS_AT_ONCE)).filter(|other| *other != block)
        {
            let Some(known) = known_blocks.get(view, other) else {
                continue;
            };
            let Finding::Stored(place) = known.directory.find(key) else {
                continue;
            };
            let range = place.range();
            if parts.bytes_in_all + range.len() > COLUMN_BYTES {
                return;
            }
            let is_kept = |columns| known_blocks.columns(view, other, columns).is_some();
            if !is_kept(Columns::From(range.start)) && !is_kept(Columns::All) {
                parts.push(other, known.last_id, &range);
            }
        }
    }

    /// Reads columns, and keeps them. Returns that of a block.
    fn read_parts(
        &self,
        view: Option<View>,
        block: u32,
        parts: &Parts,
    ) -> Result<Option<Arc<[u8]>>, Fault> {
        let values: Values<'_> = &[
            &(self.instance as i32),
            &parts.blocks,
            &parts.last_ids,
            &parts.starts,
            &parts.bytes,
        ];
        let mut wanted = None;
        for row in self.snapshot.rows(PARTS, values)? {
            let number = row.get::<_, i32>(0);
            let column: Arc<[u8]> = row.get::<_, &[u8]>(1).into();
            let at = parts.blocks.iter().position(|block| *block == number);
            let start = at.and_then(|at| parts.starts.get(at));
            if let (Some(view), Some(start)) = (view, start) {
                let columns = (Columns::From(*start as usize - 1), Arc::clone(&column));
                let known_blocks = &self.snapshot.known_blocks;
                known_blocks.insert_columns(view, number as u32, columns);
            }
            if number as u32 == block {
                wanted = Some(column);
            }
        }
        Ok(wanted)
    }

    /// Notes that a column of a block is not what was written.
    pub(super) fn damaged(&self, block: u32, from: usize) -> Result<(), Fault> {
        if let Some(view) = self.view()? {
            self.snapshot.known_blocks.remove(view, block, from);
        }
        self.without.lock().insert(block, Without::Summary);
        self.want(block, None);
        Ok(())
    }

    /// Which of the blocks that are known are of the events that there are here.
    fn view(&self) -> Result<Option<View>, Fault> {
        if let Some(view) = self.view.get() {
            return Ok(*view);
        }
        let known_blocks = &self.snapshot.known_blocks;
        let view = known_blocks.view(self.instance, self.count, |blocks| self.last_ids(blocks))?;
        Ok(*self.view.get_or_init(|| view))
    }

    /// The ids of the last events of some blocks.
    fn last_ids(&self, blocks: &[u32]) -> Result<Vec<Uuid>, Fault> {
        let end_of = |block: &u32| self.size().end_of(*block) as i64;
        let positions: Vec<i64> = blocks.iter().map(end_of).collect();
        let values: Values<'_> = &[&(self.instance as i32), &positions];
        let rows = self.snapshot.rows(LAST_IDS, values)?;
        let id_at = |position: &i64| {
            let row = rows.iter().find(|row| row.get::<_, i64>(0) == *position);
            let row = row.ok_or_else(|| missing(*position as u64))?;
            Ok(row.get(1))
        };
        positions.iter().map(id_at).collect()
    }

    /// Reads what the table has of a block, and of those beside it if that can be kept.
    fn read(&self, view: Option<View>, block: u32) -> Result<Option<Known>, Fault> {
        let (first, last) = if view.is_some_and(|view| view.has(block)) {
            let first = block - block % BLOCKS_AT_ONCE;
            (first, self.count.min(first + BLOCKS_AT_ONCE) - 1)
        } else {
            (block, block)
        };
        let values: Values<'_> = &[
            &(self.instance as i32),
            &(first as i32),
            &(last as i32),
            &(self.size().0 as i64),
        ];
        let rows = self.snapshot.rows(DIRECTORIES, values)?;
        let mut without: BTreeMap<u32, Without> =
            (first..=last).map(|it| (it, Without::Summary)).collect();
        let mut wanted = None;
        for row in &rows {
            let found = row.get::<_, i32>(0) as u32;
            let id = BlockId {
                log: self.snapshot.tables.log,
                instance: self.instance,
                block: found,
                last_id: row.get(3),
            };
            match id.read(row.get(2), self.size()) {
                StoredHead::Whole(directory) if id.last_id == row.get::<_, Uuid>(1) => {
                    let known = Known {
                        directory: Arc::new(directory),
                        last_id: id.last_id,
                    };
                    without.remove(&found);
                    self.note(view, found, &known);
                    wanted = wanted.or_else(|| (found == block).then_some(known));
                }
                StoredHead::Newer => {
                    without.insert(found, Without::ThisVersion);
                }
                StoredHead::Whole(_) | StoredHead::Damaged => {}
            }
        }
        self.without.lock().append(&mut without);
        Ok(wanted)
    }

    fn note(&self, view: Option<View>, block: u32, known: &Known) {
        if let Some(view) = view {
            let known_blocks = &self.snapshot.known_blocks;
            known_blocks.insert(view, block, known.clone());
        }
    }

    fn want(&self, block: u32, made: Option<Made>) {
        let mut wanted = self.snapshot.wanted.lock();
        // The others are made once more when it is their turn, rather than kept in memory until then.
        let made = made.filter(|_| wanted.len() < MADE_MAX);
        wanted.push(Wanted {
            instance: self.instance,
            block,
            anew: true,
            made,
        });
    }
}
