//! What the targets of `fuzz/` need of damaged summaries, and nobody else does.

use super::{ColumnKey, Directory, Finding};

/// Reads all that a summary has under these keys, whatever its bytes are. Columns are not refused for their checksums.
pub fn read_all(directory: &[u8], body: &[u8], keys: &[ColumnKey<'_>]) {
    let Some(directory) = Directory::decode(directory) else {
        return;
    };
    for key in keys {
        match directory.find(key) {
            Finding::Stored(mut place) => {
                if let Some(bytes) = body.get(place.range()) {
                    place.sign(bytes);
                    let _ = directory.read(&place, bytes);
                    let _ = directory.times_at(&place, bytes);
                }
            }
            Finding::Absent => drop(directory.absent_column()),
            Finding::Unknown => (),
        }
    }
}

/// The directory with a checksum that is right, so that what is read is not refused for that. Where there is no room for
/// one, it stays as it is.
#[must_use]
pub fn sign(mut directory: Vec<u8>) -> Vec<u8> {
    const CONTENT_AT: usize = 1 + size_of::<u32>();

    if let Some(content) = directory.get(CONTENT_AT..) {
        let checksum = crc32fast::hash(content).to_le_bytes();
        directory[1..CONTENT_AT].copy_from_slice(&checksum);
    }
    directory
}
