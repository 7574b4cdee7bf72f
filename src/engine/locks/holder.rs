//! Which process holds a lock, where the system tells.
//!
//! The locks belong to openings of a file, and not to processes, so that the system does not name a process
//! when it refuses one. Linux lists the locks of each opening under `/proc`, for processes of the same user.

use std::fs::File;
#[cfg(target_os = "linux")]
use std::path::Path;

use super::LockRange;

/// What tells a file from others of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileId {
    #[cfg(target_os = "linux")]
    device: u64,
    #[cfg(target_os = "linux")]
    inode: u64,
}

#[cfg(not(target_os = "linux"))]
impl FileId {
    pub(super) fn of(_file: &File) -> Option<Self> {
        None
    }

    /// The process that keeps others from a lock on that range; `None` if that is not told.
    pub(super) fn holder(self, _range: LockRange, _shared: bool) -> Option<u32> {
        None
    }
}

#[cfg(target_os = "linux")]
impl FileId {
    pub(super) fn of(file: &File) -> Option<Self> {
        Some(Self::new(&file.metadata().ok()?))
    }

    fn new(metadata: &std::fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }

    /// The process that keeps others from a lock on that range, a shared one perhaps; `None` if that is not
    /// told. It may have let go of it by now.
    pub(super) fn holder(self, range: LockRange, shared: bool) -> Option<u32> {
        let own = std::process::id();
        let processes = std::fs::read_dir("/proc").ok()?;
        processes
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|process| *process != own)
            .find(|process| self.is_held_by(*process, range, shared))
    }

    fn is_held_by(self, process: u32, range: LockRange, shared: bool) -> bool {
        let folder = Path::new("/proc").join(process.to_string());
        let Ok(openings) = std::fs::read_dir(folder.join("fd")) else {
            return false;
        };
        openings.flatten().any(|opening| {
            let of_this_file = std::fs::metadata(opening.path())
                .is_ok_and(|metadata| Self::new(&metadata) == self);
            of_this_file
                && std::fs::read_to_string(folder.join("fdinfo").join(opening.file_name()))
                    .is_ok_and(|text| text.lines().any(|line| is_in_the_way(line, range, shared)))
        })
    }
}

/// Whether a line of `fdinfo` tells of a lock that excludes one on the range, such as
/// `lock: 1: OFDLCK  ADVISORY  WRITE -1 08:01:1234 100 EOF`.
#[cfg(target_os = "linux")]
fn is_in_the_way(line: &str, (start, end): LockRange, shared: bool) -> bool {
    use std::ops::Bound;

    let mut words = line.split_whitespace();
    if words.next() != Some("lock:") || words.nth(1) != Some("OFDLCK") {
        return false;
    }
    if shared && words.nth(1) != Some("WRITE") {
        return false;
    }
    let skipped = if shared { 2 } else { 4 };
    let (Some(held_first), Some(held_last)) = (words.nth(skipped), words.next()) else {
        return false;
    };
    let Ok(held_first) = held_first.parse::<u64>() else {
        return false;
    };
    let held_last = held_last.parse().unwrap_or(u64::MAX);
    let first = match start {
        Bound::Included(byte) => byte,
        Bound::Excluded(byte) => byte.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let last = match end {
        Bound::Included(byte) => byte,
        Bound::Excluded(byte) => byte.saturating_sub(1),
        Bound::Unbounded => u64::MAX,
    };
    held_first <= last && first <= held_last
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::ops::Bound::{Excluded, Included, Unbounded};

    use super::*;

    #[test]
    fn a_lock_is_told_by_the_bytes_it_is_on() {
        let byte = "lock:\t1: OFDLCK  ADVISORY  WRITE -1 fe:00:3932 100 100";
        let rest = "lock:\t2: OFDLCK  ADVISORY  READ -1 fe:00:3932 200 EOF";
        for (line, range, expected) in [
            (byte, (Included(100), Excluded(101)), true),
            (byte, (Included(100), Included(100)), true),
            (byte, (Included(101), Excluded(102)), false),
            (byte, (Excluded(100), Included(110)), false),
            (byte, (Unbounded, Included(99)), false),
            (byte, (Unbounded, Unbounded), true),
            (rest, (Included(199), Included(199)), false),
            (rest, (Included(1 << 62), Included(1 << 62)), true),
            ("flags:\t0100002", (Unbounded, Unbounded), false),
            (
                "lock:\t1: FLOCK  ADVISORY  WRITE 7 fe:00:3932 0 EOF",
                (Unbounded, Unbounded),
                false,
            ),
        ] {
            assert_eq!(
                is_in_the_way(line, range, false),
                expected,
                "{line} {range:?}"
            );
        }
        let all = (Unbounded, Unbounded);
        assert!(is_in_the_way(byte, all, true));
        // Shared ones do not exclude each other.
        assert!(!is_in_the_way(rest, all, true));
    }
}
