//! Where an instance begins.

use crate::engine::{Fault, Horizon};
use crate::seam::{ReadSnapshot, Transaction};

/// The horizon of an instance, as of a snapshot.
pub(in crate::request) fn horizon_of(
    snapshot: &dyn ReadSnapshot,
    number: u32,
) -> Result<Horizon, Fault> {
    Horizon::of_state(snapshot.state(number, Horizon::STATE)?)
}

/// The horizon of an instance, within a commit in the making.
pub(in crate::request) fn horizon_in(
    batch: &mut (dyn Transaction + '_),
    number: u32,
) -> Result<Horizon, Fault> {
    Horizon::of_state(batch.state(number, Horizon::STATE)?)
}
