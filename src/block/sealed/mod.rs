//! A sealed block: the events of a block as one sequence of bytes, from which any of them is rebuilt
//! byte for byte, and from which queries get columns.
//!
//! ```text
//! bytes      u32     of the directory, little endian
//! directory          see `directory`
//! pieces             one after the other, each with a checksum in the directory
//! ```
//!
//! The payloads and metadata of events are taken apart into an outline of all that they have in
//! common and a column for each path. The elements of arrays are records of their own, whose values
//! are columns as well. A column is written in the form that fits its values, in one cell for each
//! group of rows, so that one event needs a small part of a block. What is not taken apart, such as
//! texts with spaces in them or events with very many fields, is kept as compressed text, event by
//! event.
//!
//! Nothing that is read is trusted: bytes that are not what was written give [`Damaged`], never a
//! panic or another event, and lengths are checked before memory is taken for them.

mod alike;
pub(super) mod bits;
mod block;
mod bounds;
mod builder;
mod cell;
mod cell_writing;
mod column;
mod content;
mod damaged;
mod directory;
mod form;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod group;
mod group_reader;
mod identity;
mod kept;
mod loaded;
mod loading;
mod lone;
mod opening;
mod outline;
mod own_reading;
mod path_check;
mod path_numbered;
mod path_place;
mod path_reading;
mod path_texts;
mod paths;
mod pieces;
mod query;
mod ranks;
mod roster;
mod row;
mod rows;
mod scanned;
mod series;
mod shredder;
mod source;
mod substitution;
mod symbols;
mod template;
#[cfg(test)]
mod test;
mod texts;
mod wanted_texts;
mod writing;

pub use alike::Alike;
pub use block::Block;
pub use builder::Builder;
pub use damaged::Damaged;
pub use directory::{Directory, body_at};
pub use group::Group;
pub use loaded::Loaded;
pub use row::{Row, RowBuffer, RowLink};
pub use source::{KnownGroup, Source};

/// So many rows, following on each other, are a group: what is read for one event.
const GROUP_ROWS: usize = 128;

/// How many columns of values a block has at most. Events with others are kept as texts.
const COLUMNS_MAX: usize = 192;

/// How many shapes the records of a table have at most.
const SHAPES_MAX: usize = 256;

/// How many tables there are at most: payloads, metadata, and the elements of arrays.
const TABLES_MAX: usize = 32;

/// How many objects stand within each other, and how many arrays, before one is a single value.
const DEPTH_MAX: usize = 8;

/// An event with more values, arrays and elements of arrays is kept as text.
const EVENT_VALUES_MAX: usize = 8_192;

/// An event with a longer key, in bytes, is kept as text.
const KEY_BYTES_MAX: usize = 256;

/// An event with a longer payload or metadata, in bytes, is kept as text.
const SHREDDED_BYTES_MAX: usize = 256 * 1024;
