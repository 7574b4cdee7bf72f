//! Reading the events that an instance has within a commit in the making.

use std::ops::RangeInclusive;

use super::Batch;
use crate::engine::Fault;
use crate::engine::tables::record::Record;

/// Events that are looked for where they may be, one after the other.
struct Search<V> {
    next: u64,
    last: u64,
    visit: V,
}

impl<V: FnMut(u64, &Record<'_>) -> Result<(), Fault>> Search<V> {
    /// Takes an event that may be the next one.
    fn find(&mut self, position: u64, bytes: &[u8]) -> Result<(), Fault> {
        if position != self.next || position > self.last {
            return Ok(());
        }
        self.take(position, &Record::decode(bytes, position)?)
    }

    /// Takes the next event.
    fn take(&mut self, position: u64, record: &Record<'_>) -> Result<(), Fault> {
        self.next = position + 1;
        (self.visit)(position, record)
    }
}

impl Batch<'_> {
    /// Calls `visit` with the events of an instance at these positions, as they stand within this
    /// commit, until it fails.
    ///
    /// # Errors
    ///
    /// What `visit` fails with; a storage fault, or corruption: there is no such event, or it is
    /// damaged.
    pub fn each_record(
        &mut self,
        number: u32,
        positions: RangeInclusive<u64>,
        visit: impl FnMut(u64, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let (next, last) = positions.into_inner();
        let mut search = Search { next, last, visit };
        let staged = self.staged.get(&number);
        let (new, count) = staged.map_or((false, 0), |staged| (staged.new, staged.records.len()));
        let before = self.known_instance(number)?.head.last_position - count as u64;
        if next <= before && !new {
            let reading = self.reading()?;
            reading.each_record(number, next..=last.min(before), |position, record| {
                search.take(position, record)
            })?;
        }
        // The tables may have what is in the journal too.
        for generation in [self.view.previous.as_ref(), Some(&self.view.current)] {
            let Some(generation) = generation.filter(|_| search.next <= last.min(before)) else {
                continue;
            };
            let records = generation.segment.records();
            let found = records.records_from(number, search.next);
            for (position, bytes) in found.take_while(|(position, _)| *position <= last) {
                search.find(position, bytes)?;
            }
        }
        if last > before
            && let Some(staged) = self.staged.get(&number)
        {
            let first = search.next.max(before + 1);
            let passed = usize::try_from(first - before - 1).unwrap_or(usize::MAX);
            let own = staged.records.iter().skip(passed);
            for (position, record) in (first..=last).zip(own) {
                search.find(position, &self.frame.entry_bytes()[record.clone()])?;
            }
        }
        if search.next <= last {
            let text = format!("the event at position {} is missing", search.next);
            return Err(Fault::Corrupted(text));
        }
        Ok(())
    }
}
