//! Calls that are known again when they are made a second time.

use std::ops::{ControlFlow, RangeInclusive};

use super::encryption::Revealing;
use super::given_event::{ArgumentPath, GivenEvent};
use super::retained::{GapsInBatch, horizon_in, horizon_of};
use super::text;
use crate::engine::{Appended, CallKey, Fault, Horizon, Record};
use crate::erased::is_erased;
use crate::error::{Code, Error};
use crate::seam::{ReadSnapshot, Transaction};

/// The key of a call's idempotency key.
pub(super) const KEY: &str = "idempotencyKey";

/// Where calls are looked for: the log as of a commit, or within the one that is being made.
pub(super) trait KnownCalls {
    /// The position of the first event of the call that has the key.
    fn first_of(&mut self, number: u32, key: &str) -> Result<Option<u64>, Fault>;

    /// Up to where events are out.
    fn horizon(&mut self, number: u32) -> Result<Horizon, Fault>;

    /// The position of the first one of these events that is out; `None` if none is.
    fn first_out(
        &mut self,
        number: u32,
        positions: RangeInclusive<u64>,
    ) -> Result<Option<u64>, Fault>;

    /// The position of an instance's last event.
    fn last(&mut self, number: u32) -> Result<u64, Fault>;

    /// Calls `visit` with the events at these positions, until it fails.
    fn each(
        &mut self,
        number: u32,
        positions: RangeInclusive<u64>,
        visit: impl FnMut(u64, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault>;
}

impl KnownCalls for dyn Transaction + '_ {
    fn first_of(&mut self, number: u32, key: &str) -> Result<Option<u64>, Fault> {
        self.position_of_key(number, key)
    }

    fn horizon(&mut self, number: u32) -> Result<Horizon, Fault> {
        horizon_in(self, number)
    }

    fn first_out(
        &mut self,
        number: u32,
        positions: RangeInclusive<u64>,
    ) -> Result<Option<u64>, Fault> {
        let horizon = horizon_in(self, number)?;
        let out = GapsInBatch::of(self, number, horizon)?.out(self, positions)?;
        Ok(out.first().copied())
    }

    fn last(&mut self, number: u32) -> Result<u64, Fault> {
        Ok(self.instance(number)?.head.last_position)
    }

    fn each(
        &mut self,
        number: u32,
        positions: RangeInclusive<u64>,
        mut visit: impl FnMut(u64, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.each_record(number, positions, &mut visit)
    }
}

impl KnownCalls for &dyn ReadSnapshot {
    fn first_of(&mut self, number: u32, key: &str) -> Result<Option<u64>, Fault> {
        self.position_of_key(number, key)
    }

    fn horizon(&mut self, number: u32) -> Result<Horizon, Fault> {
        horizon_of(*self, number)
    }

    fn first_out(
        &mut self,
        number: u32,
        mut positions: RangeInclusive<u64>,
    ) -> Result<Option<u64>, Fault> {
        let chunks = self.chunks(number)?;
        if !chunks.has_gaps() {
            return Ok(positions.next().filter(|first| *first < chunks.first()));
        }
        for position in positions {
            if chunks.is_out(position)? {
                return Ok(Some(position));
            }
        }
        Ok(None)
    }

    fn last(&mut self, number: u32) -> Result<u64, Fault> {
        Ok(self.instance(number)?.head.last_position)
    }

    fn each(
        &mut self,
        number: u32,
        positions: RangeInclusive<u64>,
        mut visit: impl FnMut(u64, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut positions = positions;
        let chunks = self.chunks(number)?;
        chunks.each(&mut positions, &mut |position, record| {
            visit(position, record)?;
            Ok(ControlFlow::Continue(()))
        })
    }
}

/// A call that was made before.
#[derive(Clone, Copy)]
pub(super) struct MadeCall {
    first: u64,
    /// How many events it has.
    events: u64,
    /// Of how many of them the log has.
    here: u64,
}

impl MadeCall {
    fn positions(self) -> RangeInclusive<u64> {
        self.first..=self.first + self.events - 1
    }
}

/// By what a call is known again.
#[derive(Clone, Debug)]
pub(super) struct IdempotencyKey(String);

/// What was stored of a call that is made again.
#[derive(Debug)]
pub(super) struct MadeBefore {
    pub(super) appended: Vec<Appended>,
    /// Whether an event of it was erased, or its subject forgotten, since. What is stored is other than what is given then.
    pub(super) has_gone: bool,
}

impl IdempotencyKey {
    /// Reads the value of [`KEY`] of a call that appends that many events.
    pub(super) fn parse(raw: Option<&str>, events: usize) -> Result<Option<Self>, Error> {
        let Some(raw) = raw else {
            return Ok(None);
        };
        let key = text::idempotency_key(KEY, raw)?.into_owned();
        if events == 0 {
            // A key is kept with the first event of its call.
            let expected = "one or more events in a call with an idempotencyKey";
            return Err(Error::expected("events", expected, "none"));
        }
        Ok(Some(Self(key)))
    }

    /// The key as it is stored with the first of that many events.
    pub(super) fn call(&self, events: usize) -> CallKey<'_> {
        CallKey {
            text: &self.0,
            events: events as u64,
        }
    }

    /// What was stored of the call with this key, if the instance has had one.
    ///
    /// # Errors
    ///
    /// `IDEMPOTENCY_MISMATCH` if that was other than these events, which `call` is the text of;
    /// `TRIMMED` if some of it is out; a storage fault.
    pub(super) fn find(
        &self,
        number: u32,
        events: &[GivenEvent],
        call: &str,
        batch: &mut dyn Transaction,
        revealing: &Revealing<'_>,
    ) -> Result<Option<MadeBefore>, Fault> {
        let Some(made) = self.made(number, batch)? else {
            return Ok(None);
        };
        if made.events != events.len() as u64 {
            let given = count(events.len() as u64);
            let found = format!("{given} where it had {}", made.events);
            return Err(self.mismatch(&found).into());
        }
        self.check_whole(made)?;
        let instance_id = batch.instance(number)?.id.clone();
        let mut appended = Vec::with_capacity(events.len());
        let mut has_gone = false;
        batch.each_record(number, made.positions(), &mut |_, record| {
            let index = appended.len();
            let revealed = revealing.of_record(&instance_id, record)?;
            let difference = |event: &GivenEvent| event.difference(record, revealed.as_ref(), call);
            if let Some(key) = events.get(index).and_then(difference) {
                let place = match events {
                    [_] => ArgumentPath::Call,
                    _ => ArgumentPath::Element(index),
                };
                let found = format!("one whose {place}{key} differs");
                return Err(self.mismatch(&found).into());
            }
            let is_forgotten = revealed.is_some_and(|revealed| revealed.is_forgotten);
            has_gone |= is_forgotten || is_erased(record.payload);
            appended.push(Appended {
                id: record.id,
                timestamp_ms: record.timestamp_ms,
                sequence_number: record.sequence,
            });
            Ok(())
        })?;
        Ok(Some(MadeBefore { appended, has_gone }))
    }

    /// Calls `visit` with the events that the call with this key has stored, whatever they are, and says whether
    /// there was one.
    ///
    /// # Errors
    ///
    /// What `visit` fails with; `IDEMPOTENCY_MISMATCH` if the log has only a part of the call; a storage fault.
    pub(super) fn each_event(
        &self,
        number: u32,
        calls: &mut (impl KnownCalls + ?Sized),
        visit: impl FnMut(u64, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<bool, Fault> {
        let Some(made) = self.made(number, calls)? else {
            return Ok(false);
        };
        self.check_whole(made)?;
        calls.each(number, made.positions(), visit)?;
        Ok(true)
    }

    /// How many events the call with this key has stored; 0 if there was none.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub(super) fn count(
        &self,
        number: u32,
        calls: &mut (impl KnownCalls + ?Sized),
    ) -> Result<u64, Fault> {
        Ok(self.made(number, calls)?.map_or(0, |made| made.here))
    }

    /// The call that was made with this key, if the instance has had one.
    fn made(
        &self,
        number: u32,
        calls: &mut (impl KnownCalls + ?Sized),
    ) -> Result<Option<MadeCall>, Fault> {
        let Some(first) = calls.first_of(number, &self.0)? else {
            return Ok(None);
        };
        let horizon = calls.horizon(number)?;
        if first <= horizon.position {
            return Err(self.trimmed(first, horizon).into());
        }
        if horizon.between > 0 && calls.first_out(number, first..=first)?.is_some() {
            return Err(self.trimmed_between(first).into());
        }
        let mut events = None;
        calls.each(number, first..=first, |_, record| {
            events = record
                .call
                .filter(|call| call.text == self.0)
                .map(|call| call.events);
            Ok(())
        })?;
        let events = events.ok_or_else(|| {
            let text = format!("the event at position {first} has another idempotency key");
            Fault::Corrupted(text)
        })?;
        let here = events.min(calls.last(number)? + 1 - first);
        if horizon.between > 0
            && let Some(position) = calls.first_out(number, first..=first + here - 1)?
        {
            return Err(self.trimmed_between(position).into());
        }
        Ok(Some(MadeCall {
            first,
            events,
            here,
        }))
    }

    /// Refuses a call of which the log has only a part: an import can have been cut off within it.
    fn check_whole(&self, MadeCall { events, here, .. }: MadeCall) -> Result<(), Error> {
        if here == events {
            return Ok(());
        }
        let found = format!("{} of which the log has only {here}", count(events));
        Err(self.mismatch(&found))
    }

    /// The refusal of a call of which an event is out. It is not stored again, and nothing is left to compare it with.
    fn trimmed(&self, position: u64, horizon: Horizon) -> Error {
        let first = horizon.first_position();
        let text = format!(
            "{KEY}: expected a key whose events are left, found {:?}, with which a call was stored at position \
             {position}: the events before position {first} were trimmed since, and a key is used once",
            self.0
        );
        Error::trimmed(first).with_text(text)
    }

    /// The same for an event that is out between others.
    fn trimmed_between(&self, position: u64) -> Error {
        let text = format!(
            "{KEY}: expected a key whose events are left, found {:?}, with which a call has stored the event at \
             position {position}: it was trimmed since with its stream, and a key is used once",
            self.0
        );
        Error::event_trimmed(position).with_text(text)
    }

    /// The refusal of a call that has the key of another one; `found` says what is other.
    pub(super) fn mismatch(&self, found: &str) -> Error {
        Error::new(
            Code::IdempotencyMismatch,
            format!(
                "{KEY}: expected the call that the key {:?} was first given with, found {found}: \
                 give each call a key of its own, and the same one only to try it again",
                self.0
            ),
        )
    }
}

fn count(events: u64) -> String {
    match events {
        1 => "one event".to_owned(),
        _ => format!("{events} events"),
    }
}

#[cfg(test)]
mod test;
