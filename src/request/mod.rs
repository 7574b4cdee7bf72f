//! Calls as JavaScript makes them: JSON text in, JSON text out.
//!
//! A [`Log`] takes [`Call`]s. Each call's arguments become types that cannot be invalid, before
//! anything is staged; the payload and the metadata of an event stay text, and are spliced into
//! the response as they were given.

mod append;
mod call;
mod fields;
mod flight;
mod given_event;
mod instances;
pub mod limits;
mod log;
mod options;
mod part;
mod query;
mod response;
mod text;
pub(crate) mod time_text;

pub use call::{Call, Method, Recipient};
pub use log::{Done, Log};
pub use options::{parse_options, parse_path};
pub use response::{Response, new_request_id};
