//! Events that a consumer has parked, as they are kept in the log: each is put aside until somebody puts it back.
//!
//! All are states of the instance. `<consumer>` stands for how many bytes the consumer's name has, a slash and the name;
//! positions and turns are 16 digits, so that their order is that of the names of states.
//!
//! ```text
//! parking/<name>                         how many a consumer has, once it has had one
//!   version   u8   1
//!   turn      u64  that in which events were put back last
//!   parked    u64  how many are parked, those that were put back and are not done included
//!   retrying  u64  how many of them were put back
//!
//! parked/<consumer>/<position>           an event that is parked
//!   version   u8   1
//!   turn      u64  that in which it was put back; 0 if it was not
//!   attempts  u64  how often it was given out before it was parked
//!   at        i64  when it was parked, in milliseconds since the epoch
//!   is_told   u8   1 if there is a text, or else 0
//!   error     the rest: the text of the failure, UTF-8
//!
//! retry/<consumer>/<turn>/<position>     an event that was put back; no bytes
//! ```
//!
//! All numbers are little endian. Each is written in the commit that changes another one of them, so that they agree.

mod erased;
mod kept;

pub(in crate::request) use self::erased::untold;
use self::kept::Parked;
pub(in crate::request) use self::kept::Tally;
use crate::engine::Fault;
use crate::request::limits::FAILURE_BYTES_MAX;
use crate::seam::{ReadSnapshot, Transaction};

/// What the names of the states begin with that say how many events are parked.
const TALLY_PREFIX: &str = "parking/";

/// What a text ends with that was longer.
const ELLIPSIS: &str = "…";

/// How many digits hold each number that JavaScript holds exactly.
const DIGITS: usize = 16;

/// An event that was put back. Those that come later are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::request) struct Retry {
    pub(in crate::request) turn: u64,
    pub(in crate::request) position: u64,
}

/// An event that is to be parked.
#[derive(Clone, Debug)]
pub struct Failed {
    /// Where it stands.
    pub position: u64,
    /// In which turn it was put back, if it had been parked before.
    pub turn: Option<u64>,
    /// How often it was given out.
    pub attempts: u64,
    /// What it has failed with.
    pub error: Option<String>,
}

impl Failed {
    /// An event, of whose failure's text as much is kept as there is room for.
    #[must_use]
    pub fn new(position: u64, turn: Option<u64>, attempts: u64, error: Option<String>) -> Self {
        let error = error.map(|mut text| {
            if text.len() > FAILURE_BYTES_MAX {
                let mut end = FAILURE_BYTES_MAX - ELLIPSIS.len();
                while !text.is_char_boundary(end) {
                    end -= 1;
                }
                text.truncate(end);
                text.push_str(ELLIPSIS);
            }
            text
        });
        Self {
            position,
            turn,
            attempts,
            error,
        }
    }
}

/// What a consumer has parked.
#[derive(Clone, Copy, Debug)]
pub(in crate::request) struct Parking<'a> {
    /// That of the instance.
    pub(in crate::request) number: u32,
    pub(in crate::request) consumer: &'a str,
}

impl Parking<'_> {
    /// Whether any consumer of an instance has ever parked an event.
    pub(super) fn any(snapshot: &dyn ReadSnapshot, number: u32) -> Result<bool, Fault> {
        Ok(!snapshot.states(number, TALLY_PREFIX, None, 1)?.is_empty())
    }

    /// How many events are parked.
    pub(in crate::request) fn tally_in_snapshot(
        &self,
        snapshot: &dyn ReadSnapshot,
    ) -> Result<Tally, Fault> {
        self.tally_of(snapshot.state(self.number, &self.tally_name())?)
    }

    pub(super) fn tally(&self, batch: &mut dyn Transaction) -> Result<Tally, Fault> {
        self.tally_of(batch.state(self.number, &self.tally_name())?)
    }

    fn tally_of(&self, bytes: Option<Vec<u8>>) -> Result<Tally, Fault> {
        let Some(bytes) = bytes else {
            return Ok(Tally::default());
        };
        Tally::decode(&bytes).ok_or_else(|| self.damaged("how many events are parked"))
    }

    /// Parks an event: it is put aside although it is not done. One that was parked before stays so unless it was put
    /// back in the turn that it is said to come from.
    pub(in crate::request) fn park(
        &self,
        failed: &Failed,
        batch: &mut dyn Transaction,
    ) -> Result<(), Fault> {
        let before = self.entry(failed.position, batch)?;
        let turn_before = before.as_ref().map(|parked| parked.turn);
        if failed.turn.is_some() && failed.turn != turn_before {
            return Ok(());
        }
        let mut tally = self.tally(batch)?;
        match turn_before {
            None => tally.parked += 1,
            Some(0) => {}
            Some(turn) => self.take_back(turn, failed.position, &mut tally, batch)?,
        }
        let parked = Parked {
            turn: 0,
            attempts: failed.attempts,
            at_ms: batch.now_ms(),
            error: failed.error.clone(),
        };
        self.put(failed.position, &parked, batch)?;
        self.put_tally(tally, batch)
    }

    /// Whether an event that was put back in that turn is still to be done.
    pub(super) fn is_retrying(
        &self,
        retry: Retry,
        batch: &mut dyn Transaction,
    ) -> Result<bool, Fault> {
        let parked = self.entry(retry.position, batch)?;
        Ok(retry.turn > 0 && parked.is_some_and(|parked| parked.turn == retry.turn))
    }

    /// Has an event be done that was put back. Nothing is to be done if it was put back in another turn, or is gone.
    pub(in crate::request) fn finish(
        &self,
        retry: Retry,
        batch: &mut dyn Transaction,
    ) -> Result<(), Fault> {
        if !self.is_retrying(retry, batch)? {
            return Ok(());
        }
        let mut tally = self.tally(batch)?;
        self.remove(retry.position, &mut tally, batch)?;
        self.put_tally(tally, batch)
    }

    /// Puts events back, in one turn. Returns how many it were.
    pub(super) fn put_back(
        &self,
        positions: impl IntoIterator<Item = u64>,
        batch: &mut dyn Transaction,
    ) -> Result<u64, Fault> {
        let mut tally = self.tally(batch)?;
        tally.turn += 1;
        let mut count = 0;
        for position in positions {
            let Some(mut parked) = self.entry(position, batch)? else {
                continue;
            };
            if parked.turn > 0 {
                self.take_back(parked.turn, position, &mut tally, batch)?;
            }
            parked.turn = tally.turn;
            self.put(position, &parked, batch)?;
            let retry = Retry {
                turn: tally.turn,
                position,
            };
            batch.put_state(self.number, &self.retry_name(retry), &[])?;
            tally.retrying += 1;
            count += 1;
        }
        if count > 0 {
            self.put_tally(tally, batch)?;
        }
        Ok(count)
    }

    /// Removes events. Returns how many it were.
    pub(super) fn discard(
        &self,
        positions: impl IntoIterator<Item = u64>,
        batch: &mut dyn Transaction,
    ) -> Result<u64, Fault> {
        let mut tally = self.tally(batch)?;
        let mut count = 0;
        for position in positions {
            count += u64::from(self.remove(position, &mut tally, batch)?);
        }
        if count > 0 {
            self.put_tally(tally, batch)?;
        }
        Ok(count)
    }

    /// Removes all that is kept, for a consumer that is no more.
    pub(in crate::request) fn delete(&self, batch: &mut dyn Transaction) -> Result<(), Fault> {
        if batch.delete_state(self.number, &self.tally_name())? {
            for prefix in [self.parked_prefix(), self.retry_prefix()] {
                for name in batch.state_names(self.number, &prefix)? {
                    batch.delete_state(self.number, &name)?;
                }
            }
        }
        Ok(())
    }

    /// The positions of all events that are parked, in no order.
    pub(super) fn positions(&self, batch: &mut dyn Transaction) -> Result<Vec<u64>, Fault> {
        if self.tally(batch)?.parked == 0 {
            return Ok(Vec::new());
        }
        let prefix = self.parked_prefix();
        let names = batch.state_names(self.number, &prefix)?;
        let positions = names.iter().map(|name| self.position_of(name, &prefix));
        positions.collect()
    }

    /// The event that is parked at a position; `None` if none is.
    pub(super) fn entry(
        &self,
        position: u64,
        batch: &mut dyn Transaction,
    ) -> Result<Option<Parked>, Fault> {
        let bytes = batch.state(self.number, &self.parked_name(position))?;
        bytes
            .map(|bytes| self.parked_of(position, &bytes))
            .transpose()
    }

    /// The events that are parked after a position, in the order of their positions.
    pub(super) fn list(
        &self,
        after: u64,
        limit: usize,
        snapshot: &dyn ReadSnapshot,
    ) -> Result<Vec<(u64, Parked)>, Fault> {
        let (prefix, after) = (self.parked_prefix(), self.parked_name(after));
        let states = snapshot.states(self.number, &prefix, Some(&after), limit)?;
        let parked = states.into_iter().map(|(name, bytes)| {
            let position = self.position_of(&name, &prefix)?;
            Ok((position, self.parked_of(position, &bytes)?))
        });
        parked.collect()
    }

    /// The events that were put back, after one of them, turn after turn.
    pub(in crate::request) fn retries(
        &self,
        after: Option<Retry>,
        limit: usize,
        snapshot: &dyn ReadSnapshot,
    ) -> Result<Vec<Retry>, Fault> {
        let prefix = self.retry_prefix();
        let after = after.map(|after| self.retry_name(after));
        let states = snapshot.states(self.number, &prefix, after.as_deref(), limit)?;
        let retries = states.into_iter().map(|(name, _)| {
            let numbers = name.strip_prefix(&prefix).and_then(|rest| {
                let (turn, position) = rest.split_once('/')?;
                let (turn, position) = (turn.parse().ok()?, position.parse().ok()?);
                Some(Retry { turn, position })
            });
            numbers.ok_or_else(|| self.damaged("what was put back"))
        });
        retries.collect()
    }

    /// Removes an event. Returns whether it was there.
    fn remove(
        &self,
        position: u64,
        tally: &mut Tally,
        batch: &mut dyn Transaction,
    ) -> Result<bool, Fault> {
        let Some(parked) = self.entry(position, batch)? else {
            return Ok(false);
        };
        if parked.turn > 0 {
            self.take_back(parked.turn, position, tally, batch)?;
        }
        tally.parked = tally.parked.saturating_sub(1);
        batch.delete_state(self.number, &self.parked_name(position))
    }

    /// Has an event not be put back any more.
    fn take_back(
        &self,
        turn: u64,
        position: u64,
        tally: &mut Tally,
        batch: &mut dyn Transaction,
    ) -> Result<(), Fault> {
        tally.retrying = tally.retrying.saturating_sub(1);
        let name = self.retry_name(Retry { turn, position });
        batch.delete_state(self.number, &name).map(drop)
    }

    fn put(
        &self,
        position: u64,
        parked: &Parked,
        batch: &mut dyn Transaction,
    ) -> Result<(), Fault> {
        batch.put_state(self.number, &self.parked_name(position), &parked.encode())
    }

    fn put_tally(&self, tally: Tally, batch: &mut dyn Transaction) -> Result<(), Fault> {
        batch.put_state(self.number, &self.tally_name(), &tally.encode())
    }

    fn parked_of(&self, position: u64, bytes: &[u8]) -> Result<Parked, Fault> {
        let what = || self.damaged(&format!("the event that is parked at position {position}"));
        Parked::decode(bytes).ok_or_else(what)
    }

    fn position_of(&self, name: &str, prefix: &str) -> Result<u64, Fault> {
        let position = name.strip_prefix(prefix).and_then(|rest| rest.parse().ok());
        position.ok_or_else(|| self.damaged("which events are parked"))
    }

    fn damaged(&self, what: &str) -> Fault {
        let consumer = self.consumer;
        Fault::Corrupted(format!(
            "of the consumer {consumer:?}, {what} is not what was written"
        ))
    }

    fn tally_name(&self) -> String {
        format!("{TALLY_PREFIX}{}", self.consumer)
    }

    fn parked_prefix(&self) -> String {
        format!("parked/{}/{}/", self.consumer.len(), self.consumer)
    }

    fn parked_name(&self, position: u64) -> String {
        format!("{}{position:0DIGITS$}", self.parked_prefix())
    }

    fn retry_prefix(&self) -> String {
        format!("retry/{}/{}/", self.consumer.len(), self.consumer)
    }

    fn retry_name(&self, Retry { turn, position }: Retry) -> String {
        format!("{}{turn:0DIGITS$}/{position:0DIGITS$}", self.retry_prefix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_consumer_has_the_names_of_another_one() {
        let parking = |consumer| Parking {
            number: 1,
            consumer,
        };
        let (one, other) = (parking("a"), parking("a/0000000000000001"));
        assert!(!other.parked_name(1).starts_with(&one.parked_prefix()));
        let retry = Retry {
            turn: 1,
            position: 1,
        };
        assert!(!other.retry_name(retry).starts_with(&one.retry_prefix()));
        assert_eq!(
            one.position_of(&one.parked_name(12), &one.parked_prefix())
                .unwrap(),
            12
        );
    }
}
