//! What a log's file begins with, by which it is known again.

use std::io;

use super::file::JournalFile;
use super::layout::{Signature, not_a_log};
use crate::block::bytes::word;
use crate::engine::Fault;

/// What redb has its files begin with, and what they begin with from then on.
const TABLES_BEGIN: [u8; 9] = *b"redb\x1A\x0A\xA9\x0D\x0A";

/// How many bytes redb's header has: 64 that say how the file is divided, and two commits of 128.
pub(in crate::engine) const TABLES_HEADER_BYTES: usize = 64 + 2 * 128;

/// redb's header, which each of its commits changes.
pub(in crate::engine) type TablesHeader = [u8; TABLES_HEADER_BYTES];

impl JournalFile {
    /// What the file begins with; `None` if it is empty or was not made completely.
    pub(super) fn signature_found(&self) -> Result<Option<Signature>, Fault> {
        let length = self.backend.len()?;
        if length == 0 {
            return Ok(None);
        }
        let mut bytes = [0; Signature::BYTES];
        if length < bytes.len() as u64 {
            return Err(not_a_log(
                "expected a log of codebolt-eventlog, found something else",
            ));
        }
        self.backend.read(0, &mut bytes)?;
        // The length is set first.
        if bytes == [0; Signature::BYTES] && length == self.layout.tables_at() {
            return Ok(None);
        }
        let signature = Signature::of(bytes);
        let layout = signature.layout()?;
        if length < layout.tables_at() {
            return Err(Fault::Corrupted(format!(
                "expected at least {} bytes, found {length}",
                layout.tables_at()
            )));
        }
        Ok(Some(signature))
    }

    /// Makes sure that the file is still the log that was opened.
    ///
    /// # Errors
    ///
    /// That what was stored has vanished; a storage fault.
    pub(in crate::engine) fn check_signature(&self) -> Result<(), Fault> {
        self.check_file(None)
    }

    /// As [`JournalFile::check_signature`], for a file that had so many bytes before this call, if that is known.
    ///
    /// # Errors
    ///
    /// As there.
    pub(in crate::engine) fn check_file(&self, length: Option<u64>) -> Result<(), Fault> {
        self.check_start()?;
        self.check_tables(length)
    }

    /// Makes sure that the file begins as that of the log that was opened.
    ///
    /// # Errors
    ///
    /// That what was stored has vanished; a storage fault.
    pub(in crate::engine) fn check_start(&self) -> Result<(), Fault> {
        let mut bytes = [0; Signature::BYTES];
        self.read_own(0, &mut bytes)?;
        self.is_own(&bytes)
    }

    /// Makes sure that the tables begin as those of redb do, and that all of them are there. A commit to the journal
    /// does not look at them otherwise, and would be stored in a file that nobody can open.
    fn check_tables(&self, length: Option<u64>) -> Result<(), Fault> {
        let header = self.tables_header()?;
        if !header.starts_with(&TABLES_BEGIN) {
            return Err(Fault::Vanished(
                "its tables do not begin as they did: they were overwritten".to_owned(),
            ));
        }
        let end = self
            .layout
            .tables_at()
            .saturating_add(tables_bytes(&header));
        // What the length was before the header was read is enough, if it is enough. If not, the file can have become
        // longer since, so it is asked for again.
        if length.is_some_and(|length| length >= end) {
            return Ok(());
        }
        let length = self.backend.len()?;
        // redb makes a file longer before its header says so, and shorter afterwards. If another process does that at
        // this moment, the header is another one by now.
        if length >= end || self.tables_header()? != header {
            return Ok(());
        }
        Err(Fault::Vanished(format!(
            "the file was cut off: it has {length} bytes, and its tables end at {end}"
        )))
    }

    fn tables_header(&self) -> Result<TablesHeader, Fault> {
        let mut header = [0; TABLES_HEADER_BYTES];
        self.read_own(self.layout.tables_at(), &mut header)?;
        Ok(header)
    }

    pub(super) fn is_own(&self, bytes: &[u8]) -> Result<(), Fault> {
        if self.signature.is_same_log(bytes) {
            return Ok(());
        }
        Err(Fault::Vanished(
            "the file does not begin as it did: it was overwritten, or another log is in its place"
                .to_owned(),
        ))
    }

    /// Reads what the file had when it was opened.
    pub(super) fn read_own(&self, at: u64, bytes: &mut [u8]) -> Result<(), Fault> {
        self.backend.read(at, bytes).map_err(|error| {
            if error.kind() == io::ErrorKind::UnexpectedEof {
                return Fault::Vanished("the file was cut off".to_owned());
            }
            error.into()
        })
    }
}

/// How long the tables are, as their header says (redb 4.6, file format 3): a page with the header, regions that are
/// full, and one that need not be. A region has pages that describe it before those with data.
pub(in crate::engine) fn tables_bytes(header: &TablesHeader) -> u64 {
    let number = |at: usize| u64::from(word(header, at));
    let [page, described, most, full, rest] = [12, 16, 20, 24, 28].map(number);
    let region = |pages: u64| match pages {
        0 => 0,
        pages => described + pages,
    };
    let pages = 1 + full.saturating_mul(region(most)) + region(rest);
    pages.saturating_mul(page)
}
