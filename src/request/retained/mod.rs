//! The log without the events that were trimmed: what every call sees of it.
//!
//! The position of the last event that is out, the [horizon](Horizon), is a state of the instance. Whatever is read, of
//! any engine, is read through [`RetainedSnapshot`]. So no method can show, count or follow what is out, whether or not
//! the engine still has it.

mod chain;
mod chunks;
mod horizon;
mod snapshot;

pub(super) use horizon::{horizon_in, horizon_of};
pub(super) use snapshot::RetainedSnapshot;
