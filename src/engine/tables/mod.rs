//! What the tables hold: their names and types, and the values in them as bytes.
//!
//! The journal has the same bytes of events and states, until they are brought into the tables.

pub(in crate::engine) mod catalog;
pub(in crate::engine) mod creation;
pub(in crate::engine) mod horizon;
pub(in crate::engine) mod instance;
pub(in crate::engine) mod log_head;
pub(in crate::engine) mod record;
pub(in crate::engine) mod row;
pub(in crate::engine) mod schema;
pub(in crate::engine) mod sieve;
pub(in crate::engine) mod state;
