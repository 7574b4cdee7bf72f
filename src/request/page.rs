//! Events of an instance that follow each other, read a page at a time.
//!
//! Events never change and positions have no gaps, so pages that are read one after the other, each
//! from a snapshot of its own, are what one snapshot would have given, and none has to live for long.

use std::ops::{ControlFlow, RangeInclusive};

use crate::engine::{Fault, Record};
use crate::seam::ReadSnapshot;

/// The most events in a page: the positions of those that are in the journal are collected first.
const PAGE_EVENTS: u64 = 4_096;

/// Calls `visit` with the events of an instance at these positions, until it says that the page is
/// full. Returns the position of the last one that it was called with; the next page begins after it.
///
/// The instance may have been deleted since its number was found: whoever reads more than one page
/// asks [`ReadSnapshot::has_instance`] before each.
///
/// # Errors
///
/// A storage fault, or corruption: there is no such instance or event.
pub(super) fn read_page(
    snapshot: &dyn ReadSnapshot,
    number: u32,
    positions: RangeInclusive<u64>,
    mut visit: impl FnMut(&Record<'_>) -> bool,
) -> Result<u64, Fault> {
    let (first, last) = positions.into_inner();
    let mut read = first - 1;
    let mut page = first..=last.min(read.saturating_add(PAGE_EVENTS));
    snapshot
        .chunks(number)?
        .each(&mut page, &mut |position, record| {
            read = position;
            Ok(if visit(record) {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            })
        })?;
    Ok(read)
}
