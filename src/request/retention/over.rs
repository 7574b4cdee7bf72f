//! Which events of an instance are over its rule.
//!
//! They go from the front, so those that go are a prefix: an event stays as long as one before it stays. What a limit says is
//! kept always stays. How late the rest goes is said here.

use std::ops::ControlFlow;

use super::policy::Policy;
use crate::engine::Fault;
use crate::error::CheckpointConflict;
use crate::request::consumers::holder_in_snapshot;
use crate::request::retained::horizon_of;
use crate::seam::ReadSnapshot;

/// How many events go at a time, at most: an archive has a file for each time.
pub(super) const EVENTS_MAX: u64 = 65_536;

/// How many events a block of a file has, and of what goes by itself: the space of whole ones is used again.
pub(super) const BLOCK_EVENTS: u64 = 4_096;

/// A limit may be exceeded by a part of it before something goes that is no whole block.
pub(super) const PART: u64 = 10;

/// But an age by no more than a day.
const LATE_MAX_MS: u64 = 24 * 60 * 60 * 1_000;

/// By how much events are older than an age at most, before they go by themselves.
pub(super) fn late_of(age_ms: u64) -> u64 {
    (age_ms / PART).min(LATE_MAX_MS)
}

/// What is over the rule of an instance.
#[derive(Debug)]
pub(super) struct Over {
    /// The position of the first event that there is.
    pub(super) first: u64,
    /// The position before which events are to go; that of the first one if none is.
    pub(super) before: u64,
    /// Whether these end where a block of a file does.
    pub(super) is_whole: bool,
    /// The consumer that keeps more from going.
    pub(super) holder: Option<CheckpointConflict>,
}

/// An instance whose rule is looked at.
pub(super) struct Measured<'a> {
    snapshot: &'a dyn ReadSnapshot,
    number: u32,
    policy: &'a Policy,
    now_ms: i64,
    /// The positions of the first and of the last event.
    first: u64,
    last: u64,
    /// The bytes of the records of all events that are left.
    bytes: u64,
}

impl<'a> Measured<'a> {
    pub(super) fn new(
        snapshot: &'a dyn ReadSnapshot,
        number: u32,
        policy: &'a Policy,
        now_ms: i64,
    ) -> Result<Self, Fault> {
        let head = snapshot.instance(number)?.head;
        let horizon = horizon_of(snapshot, number)?;
        Ok(Self {
            snapshot,
            number,
            policy,
            now_ms,
            first: horizon.first_position(),
            last: head.last_position,
            bytes: head.stored_bytes.saturating_sub(horizon.bytes),
        })
    }

    /// What is to go: all that is over the rule if that `is_exact`, and otherwise what is worth it.
    pub(super) fn over(&self, is_exact: bool) -> Result<Over, Fault> {
        let nothing = |holder| Over {
            first: self.first,
            before: self.first,
            is_whole: false,
            holder,
        };
        if self.last < self.first || (!is_exact && !self.may_be_worth_it()?) {
            return Ok(nothing(None));
        }
        let holder = match self.policy.force {
            true => None,
            false => holder_in_snapshot(self.snapshot, self.number, self.last)?,
        };
        let done = holder.as_ref().map_or(self.last, |holder| holder.actual);
        // One more than may go, to know whether the consumer keeps anything from going.
        let end = done.saturating_add(1).max(self.first).min(self.last);
        let wanted = self.last_over(end.min(self.first + EVENTS_MAX - 1))?;
        let holder = holder.filter(|_| wanted > done);
        let over = wanted.min(done);
        if over < self.first {
            return Ok(nothing(holder));
        }
        let whole = over / BLOCK_EVENTS * BLOCK_EVENTS;
        let is_whole = whole >= self.first;
        let last = if is_exact || !is_whole { over } else { whole };
        Ok(Over {
            first: self.first,
            before: last + 1,
            is_whole: is_whole && last == whole,
            holder,
        })
    }

    /// Whether a limit is exceeded by so much that events go that are no whole block, or a whole one may go. That is found out
    /// by two events at most.
    fn may_be_worth_it(&self) -> Result<bool, Fault> {
        let Policy {
            max_age_ms,
            max_events,
            max_bytes,
            ..
        } = self.policy;
        let count = self.snapshot.chunks(self.number)?.count().max(1);
        let block = BLOCK_EVENTS - (self.first - 1) % BLOCK_EVENTS;
        if let Some(max) = *max_events {
            let over = count.saturating_sub(max);
            if over > max / PART || over >= block {
                return Ok(true);
            }
        }
        if let Some(max) = *max_bytes {
            let over = self.bytes.saturating_sub(max);
            // As if all events had the same length.
            let needed = (self.bytes / count).saturating_mul(block);
            if over > max / PART || over > 0 && over >= needed {
                return Ok(true);
            }
        }
        let Some(max) = *max_age_ms else {
            return Ok(false);
        };
        if self.time_at(self.first)? < self.oldest(max.saturating_add(late_of(max))) {
            return Ok(true);
        }
        let end = self.first + block - 1;
        Ok(count >= block && self.time_at(end)? < self.oldest(max))
    }

    /// The position up to which all events are older than that; 0 if the first one is not.
    pub(super) fn old_up_to(&self, age_ms: u64) -> Result<u64, Fault> {
        if self.last < self.first {
            return Ok(0);
        }
        let over = self.last_over_age(age_ms, self.first - 1, self.last)?;
        Ok(if over < self.first { 0 } else { over })
    }

    /// The timestamp before which events are older than that.
    fn oldest(&self, age_ms: u64) -> i64 {
        self.now_ms.saturating_sub_unsigned(age_ms)
    }

    /// The time of the event at a position, or of the last one before it that is left, which the first one is.
    fn time_at(&self, mut position: u64) -> Result<i64, Fault> {
        let mut time = 0;
        let chunks = self.snapshot.chunks(self.number)?;
        while position > self.first && chunks.is_out(position)? {
            position -= 1;
        }
        chunks.at(position, &mut |record| time = record.timestamp_ms)?;
        Ok(time)
    }

    /// The position of the last event that is over a limit, among those up to `end`; that before the first one if none is.
    fn last_over(&self, end: u64) -> Result<u64, Fault> {
        let mut over = self.first - 1;
        if let Some(max) = self.policy.max_events {
            over = over.max(self.last_over_events(max)?.min(end));
        }
        if let Some(max) = self.policy.max_bytes {
            over = over.max(self.last_over_bytes(max, end)?);
        }
        // Behind a young event that goes for another reason, old ones may follow.
        match self.policy.max_age_ms {
            Some(max) if over < end => self.last_over_age(max, over, end),
            _ => Ok(over),
        }
    }

    fn last_over_events(&self, max: u64) -> Result<u64, Fault> {
        let chunks = self.snapshot.chunks(self.number)?;
        let number = chunks.count().saturating_sub(max);
        if number == 0 {
            return Ok(0);
        }
        let last = chunks.positions(number..=number)?;
        Ok(last.first().copied().unwrap_or_default())
    }

    fn last_over_bytes(&self, max: u64, end: u64) -> Result<u64, Fault> {
        let mut left = self.bytes;
        let mut over = self.first - 1;
        if left <= max {
            return Ok(over);
        }
        let chunks = self.snapshot.chunks(self.number)?;
        chunks.each(&mut (self.first..=end), &mut |position, record| {
            left = left.saturating_sub(record.bytes() as u64);
            over = position;
            Ok(match left > max {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            })
        })?;
        Ok(over)
    }

    /// The same for an age, if those up to `over` go in any case. Of a chunk whose times are known to be all before that, no
    /// event is read.
    fn last_over_age(&self, max: u64, mut over: u64, end: u64) -> Result<u64, Fault> {
        let oldest = self.oldest(max);
        let chunks = self.snapshot.chunks(self.number)?;
        for index in chunks.index_of(over + 1)..chunks.len() {
            self.snapshot.check_wanted()?;
            let chunk = chunks.chunk(index)?;
            let last = (chunk.first_position() + chunk.len() as u64 - 1).min(end);
            if chunk
                .overview()
                .is_some_and(|known| known.times().1 < oldest)
            {
                over = last;
            } else {
                let mut young = None;
                chunks.each(&mut (over + 1..=last), &mut |position, record| {
                    if record.timestamp_ms >= oldest {
                        young = Some(position);
                        return Ok(ControlFlow::Break(()));
                    }
                    Ok(ControlFlow::Continue(()))
                })?;
                over = young.map_or(last, |young| young - 1);
            }
            if over < last || last == end {
                break;
            }
        }
        Ok(over)
    }
}
