//! How far the journal is on disk for sure, as processes tell each other.
//!
//! ```text
//! commit    u64   the last commit of which the whole frame is on disk
//! checksum  u32   CRC-32 (ISO-HDLC) of the number
//! ```
//!
//! All numbers are little endian. A frame can be read by other processes as soon as it is written, which is
//! before it is on disk; and it is made void if it does not come to be there. So whoever has synced one
//! says so here, before the commit is answered, and nobody else shows a commit that is beyond the mark. The mark
//! itself is not synced: it is for processes that run now. After a loss of power an older one may be
//! found, and what is found beyond it is on disk, since it was read from there.

/// The bytes of the mark that a commit is on disk.
pub(super) const MARK_BYTES: usize = 12;

/// The bytes that say so of a commit.
pub(super) fn encode(commit: u64) -> [u8; MARK_BYTES] {
    let mut bytes = [0; MARK_BYTES];
    bytes[..8].copy_from_slice(&commit.to_le_bytes());
    let checksum = crc32fast::hash(&bytes[..8]);
    bytes[8..].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

/// The commit that they say it of; `None` if they are something else, such as a mark that is being written.
pub(super) fn decode(bytes: &[u8; MARK_BYTES]) -> Option<u64> {
    let (commit, checksum) = bytes.split_first_chunk()?;
    let is_whole = checksum == crc32fast::hash(commit).to_le_bytes();
    is_whole.then(|| u64::from_le_bytes(*commit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_back_and_any_altered_bit_is_noticed() {
        for commit in [0, 1, 1 << 40, u64::MAX] {
            let mut bytes = encode(commit);
            assert_eq!(decode(&bytes), Some(commit));
            for bit in 0..MARK_BYTES * 8 {
                bytes[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(decode(&bytes), None, "bit {bit}");
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
        }
        assert_eq!(decode(&[0; MARK_BYTES]), None);
    }
}
