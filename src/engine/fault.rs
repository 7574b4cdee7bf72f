//! What goes wrong inside the engine, and the one place where it becomes a public failure.

use std::io::ErrorKind;

use super::locks;
use crate::error::{Code, Error};
use crate::panic::Panic;

/// A failure inside the engine.
///
/// The two kinds part ways in the writer: a refusal concerns one job and leaves its neighbours
/// alone, while a fault spoils the transaction that all jobs of a commit share.
#[derive(Debug)]
pub enum Fault {
    /// The job cannot be granted. It has changed nothing.
    Refused(Error),
    /// The storage failed, or holds what it must not hold.
    Storage(redb::Error),
    /// The storage of an engine that has no file failed.
    Failed(Error),
    /// A table breaks an invariant of this format; the text says which and where.
    Corrupted(String),
    /// What was stored is gone from the file, or another log has taken its place in it; the text says how that
    /// was found.
    Vanished(String),
    /// The file is of a format that this version does not know.
    UnsupportedFormat {
        /// The number that the file has.
        found: u32,
        /// The number of the format that this version reads.
        expected: u32,
    },
}

impl Fault {
    /// Whether this is the failure to have a lock that another process holds: nothing is wrong with the
    /// storage.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self, Self::Storage(redb::Error::Io(error)) if locks::busy(error).is_some())
    }

    /// The fault that a panic is by which `what` has failed: corruption if it is redb's, which reads the file, and one of
    /// this package if it is any other.
    pub(crate) fn of_panic(what: &str, panic: &Panic) -> Self {
        if panic.is_of_storage() {
            Self::Corrupted(panic.damage(what))
        } else {
            Self::Refused(panic.fault(what))
        }
    }

    /// Makes a refusal of the given code and text.
    pub(crate) fn refused(code: Code, text: impl Into<String>) -> Self {
        Self::Refused(Error::new(code, text))
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

macro_rules! storage_fault {
    ($($error:ty),+) => {
        $(impl From<$error> for Fault {
            fn from(error: $error) -> Self {
                Self::Storage(error.into())
            }
        })+
    };
}

storage_fault!(
    redb::StorageError,
    redb::TableError,
    redb::TransactionError,
    redb::CommitError,
    redb::CursorError,
    redb::DatabaseError,
    redb::SetDurabilityError
);

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::Storage(redb::Error::Io(error))
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(error) | Fault::Failed(error) => error,
            Fault::Corrupted(text) => {
                Self::new(Code::Corrupted, format!("the log is damaged: {text}"))
            }
            Fault::Vanished(text) => Self::new(
                Code::Corrupted,
                format!(
                    "the log is damaged: what was stored is gone: {text}. Nothing is stored in it until it is \
                     closed and opened again"
                ),
            ),
            Fault::UnsupportedFormat { found, expected } => {
                let version = if found > expected {
                    "by a newer version of codebolt-eventlog, which can open it"
                } else {
                    "by a version of codebolt-eventlog before the first release, which can open it, and export \
                     its events"
                };
                Self::new(
                    Code::UnsupportedFormat,
                    format!(
                        "the log has format {found}, expected {expected}: it was written {version}"
                    ),
                )
            }
            Fault::Storage(error) => storage_error(&error),
        }
    }
}

fn storage_error(error: &redb::Error) -> Error {
    if let redb::Error::Io(io) = error
        && let Some(busy) = locks::busy(io)
    {
        return busy.clone();
    }
    match error {
        redb::Error::DatabaseAlreadyOpen => Error::new(
            Code::Locked,
            "the log is open elsewhere in a way that excludes this one: one of the two asks for \
             `exclusive: true`",
        ),
        redb::Error::LockProtocolMismatch => Error::new(
            Code::Locked,
            "the log is open in a process whose version of the storage engine locks files \
             differently",
        ),
        redb::Error::Corrupted(text) => {
            Error::new(Code::Corrupted, format!("the log is damaged: {text}"))
        }
        redb::Error::UpgradeRequired(found) => Error::new(
            Code::UnsupportedFormat,
            format!("the file has storage format {found}, which this version cannot read"),
        ),
        redb::Error::TableTypeMismatch { .. }
        | redb::Error::TableIsMultimap(_)
        | redb::Error::TableDoesNotExist(_)
        | redb::Error::TypeDefinitionChanged { .. }
        | redb::Error::UnorderedKey => {
            Error::new(Code::Corrupted, format!("the file is not a log: {error}"))
        }
        redb::Error::Io(io) if io.kind() == ErrorKind::InvalidData => Error::new(
            Code::Corrupted,
            "the log is damaged: its tables are not a redb database",
        ),
        redb::Error::Io(io) if io.kind() == ErrorKind::UnexpectedEof => Error::new(
            Code::Corrupted,
            "the log is damaged: the file is shorter than it says it is",
        ),
        redb::Error::DatabaseClosed => Error::new(
            Code::StorageFailed,
            "the log was opened again after a disk fault while this was read: read it again",
        ),
        other => Error::new(Code::StorageFailed, format!("the disk refused: {other}")),
    }
}
