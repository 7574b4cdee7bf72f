//! Blocks: the fields of many events as columns, so that a query need not read the events.
//!
//! A column holds what is at one place of each of a block's events, as the JSON text that stands
//! there. Whatever is asked of a column is answered as the event itself would answer it, or not at
//! all: a column may say that the event has to be read.

mod body;
mod builder;
pub(crate) mod bytes;
mod codec;
mod column;
mod column_builder;
mod column_index;
mod content;
mod directory;
mod directory_codec;
mod encoded;
mod facts;
#[cfg(fuzzing)]
pub mod fuzzing;
mod integers;
mod key;
pub mod lookup;
mod numbered;
mod numbers;
mod overview;
mod path_column;
mod paths;
mod place;
mod print;
pub mod sealed;
mod shredder;
#[cfg(test)]
mod test;
mod values;
mod written;

pub use builder::Builder;
pub use column::{ABSENT, Cell, Column, FIRST_VALUE, NUMBER, Stored, UNREAD};
pub use column_builder::ColumnBuilder;
pub use directory::Directory;
pub use encoded::Encoded;
pub use facts::{ColumnFacts, Traits};
pub use key::ColumnKey;
pub use numbered::NumberedForm;
pub use overview::Overview;
pub use place::{ColumnPlace, Finding};
pub use print::{PRINT_ABSENT, PRINT_UNREAD, print_of};
pub use values::{Values, WORD_BYTES_MAX, with_word_text, word_of};

/// How many events a whole block has.
pub const EVENTS: usize = 4_096;

/// How many object keys a column's path has at most.
const KEYS_MAX: usize = 3;

/// How many paths of a block are followed. Webhooks of some sixty kinds have 2,400.
const PATHS_MAX: usize = 4_096;

/// A longer key, in bytes with its quotes, is not followed.
const KEY_BYTES_MAX: usize = 256;

/// A longer string, in bytes of JSON text, is unread.
const STRING_BYTES_MAX: usize = 256;

/// A longer array or object, in bytes of JSON text, is unread.
const CONTAINER_BYTES_MAX: usize = 64;

/// An event with a longer payload or metadata, in bytes, is opaque.
const ROW_BYTES_MAX: usize = 256 * 1024;

/// How many bytes of values are held while a block is made, about.
const VALUES_BYTES_MAX: usize = 8 * 1024 * 1024;

/// A block's columns take one part in so many of the bytes of its events.
const BODY_SHARE: usize = 5;

/// The narrow columns beside other copies of the same values take one part in so many.
const NARROW_SHARE: usize = 16;
