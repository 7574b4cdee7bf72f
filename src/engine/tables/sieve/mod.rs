//! Which events of an instance are out between those that are left, as it is kept: [states](super::state) of the instance.
//!
//! The events of an instance are counted off in parts of 4,096, whatever blocks the log has. The state `sieve` has
//!
//! ```text
//! version   u8      1
//! … each    varint  a part, as its distance from the one before it, or from 0
//!           varint  how many of its events are out: at least one
//! ```
//!
//! and each of those parts has a state of its own, `sieve/` and its number in 16 hexadecimal digits:
//!
//! ```text
//! version   u8         1
//! bits      512 bytes  of each event 1 if it is out, with the first one lowest
//! ```
//!
//! What the sieve says of events up to the [horizon](super::horizon) does not matter.

mod part;
#[cfg(test)]
mod test;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use self::part::{PART_EVENTS, Part};
use crate::block::bytes::{Reader, write_varint};
use crate::engine::Fault;

const VERSION: u8 = 1;

/// What reads a state of the instance.
pub type StateReader<'r> = &'r mut dyn FnMut(&str) -> Result<Option<Vec<u8>>, Fault>;

/// Which events of an instance are out between those that are left. Parts are read when they are asked about.
#[derive(Debug, Default)]
pub struct Sieve {
    /// How many events of a part are out, where some are.
    counts: BTreeMap<u64, u64>,
    /// The parts that were read.
    parts: Mutex<FxHashMap<u64, Arc<Part>>>,
}

/// A state that is to be put, or to be deleted if it has no value.
pub type SieveState = (String, Option<Vec<u8>>);

impl Sieve {
    /// The name of the state that lists the parts.
    pub const STATE: &str = "sieve";

    /// Reads what is kept of an instance of which it is known that events are out between others.
    ///
    /// # Errors
    ///
    /// What `state` fails with; corruption, also if nothing is kept.
    pub fn read(state: StateReader<'_>) -> Result<Self, Fault> {
        let counts = state(Self::STATE)?.and_then(|bytes| decode(&bytes));
        let counts = counts.ok_or_else(|| {
            Fault::Corrupted("which events were trimmed is not what was written".to_owned())
        })?;
        Ok(Self {
            counts,
            parts: Mutex::default(),
        })
    }

    /// Whether the event at a position is out.
    ///
    /// # Errors
    ///
    /// What `state` fails with; corruption.
    pub fn is_out(&self, position: u64, state: StateReader<'_>) -> Result<bool, Fault> {
        let (part, row) = place_of(position);
        if !self.counts.contains_key(&part) {
            return Ok(false);
        }
        Ok(self.part(part, state)?.has(row))
    }

    /// How many events at these positions are out.
    ///
    /// # Errors
    ///
    /// What `state` fails with; corruption.
    pub fn count(
        &self,
        positions: RangeInclusive<u64>,
        state: StateReader<'_>,
    ) -> Result<u64, Fault> {
        let mut sum = 0;
        self.each_part(positions, &mut |part, rows, count| {
            sum += if rows == (0..=PART_EVENTS - 1) {
                count
            } else {
                self.part(part, state)?.count(rows)
            };
            Ok(())
        })?;
        Ok(sum)
    }

    /// Calls `visit` with each position among these whose event is out, in ascending order.
    ///
    /// # Errors
    ///
    /// What `state` fails with; corruption.
    pub fn each_out(
        &self,
        positions: RangeInclusive<u64>,
        state: StateReader<'_>,
        visit: &mut dyn FnMut(u64),
    ) -> Result<(), Fault> {
        self.each_part(positions, &mut |part, rows, _| {
            let found = self.part(part, state)?;
            for row in rows {
                if found.has(row) {
                    visit(part * PART_EVENTS + row + 1);
                }
            }
            Ok(())
        })
    }

    /// The positions from `first` on whose events are not out, the first one being the one of the number 1: those of these
    /// numbers. There have to be as many.
    ///
    /// # Errors
    ///
    /// What `state` fails with; corruption.
    pub fn left(
        &self,
        first: u64,
        numbers: RangeInclusive<u64>,
        state: StateReader<'_>,
    ) -> Result<Vec<u64>, Fault> {
        let (from, to) = numbers.into_inner();
        let mut found = Vec::new();
        let (mut position, mut number) = (first, 0);
        while number < to {
            let end = place_of(position).0 * PART_EVENTS + PART_EVENTS;
            let rest = position..=end;
            let left = end + 1 - position - self.count(rest.clone(), state)?;
            if number + left < from {
                number += left;
            } else {
                let out = self.rows_out(rest.clone(), state)?;
                for position in rest {
                    if out.binary_search(&position).is_ok() {
                        continue;
                    }
                    number += 1;
                    if number > to {
                        break;
                    }
                    if number >= from {
                        found.push(position);
                    }
                }
            }
            position = end + 1;
        }
        Ok(found)
    }

    fn rows_out(
        &self,
        positions: RangeInclusive<u64>,
        state: StateReader<'_>,
    ) -> Result<Vec<u64>, Fault> {
        let mut out = Vec::new();
        self.each_out(positions, state, &mut |position| out.push(position))?;
        Ok(out)
    }

    /// Has the events at these positions be out, too. Returns the states that are to be put for that.
    ///
    /// # Errors
    ///
    /// What `state` fails with; corruption.
    pub fn add(
        &mut self,
        positions: &[u64],
        state: StateReader<'_>,
    ) -> Result<Vec<SieveState>, Fault> {
        let mut changed = Vec::new();
        let by_part = positions.chunk_by(|one, next| place_of(*one).0 == place_of(*next).0);
        for positions in by_part {
            let Some(first) = positions.first() else {
                continue;
            };
            let number = place_of(*first).0;
            let mut part = match self.counts.contains_key(&number) {
                true => (*self.part(number, state)?).clone(),
                false => Part::EMPTY,
            };
            for position in positions {
                part.insert(place_of(*position).1);
            }
            self.counts.insert(number, part.count(0..=PART_EVENTS - 1));
            changed.push((name_of(number), Some(part.encode())));
            self.parts.get_mut().insert(number, Arc::new(part));
        }
        changed.push(self.list());
        Ok(changed)
    }

    /// Forgets the parts that have no event after a position. Returns the states that are to be put, or deleted, for that.
    pub fn forget_up_to(&mut self, position: u64) -> Vec<SieveState> {
        let left = self.counts.split_off(&place_of(position + 1).0);
        let forgotten = std::mem::replace(&mut self.counts, left);
        if forgotten.is_empty() {
            return Vec::new();
        }
        let mut changed: Vec<_> = forgotten
            .keys()
            .map(|number| (name_of(*number), None))
            .collect();
        changed.push(self.list());
        changed
    }

    /// The state that lists the parts.
    fn list(&self) -> SieveState {
        let mut bytes = vec![VERSION];
        let mut before = 0;
        for (number, count) in &self.counts {
            write_varint(&mut bytes, number - before);
            write_varint(&mut bytes, *count);
            before = *number;
        }
        let value = (!self.counts.is_empty()).then_some(bytes);
        (Self::STATE.to_owned(), value)
    }

    /// Calls `visit` with each part that has some of these positions and of which events are out: with its number, the rows
    /// that are meant, and how many events of it are out.
    fn each_part(
        &self,
        positions: RangeInclusive<u64>,
        visit: &mut dyn FnMut(u64, RangeInclusive<u64>, u64) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if positions.is_empty() {
            return Ok(());
        }
        let ((low, first), (high, last)) =
            (place_of(*positions.start()), place_of(*positions.end()));
        for (number, count) in self.counts.range(low..=high) {
            let first = if *number == low { first } else { 0 };
            let last = if *number == high {
                last
            } else {
                PART_EVENTS - 1
            };
            visit(*number, first..=last, *count)?;
        }
        Ok(())
    }

    fn part(&self, number: u64, state: StateReader<'_>) -> Result<Arc<Part>, Fault> {
        if let Some(part) = self.parts.lock().get(&number) {
            return Ok(Arc::clone(part));
        }
        let name = name_of(number);
        let bytes = state(&name)?;
        let part = bytes.and_then(|bytes| Part::decode(&bytes));
        let count = self.counts.get(&number).copied();
        let part = part.filter(|part| Some(part.count(0..=PART_EVENTS - 1)) == count);
        let part = Arc::new(part.ok_or_else(|| {
            Fault::Corrupted(format!("the state {name:?} is not what was written"))
        })?);
        self.parts.lock().insert(number, Arc::clone(&part));
        Ok(part)
    }
}

fn decode(bytes: &[u8]) -> Option<BTreeMap<u64, u64>> {
    let mut reader = Reader::new(bytes);
    if reader.byte()? != VERSION {
        return None;
    }
    let mut counts = BTreeMap::new();
    let mut number: u64 = 0;
    while !reader.is_at_end() {
        let distance = reader.varint()?;
        let count = reader.varint()?;
        // Each is another one, and has positions that can be counted.
        let is_next = distance > 0 || counts.is_empty();
        number = number.checked_add(distance)?;
        number.checked_add(1)?.checked_mul(PART_EVENTS)?;
        if !is_next || !(1..=PART_EVENTS).contains(&count) {
            return None;
        }
        counts.insert(number, count);
    }
    (!counts.is_empty()).then_some(counts)
}

/// The part that has the event at a position, and its row there, from 0.
const fn place_of(position: u64) -> (u64, u64) {
    let before = position.saturating_sub(1);
    (before / PART_EVENTS, before % PART_EVENTS)
}

fn name_of(number: u64) -> String {
    format!("{}/{number:016x}", Sieve::STATE)
}
