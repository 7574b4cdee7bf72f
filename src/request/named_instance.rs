//! The instance that a call names. A refusal says at which place of the call it is named.

use crate::engine::Fault;
use crate::error::{Code, Error};
use crate::seam::{ReadSnapshot, Transaction};

/// The number of the instance that a call names at `path`, among those of a snapshot.
///
/// # Errors
///
/// `INSTANCE_NOT_FOUND`; a storage fault.
pub(super) fn find_in_snapshot(
    path: &str,
    id_or_name: &str,
    snapshot: &dyn ReadSnapshot,
) -> Result<u32, Fault> {
    placed(path, snapshot.find(id_or_name))
}

/// The number of the instance that a call names at `path`, as a transaction has it.
///
/// # Errors
///
/// `INSTANCE_NOT_FOUND`; a storage fault.
pub(super) fn find_in_batch(
    path: &str,
    id_or_name: &str,
    batch: &mut dyn Transaction,
) -> Result<u32, Fault> {
    placed(path, batch.find(id_or_name))
}

fn placed(path: &str, found: Result<u32, Fault>) -> Result<u32, Fault> {
    found.map_err(|fault| match fault {
        Fault::Refused(error) if error.code() == Code::InstanceNotFound => {
            Fault::Refused(placed_error(path, error))
        }
        fault => fault,
    })
}

/// The same failure, which says where in the call it is.
pub(super) fn placed_error(path: &str, error: Error) -> Error {
    let text = format!("{path}: {}", error.text());
    error.with_text(text)
}
