//! Parts of a file that take no room on the disk, and are read as zeros.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use redb::StorageBackend;
use same_file::Handle;

/// A storage that can have holes, if it knows how.
pub(super) trait SparseStorage: StorageBackend {
    /// Makes a hole of these bytes, which are zeros from then on. That need not be on disk when this returns: a loss of
    /// power can leave any of them as they were. A storage that has no way to do it leaves them as they are.
    ///
    /// # Errors
    ///
    /// Those of the storage. Some of the bytes may be zeros then.
    fn punch(&self, bytes: Range<u64>) -> io::Result<()> {
        let _ = bytes;
        Ok(())
    }

    /// Whether any of these bytes is in no hole. A storage that does not know its holes says no.
    ///
    /// # Errors
    ///
    /// Those of the storage.
    fn takes_room(&self, bytes: Range<u64>) -> io::Result<bool> {
        let _ = bytes;
        Ok(false)
    }

    /// Where the first byte from `at` on is that is in no hole, as far as the storage knows its holes; `u64::MAX` if there
    /// is none.
    ///
    /// # Errors
    ///
    /// Those of the storage.
    fn next_data(&self, at: u64) -> io::Result<u64> {
        Ok(at)
    }
}

/// The holes of an open file, where the system has a way to make and to find them: Linux has. macOS and Windows have one
/// too, but none without unsafe code.
#[derive(Debug)]
pub(super) struct Holes(
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "nothing is done with it")
    )]
    Arc<Handle>,
);

impl Holes {
    /// Those of a file, by an opening of it that can be written to if holes are to be made.
    pub(super) const fn of(file: Arc<Handle>) -> Self {
        Self(file)
    }
}

#[cfg(target_os = "linux")]
impl Holes {
    /// As [`SparseStorage::punch`].
    pub(super) fn punch(&self, bytes: Range<u64>) -> io::Result<()> {
        use rustix::fs::{FallocateFlags, fallocate};
        let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        let length = bytes.end.saturating_sub(bytes.start);
        let punch = || fallocate(self.0.as_file(), flags, bytes.start, length);
        if_supported(rustix::io::retry_on_intr(punch))
    }

    /// As [`SparseStorage::takes_room`].
    pub(super) fn takes_room(&self, bytes: Range<u64>) -> io::Result<bool> {
        Ok(self.next_data(bytes.start)? < bytes.end)
    }

    /// As [`SparseStorage::next_data`].
    pub(super) fn next_data(&self, at: u64) -> io::Result<u64> {
        use rustix::fs::{SeekFrom, seek};
        use rustix::io::Errno;
        // The place in the opening, which this moves, is used by nobody.
        match seek(self.0.as_file(), SeekFrom::Data(at)) {
            Ok(found) => Ok(found),
            Err(Errno::NXIO) => Ok(u64::MAX),
            // The file system does not know its holes.
            Err(Errno::INVAL) => Ok(at),
            Err(error) => Err(error.into()),
        }
    }
}

/// What a file system has no way to do is no failure.
#[cfg(target_os = "linux")]
fn if_supported(done: rustix::io::Result<()>) -> io::Result<()> {
    use rustix::io::Errno;
    match done {
        Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::NODEV) => Ok(()),
        done => Ok(done?),
    }
}

#[cfg(not(target_os = "linux"))]
impl Holes {
    pub(super) fn punch(&self, _bytes: Range<u64>) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn takes_room(&self, _bytes: Range<u64>) -> io::Result<bool> {
        Ok(false)
    }

    pub(super) fn next_data(&self, at: u64) -> io::Result<u64> {
        Ok(at)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::fs::{FileExt, MetadataExt};

    use rustix::io::Errno;

    use super::*;

    const MIB: u64 = 1 << 20;

    fn holes_of(file: std::fs::File) -> io::Result<Holes> {
        Ok(Holes::of(Arc::new(Handle::from_file(file)?)))
    }

    #[test]
    fn a_hole_is_zeros_takes_no_room_and_is_passed_over() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(&vec![7; 4 * MIB as usize], 0).unwrap();
        file.sync_all().unwrap();
        let before = file.metadata().unwrap();
        let holes = holes_of(file.try_clone().unwrap()).unwrap();
        holes.punch(MIB..3 * MIB).unwrap();
        file.sync_all().unwrap();
        let after = file.metadata().unwrap();
        assert_eq!(after.len(), before.len());
        assert!(before.blocks() - after.blocks() >= 2 * MIB / 512);

        let mut bytes = vec![1; 4 * MIB as usize];
        file.read_exact_at(&mut bytes, 0).unwrap();
        let is_hole = |at: usize| (MIB as usize..3 * MIB as usize).contains(&at);
        let found = bytes.iter().enumerate();
        assert!(found.clone().all(|(at, byte)| (*byte == 0) == is_hole(at)));

        let data = [0, MIB - 1, MIB, 2 * MIB, 3 * MIB].map(|at| holes.next_data(at).unwrap());
        assert_eq!(data, [0, MIB - 1, 3 * MIB, 3 * MIB, 3 * MIB]);
        assert_eq!(holes.next_data(4 * MIB).unwrap(), u64::MAX);
    }

    #[test]
    fn only_what_the_file_system_cannot_do_is_no_failure() {
        for unsupported in [Errno::OPNOTSUPP, Errno::NOSYS, Errno::NODEV] {
            if_supported(Err(unsupported)).unwrap();
        }
        for failed in [Errno::IO, Errno::NOSPC, Errno::BADF, Errno::PERM] {
            let error = if_supported(Err(failed)).unwrap_err();
            assert_eq!(error.raw_os_error(), Some(failed.raw_os_error()));
        }
        // An opening that only reads.
        let named = tempfile::NamedTempFile::new().unwrap();
        let reading = holes_of(std::fs::File::open(named.path()).unwrap()).unwrap();
        assert!(reading.punch(0..MIB).is_err());
    }
}
