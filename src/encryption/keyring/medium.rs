//! Where a keyring is kept: in a file, or in memory.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::error::{Code, Error};
use crate::folder::{self, SyncedNames};

/// How long somebody who waits for another process sleeps before it tries again.
const RETRY: Duration = Duration::from_millis(2);

/// The bytes of a keyring, wherever they are, and those that are to take their place.
pub(super) trait Medium: Send + Sync {
    /// Keeps others from changing it until the result is dropped.
    ///
    /// # Errors
    ///
    /// `LOCKED` if another process does not let go of it.
    fn lock(&self) -> Result<Box<dyn Locked>, Error>;

    /// The first bytes, up to `bytes`, and how many there are in all; `None` if there is no keyring.
    fn beginning(&self, bytes: usize) -> io::Result<Option<(Vec<u8>, u64)>>;

    /// All bytes, as of one moment unless they are written meanwhile; `None` if there is no keyring.
    fn read(&self) -> io::Result<Option<Vec<u8>>>;

    /// Writes bytes at a place.
    fn write(&self, at: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts what is beyond that many bytes off.
    fn cut(&self, length: u64) -> io::Result<()>;

    /// Has all that was written be on disk.
    fn sync(&self) -> io::Result<()>;

    /// Writes what is to take the place of all, beside it. It is on disk then.
    fn write_next(&self, bytes: &[u8]) -> io::Result<()>;

    /// Puts that in the place of all. A crash leaves either of the two.
    fn use_next(&self) -> io::Result<()>;

    /// Has it be on disk which of the two there is.
    fn sync_name(&self) -> io::Result<()>;

    /// Writes over what is beside it, if there is anything, and removes it. It is on disk then.
    fn wipe_next(&self) -> io::Result<()>;
}

/// What keeps others from changing a keyring.
pub(super) trait Locked {}

/// A keyring in a file.
pub(super) struct InFile {
    path: PathBuf,
    lock_wait: Duration,
}

impl InFile {
    pub(super) const fn new(path: PathBuf, lock_wait: Duration) -> Self {
        Self { path, lock_wait }
    }

    /// The file of that name, and of an ending.
    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(ending);
        name.into()
    }

    /// What is to take the place of the file.
    fn next(&self) -> PathBuf {
        self.beside(".next")
    }

    fn open(&self) -> io::Result<Option<File>> {
        match File::open(&self.path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn writable(&self) -> io::Result<File> {
        OpenOptions::new().write(true).open(&self.path)
    }
}

/// A file whose lock is let go of when it is closed.
struct LockFile(#[expect(dead_code, reason = "it is held")] File);

impl Locked for LockFile {}

impl Medium for InFile {
    fn lock(&self) -> Result<Box<dyn Locked>, Error> {
        // The keyring's own file is replaced now and then, so another one is locked.
        let path = self.beside(".lock");
        let file = private().create(true).truncate(false).open(&path);
        let file = file.map_err(|error| refused(&path, &error))?;
        let until = Instant::now() + self.lock_wait;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Box::new(LockFile(file))),
                Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(RETRY),
                Err(TryLockError::WouldBlock) => {
                    let text = format!(
                        "another process changes the keyring {}, and has not let go of it within {} ms (lockWaitMs)",
                        self.path.display(),
                        self.lock_wait.as_millis()
                    );
                    return Err(Error::new(Code::Locked, text));
                }
                Err(TryLockError::Error(error)) => return Err(refused(&path, &error)),
            }
        }
    }

    fn beginning(&self, bytes: usize) -> io::Result<Option<(Vec<u8>, u64)>> {
        let Some(file) = self.open()? else {
            return Ok(None);
        };
        let length = file.metadata()?.len();
        let mut found = Vec::with_capacity(bytes);
        file.take(bytes as u64).read_to_end(&mut found)?;
        Ok(Some((found, length)))
    }

    fn read(&self) -> io::Result<Option<Vec<u8>>> {
        let Some(file) = self.open()? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        file.take(u64::MAX).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    fn write(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.writable()?;
        file.seek(SeekFrom::Start(at))?;
        file.write_all(bytes)
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        self.writable()?.set_len(length)
    }

    fn sync(&self) -> io::Result<()> {
        self.writable()?.sync_all()
    }

    fn write_next(&self, bytes: &[u8]) -> io::Result<()> {
        let mut file = private().create(true).truncate(true).open(self.next())?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn use_next(&self) -> io::Result<()> {
        let replaced = match self.writable() {
            Ok(file) => Some(file),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        fs::rename(self.next(), &self.path)?;
        match (sync_folder_of(&self.path)?, replaced) {
            // Its name is gone, and its bytes are not.
            (SyncedNames::OnDisk, Some(mut file)) => wipe(&mut file),
            // A loss of power may bring its name back, and all keys with it.
            (SyncedNames::Unknown, Some(_)) | (_, None) => Ok(()),
        }
    }

    fn sync_name(&self) -> io::Result<()> {
        sync_folder_of(&self.path).map(drop)
    }

    fn wipe_next(&self) -> io::Result<()> {
        let next = self.next();
        match OpenOptions::new().write(true).open(&next) {
            Ok(mut file) => wipe(&mut file)?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        }
        fs::remove_file(&next)?;
        sync_folder_of(&self.path).map(drop)
    }
}

/// Writes over all bytes of a file.
fn wipe(file: &mut File) -> io::Result<()> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(0))?;
    io::copy(&mut io::repeat(0).take(length), file)?;
    file.sync_all()
}

/// Files that only their owner may read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Has the names in the folder of a file be on disk.
fn sync_folder_of(path: &Path) -> io::Result<SyncedNames> {
    folder::sync(path.parent().unwrap_or(path))
}

fn refused(path: &Path, error: &io::Error) -> Error {
    let text = format!("the keyring {} cannot be used: {error}", path.display());
    Error::new(Code::StorageFailed, text)
}

/// A keyring in memory, for a log in memory.
#[derive(Default)]
pub(super) struct InMemory(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    bytes: Option<Vec<u8>>,
    next: Option<Vec<u8>>,
}

impl Locked for () {}

impl Medium for InMemory {
    fn lock(&self) -> Result<Box<dyn Locked>, Error> {
        // Nobody else has it.
        Ok(Box::new(()))
    }

    fn beginning(&self, bytes: usize) -> io::Result<Option<(Vec<u8>, u64)>> {
        let kept = self.0.lock();
        Ok(kept.bytes.as_ref().map(|kept| {
            let first = kept.iter().take(bytes).copied().collect();
            (first, kept.len() as u64)
        }))
    }

    fn read(&self) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.lock().bytes.clone())
    }

    fn write(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let mut kept = self.0.lock();
        let kept = kept.bytes.get_or_insert_default();
        let end = at as usize + bytes.len();
        if kept.len() < end {
            kept.resize(end, 0);
        }
        kept[at as usize..end].copy_from_slice(bytes);
        Ok(())
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        if let Some(kept) = &mut self.0.lock().bytes {
            kept.truncate(length as usize);
        }
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn write_next(&self, bytes: &[u8]) -> io::Result<()> {
        self.0.lock().next = Some(bytes.to_vec());
        Ok(())
    }

    fn use_next(&self) -> io::Result<()> {
        let mut kept = self.0.lock();
        kept.bytes = kept.next.take();
        Ok(())
    }

    fn sync_name(&self) -> io::Result<()> {
        Ok(())
    }

    fn wipe_next(&self) -> io::Result<()> {
        self.0.lock().next = None;
        Ok(())
    }
}
