//! The log's file on disk: made private, made durable, and known again under any name.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use redb::backends::FileBackend;
use redb::{Builder, ConcurrencyMode, Database, DatabaseError, ReadOnlyDatabase, ReadableDatabase};
use same_file::Handle;

use super::{Fault, Options, schema};
use crate::error::{Code, Error};

/// An open file and its identity, which is the same whatever path leads to it.
#[derive(Debug)]
pub(super) struct LogFile {
    file: File,
    path: PathBuf,
}

/// A redb database, in one of the two ways it can be open.
pub(super) enum Store {
    Writable(Database),
    ReadOnly(ReadOnlyDatabase),
}

impl LogFile {
    /// Opens the file at `path`. Unless `read_only`, a file that is not there is made, with its
    /// folders, for this user alone; the new names are on disk when this returns.
    pub(super) fn open(path: &Path, read_only: bool) -> Result<Self, Error> {
        let opened = if read_only {
            File::open(path)
        } else {
            open_or_create(path)
        };
        let file = opened.map_err(|error| cannot_open(path, &error))?;
        let metadata = file.metadata().map_err(|error| cannot_open(path, &error))?;
        if metadata.is_dir() {
            return Err(is_a_directory(path));
        }
        Ok(Self {
            file,
            path: path.to_path_buf(),
        })
    }

    /// What tells this file from every other one on the machine.
    pub(super) fn identity(&self) -> Result<Handle, Error> {
        self.file
            .try_clone()
            .and_then(Handle::from_file)
            .map_err(|error| cannot_open(&self.path, &error))
    }

    /// Opens the file as a store, making its tables if it is empty.
    pub(super) fn store(&self, options: &Options) -> Result<Store, Fault> {
        if options.read_only {
            return Ok(Store::ReadOnly(self.read_only_store(options)?));
        }
        let database = builder(options).create_with_backend(backend(&self.file)?)?;
        schema::prepare(&database)?;
        Ok(Store::Writable(database))
    }

    fn read_only_store(&self, options: &Options) -> Result<ReadOnlyDatabase, Fault> {
        let open = || builder(options).open_read_only_with_backend(backend(&self.file)?);
        let database = match open() {
            Err(DatabaseError::RepairAborted) => {
                self.recover(options)?;
                open()?
            }
            opened => opened?,
        };
        if schema::check(&database.begin_read()?)? {
            Ok(database)
        } else {
            Err(Fault::refused(
                Code::Corrupted,
                "the file is not a log yet: no log has been opened for writing in it",
            ))
        }
    }

    /// Brings a log that was not closed cleanly back to its last commit. Only a writer can.
    fn recover(&self, options: &Options) -> Result<(), Fault> {
        let mut open = OpenOptions::new();
        let file = open
            .read(true)
            .write(true)
            .open(&self.path)
            .map_err(|error| {
                Fault::refused(
                    Code::StorageFailed,
                    format!(
                        "{} was not closed cleanly, and what a crash has left can only be \
                         recovered by writing to it: {error}",
                        self.path.display()
                    ),
                )
            })?;
        let database = builder(options).create_with_backend(backend(&file)?)?;
        Ok(database.close()?)
    }
}

fn builder(options: &Options) -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(options.cache_bytes);
    builder.set_concurrency_mode(if options.exclusive {
        ConcurrencyMode::ExclusiveWriter
    } else {
        ConcurrencyMode::MultiWriter
    });
    builder
}

fn backend(file: &File) -> Result<FileBackend, DatabaseError> {
    FileBackend::new(file.try_clone().map_err(redb::StorageError::from)?)
}

fn open_or_create(path: &Path) -> io::Result<File> {
    match OpenOptions::new().read(true).write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        opened => return opened,
    }
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let made = missing_folders(parent);
    create_folders(parent)?;
    let mut create = OpenOptions::new();
    create.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        create.mode(0o600);
    }
    let file = create.open(path)?;
    // A name lives in the folder that holds it: until that is synced too, power loss can take
    // the file away with all that was synced into it.
    file.sync_all()?;
    sync_folder(parent)?;
    for folder in made {
        if let Some(holder) = folder.parent() {
            sync_folder(holder)?;
        }
    }
    Ok(file)
}

fn missing_folders(folder: &Path) -> Vec<PathBuf> {
    folder
        .ancestors()
        .take_while(|ancestor| !ancestor.as_os_str().is_empty() && !ancestor.exists())
        .map(Path::to_path_buf)
        .collect()
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

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    File::open(folder)?.sync_all()
}

/// Windows keeps folder entries in its journal and has no call that syncs a folder.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

fn is_a_directory(path: &Path) -> Error {
    Error::new(
        Code::InvalidArgument,
        format!(
            "path: expected a file, found the directory {}",
            path.display()
        ),
    )
}

fn cannot_open(path: &Path, error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::IsADirectory || path.is_dir() {
        return is_a_directory(path);
    }
    Error::new(
        Code::StorageFailed,
        format!("cannot open {}: {error}", path.display()),
    )
}
