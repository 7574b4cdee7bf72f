//! What tests and the targets of `fuzz/` need of damaged look-ups, and nobody else does.

use super::entry::Level;
use super::hash::HASHES;
use super::head::{self, Head};
use super::list::{self, Form, Piece, pieces_of};

/// The piece of the list with that `key` which is found by the hash `by`, with a checksum that is right, so that what is read
/// is not refused for that.
#[must_use]
pub fn sign_piece(key: u64, by: u32, bytes: Vec<u8>) -> Vec<u8> {
    sign(key, by, 0, bytes)
}

/// The head of the list with that `key`, with a checksum that is right.
#[must_use]
pub fn sign_head(key: u64, bytes: Vec<u8>) -> Vec<u8> {
    sign(key, head::NO_HASH, 1, bytes)
}

/// The bytes with the checksum that belongs at `at`. Where there is no room for one, they stay as they are.
fn sign(key: u64, by: u32, at: usize, mut bytes: Vec<u8>) -> Vec<u8> {
    let content_at = at + size_of::<u32>();
    if let Some(content) = bytes.get(content_at..) {
        let checksum = list::checksum(key, by, content).to_le_bytes();
        bytes[at..content_at].copy_from_slice(&checksum);
    }
    bytes
}

/// Pieces of a list, each with the hash that it is found by.
type Pieces = Vec<(u32, Vec<u8>)>;

/// The head, and the pieces with the hashes that they are found by, of a list as the first version has written it.
/// `None` where it is not what was written.
#[must_use]
pub fn of_first_version(
    (level, key): (Level, u64),
    head: &[u8],
    pieces: &[(u32, Vec<u8>)],
    bytes_max: usize,
) -> Option<(Vec<u8>, Pieces)> {
    let head = Head::read(level, key, head)?;
    let mut entries = Vec::new();
    for (by, bytes) in pieces {
        entries.extend(Piece::read(level, key, head.form(), *by, bytes)?.entries()?);
    }
    let (form, hashes) = (Form::ByFirst, 0..HASHES);
    let notes = head.notes()?;
    let bytes = Head::write(level, key, form, head.covered_from(), head.span(), &notes);
    let pieces = pieces_of(level, key, form, &hashes, &entries, bytes_max);
    Some((bytes, pieces))
}
