//! Making of what was staged what is committed.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Batch, StagedInstance, Writing};
use crate::engine::Fault;
use crate::engine::commit::dropping::drop_trimmed;
use crate::engine::commit::into_tables::{
    write_events, write_generation, write_keys, write_log_head, write_states, write_streams,
};
use crate::engine::followers::CommitChange;
use crate::engine::journal::{FrameGroup, Header, Segment, Start, StreamHead, random_salt};
use crate::engine::tables::instance::Head;
use crate::engine::tables::log_head::LogHead;
use crate::engine::tables::schema;
use crate::error::Error;

/// A batch that is ready to be committed.
pub(in crate::engine) enum Finished {
    /// There is nothing to commit.
    Unchanged,
    /// The frame goes to the journal.
    Frame(Staged),
    /// The transaction goes to the tables, after the header of the generation that it begins.
    Tables {
        writing: Box<Writing>,
        header: Header,
        staged: Staged,
    },
}

/// What becomes known once a batch is committed.
pub(in crate::engine) struct Staged {
    /// Where the log stands then.
    pub(in crate::engine) log: LogHead,
    instances: FxHashMap<u32, StagedInstance>,
}

impl Finished {
    /// What it changes, for those who follow.
    pub(in crate::engine) fn change(&self) -> Option<CommitChange> {
        let (staged, deleted) = match self {
            Self::Unchanged => return None,
            Self::Frame(staged) => (staged, None),
            Self::Tables {
                writing, staged, ..
            } => (staged, Some(&writing.deleted)),
        };
        let deleted_numbers = deleted.into_iter().flatten();
        Some(CommitChange {
            commit: staged.log.commits,
            instances: staged
                .instances
                .keys()
                .chain(deleted_numbers)
                .copied()
                .collect(),
            makes_or_deletes: deleted.is_some(),
        })
    }

    /// How many events it appends.
    pub(in crate::engine) fn event_count(&self) -> usize {
        let staged = match self {
            Self::Unchanged => return 0,
            Self::Frame(staged) | Self::Tables { staged, .. } => staged,
        };
        let instances = staged.instances.values();
        instances.map(|instance| instance.records.len()).sum()
    }
}

impl Staged {
    /// Tells a segment that has the batch's frame what the records in it say.
    pub(in crate::engine) fn tell(self, segment: &Segment) {
        for (number, staged) in self.instances {
            segment.tell(number, staged.streams, staged.keys, staged.states);
        }
    }

    /// Where all streams stand that the batch has added to.
    pub(in crate::engine) fn streams(self) -> impl Iterator<Item = (u32, Arc<str>, StreamHead)> {
        self.instances.into_iter().flat_map(|(number, staged)| {
            staged
                .streams
                .into_iter()
                .map(move |(name, head)| (number, name, head))
        })
    }
}

impl Batch<'_> {
    /// Whether there is anything to commit.
    pub(in crate::engine) const fn changed(&self) -> bool {
        self.changed
    }

    /// Makes the batch a commit that has that token. A frame of more than `frame_bytes_max` goes to
    /// the tables.
    ///
    /// # Errors
    ///
    /// A storage fault; a refusal if it is not known where an instance stands that was staged.
    pub(in crate::engine) fn finish(
        mut self,
        token: u64,
        frame_bytes_max: usize,
    ) -> Result<Finished, Fault> {
        if !self.changed() {
            return Ok(Finished::Unchanged);
        }
        self.log.commits += 1;
        self.log.token = token;
        let group = |(number, staged): (&u32, &StagedInstance)| {
            Ok(FrameGroup {
                number: *number,
                count: staged.records.len() as u32,
                head: self.head_after(*number)?,
            })
        };
        let groups: Result<Vec<FrameGroup>, Fault> = self.staged.iter().map(group).collect();
        self.frame.seal(&self.log, groups?.into_iter());
        if self.frame.bytes().len() > frame_bytes_max {
            self.writing()?;
        }
        let Some(writing) = self.writing.take() else {
            return Ok(Finished::Frame(self.staged()));
        };
        self.write(&writing)?;
        Ok(Finished::Tables {
            writing: Box::new(writing),
            header: self
                .view
                .next_header(self.log.commits, Start::Fresh, random_salt()),
            staged: self.staged(),
        })
    }

    /// Where a staged instance stands after this commit.
    fn head_after(&self, number: u32) -> Result<Head, Fault> {
        let instance = self.memory.instances.get(&number).ok_or_else(|| {
            // Whatever staged it has looked it up, so this cannot be. To pass it over would be to lose it.
            let text =
                format!("a commit does not know where instance {number} stands, which it changes");
            Fault::Refused(Error::internal("writing", &text))
        })?;
        Ok(instance.head)
    }

    /// Writes to the tables what they do not hold yet, and what was staged.
    fn write(&self, writing: &Writing) -> Result<(), Fault> {
        let transaction = &writing.transaction;
        let layout = self.open_log.storage.layout_to_write()?;
        write_generation(transaction, &self.view.current, &writing.deleted, layout)?;
        for (number, staged) in &self.staged {
            let head = self.head_after(*number)?;
            let first = head.last_position + 1 - staged.records.len() as u64;
            let bytes = self.frame.entry_bytes();
            let records = staged.records.iter().map(|range| &bytes[range.clone()]);
            write_events(transaction, *number, (first..).zip(records), layout)?;
            let streams = staged.streams.iter().map(|(name, head)| (&**name, *head));
            write_streams(transaction, *number, streams.collect())?;
            let keys = staged
                .keys
                .iter()
                .map(|(key, position)| (&**key, *position));
            write_keys(transaction, *number, keys.collect())?;
            let states = || {
                let states = staged.states.iter();
                states.map(|(name, range)| (&**name, &bytes[range.clone()]))
            };
            write_states(transaction, *number, states())?;
            drop_trimmed(transaction, *number, states(), head.last_position, layout)?;
            transaction
                .open_table(schema::HEADS)?
                .insert(*number, head.to_value())?;
        }
        write_log_head(transaction, self.log)
    }

    fn staged(self) -> Staged {
        Staged {
            log: self.log,
            instances: self.staged,
        }
    }
}
