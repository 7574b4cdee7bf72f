//! What tests and the targets of `fuzz/` need of damaged look-ups, and nobody else does.

use super::head;
use super::list;

/// The piece of the list with that `key`, whose first hash is `first`, with a checksum that is right, so that what is read
/// is not refused for that.
#[must_use]
pub fn sign_piece(key: u64, first: u32, bytes: Vec<u8>) -> Vec<u8> {
    sign(key, first, 0, bytes)
}

/// The head of the list with that `key`, with a checksum that is right.
#[must_use]
pub fn sign_head(key: u64, bytes: Vec<u8>) -> Vec<u8> {
    sign(key, head::FIRST, 1, bytes)
}

/// The bytes with the checksum that belongs at `at`. Where there is no room for one, they stay as they are.
fn sign(key: u64, first: u32, at: usize, mut bytes: Vec<u8>) -> Vec<u8> {
    let content_at = at + size_of::<u32>();
    if let Some(content) = bytes.get(content_at..) {
        let checksum = list::checksum(key, first, content).to_le_bytes();
        bytes[at..content_at].copy_from_slice(&checksum);
    }
    bytes
}
