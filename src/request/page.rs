//! Events of an instance that follow each other, read a page at a time.
//!
//! Events never change and positions have no gaps but those of what was trimmed, so pages that are read one after the other,
//! each from a snapshot of its own, are what one snapshot would have given, and none has to live for long.

use std::ops::{ControlFlow, RangeInclusive};

use crate::engine::{Fault, Record};
use crate::seam::ReadSnapshot;

/// The most events in a page: the positions of those that are in the journal are collected first.
const PAGE_EVENTS: u64 = 4_096;

/// Calls `visit` with the events of an instance at these positions, and where each stands, until it says that the page is
/// full. Returns the position after which the next page begins. Events that were trimmed between others are passed over.
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
    mut visit: impl FnMut(u64, &Record<'_>) -> bool,
) -> Result<u64, Fault> {
    let (first, last) = positions.into_inner();
    let end = last.min((first - 1).saturating_add(PAGE_EVENTS));
    let mut full = None;
    snapshot
        .chunks(number)?
        .each(&mut (first..=end), &mut |position, record| {
            Ok(if visit(position, record) {
                ControlFlow::Continue(())
            } else {
                full = Some(position);
                ControlFlow::Break(())
            })
        })?;
    Ok(full.unwrap_or(end))
}
