//! Summaries of blocks: the tables have those of just the blocks of which they have all events, and they say
//! what these say.

use redb::ReadOnlyTable;

use crate::engine::Fault;
use crate::engine::summary::Summing;
use crate::engine::tables::record::Record;
use crate::engine::tables::schema::PieceKey;

/// The blocks of an instance, one after the other.
pub(super) struct Blocks {
    pieces: ReadOnlyTable<PieceKey, &'static [u8]>,
    block_events: u64,
    /// The block that events are taken of.
    block: u64,
    /// How many events of it were taken.
    rows: u64,
    summing: Summing,
}

impl Blocks {
    pub(super) fn new(pieces: ReadOnlyTable<PieceKey, &'static [u8]>, block_events: u64) -> Self {
        Self {
            pieces,
            block_events,
            block: 0,
            rows: 0,
            summing: Summing::default(),
        }
    }

    /// Takes the event that comes next in the table. Returns what is wrong with the block that it completes.
    pub(super) fn take(
        &mut self,
        position: u64,
        record: &Record<'_>,
    ) -> Result<Option<String>, Fault> {
        let block = (position - 1) / self.block_events;
        if block != self.block {
            self.begin(block);
        }
        self.rows += 1;
        self.summing.push(record);
        if !position.is_multiple_of(self.block_events) {
            return Ok(None);
        }
        let problem = self.compare()?;
        self.begin(block + 1);
        Ok(problem)
    }

    fn begin(&mut self, block: u64) {
        self.block = block;
        self.rows = 0;
        self.summing = Summing::default();
    }

    /// Compares what the tables have of the block with what its events give.
    fn compare(&mut self) -> Result<Option<String>, Fault> {
        // Without one of its events it cannot be compared, and that is told of the event.
        if self.rows < self.block_events {
            return Ok(None);
        }
        let block = self.block;
        let (mut directory, mut body) = (None, Vec::new());
        for (entry, expected) in self.pieces.range((block, 0)..=(block, u32::MAX))?.zip(0..) {
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
        let expected = std::mem::take(&mut self.summing).finish();
        let expected = expected.map_or_else(Default::default, |summary| {
            (summary.encoded.directory, summary.encoded.body)
        });
        let same = (directory, body) == expected;
        Ok((!same).then(|| format!("the summary of block {block} is not what its events say")))
    }

    /// What is wrong after the last block of which the tables have all events.
    pub(super) fn end(&self, last_position: u64) -> Result<Option<String>, Fault> {
        let whole = last_position / self.block_events;
        let more = self.pieces.range((whole, 0)..)?.next().transpose()?;
        Ok(more.map(|(key, _)| {
            let block = key.value().0;
            format!("there is a summary of block {block}, of which not all events are there")
        }))
    }
}
