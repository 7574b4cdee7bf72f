//! A read snapshot without the events that were trimmed.

use std::sync::OnceLock;

use super::chain::RetainedChain;
use super::chunks::RetainedChunks;
use super::gaps::Gaps;
use super::horizon::horizon_of;
use super::stream::StreamHorizon;
use crate::engine::{Fault, Horizon, Instance, StreamEnd};
use crate::seam::{EventChain, EventChunks, ReadSnapshot};

/// A read snapshot without the events that were trimmed.
pub(in crate::request) struct RetainedSnapshot<'a> {
    stored: &'a dyn ReadSnapshot,
    /// The instance that was asked for first, which mostly is the only one, and where it begins.
    known: OnceLock<(u32, Horizon)>,
    /// Whether the events that were trimmed, and not dropped yet, are there as any other.
    has_trimmed: bool,
}

impl<'a> RetainedSnapshot<'a> {
    pub(in crate::request) const fn over(stored: &'a dyn ReadSnapshot) -> Self {
        Self {
            stored,
            known: OnceLock::new(),
            has_trimmed: false,
        }
    }

    /// With those that were trimmed as far as the engine still has them: for what is to reach all that the file has. Only its
    /// chunks have them.
    pub(in crate::request) const fn with_trimmed(stored: &'a dyn ReadSnapshot) -> Self {
        Self {
            stored,
            known: OnceLock::new(),
            has_trimmed: true,
        }
    }

    /// All events that were not dropped.
    fn undropped(&self, number: u32) -> Result<Box<dyn EventChunks + '_>, Fault> {
        let chunks = self.stored.kept_chunks(number)?;
        let dropped = Horizon {
            position: chunks.first() - 1,
            bytes: 0,
            between: 0,
            last_between: 0,
        };
        if dropped.is_nothing() {
            return Ok(chunks);
        }
        Ok(Box::new(RetainedChunks::new(chunks, dropped, None)))
    }

    fn horizon(&self, number: u32) -> Result<Horizon, Fault> {
        if let Some((_, horizon)) = self.known.get().filter(|(known, _)| *known == number) {
            return Ok(*horizon);
        }
        let horizon = horizon_of(self.stored, number)?;
        // Another thread may have found out the same, or one of another instance.
        let _ = self.known.set((number, horizon));
        Ok(horizon)
    }
}

impl ReadSnapshot for RetainedSnapshot<'_> {
    fn commits(&self) -> u64 {
        self.stored.commits()
    }

    fn find(&self, id_or_name: &str) -> Result<u32, Fault> {
        self.stored.find(id_or_name)
    }

    fn instance(&self, number: u32) -> Result<Instance, Fault> {
        self.stored.instance(number)
    }

    fn has_instance(&self, number: u32) -> Result<bool, Fault> {
        self.stored.has_instance(number)
    }

    fn instance_count(&self) -> Result<u64, Fault> {
        self.stored.instance_count()
    }

    fn instances(&self) -> Result<Vec<Instance>, Fault> {
        self.stored.instances()
    }

    fn chunks(&self, number: u32) -> Result<Box<dyn EventChunks + '_>, Fault> {
        if self.has_trimmed {
            return self.undropped(number);
        }
        let chunks = self.stored.chunks(number)?;
        let horizon = self.horizon(number)?;
        if horizon.is_nothing() {
            return Ok(chunks);
        }
        let gaps = Gaps::of(self.stored, number, horizon)?;
        Ok(Box::new(RetainedChunks::new(chunks, horizon, gaps)))
    }

    fn kept_chunks(&self, number: u32) -> Result<Box<dyn EventChunks + '_>, Fault> {
        self.stored.kept_chunks(number)
    }

    fn stream(&self, number: u32, stream_id: &str) -> Result<Box<dyn EventChain + '_>, Fault> {
        let chain = self.stored.stream(number, stream_id)?;
        let horizon = self.horizon(number)?;
        if horizon.is_nothing() {
            return Ok(chain);
        }
        let own = StreamHorizon::of(self.stored, number, stream_id, horizon)?;
        Ok(Box::new(RetainedChain::new(
            chain,
            self.stored,
            (number, stream_id),
            (horizon, own),
        )))
    }

    fn streams(
        &self,
        number: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StreamEnd>, Fault> {
        let horizon = self.horizon(number)?;
        if horizon.is_nothing() {
            return self.stored.streams(number, prefix, after, limit);
        }
        let mut after = after.map(str::to_owned);
        let mut found = Vec::new();
        loop {
            let page = self
                .stored
                .streams(number, prefix, after.as_deref(), limit)?;
            let is_last = page.len() < limit;
            after = page.last().map(|last| last.stream_id.to_string());
            for stream in page {
                if stream.position <= horizon.position {
                    continue;
                }
                let own = StreamHorizon::of(self.stored, number, &stream.stream_id, horizon)?;
                if stream.sequence >= own.first {
                    found.push(stream);
                }
            }
            if is_last || found.len() >= limit {
                found.truncate(limit);
                return Ok(found);
            }
        }
    }

    fn state(&self, number: u32, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        self.stored.state(number, name)
    }

    fn numbers_with_state(&self, name: &str) -> Result<Vec<u32>, Fault> {
        self.stored.numbers_with_state(name)
    }

    fn state_count(&self, number: u32) -> Result<u64, Fault> {
        self.stored.state_count(number)
    }

    fn states(
        &self,
        number: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        self.stored.states(number, prefix, after, limit)
    }

    fn position_of_key(&self, number: u32, key: &str) -> Result<Option<u64>, Fault> {
        // Also of a call whose events are out: it is not to be stored again.
        self.stored.position_of_key(number, key)
    }

    fn check_wanted(&self) -> Result<(), Fault> {
        self.stored.check_wanted()
    }

    fn check_name(&self) -> Result<(), Fault> {
        self.stored.check_name()
    }

    fn is_lost(&self) -> bool {
        self.stored.is_lost()
    }

    fn note(&self, fault: &Fault) {
        self.stored.note(fault);
    }
}
