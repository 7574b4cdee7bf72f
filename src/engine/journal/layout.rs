//! Where things lie in a log's file.
//!
//! ```text
//! page 0      magic, format, bytes in a segment, events in a block, checksum; a random number
//! page 1, 2   the headers of the two segments
//! page 3      how far the journal is on disk
//!             segment 0
//!             segment 1
//!             the tables, a redb database
//! ```
//!
//! Each header has a page to itself, so that a write which power loss cuts short spoils no other.

use crate::block;
use crate::block::bytes::word;
use crate::engine::Fault;
use crate::error::{Code, Error};

/// The formats that this version reads and writes. They are a promise: what is changed in a file from now on has to leave
/// those that are there readable, or to come with a way to read or upgrade them in place. The mark and the format keep
/// their places in every format, so that each version can tell what it does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Format {
    /// The events of whole blocks stay rows, with summaries beside them.
    Rows = 3,
    /// Whole blocks are sealed, but for those that cannot be. Otherwise it is as the one before.
    Sealed = 4,
    /// Long events that are rows are packed. Otherwise it is as the one before.
    Packed = 5,
}

/// Where the number of the format is.
const FORMAT_AT: usize = 16;

const MAGIC: &[u8; 16] = b"CODEBOLTEVENTLOG";

const PAGE_BYTES: u64 = 4096;

const HEADER_PAGES: u64 = 4;

const HEADER_BYTES: usize = 32;

/// Segments in a file.
pub(in crate::engine) const SEGMENTS: u64 = 2;

/// Where things lie in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Layout {
    /// What is done with blocks that become whole, and with long events.
    pub(in crate::engine) format: Format,
    /// The bytes in a segment.
    pub(in crate::engine) segment_bytes: u32,
    /// The events of an instance that are a block.
    pub(in crate::engine) block_events: u32,
}

impl Layout {
    /// The layout of a new file.
    ///
    /// Larger segments mean that fewer pages of the tables are rewritten for each event where
    /// streams are many, and more memory: what the segments hold is also kept there.
    pub(in crate::engine) const NEW: Self = Self {
        format: Format::LAST,
        segment_bytes: 16 << 20,
        block_events: block::EVENTS as u32,
    };

    /// How many bytes at the start of a file tell its layout.
    #[cfg(any(test, fuzzing))]
    pub(in crate::engine) const BYTES: usize = HEADER_BYTES;

    pub(in crate::engine) fn encode(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..16].copy_from_slice(MAGIC);
        bytes[20..24].copy_from_slice(&self.segment_bytes.to_le_bytes());
        bytes[24..28].copy_from_slice(&self.block_events.to_le_bytes());
        let checksum = checksum(&bytes);
        bytes[28..].copy_from_slice(&checksum.to_le_bytes());
        bytes[FORMAT_AT] = self.format as u8;
        bytes
    }

    /// Reads the layout of a file that is not new.
    ///
    /// # Errors
    ///
    /// `CORRUPTED` if the file is no log, or a damaged one; `UNSUPPORTED_FORMAT` if it is of a
    /// format that this version does not know.
    pub(in crate::engine) fn decode(bytes: &[u8; HEADER_BYTES]) -> Result<Self, Fault> {
        if bytes[..16] != *MAGIC {
            return Err(not_a_log(if bytes.starts_with(b"redb") {
                "expected a log of codebolt-eventlog, found a redb database"
            } else {
                "expected a log of codebolt-eventlog, found something else"
            }));
        }
        // What else the header of another format says, its checksum included, is for that format to know. There was
        // none with the number 0.
        let number = word(bytes, FORMAT_AT);
        let Some(format) = Format::of(number) else {
            if number == 0 {
                return Err(altered());
            }
            return Err(Fault::UnsupportedFormat {
                found: number,
                expected: Format::LAST as u32,
            });
        };
        let layout = Self {
            format,
            segment_bytes: word(bytes, 20),
            block_events: word(bytes, 24),
        };
        if word(bytes, 28) != checksum(bytes)
            || !(1..=Self::NEW.block_events).contains(&layout.block_events)
        {
            return Err(altered());
        }
        Ok(layout)
    }

    /// How many bytes of a segment keep their room when the journal is given back: 64 KiB in the segments of new files. A
    /// program that appends a little and ends writes where there is room already, which costs a sync less.
    pub(in crate::engine) const fn kept_bytes(self) -> u32 {
        self.segment_bytes / 256
    }

    /// Where the header of that segment lies.
    pub(in crate::engine) const fn header_at(segment: u64) -> u64 {
        (1 + segment) * PAGE_BYTES
    }

    /// Where the mark of how far the journal is on disk lies.
    pub(in crate::engine) const MARK_AT: u64 = 3 * PAGE_BYTES;

    /// Where that segment begins.
    pub(in crate::engine) const fn segment_at(self, segment: u64) -> u64 {
        HEADER_PAGES * PAGE_BYTES + segment * self.segment_bytes as u64
    }

    /// Where the tables begin. No log is shorter.
    pub(in crate::engine) const fn tables_at(self) -> u64 {
        self.segment_at(SEGMENTS)
    }
}

impl Format {
    /// The one of new files.
    pub(in crate::engine) const LAST: Self = Self::Packed;

    /// The format of that number, if this version knows it.
    pub(in crate::engine) const fn of(number: u32) -> Option<Self> {
        match number {
            3 => Some(Self::Rows),
            4 => Some(Self::Sealed),
            5 => Some(Self::Packed),
            _ => None,
        }
    }

    /// Whether blocks are sealed once they are whole.
    pub(in crate::engine) const fn seals(self) -> bool {
        match self {
            Self::Rows => false,
            Self::Sealed | Self::Packed => true,
        }
    }

    /// Whether a long event that is a row is packed. Those that were written before need not be.
    pub(in crate::engine) const fn packs_rows(self) -> bool {
        match self {
            Self::Rows | Self::Sealed => false,
            Self::Packed => true,
        }
    }
}

/// The checksum of a layout. It is that of the format before the blocks were sealed, so that a file gets another format
/// by a change of one byte, which a loss of power cannot cut short.
fn checksum(bytes: &[u8; HEADER_BYTES]) -> u32 {
    let mut bytes = *bytes;
    bytes[FORMAT_AT] = Format::Rows as u8;
    crc32fast::hash(&bytes[..28])
}

fn altered() -> Fault {
    Fault::Corrupted("its first page was altered".to_owned())
}

/// What a log's file begins with: its layout, and a random number by which the log is told from any other that
/// comes to be in the same file. Logs that were made before there was one have zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Signature([u8; Self::BYTES]);

impl Signature {
    /// How many bytes at the start of a file it takes.
    pub(in crate::engine) const BYTES: usize = HEADER_BYTES + 16;

    /// That of a log of its own.
    pub(in crate::engine) fn new(layout: Layout, random: u128) -> Self {
        let mut bytes = [0; Self::BYTES];
        bytes[..HEADER_BYTES].copy_from_slice(&layout.encode());
        bytes[HEADER_BYTES..].copy_from_slice(&random.to_le_bytes());
        Self(bytes)
    }

    pub(in crate::engine) const fn of(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// Where in the file the number of the format is, which is one byte for the formats that there are.
    pub(in crate::engine) const FORMAT_AT: u64 = FORMAT_AT as u64;

    /// Whether a file that begins so is this log. The log may have got another format since.
    pub(in crate::engine) fn is_same_log(&self, bytes: &[u8]) -> bool {
        let format = bytes.get(FORMAT_AT).copied();
        let is_known = format.is_some_and(|it| Format::of(it.into()).is_some());
        is_known
            && bytes.get(..FORMAT_AT) == self.0.get(..FORMAT_AT)
            && bytes.get(FORMAT_AT + 1..) == self.0.get(FORMAT_AT + 1..)
    }

    pub(in crate::engine) const fn bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    /// The layout that it tells.
    ///
    /// # Errors
    ///
    /// As [`Layout::decode`].
    pub(in crate::engine) fn layout(&self) -> Result<Layout, Fault> {
        let mut layout = [0; HEADER_BYTES];
        layout.copy_from_slice(&self.0[..HEADER_BYTES]);
        Layout::decode(&layout)
    }
}

/// The failure to open a file that is something else.
pub(in crate::engine) fn not_a_log(found: &str) -> Fault {
    Fault::Refused(Error::new(
        Code::Corrupted,
        format!("the file is not a log: {found}"),
    ))
}
