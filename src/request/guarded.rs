//! Reading from a file that may be damaged.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::engine::{Fault, Snapshot};
use crate::error::{Code, Error, panic_text};

/// Reads from a snapshot, and notes the fault that this may meet.
pub(super) fn guarded<T>(
    snapshot: &Snapshot,
    read: impl FnOnce() -> Result<T, Fault>,
) -> Result<T, Error> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Err(fault)) => {
            snapshot.note(&fault);
            Err(fault.into())
        }
        Ok(Ok(found)) => Ok(found),
        // redb panics where pages were altered behind its back.
        Err(panic) => Err(Error::new(
            Code::Corrupted,
            format!(
                "reading failed unexpectedly, as it does where the file is damaged: {}",
                panic_text(&*panic)
            ),
        )),
    }
}
