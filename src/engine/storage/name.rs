//! The name of a log's file, under which it has to stay.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use same_file::Handle;

use crate::engine::Fault;
use crate::engine::locks::Severed;
use crate::error::Code;

/// The path that a log's file is to be found under.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Name {
    pub(in crate::engine) path: PathBuf,
    pub(in crate::engine) identity: Arc<Handle>,
    pub(in crate::engine) severed: Severed,
}

impl Name {
    /// Makes sure that the path names the file. A path that cannot be looked at is taken to do so.
    ///
    /// # Errors
    ///
    /// `STORAGE_FAILED` if there is nothing at the path, or something else.
    pub(in crate::engine) fn check(&self) -> Result<(), Fault> {
        let taken = |how: &str| {
            Err(Fault::refused(
                Code::StorageFailed,
                format!(
                    "the log's file is no longer at {}: {how}. Nothing is stored until it is there again; what \
                     it has can be read, and copied with backup, until the log is closed",
                    self.path.display()
                ),
            ))
        };
        match std::fs::metadata(&self.path) {
            Ok(found) if self.is_own(&found) => Ok(()),
            Ok(_) => taken("another file is in its place"),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                taken("it was moved or deleted")
            }
            Err(_) => Ok(()),
        }
    }

    #[cfg(unix)]
    fn is_own(&self, found: &std::fs::Metadata) -> bool {
        use std::os::unix::fs::MetadataExt;
        found.dev() == self.identity.dev() && found.ino() == self.identity.ino()
    }

    #[cfg(not(unix))]
    fn is_own(&self, _found: &std::fs::Metadata) -> bool {
        Handle::from_path(&self.path).is_ok_and(|found| found == *self.identity)
    }

    /// Has nothing more written to the file as it is open.
    pub(in crate::engine) fn sever(&self) {
        self.severed.set();
    }
}
