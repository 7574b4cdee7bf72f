//! A lock that one holder has, in whichever process: it is let go of when that process ends, however that is.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use parking_lot::Mutex;

use crate::error::{Code, Error};

/// A lock on a file that is nothing else. The file stays, since somebody may be about to lock it.
#[derive(Debug)]
pub struct FileLock(Mutex<Option<File>>);

impl FileLock {
    /// Takes the lock on a file, which is made if it is not there, private to the user. `None` if another holder has it.
    ///
    /// # Errors
    ///
    /// `STORAGE_FAILED` if the system refuses.
    pub fn try_take(path: &Path) -> Result<Option<Self>, Error> {
        let refused = |error: &std::io::Error| {
            let text = format!("cannot lock {}: {error}", path.display());
            Error::new(Code::StorageFailed, text)
        };
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| refused(&error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(Mutex::new(Some(file))))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(refused(&error)),
        }
    }

    /// Lets go of the lock, for good.
    pub fn release(&self) {
        if let Some(file) = self.0.lock().take() {
            // A process that is being started has a copy of the file until it runs its own program. Closing this one would
            // leave the lock with the copy. If it cannot be let go of by itself, closing does.
            let _ = file.unlock();
        }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holder_has_it_until_that_one_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = FileLock::try_take(&path).unwrap().unwrap();
        assert!(FileLock::try_take(&path).unwrap().is_none());
        first.release();
        let second = FileLock::try_take(&path).unwrap().unwrap();
        assert!(FileLock::try_take(&path).unwrap().is_none());
        drop(second);
        assert!(FileLock::try_take(&path).unwrap().is_some());
        let copied = FileLock::try_take(&path).unwrap().unwrap();
        let copy = copied.0.lock().as_ref().unwrap().try_clone().unwrap();
        copied.release();
        assert!(FileLock::try_take(&path).unwrap().is_some());
        drop(copy);
        let nowhere = folder.path().join("none").join("lock");
        let refused = FileLock::try_take(&nowhere).unwrap_err();
        assert_eq!(refused.code(), Code::StorageFailed);
    }
}
