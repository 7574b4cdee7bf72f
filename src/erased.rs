//! What is stored in the place of the payload and the metadata of an event that was erased.
//!
//! The payload is `null`, which no other event has. The metadata are JSON text of a string: base64, without padding, of
//!
//! | bytes | what it is |
//! |---|---|
//! | 1 | a version, 1 |
//! | 8 | when it was erased: milliseconds since the epoch, little endian |
//! | 1 | 1 if the commitments follow, or 0 |
//! | 64 | the [commitments](crate::evidence::leaf) to the two texts, by which the leaf of the event stays as it was |
//! | the rest | why it was erased, as UTF-8 |

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as PADDED;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;

use crate::evidence::hash::{HASH_BYTES, Hash};
use crate::{json, timestamp};

/// The payload of an event that was erased.
pub const PAYLOAD: &str = "null";

const VERSION: u8 = 1;

/// What is known of an erasure by the event that was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// When it was erased, in milliseconds since the epoch.
    pub at_ms: i64,
    /// Why.
    pub reason: String,
    /// The commitments to the payload and the metadata, if the instance had a tree then.
    pub commitments: Option<[Hash; 2]>,
}

/// Whether the payload is that of an event that was erased.
#[must_use]
pub fn is_erased(payload: &str) -> bool {
    payload == PAYLOAD
}

impl Erased {
    /// The metadata that are stored.
    #[must_use]
    pub fn metadata(&self) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.at_ms.to_le_bytes());
        bytes.push(u8::from(self.commitments.is_some()));
        bytes.extend(self.commitments.iter().flatten().flatten());
        bytes.extend_from_slice(self.reason.as_bytes());
        format!("\"{}\"", BASE64.encode(bytes))
    }

    /// Reads the metadata that are stored; `None` if they are none of an event that was erased.
    #[must_use]
    pub fn parse(metadata: &str) -> Option<Self> {
        let text = metadata.strip_prefix('"')?.strip_suffix('"')?;
        let bytes = BASE64.decode(text).ok()?;
        let (&VERSION, rest) = bytes.split_first()? else {
            return None;
        };
        let (at_ms, rest) = rest.split_first_chunk()?;
        let at_ms = i64::from_le_bytes(*at_ms);
        let (commitments, reason) = match rest.split_first()? {
            (0, rest) => (None, rest),
            (1, rest) => {
                let (payload, rest) = rest.split_first_chunk()?;
                let (metadata, rest) = rest.split_first_chunk()?;
                (Some([*payload, *metadata]), rest)
            }
            _ => return None,
        };
        let reason = std::str::from_utf8(reason).ok()?.to_owned();
        let is_time = (timestamp::MIN_MS..=timestamp::MAX_MS).contains(&at_ms);
        is_time.then_some(Self {
            at_ms,
            reason,
            commitments,
        })
    }

    /// Appends an object with when it was erased and why.
    pub fn write(&self, out: &mut String) {
        self.write_members(out);
        out.push('}');
    }

    /// As [`Erased::write`], with the commitments, if there are any.
    pub fn write_all(&self, out: &mut String) {
        self.write_members(out);
        if let Some(commitments) = &self.commitments {
            out.push_str(",\"commitments\":[");
            for (index, commitment) in commitments.iter().enumerate() {
                out.push_str(if index == 0 { "\"" } else { "\",\"" });
                PADDED.encode_string(commitment, out);
            }
            out.push_str("\"]");
        }
        out.push('}');
    }

    fn write_members(&self, out: &mut String) {
        out.push_str("{\"at\":\"");
        timestamp::write(out, self.at_ms);
        out.push_str("\",\"reason\":");
        json::write_string(out, &self.reason);
    }

    /// The commitment of that text; `None` if it has none.
    #[must_use]
    pub fn commitment_of(text: &str) -> Option<Hash> {
        let bytes = PADDED.decode(text).ok()?;
        <[u8; HASH_BYTES]>::try_from(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_back_and_nothing_else_is_taken_for_it() {
        for commitments in [None, Some([[7; HASH_BYTES], [9; HASH_BYTES]])] {
            let erased = Erased {
                at_ms: -1,
                reason: "a \"request\" of a person, ä".to_owned(),
                commitments,
            };
            let metadata = erased.metadata();
            assert_eq!(Erased::parse(&metadata), Some(erased.clone()));
            for other in ["{}", "", "\"", "\"\"", "\"!\"", "\"AQ\"", &metadata[1..]] {
                assert_eq!(Erased::parse(other), None, "{other}");
            }
            let mut out = String::new();
            erased.write_all(&mut out);
            let written: serde_json::Value = serde_json::from_str(&out).unwrap();
            assert_eq!(written["at"], "1969-12-31T23:59:59.999Z");
            assert_eq!(written["reason"], erased.reason);
            let of = |index: usize| Erased::commitment_of(written["commitments"][index].as_str()?);
            let found = of(0).map(|first| [first, of(1).unwrap()]);
            assert_eq!(found, erased.commitments);
        }
    }
}
