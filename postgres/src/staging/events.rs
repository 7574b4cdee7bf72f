//! Staging events, and finding those that are there.

use std::ops::RangeInclusive;

use codebolt_eventlog::engine::{Appended, Fault, NewEvent, Record};
use uuid::Uuid;

use super::Staging;
use crate::failure::Failure;
use crate::memory::StreamEnd;
use crate::rows::missing;

impl Staging<'_> {
    /// Stages an event as the next one of its stream.
    pub(super) fn stage_event(
        &mut self,
        number: u32,
        event: &NewEvent<'_>,
        id: Uuid,
        timestamp_ms: i64,
    ) -> Result<Appended, Fault> {
        let end = self.stream_end(number, event.stream_id)?;
        let last = self.known(number)?.head.last_position;
        if end.position > last {
            // Somebody else has appended, unless the head is as it is known.
            let text = format!(
                "a stream ends at position {}, its instance at {last}",
                end.position
            );
            return Err(self.failed(Failure::corrupted(text)));
        }
        let start = self.staged.records.len();
        let head = &mut self.changed(number)?.instance.head;
        let position = head.add_event(timestamp_ms, end.sequence == 0);
        let appended = Appended {
            id,
            timestamp_ms,
            sequence_number: end.sequence + 1,
        };
        let record = event.record(appended, position, end.position);
        record.encode(&mut self.staged.records);
        let range = start..self.staged.records.len();
        let staged = self.changed(number)?;
        staged.instance.head.stored_bytes += range.len() as u64;
        staged.records.push(range);
        if let Some(call) = event.call {
            staged.keys.insert(call.text.to_owned(), position);
        }
        let own = StreamEnd {
            sequence: appended.sequence_number,
            position,
        };
        match staged.streams.get_mut(event.stream_id) {
            Some(known) => *known = own,
            None => {
                staged.streams.insert(event.stream_id.into(), own);
            }
        }
        Ok(appended)
    }

    /// Where a stream ends within this commit.
    pub(super) fn stream_end(&mut self, number: u32, stream_id: &str) -> Result<StreamEnd, Fault> {
        self.known(number)?;
        if let Some(staged) = self.staged.instances.get(&number) {
            if let Some(end) = staged.streams.get(stream_id) {
                return Ok(*end);
            }
            if staged.is_new {
                return Ok(StreamEnd::default());
            }
        }
        let known = |staging: &Self| {
            let known = staging.memory.instance(number);
            known.and_then(|known| known.stream_end(stream_id))
        };
        if let Some(end) = known(self) {
            return Ok(end);
        }
        self.questions.ask_stream(number, stream_id);
        self.answer_now();
        Ok(known(self).unwrap_or_default())
    }

    /// The position of the first event of the call that has the key.
    pub(super) fn find_key(&mut self, number: u32, key: &str) -> Result<Option<u64>, Fault> {
        self.known(number)?;
        let staged = self.staged.instances.get(&number);
        if let Some(position) = staged.and_then(|staged| staged.keys.get(key)) {
            return Ok(Some(*position));
        }
        if !self.is_stored(number) {
            return Ok(None);
        }
        if let Some(found) = self.answers.key(number, key) {
            return Ok(found);
        }
        self.questions.ask_key(number, key);
        self.answer_now();
        Ok(self.answers.key(number, key).flatten())
    }

    /// Calls `visit` with the events at these positions, those of this commit as well.
    pub(super) fn visit_records(
        &mut self,
        number: u32,
        positions: RangeInclusive<u64>,
        visit: &mut dyn FnMut(u64, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let (first, last) = positions.into_inner();
        let end = self.known(number)?.head.last_position;
        if first <= last && last > end {
            return Err(missing(end + 1));
        }
        let staged = self.staged.instances.get(&number);
        let before = end - staged.map_or(0, |staged| staged.records.len() as u64);
        if first <= before.min(last) {
            self.each_stored(number, first..=last.min(before), visit)?;
        }
        let Some(staged) = self.staged.instances.get(&number) else {
            return Ok(());
        };
        let passed = first.saturating_sub(before + 1) as usize;
        for found in self.staged.records_of(staged).skip(passed) {
            let (position, record) = found?;
            if position > last {
                break;
            }
            visit(position, &record)?;
        }
        Ok(())
    }
}
