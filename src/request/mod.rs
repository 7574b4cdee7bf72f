//! Calls as JavaScript makes them: JSON text in, JSON text out.
//!
//! A [`Log`] takes [`Call`]s. Each call's arguments become types that cannot be invalid, before
//! anything is staged; the payload and the metadata of an event stay text, and are spliced into
//! the response as they were given.

mod append;
mod call;
mod call_text;
mod caller;
mod conflict_text;
mod consumers;
mod copy;
mod delivery;
mod encryption;
mod erasing;
mod evidence;
mod expectation;
mod extent;
mod fail_if;
mod flight;
mod forgetting;
mod given_event;
mod groups;
mod idempotency;
mod instances;
mod json_response;
mod kind;
pub mod limits;
mod lingering;
mod list;
mod listing;
mod log;
mod log_thread;
mod methods;
mod named_instance;
mod operation;
mod options;
mod page;
mod part;
mod piece;
mod projections;
mod query;
mod reading;
mod remembered;
mod response;
mod result;
mod retained;
mod retention;
#[cfg(test)]
mod simulation;
mod streams;
#[cfg(test)]
mod test;
mod text;
mod transfer;
mod trimming;
mod work;

pub use call::Call;
pub use call_text::CallText;
pub use copy::{CopiedPage, CopyPage};
pub use delivery::Recipient;
pub use groups::{ResponseGroup, ResponseGroups};
pub use json_response::JsonEnvelope;
#[cfg(any(test, feature = "testing"))]
pub(crate) use kind::ResponseKind;
pub use lingering::Lingering;
pub use log::{Done, Log, LogOpener};
pub use methods::{Course, METHODS, Method};
pub use options::{LogOptions, ServerOptions, is_server_path, option_keys, parse_opening};
pub use piece::Piece;
#[cfg(any(test, feature = "testing"))]
pub(crate) use query::{WayBounds, planned};
pub use reading::{Failed, Hold, Move, Reading, ReadingForm, ReadingSource};
pub use response::{Response, new_request_id};
#[cfg(any(test, feature = "testing"))]
pub(crate) use retained::{put_out_of_stream, put_out_up_to};
pub use transfer::{Export, Import, Lines};
pub use work::Work;
