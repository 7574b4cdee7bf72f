//! Reading from a file that may be damaged.

use super::ReadSnapshot;
use crate::engine::Fault;
use crate::error::Error;
use crate::panic::caught;

/// Reads from a snapshot, and notes the fault that this may meet.
pub(crate) fn guarded<T>(
    snapshot: &dyn ReadSnapshot,
    read: impl FnOnce() -> Result<T, Fault>,
) -> Result<T, Error> {
    match caught(read) {
        Ok(Err(fault)) => {
            snapshot.note(&fault);
            Err(fault.into())
        }
        Ok(Ok(found)) => Ok(found),
        Err(panic) => Err(panic.error("reading")),
    }
}
