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
    /// Makes sure that the path names the file, and returns how long that is. A path that cannot be looked at is taken
    /// to do so, and tells no length.
    ///
    /// # Errors
    ///
    /// `STORAGE_FAILED` if there is nothing at the path, or something else.
    pub(in crate::engine) fn check(&self) -> Result<Option<u64>, Fault> {
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
        match self.found() {
            Ok(Some(length)) => Ok(Some(length)),
            Ok(None) => taken("another file is in its place"),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                taken("it was moved or deleted")
            }
            Err(_) => Ok(None),
        }
    }

    /// How long the file is, if the path names it.
    pub(super) fn length(&self) -> Option<u64> {
        self.found().ok().flatten()
    }

    /// How long the file is that the path names; `None` if that is another file.
    #[cfg(target_os = "linux")]
    fn found(&self) -> io::Result<Option<u64>> {
        use rustix::fs::{AtFlags, CWD, StatxFlags, major, minor, statx};
        // Not its times: who asks for those has the next write to the file store a new one, since Linux 6.13.
        let asked = StatxFlags::INO | StatxFlags::SIZE;
        let Ok(found) = statx(CWD, &self.path, AtFlags::empty(), asked) else {
            // The system may not have the call, or not allow it.
            return self.found_with_times();
        };
        let (device, inode) = (self.identity.dev(), self.identity.ino());
        let is_own = found.stx_ino == inode
            && (found.stx_dev_major, found.stx_dev_minor) == (major(device), minor(device));
        Ok(is_own.then_some(found.stx_size))
    }

    #[cfg(not(target_os = "linux"))]
    fn found(&self) -> io::Result<Option<u64>> {
        self.found_with_times()
    }

    /// As [`Name::found`], by the call that every system has.
    fn found_with_times(&self) -> io::Result<Option<u64>> {
        let found = std::fs::metadata(&self.path)?;
        Ok(self.is_own(&found).then_some(found.len()))
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
