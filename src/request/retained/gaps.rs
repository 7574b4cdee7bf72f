//! Which events are out between those that are left.

use std::ops::RangeInclusive;

use crate::engine::{Fault, Horizon, Sieve, SieveState};
use crate::seam::{ReadSnapshot, Transaction};

/// The events that are out after the horizon of an instance, in a snapshot.
pub(super) struct Gaps<'a> {
    snapshot: &'a dyn ReadSnapshot,
    number: u32,
    sieve: Sieve,
}

impl<'a> Gaps<'a> {
    /// Those of an instance with that horizon; `None` if there is none.
    pub(super) fn of(
        snapshot: &'a dyn ReadSnapshot,
        number: u32,
        horizon: Horizon,
    ) -> Result<Option<Self>, Fault> {
        if horizon.between == 0 {
            return Ok(None);
        }
        let sieve = Sieve::read(&mut |name| snapshot.state(number, name))?;
        Ok(Some(Self {
            snapshot,
            number,
            sieve,
        }))
    }

    fn state(&self, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        self.snapshot.state(self.number, name)
    }

    pub(super) fn has(&self, position: u64) -> Result<bool, Fault> {
        self.sieve.is_out(position, &mut |name| self.state(name))
    }

    pub(super) fn count(&self, positions: RangeInclusive<u64>) -> Result<u64, Fault> {
        self.sieve.count(positions, &mut |name| self.state(name))
    }

    pub(super) fn each(
        &self,
        positions: RangeInclusive<u64>,
        visit: &mut dyn FnMut(u64),
    ) -> Result<(), Fault> {
        self.sieve
            .each_out(positions, &mut |name| self.state(name), visit)
    }

    /// The positions of the events that are left from `first` on, by their numbers from 1.
    pub(super) fn left(&self, first: u64, numbers: RangeInclusive<u64>) -> Result<Vec<u64>, Fault> {
        self.sieve
            .left(first, numbers, &mut |name| self.state(name))
    }
}

/// The events that are out after the horizon of an instance, within a commit in the making.
pub(in crate::request) struct GapsInBatch {
    number: u32,
    horizon: Horizon,
    sieve: Sieve,
}

impl GapsInBatch {
    /// Those of an instance with that horizon. Nothing is read if there is none.
    pub(in crate::request) fn of(
        batch: &mut (dyn Transaction + '_),
        number: u32,
        horizon: Horizon,
    ) -> Result<Self, Fault> {
        let sieve = match horizon.between {
            0 => Sieve::default(),
            _ => Sieve::read(&mut |name| batch.state(number, name))?,
        };
        Ok(Self {
            number,
            horizon,
            sieve,
        })
    }

    /// Whether the event at a position is out, between others or before all of them.
    pub(in crate::request) fn is_out(
        &self,
        batch: &mut (dyn Transaction + '_),
        position: u64,
    ) -> Result<bool, Fault> {
        if position <= self.horizon.position {
            return Ok(true);
        }
        let number = self.number;
        self.sieve
            .is_out(position, &mut |name| batch.state(number, name))
    }

    /// The positions among these whose events are out.
    pub(in crate::request) fn out(
        &self,
        batch: &mut (dyn Transaction + '_),
        positions: RangeInclusive<u64>,
    ) -> Result<Vec<u64>, Fault> {
        let (first, last) = positions.into_inner();
        let mut out: Vec<u64> = (first..=last.min(self.horizon.position)).collect();
        let number = self.number;
        let between = first.max(self.horizon.first_position())..=last;
        self.sieve.each_out(
            between,
            &mut |name| batch.state(number, name),
            &mut |position| {
                out.push(position);
            },
        )?;
        Ok(out)
    }

    /// How many events after a position are left, of an instance whose last one is at `last`.
    pub(in crate::request) fn count_after(
        &self,
        batch: &mut (dyn Transaction + '_),
        position: u64,
        last: u64,
    ) -> Result<u64, Fault> {
        let after = position.max(self.horizon.position);
        if after >= last {
            return Ok(0);
        }
        Ok(last - after - self.count(batch, after + 1..=last)?)
    }

    /// How many events at these positions are out between others.
    pub(in crate::request) fn count(
        &self,
        batch: &mut (dyn Transaction + '_),
        positions: RangeInclusive<u64>,
    ) -> Result<u64, Fault> {
        let number = self.number;
        self.sieve
            .count(positions, &mut |name| batch.state(number, name))
    }

    /// Has events be out as well, which ascend, and keeps that.
    fn add(&mut self, batch: &mut (dyn Transaction + '_), positions: &[u64]) -> Result<(), Fault> {
        let number = self.number;
        let changed = self
            .sieve
            .add(positions, &mut |name| batch.state(number, name))?;
        put(batch, number, changed)
    }

    /// Has the horizon be at a position, or after the events behind that which are out as well, and keeps that. `bytes` are
    /// those of the records that are out since. The instance has events up to `last`.
    ///
    /// Returns the horizon.
    fn advance(
        mut self,
        batch: &mut (dyn Transaction + '_),
        position: u64,
        bytes: u64,
        last: u64,
    ) -> Result<Horizon, Fault> {
        let number = self.number;
        let mut position = position.max(self.horizon.position);
        while position < last
            && self
                .sieve
                .is_out(position + 1, &mut |name| batch.state(number, name))?
        {
            position += 1;
        }
        let between = self.count(batch, position + 1..=last)?;
        let last_between = match between {
            0 => 0,
            _ => self.horizon.last_between,
        };
        let horizon = Horizon {
            position,
            bytes: self.horizon.bytes + bytes,
            between,
            last_between,
        };
        if between == 0 {
            for name in batch.state_names(number, super::stream::PREFIX)? {
                batch.delete_state(number, &name)?;
            }
        }
        let forgotten = self.sieve.forget_up_to(match between {
            // Nothing of it matters any more.
            0 => u64::MAX - 1,
            _ => position,
        });
        put(batch, number, forgotten)?;
        batch.put_state(number, Horizon::STATE, &horizon.encode())?;
        Ok(horizon)
    }
}

fn put(
    batch: &mut (dyn Transaction + '_),
    number: u32,
    states: Vec<SieveState>,
) -> Result<(), Fault> {
    for (name, value) in states {
        match value {
            Some(value) => batch.put_state(number, &name, &value)?,
            None => batch.delete_state(number, &name).map(drop)?,
        }
    }
    Ok(())
}

/// Has the first events of an instance be out, up to a position. `bytes` are those of the records of those that were left.
/// Returns where the instance begins then.
///
/// # Errors
///
/// A storage fault, or corruption.
pub(crate) fn put_out_up_to(
    batch: &mut (dyn Transaction + '_),
    number: u32,
    (position, bytes): (u64, u64),
) -> Result<Horizon, Fault> {
    let horizon = super::horizon_in(batch, number)?;
    let last = batch.instance(number)?.head.last_position;
    GapsInBatch::of(batch, number, horizon)?.advance(batch, position, bytes, last)
}

/// Has the first events of a stream be out: those at these positions, which ascend, after the horizon of the instance, and
/// were left. `first` is the sequence number of the one after them, and `bytes` are those of their records. Returns where the
/// instance begins then.
///
/// # Errors
///
/// A storage fault, or corruption.
pub(crate) fn put_out_of_stream(
    batch: &mut (dyn Transaction + '_),
    number: u32,
    (stream_id, first): (&str, u64),
    (positions, bytes): (&[u64], u64),
) -> Result<Horizon, Fault> {
    let mut horizon = super::horizon_in(batch, number)?;
    let last = batch.instance(number)?.head.last_position;
    let Some(last_out) = positions.last().copied() else {
        return Ok(horizon);
    };
    let mut gaps = GapsInBatch::of(batch, number, horizon)?;
    gaps.add(batch, positions)?;
    horizon.last_between = horizon.last_between.max(last_out);
    gaps.horizon = horizon;
    super::StreamHorizon { first, last_out }.put(batch, number, stream_id)?;
    let position = horizon.position;
    gaps.advance(batch, position, bytes, last)
}
