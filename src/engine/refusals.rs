//! Why a call is refused without having been tried.

use crate::error::{Code, Error};

/// The failure of a change to a log that takes none.
#[must_use]
pub fn read_only() -> Error {
    Error::new(
        Code::InvalidArgument,
        "the log was opened with `readOnly: true`, which takes no changes",
    )
}

/// The failure of a call of `bytes` that finds no room beside the `queued` ones.
#[must_use]
pub fn overloaded(queued: usize, bytes: usize, bytes_max: usize) -> Error {
    if bytes > bytes_max {
        return Error::new(
            Code::LimitExceeded,
            format!("expected a call of at most {bytes_max} bytes (queuedBytesMax), found {bytes}"),
        );
    }
    Error::new(
        Code::Overloaded,
        format!(
            "{queued} bytes are queued and this call has {bytes}, over the limit of {bytes_max} \
             (queuedBytesMax): await some calls before making more"
        ),
    )
}

/// The failure of a call on a closed log.
#[must_use]
pub fn closed() -> Error {
    Error::new(
        Code::Closed,
        "the log was closed: open it again with EventLog.open",
    )
}

/// The failure of a call that needs a thread which the system does not give.
#[must_use]
pub fn no_thread(error: &std::io::Error) -> Error {
    Error::new(
        Code::StorageFailed,
        format!("the system refused to start a thread: {error}"),
    )
}
