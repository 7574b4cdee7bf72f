//! What a log's file begins with, by which it is known again.

use std::io;

use super::file::JournalFile;
use super::layout::{Signature, not_a_log};
use crate::engine::Fault;

/// What redb has its files begin with, and what they begin with from then on.
const TABLES_BEGIN: [u8; 9] = *b"redb\x1A\x0A\xA9\x0D\x0A";

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
        let mut bytes = [0; Signature::BYTES];
        self.read_own(0, &mut bytes)?;
        self.is_own(&bytes)?;
        self.check_length(self.backend.len()?)?;
        self.check_tables()
    }

    /// Makes sure that the tables begin as those of redb do. A commit to the journal does not look at them otherwise, and
    /// would be stored in a file that nobody can open.
    fn check_tables(&self) -> Result<(), Fault> {
        let mut bytes = [0; TABLES_BEGIN.len()];
        self.read_own(self.layout.tables_at(), &mut bytes)?;
        if bytes == TABLES_BEGIN {
            return Ok(());
        }
        Err(Fault::Vanished(
            "its tables do not begin as they did: they were overwritten".to_owned(),
        ))
    }

    /// Makes sure that a file of that many bytes can be the log that was opened, which had tables.
    fn check_length(&self, length: u64) -> Result<(), Fault> {
        let tables_at = self.layout.tables_at();
        if length <= tables_at {
            return Err(Fault::Vanished(format!(
                "the file was cut off: it has {length} bytes, and its tables begin at {tables_at}"
            )));
        }
        Ok(())
    }

    pub(super) fn is_own(&self, bytes: &[u8]) -> Result<(), Fault> {
        if bytes == self.signature.bytes() {
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
