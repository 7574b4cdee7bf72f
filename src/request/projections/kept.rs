//! The state of a projection as it is kept in the log.
//!
//! ```text
//! version   u8   1
//! position  u64  up to which events were taken
//! sequence  u64  the number of the last one in its stream; 0 unless the projection is of one stream
//! identity  u32 n, then n bytes of UTF-8: what the state depends on beside the events
//! state     the rest, JSON
//! ```
//!
//! All numbers are little endian. It is a state of the instance, under the names of the projection and of the
//! stream. A checksum is there already, around every state.

use crate::block::bytes::Reader;
use crate::engine::Fault;

/// What the names of states begin with that are kept for projections.
const PREFIX: &str = "snapshot/";

/// What stands between the names of a projection and of a stream. The former does not contain it.
const BETWEEN: char = '\0';

const VERSION: u8 = 1;

/// What a state is found by.
pub(super) struct SnapshotKey {
    projection: String,
    stream: String,
    state_name: String,
}

impl SnapshotKey {
    /// That of a projection; `stream` is empty if it is of the whole instance.
    pub(super) fn new(projection: String, stream: String) -> Self {
        Self {
            state_name: format!("{}{stream}", Self::prefix(Some(&projection))),
            projection,
            stream,
        }
    }

    pub(super) fn state_name(&self) -> &str {
        &self.state_name
    }

    /// What the keys begin with of one projection, or of all.
    pub(super) fn prefix(projection: Option<&str>) -> String {
        match projection {
            Some(projection) => format!("{PREFIX}{projection}{BETWEEN}"),
            None => PREFIX.to_owned(),
        }
    }
}

/// What is kept of a projection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) identity: String,
    pub(super) position: u64,
    pub(super) sequence: u64,
    /// JSON text.
    pub(super) state: String,
}

impl Kept {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.position.to_le_bytes());
        bytes.extend_from_slice(&self.sequence.to_le_bytes());
        bytes.extend_from_slice(&(self.identity.len() as u32).to_le_bytes());
        bytes.extend_from_slice(self.identity.as_bytes());
        bytes.extend_from_slice(self.state.as_bytes());
        bytes
    }

    /// Reads back what is kept under that key.
    ///
    /// # Errors
    ///
    /// Corruption, which names the projection.
    pub(super) fn decode(bytes: &[u8], key: &SnapshotKey) -> Result<Self, Fault> {
        Self::read(bytes).ok_or_else(|| {
            let SnapshotKey {
                projection, stream, ..
            } = key;
            let of_stream = match stream.as_str() {
                "" => String::new(),
                stream => format!(" of the stream {stream:?}"),
            };
            Fault::Corrupted(format!(
                "the snapshot of the projection {projection:?}{of_stream} is not what was written"
            ))
        })
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let version = reader.byte()?;
        let (position, sequence) = (reader.long()?, reader.long()?);
        let length = usize::try_from(reader.word()?).ok()?;
        let identity = reader.take(length)?;
        let text = |bytes: &[u8]| Some(std::str::from_utf8(bytes).ok()?.to_owned());
        (version == VERSION).then_some(Self {
            identity: text(identity)?,
            position,
            sequence,
            state: text(reader.rest()).filter(|state| !state.is_empty())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_back_and_nothing_else_is_taken_for_it() {
        let kept = Kept {
            identity: "[1,null]".to_owned(),
            position: u64::MAX,
            sequence: 3,
            state: "{\"ä\":1}".to_owned(),
        };
        let key = SnapshotKey::new("totals".to_owned(), "a".to_owned());
        let bytes = kept.encode();
        assert_eq!(Kept::decode(&bytes, &key).unwrap(), kept);
        let mut newer = bytes.clone();
        newer[0] = 2;
        let cuts = (0..=bytes.len() - kept.state.len()).map(|length| &bytes[..length]);
        for bytes in cuts.chain([&newer[..], &[VERSION; 30]]) {
            let Err(Fault::Corrupted(text)) = Kept::decode(bytes, &key) else {
                panic!("{bytes:?} was read");
            };
            assert!(text.contains("\"totals\" of the stream \"a\""), "{text}");
        }
    }

    #[test]
    fn no_two_keys_are_the_same() {
        let name = |projection: &str, stream: &str| {
            SnapshotKey::new(projection.to_owned(), stream.to_owned()).state_name
        };
        assert_ne!(name("a", "b"), name("ab", ""));
        assert_ne!(name("a", ""), name("a", "\0"));
        assert!(name("a", "b").starts_with(&SnapshotKey::prefix(Some("a"))));
        assert!(!name("ab", "").starts_with(&SnapshotKey::prefix(Some("a"))));
    }
}
