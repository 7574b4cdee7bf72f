//! The log's file on disk: made private, made durable, and known again under any name.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use redb::StorageBackend;
use same_file::Handle;

use super::medium::Medium;
use super::name::Name;
use crate::engine::holes::{Holes, SparseStorage};
use crate::engine::locks::{LockedFile, Severed};
use crate::engine::{Fault, Options};
use crate::error::{Code, Error};
use crate::folder;

/// An open file and its identity, which is the same whatever path leads to it.
#[derive(Clone, Debug)]
pub(in crate::engine) struct LogFile {
    identity: Arc<Handle>,
    path: PathBuf,
    lock_wait: Duration,
    severed: Severed,
}

impl LogFile {
    /// Opens the file at `path`. Unless it is to be read only, a file that is not there is made, with its
    /// folders, for this user alone; the new names are on disk when this returns.
    pub(in crate::engine) fn open(path: &Path, options: &Options) -> Result<Self, Error> {
        // Before it is opened: opening a pipe waits for its other end.
        if let Ok(metadata) = std::fs::metadata(path)
            && !metadata.is_file()
        {
            return Err(not_a_file(path, metadata.is_dir()));
        }
        let opened = if options.read_only {
            File::open(path)
        } else {
            open_or_create(path)
        };
        let identity = opened
            .and_then(Handle::from_file)
            .map_err(|error| cannot_open(path, &error))?;
        Ok(Self {
            identity: Arc::new(identity),
            path: path.to_path_buf(),
            lock_wait: options.lock_wait,
            severed: Severed::default(),
        })
    }

    /// What tells this file from every other one on the machine: the opening itself, which keeps the system
    /// from giving the identity to another file.
    pub(in crate::engine) const fn identity(&self) -> &Arc<Handle> {
        &self.identity
    }

    /// The file as a new opening of its own: locks belong to an opening, so that two databases on
    /// one opening would not exclude each other.
    fn opened_anew(&self, open: &OpenOptions) -> Result<File, Fault> {
        let file = open.open(&self.path)?;
        if Handle::from_file(file.try_clone()?)? != *self.identity {
            return Err(Fault::refused(
                Code::StorageFailed,
                "another file has taken the place of the log",
            ));
        }
        Ok(file)
    }

    fn locked(&self, open: &OpenOptions) -> Result<LockedFile, Fault> {
        let file = self.opened_anew(open)?;
        let holes = Holes::of(Arc::clone(&self.identity));
        let severed = self.severed.clone();
        Ok(LockedFile::new(file, holes, self.lock_wait, severed)?)
    }
}

impl Medium for LogFile {
    fn journal(&self, write: bool) -> Result<(Box<dyn SparseStorage>, bool), Fault> {
        let mut open = OpenOptions::new();
        open.read(true).write(write);
        #[cfg(target_os = "linux")]
        {
            use std::os::unix::fs::OpenOptionsExt;
            open.custom_flags(rustix::fs::OFlags::DSYNC.bits() as i32);
        }
        let backend = self.locked(&open)?;
        Ok((Box::new(backend), cfg!(target_os = "linux")))
    }

    fn tables(&self, write: bool) -> Result<Box<dyn StorageBackend>, Fault> {
        let mut open = OpenOptions::new();
        open.read(true).write(write);
        Ok(Box::new(self.locked(&open)?))
    }

    fn name(&self) -> Option<Name> {
        Some(Name {
            path: self.path.clone(),
            identity: Arc::clone(&self.identity),
            severed: self.severed.clone(),
        })
    }
}

fn open_or_create(path: &Path) -> io::Result<File> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut open = OpenOptions::new();
    open.read(true).write(true);
    let file = match open.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create_folders(parent)?;
            open.create(true);
            #[cfg(unix)]
            {
                use std::os::unix::fs::OpenOptionsExt;
                open.mode(0o600);
            }
            open.open(path)?
        }
        opened => opened?,
    };
    // The folder that has the file, where the path is a symbolic link to it.
    let real = path.canonicalize();
    let real_parent = real.as_deref().ok().and_then(Path::parent);
    let parent = real_parent.unwrap_or(parent);
    // A name lives in the folder that holds it: until that is synced too, power loss can take
    // the file away with all that was synced into it. An empty file was made just now, here or by
    // another process, which may not have come to syncing its name and those of its folders.
    if file.metadata()?.len() == 0 {
        file.sync_all()?;
        for ancestor in parent.ancestors() {
            folder::sync(ancestor)?;
        }
    }
    Ok(file)
}

fn create_folders(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}

fn not_a_file(path: &Path, is_directory: bool) -> Error {
    let found = if is_directory {
        "the directory"
    } else {
        "something else at"
    };
    Error::new(
        Code::InvalidArgument,
        format!("path: expected a file, found {found} {}", path.display()),
    )
}

fn cannot_open(path: &Path, error: &io::Error) -> Error {
    Error::new(
        Code::StorageFailed,
        format!("cannot open {}: {error}", path.display()),
    )
}
