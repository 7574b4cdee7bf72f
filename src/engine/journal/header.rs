//! The header of a generation.

use uuid::Uuid;

use super::layout::{Layout, SEGMENTS};
use crate::block::bytes::{long, word};

/// How a generation starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Start {
    /// The frames of the generation before it still count.
    Continues,
    /// The tables hold everything up to its base. Until they do, the header does not count.
    Fresh,
}

/// What is known of a generation before its frames are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Header {
    /// The generation's number, from 1.
    pub(in crate::engine) generation: u64,
    /// A random number that its frames repeat, by which they are told from those that the segment
    /// held before.
    pub(in crate::engine) salt: u64,
    /// The commit before its first frame.
    pub(in crate::engine) base: u64,
    /// How many bytes of the segment have been written at some time. Writing them again is cheaper
    /// than the first time, when the file system has to find room for them.
    pub(in crate::engine) filled: u32,
    /// How it starts.
    pub(in crate::engine) start: Start,
}

/// The headers in a file, by segment. One that is not there was never written.
pub(in crate::engine) type HeaderState = [Option<Header>; SEGMENTS as usize];

impl Header {
    /// No log comes that far, so that numbers can be counted up from there.
    const NUMBER_MAX: u64 = u64::MAX / 2;

    /// How many bytes a header takes.
    pub(in crate::engine) const BYTES: usize = 40;

    /// The segment that it lies in.
    pub(in crate::engine) const fn segment(&self) -> u64 {
        self.generation % SEGMENTS
    }

    /// Where in the file the header lies.
    pub(in crate::engine) const fn at(&self) -> u64 {
        Layout::header_at(self.segment())
    }

    pub(in crate::engine) fn encode(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..8].copy_from_slice(&self.generation.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.salt.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.base.to_le_bytes());
        bytes[24..28].copy_from_slice(&self.filled.to_le_bytes());
        bytes[28] = u8::from(self.start == Start::Fresh);
        let checksum = crc32fast::hash(&bytes[..36]);
        bytes[36..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads the header that lies in `segment`; `None` if it was altered.
    pub(in crate::engine) fn decode(bytes: &[u8; Self::BYTES], segment: u64) -> Option<Self> {
        let header = Self {
            generation: long(bytes, 0),
            salt: long(bytes, 8),
            base: long(bytes, 16),
            filled: word(bytes, 24),
            start: if bytes[28] == 0 {
                Start::Continues
            } else {
                Start::Fresh
            },
        };
        let valid = word(bytes, 36) == crc32fast::hash(&bytes[..36])
            && (1..=Self::NUMBER_MAX).contains(&header.generation)
            && header.base <= Self::NUMBER_MAX
            && header.segment() == segment;
        valid.then_some(header)
    }
}

/// A random number that the frames of a generation repeat.
pub(in crate::engine) fn random_salt() -> u64 {
    Uuid::new_v4().as_u64_pair().0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_back_in_its_own_segment_only_and_any_altered_bit_is_noticed() {
        for start in [Start::Continues, Start::Fresh] {
            let header = Header {
                generation: 7,
                salt: u64::MAX - 1,
                base: 1 << 40,
                filled: 4096,
                start,
            };
            let mut bytes = header.encode();
            assert_eq!(Header::decode(&bytes, 1), Some(header));
            assert_eq!(Header::decode(&bytes, 0), None);
            for bit in 0..Header::BYTES * 8 {
                bytes[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(Header::decode(&bytes, 1), None, "bit {bit}");
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
        }
        assert_eq!(Header::decode(&[0; Header::BYTES], 0), None);
    }

    #[test]
    fn a_header_with_numbers_that_no_log_comes_to_is_none() {
        let header = Header {
            generation: 7,
            salt: 1,
            base: 1,
            filled: 0,
            start: Start::Fresh,
        };
        let altered = [
            Header {
                base: u64::MAX,
                ..header
            },
            Header {
                generation: u64::MAX,
                ..header
            },
        ];
        for header in altered {
            assert_eq!(Header::decode(&header.encode(), 1), None);
        }
    }
}
