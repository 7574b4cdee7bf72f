//! Which events consumers still need: those that they have not acknowledged, and those that they have parked.

use super::parking::Parking;
use super::place::ConsumerPlace;
use crate::engine::Fault;
use crate::error::CheckpointConflict;
use crate::seam::{ReadSnapshot, Transaction};

/// How many consumers are looked at together.
const PAGE: usize = 1_000;

/// The consumer that has done with fewest events, if there are some up to a position that it has not.
struct Holding {
    position: u64,
    found: Option<CheckpointConflict>,
}

impl Holding {
    const fn up_to(position: u64) -> Self {
        Self {
            position,
            found: None,
        }
    }

    fn take(&mut self, consumer: String, place: ConsumerPlace, parked: Option<u64>) {
        let parked = parked.map_or(u64::MAX, |parked| parked.saturating_sub(1));
        let actual = place.position.min(parked);
        let lowest = self.found.as_ref().map_or(self.position, |it| it.actual);
        if actual < lowest {
            self.found = Some(CheckpointConflict {
                consumer,
                position: self.position,
                actual,
            });
        }
    }
}

/// The consumer that needs most of the events up to a position; `None` if none needs any.
pub(in crate::request) fn holder_in_snapshot(
    snapshot: &dyn ReadSnapshot,
    number: u32,
    position: u64,
) -> Result<Option<CheckpointConflict>, Fault> {
    holder(snapshot, number, position, true)
}

/// The same of those that have acknowledged fewest events, whatever they have parked.
pub(in crate::request) fn reader_before(
    snapshot: &dyn ReadSnapshot,
    number: u32,
    position: u64,
) -> Result<Option<CheckpointConflict>, Fault> {
    holder(snapshot, number, position, false)
}

fn holder(
    snapshot: &dyn ReadSnapshot,
    number: u32,
    position: u64,
    needs_parked: bool,
) -> Result<Option<CheckpointConflict>, Fault> {
    let mut holding = Holding::up_to(position);
    let mut after: Option<String> = None;
    loop {
        snapshot.check_wanted()?;
        let page = ConsumerPlace::list(snapshot, number, after.as_deref(), PAGE)?;
        after = match page.last() {
            Some((consumer, _)) if page.len() == PAGE => Some(consumer.clone()),
            _ => None,
        };
        for (consumer, place) in page {
            let parking = Parking {
                number,
                consumer: &consumer,
            };
            let parked = match needs_parked {
                true => parking.list(0, 1, snapshot)?,
                false => Vec::new(),
            };
            let parked = parked.first().map(|(position, _)| *position);
            holding.take(consumer, place, parked);
        }
        if after.is_none() {
            return Ok(holding.found);
        }
    }
}

/// The consumer that needs most of the events up to a position, within a commit in the making.
pub(in crate::request) fn holder_in_batch(
    batch: &mut dyn Transaction,
    number: u32,
    position: u64,
) -> Result<Option<CheckpointConflict>, Fault> {
    let mut holding = Holding::up_to(position);
    for (consumer, place) in ConsumerPlace::all_in_batch(batch, number)? {
        let parking = Parking {
            number,
            consumer: &consumer,
        };
        let parked = parking.positions(batch)?.into_iter().min();
        holding.take(consumer, place, parked);
    }
    Ok(holding.found)
}

/// The consumer that has done with fewest events, if it needs any of those at these positions, which ascend: it has not come
/// as far as the last of them, or has parked one.
pub(in crate::request) fn holder_of_any(
    batch: &mut dyn Transaction,
    number: u32,
    positions: &[u64],
) -> Result<Option<CheckpointConflict>, Fault> {
    let mut holding = Holding::up_to(positions.last().copied().unwrap_or_default());
    for (consumer, place) in ConsumerPlace::all_in_batch(batch, number)? {
        let parking = Parking {
            number,
            consumer: &consumer,
        };
        let parked = parking.positions(batch)?.into_iter();
        let parked = parked
            .filter(|it| positions.binary_search(it).is_ok())
            .min();
        holding.take(consumer, place, parked);
    }
    Ok(holding.found)
}

/// Forgets what consumers have parked of the events at these positions, which ascend.
pub(in crate::request) fn discard_at(
    batch: &mut dyn Transaction,
    number: u32,
    positions: &[u64],
) -> Result<(), Fault> {
    for (consumer, _) in ConsumerPlace::all_in_batch(batch, number)? {
        let parking = Parking {
            number,
            consumer: &consumer,
        };
        let mut gone = parking.positions(batch)?;
        gone.retain(|parked| positions.binary_search(parked).is_ok());
        parking.discard(gone, batch)?;
    }
    Ok(())
}

/// Forgets what consumers have parked of the events up to a position.
pub(in crate::request) fn discard_up_to(
    batch: &mut dyn Transaction,
    number: u32,
    position: u64,
) -> Result<(), Fault> {
    for (consumer, _) in ConsumerPlace::all_in_batch(batch, number)? {
        let parking = Parking {
            number,
            consumer: &consumer,
        };
        let mut gone = parking.positions(batch)?;
        gone.retain(|parked| *parked <= position);
        parking.discard(gone, batch)?;
    }
    Ok(())
}
