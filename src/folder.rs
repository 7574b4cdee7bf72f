//! Folders, and whether the names in them are on disk.

use std::io;
use std::path::Path;

/// What is known of the names in a folder that was synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SyncedNames {
    /// A loss of power does not change them.
    OnDisk,
    /// The system has no call that says so.
    Unknown,
}

/// Has the names in a folder be on disk. The empty path is the working directory.
///
/// # Errors
///
/// Those of the system, where it can sync folders.
#[cfg(unix)]
pub(crate) fn sync(folder: &Path) -> io::Result<SyncedNames> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    match std::fs::File::open(folder).and_then(|folder| folder.sync_all()) {
        Ok(()) => Ok(SyncedNames::OnDisk),
        // Some network and user-space file systems cannot sync a folder; one that this user may
        // not read was made by another, and before what is in it.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput
                    | io::ErrorKind::Unsupported
                    | io::ErrorKind::PermissionDenied
            ) =>
        {
            Ok(SyncedNames::Unknown)
        }
        Err(error) => Err(error),
    }
}

/// Windows keeps folder entries in its journal and has no call that syncs a folder.
#[cfg(not(unix))]
pub(crate) fn sync(_folder: &Path) -> io::Result<SyncedNames> {
    Ok(SyncedNames::Unknown)
}
