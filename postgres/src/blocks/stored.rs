//! Summaries as the table has them.

use std::sync::Arc;

use codebolt_eventlog::block::Directory;
use codebolt_eventlog::engine::Record;
use codebolt_eventlog::engine::workings::Summing;
use uuid::Uuid;

use super::Known;
use crate::block_size::BlockSize;

/// Which columns a summary has, and how they are written. A summary of a later version is left alone.
const VERSION: u8 = 1;

/// Which events a summary is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockId {
    /// The id of the log.
    pub(crate) log: Uuid,
    /// The number of the instance.
    pub(crate) instance: u32,
    /// The number of the block in it, from 0.
    pub(crate) block: u32,
    /// The id of its last event. Who has that event has those before it.
    pub(crate) last_id: Uuid,
}

/// What the table has before the columns of a block.
#[derive(Debug)]
pub(crate) enum StoredHead {
    /// What was written of these events.
    Whole(Directory),
    /// Not what was written of them.
    Damaged,
    /// What a later version has written.
    Newer,
}

/// A summary that was made.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) last_id: Uuid,
    /// The directory, with what shows that it is of these events.
    pub(crate) head: Arc<[u8]>,
    pub(crate) body: Arc<[u8]>,
}

impl BlockId {
    fn checksum(&self, directory: &[u8]) -> u32 {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&[VERSION]);
        hasher.update(self.log.as_bytes());
        hasher.update(&self.instance.to_le_bytes());
        hasher.update(&self.block.to_le_bytes());
        hasher.update(self.last_id.as_bytes());
        hasher.update(directory);
        hasher.finalize()
    }

    /// A directory as the table has it.
    fn head(&self, directory: &[u8]) -> Vec<u8> {
        let checksum = self.checksum(directory).to_le_bytes();
        [&[VERSION], &checksum[..], directory].concat()
    }

    /// Reads what the table has of a block of that size.
    pub(crate) fn read(&self, head: &[u8], size: BlockSize) -> StoredHead {
        if head.first().is_some_and(|version| *version > VERSION) {
            return StoredHead::Newer;
        }
        let directory = || {
            let (version, rest) = head.split_first()?;
            let (checksum, directory) = rest.split_first_chunk()?;
            let is_own =
                *version == VERSION && u32::from_le_bytes(*checksum) == self.checksum(directory);
            let directory = is_own.then(|| Directory::decode(directory)).flatten()?;
            (directory.len() as u64 == size.0).then_some(directory)
        };
        directory().map_or(StoredHead::Damaged, StoredHead::Whole)
    }
}

/// The summary of a block in the making.
#[derive(Debug, Default)]
pub(crate) struct Maker {
    summing: Summing,
    events: u64,
    last_id: Uuid,
}

impl Maker {
    /// Adds the event that follows.
    pub(crate) fn push(&mut self, record: &Record<'_>) {
        self.summing.push(record);
        self.events += 1;
        self.last_id = record.id;
    }

    /// The summary of a block of an instance of a log, given by their numbers; `None` if it cannot be made, or not all
    /// events were added.
    pub(crate) fn finish(
        self,
        log: Uuid,
        (instance, block): (u32, u32),
        size: BlockSize,
    ) -> Option<(Made, Known)> {
        let last_id = self.last_id;
        let summary = self.summing.finish().filter(|_| self.events == size.0)?;
        let id = BlockId {
            log,
            instance,
            block,
            last_id,
        };
        let made = Made {
            last_id,
            head: id.head(&summary.encoded.directory).into(),
            body: summary.encoded.body.into(),
        };
        let known = Known {
            directory: Arc::new(summary.directory),
            last_id,
        };
        Some((made, known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: BlockSize = BlockSize(300);

    fn record(n: u64) -> Record<'static> {
        Record {
            id: Uuid::from_u128(u128::from(n)),
            timestamp_ms: n as i64,
            sequence: n,
            back: u64::from(n > 1),
            stream_id: "s",
            event_type: "t",
            call: None,
            payload: "{\"a\":1}",
            metadata: "{}",
        }
    }

    fn made(events: u64) -> Option<(Made, Known)> {
        let mut maker = Maker::default();
        for n in 1..=events {
            maker.push(&record(n));
        }
        maker.finish(Uuid::from_u128(7), (1, 2), SIZE)
    }

    #[test]
    fn a_summary_is_believed_to_be_of_its_events_alone() {
        let (made, known) = made(SIZE.0).unwrap();
        assert_eq!(made.last_id, record(SIZE.0).id);
        let own = BlockId {
            log: Uuid::from_u128(7),
            instance: 1,
            block: 2,
            last_id: made.last_id,
        };
        match own.read(&made.head, SIZE) {
            StoredHead::Whole(directory) => assert_eq!(directory, *known.directory),
            other => panic!("{other:?}"),
        }
        for other in [
            BlockId {
                log: Uuid::nil(),
                ..own
            },
            BlockId { instance: 2, ..own },
            BlockId { block: 1, ..own },
            BlockId {
                last_id: Uuid::nil(),
                ..own
            },
        ] {
            let read = other.read(&made.head, SIZE);
            assert!(matches!(read, StoredHead::Damaged), "{other:?}: {read:?}");
        }
        for at in 0..made.head.len() {
            let mut head = made.head.to_vec();
            head[at] ^= 0x81;
            let read = own.read(&head, SIZE);
            assert!(!matches!(read, StoredHead::Whole(_)), "{at}: {read:?}");
            assert!(matches!(
                own.read(&made.head[..at], SIZE),
                StoredHead::Damaged
            ));
        }
        let newer = [&[VERSION + 1], &made.head[1..]].concat();
        assert!(matches!(own.read(&newer, SIZE), StoredHead::Newer));
        let other_size = BlockSize(SIZE.0 + 1);
        assert!(matches!(
            own.read(&made.head, other_size),
            StoredHead::Damaged
        ));
        let older = [&[VERSION - 1], &made.head[1..]].concat();
        assert!(matches!(own.read(&older, SIZE), StoredHead::Damaged));
    }

    #[test]
    fn there_is_no_summary_of_a_part_of_a_block() {
        assert!(made(SIZE.0 - 1).is_none());
        assert!(made(SIZE.0 + 1).is_none());
    }
}
