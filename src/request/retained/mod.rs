//! The log without the events that were trimmed: what every call sees of it.
//!
//! The position of the last event that is out with all before it, the [horizon](crate::engine::Horizon), is a state of the
//! instance. Of a stream that was trimmed by itself, events are out behind that, between events that are left: these are
//! [gaps]. Whatever is read, of any engine, is read through [`RetainedSnapshot`]. So no method can show, count or follow what
//! is out, whether or not the engine still has it.

mod chain;
mod chunks;
mod gaps;
mod horizon;
mod snapshot;
mod stream;

pub(super) use gaps::GapsInBatch;
pub(crate) use gaps::{put_out_of_stream, put_out_up_to};
pub(super) use horizon::{horizon_in, horizon_of};
pub(super) use snapshot::RetainedSnapshot;
pub(super) use stream::StreamHorizon;
