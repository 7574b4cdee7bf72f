//! Events of an instance that follow each other, read a page at a time.
//!
//! Events never change and positions have no gaps, so pages that are read one after the other, each
//! from a snapshot of its own, are what one snapshot would have given, and none has to live for long.

use std::ops::RangeInclusive;

use crate::engine::{Fault, Record, Snapshot};

/// The most events in a page: the positions of those that are in the journal are collected first.
const PAGE_EVENTS: u64 = 4_096;

/// Why a page ended.
enum End {
    Full,
    Failed(Fault),
}

impl From<Fault> for End {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

/// Calls `visit` with the events of an instance at these positions, until it says that the page is
/// full. Returns the position of the last one that it was called with; the next page begins after it.
///
/// The instance may have been deleted since its number was found: whoever reads more than one page
/// asks [`Snapshot::has_instance`] before each.
///
/// # Errors
///
/// A storage fault, or corruption: there is no such instance or event.
pub(super) fn read_page(
    snapshot: &Snapshot,
    number: u32,
    positions: RangeInclusive<u64>,
    mut visit: impl FnMut(&Record<'_>) -> bool,
) -> Result<u64, Fault> {
    let (first, last) = positions.into_inner();
    let mut read = first - 1;
    let page = first..=last.min(read.saturating_add(PAGE_EVENTS));
    let ended = snapshot
        .chunks(number)?
        .each(page, |position, record| -> Result<(), End> {
            read = position;
            if visit(record) {
                Ok(())
            } else {
                Err(End::Full)
            }
        });
    match ended {
        Err(End::Failed(fault)) => Err(fault),
        Ok(()) | Err(End::Full) => Ok(read),
    }
}
