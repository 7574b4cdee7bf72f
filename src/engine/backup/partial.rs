//! A file that has not got its name yet.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::error::{Code, Error};
use crate::folder;

/// A file beside the path that it is made for. It is removed when this is dropped.
pub(super) struct Partial {
    path: PathBuf,
    target: PathBuf,
}

impl Partial {
    /// Chooses a name for what is to be at `target` in the end.
    pub(super) fn beside(target: &Path) -> Result<Self, Error> {
        if target.symlink_metadata().is_ok() {
            return Err(taken(target));
        }
        let name = target.file_name().filter(|_| {
            let folder = target.parent().map(Path::metadata);
            matches!(folder, Some(Ok(metadata)) if metadata.is_dir())
        });
        let Some(name) = name else {
            let found = format!("none that holds {}", target.display());
            return Err(Error::expected("path", "a folder that is there", &found));
        };
        let mut partial = name.to_owned();
        partial.push(format!(".{:016x}.partial", Uuid::new_v4().as_u64_pair().0));
        Ok(Self {
            path: target.with_file_name(partial),
            target: target.to_path_buf(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it the path that it was made for. The name is on disk when this returns.
    pub(super) fn publish(self) -> Result<(), Error> {
        let failed = |error: io::Error| {
            let text = format!("cannot make {}: {error}", self.target.display());
            Error::new(Code::StorageFailed, text)
        };
        // A second name, unlike a renamed file, takes the place of nothing.
        match std::fs::hard_link(&self.path, &self.target) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(taken(&self.target));
            }
            // Some file systems give a file one name only.
            Err(_) if self.target.symlink_metadata().is_ok() => return Err(taken(&self.target)),
            Err(_) => std::fs::rename(&self.path, &self.target).map_err(failed)?,
        }
        let target = self.target.clone();
        // The first name goes, if the file still has it.
        drop(self);
        let synced = target.parent().map(folder::sync).transpose();
        synced.map(drop).map_err(|error| {
            // What is not sure to stay is not left.
            let _ = std::fs::remove_file(&target);
            let text = format!("cannot sync the folder of {}: {error}", target.display());
            Error::new(Code::StorageFailed, text)
        })
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // It may not have been made, or have been renamed.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn taken(path: &Path) -> Error {
    let found = format!("something at {}", path.display());
    Error::expected("path", "a path where there is nothing yet", &found)
}
