//! `eraseEvents` and `listErasures`: how the payload and the metadata of events, or fields of them, go for good.
//!
//! What takes their place is in [`erased`](crate::erased). What else of an instance may say what was in them goes with them:
//! the salts of their commitments, the snapshots of its projections, and what parked events have failed with. Each erasure
//! is [kept](kept::Erasure) as a state of the instance.

mod fields;
mod kept;
mod plan;
mod replacing;

pub(super) use self::kept::{are_more_than, count, erased_up_to, list};
use self::plan::Erasing;
use super::work::Work;
use crate::arguments::Arguments;
use crate::progress::Progress;
use crate::seam::{Operation, PlansErasure};

/// What a call of `eraseEvents` does.
pub(super) fn erase(arguments: &str, progress: Progress) -> Work {
    let plan = Arguments::parse(arguments).and_then(|arguments| Erasing::parse(arguments.get(0)));
    let plan = plan.map(|plan| Box::new(plan) as Box<dyn PlansErasure>);
    Work::Operation(plan.map(Operation::Erase), progress)
}
