//! What the leaf of an event covers.
//!
//! ```text
//! version     u8        1
//! position    u64       position of the event in its instance, from 1
//! id          16 bytes  UUID
//! timestamp   i64       milliseconds since the epoch
//! sequence    u64       number within the stream
//! stream      u32 n, then n bytes of UTF-8
//! type        u32 n, then n bytes of UTF-8
//! payload     32 bytes  commitment to the JSON text
//! metadata    32 bytes  commitment to the JSON text
//! ```
//!
//! All numbers are little endian. The header is there as it is: an erased event keeps it. The two texts are there as
//! commitments, so that a text can go, and its salt with it, while the leaf stays. The idempotency key of a call is not
//! covered: it belongs to the call and is no part of the event.

use super::hash::{self, Hash};

const VERSION: u8 = 1;

/// An event, as its leaf covers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf<'a> {
    /// Position in the instance, from 1.
    pub position: u64,
    /// The bytes of the event's id.
    pub id: [u8; 16],
    /// Milliseconds since the epoch.
    pub timestamp_ms: i64,
    /// Number within the stream, from 1.
    pub sequence: u64,
    /// The stream's id.
    pub stream_id: &'a str,
    /// The event's type.
    pub event_type: &'a str,
    /// The commitment to the payload's JSON text.
    pub payload: Hash,
    /// The commitment to the metadata's JSON text.
    pub metadata: Hash,
}

impl Leaf<'_> {
    /// The bytes that the leaf is.
    #[must_use]
    pub fn content(&self) -> Vec<u8> {
        let texts = self.stream_id.len() + self.event_type.len();
        let mut out = Vec::with_capacity(113 + texts);
        out.push(VERSION);
        out.extend_from_slice(&self.position.to_le_bytes());
        out.extend_from_slice(&self.id);
        out.extend_from_slice(&self.timestamp_ms.to_le_bytes());
        out.extend_from_slice(&self.sequence.to_le_bytes());
        for text in [self.stream_id, self.event_type] {
            // An identifier has 1,024 bytes at most.
            out.extend_from_slice(&(text.len() as u32).to_le_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        out.extend_from_slice(&self.payload);
        out.extend_from_slice(&self.metadata);
        out
    }

    /// The hash of the leaf.
    #[must_use]
    pub fn hash(&self) -> Hash {
        hash::of_leaf(&self.content())
    }
}
