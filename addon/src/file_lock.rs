//! Locks on files, by which one of several processes does something for all.

use std::path::Path;

use napi::bindgen_prelude::{External, Result};
use napi_derive::napi;

use codebolt_eventlog::file_lock::FileLock;

/// Takes the lock on a file; `null` if another holder has it, in this process or another one.
#[napi(catch_unwind)]
pub(super) fn try_lock_file(path: String) -> Result<Option<External<FileLock>>> {
    let lock = FileLock::try_take(Path::new(&path));
    let lock = lock.map_err(|error| napi::Error::from_reason(error.text()))?;
    Ok(lock.map(External::new))
}

/// Lets go of a lock.
#[napi(catch_unwind)]
pub(super) fn unlock_file(lock: &External<FileLock>) {
    lock.release();
}
