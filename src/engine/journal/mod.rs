//! The journal: what was committed last, in the order it was committed.
//!
//! A commit of the tables rewrites several pages all over the file and syncs twice. So a batch of
//! appended events is first written to the journal, as one [`Frame`] at its end, with one sync.
//! Once a [segment](Segment) of the journal is full, its events are put into the tables by one
//! large transaction, beside the commits that go on in the other segment. This is the scheme of a
//! write-ahead log, with events in place of pages (Mohan et al., "ARIES", ACM TODS 17(1), 1992).
//!
//! The journal lies in the log's own file, before the tables, so that there is nothing beside the
//! file that a copy, a rename or a second hard link could leave behind. See [`Layout`].
//!
//! # What is committed
//!
//! Commits are numbered 1, 2, 3 … The tables say up to which commit they hold everything. The
//! frames that follow carry the commits after it, each frame one, without a gap.
//!
//! Each use of a segment is a *generation*, numbered in turn, so that generation `g` lies in segment
//! `g mod 2`. Its [`Header`] says which commit came before it, and in which of two ways it starts:
//!
//! - it *continues* the generation before it, whose frames still count; or
//! - it is *fresh*: the tables hold everything up to its base. Such a header is written before the
//!   transaction that makes it true, and counts only if the tables have reached its base. All
//!   changes to instances are made this way, so a fresh generation is also what tells the other
//!   processes to forget what they know of instances.
//!
//! A generation may take a segment only after the tables hold all frames of its former one.
//!
//! # What is on disk
//!
//! A frame is synced before it is answered, and only its own range is. Then a _mark_ tells other processes
//! that it is on disk; beyond the mark they read nothing. Whoever adds to the journal and finds a frame
//! beyond it has found what a killed process has left, or what was there before the power went: it writes that frame
//! once more, and moves the mark, before anything is built on it. So every frame but the last is on disk.

mod file;
mod frame;
mod frames;
mod header;
mod layout;
mod mark;
mod overwriting;
mod room;
mod search;
mod segment;
mod signature;

pub(super) use file::{JournalFile, next_offset};
pub(super) use frame::{Frame, FrameGroup};
pub(super) use header::{Header, HeaderState, Start, random_salt};
pub(super) use layout::{Format, Layout, Signature};
pub(super) use segment::{Segment, StreamHead};
pub(super) use signature::{TABLES_HEADER_BYTES, tables_bytes};
