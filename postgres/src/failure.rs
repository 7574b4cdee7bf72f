//! What goes wrong with a database, and what it means to whoever asked it.

use std::error::Error as _;

use codebolt_eventlog::engine::Fault;
use codebolt_eventlog::error::{Code, Error};
use tokio_postgres::error::SqlState;

/// Why a statement has failed.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// The connection is gone, or the server does not take changes any more. What became of a statement that was under
    /// way is not known.
    Lost(String),
    /// The server, a standby, does not have yet what others have shown. It may soon, and another one may have it now.
    Behind,
    /// The server has undone the transaction in favour of another one. It can be tried again.
    Undone(String),
    /// The server has refused the statement, which has changed nothing.
    Refused(String),
    /// The server does not have any more what it has told to be stored.
    Gone(String),
    /// Something is not as this package has left it, or another failure that says itself what it is.
    Told(Error),
}

impl Failure {
    /// What the log holds is not what was stored.
    pub(crate) fn corrupted(text: impl AsRef<str>) -> Self {
        let text = format!("the log is damaged: {}", text.as_ref());
        Self::Told(Error::new(Code::Corrupted, text))
    }

    /// Whether nothing more can be had of the connection, but perhaps of another one.
    pub(crate) const fn is_lost(&self) -> bool {
        matches!(self, Self::Lost(_) | Self::Behind)
    }

    /// What a caller is told.
    pub(crate) fn error(&self) -> Error {
        match self {
            Self::Lost(text) => Error::new(
                Code::StorageFailed,
                format!("the database cannot be reached, or the connection to it was lost: {text}"),
            ),
            Self::Behind => Error::new(
                Code::StorageFailed,
                "the server, a standby, is behind what was read before, and no other one was found in time",
            ),
            Self::Undone(text) | Self::Refused(text) => {
                Error::new(Code::StorageFailed, format!("the database refused: {text}"))
            }
            Self::Gone(text) => Error::new(
                Code::Corrupted,
                format!(
                    "the log is damaged: what was stored is gone: {text}. Nothing is stored in it until it is closed \
                     and opened again"
                ),
            ),
            Self::Told(error) => error.clone(),
        }
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(of_server) = error.as_db_error() else {
            return Self::Lost(chain(&error));
        };
        let code = of_server.code();
        let text = format!("{} ({})", of_server.message(), code.code());
        // The classes of connections and of operators who intervene. A server that has become a standby refuses
        // whatever changes something, and one that has too many connections whoever comes.
        let is_lost = ["08", "57P"]
            .iter()
            .any(|class| code.code().starts_with(class))
            || [
                SqlState::READ_ONLY_SQL_TRANSACTION,
                SqlState::TOO_MANY_CONNECTIONS,
            ]
            .contains(code);
        if is_lost {
            Self::Lost(text)
        } else if [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
        ]
        .contains(code)
        {
            Self::Undone(text)
        } else {
            Self::Refused(text)
        }
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure.error())
    }
}

/// An error with what has caused it.
fn chain(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let more = cause.to_string();
        if !text.contains(&more) {
            text.push_str(&format!(": {more}"));
        }
        source = cause.source();
    }
    text
}
