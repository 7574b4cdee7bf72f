//! What is stored in the place of the payload and the metadata of an event that was erased.
//!
//! The payload is `null`, which no other event has. If all of it was erased, the metadata are JSON text of a string: base64,
//! without padding, of
//!
//! | bytes | what it is |
//! |---|---|
//! | 1 | a version, 1 |
//! | 8 | when it was erased: milliseconds since the epoch, little endian |
//! | 1 | 1 if the commitments follow, or 0 |
//! | 64 | the [commitments](crate::evidence::leaf) to the two texts, by which the leaf of the event stays as it was |
//! | the rest | why it was erased, as UTF-8 |
//!
//! If fields of it were, the metadata are JSON text of an array: of such a string with version 2, where each of the two
//! texts has a byte before its 32 bytes, 0 if they are a commitment, or 1 if the text is whole and they are its salt; of
//! the array of the fields' names; and of the payload and the metadata that are left.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as PADDED;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;

use crate::evidence::hash::{self, HASH_BYTES, Hash};
use crate::json::elements;
use crate::{json, timestamp};

/// The payload of an event that was erased.
pub const PAYLOAD: &str = "null";

/// Of an event all of which was erased.
const WHOLE: u8 = 1;

/// Of an event of which fields were erased.
const PARTLY: u8 = 2;

/// What is known of an erasure by the event that was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// When it was erased, in milliseconds since the epoch; the last time, if it was more than once.
    pub at_ms: i64,
    /// Why.
    pub reason: String,
    /// By what the leaf of the event stays as it was: for its payload and for its metadata, if the instance had a tree then.
    pub kept: Option<[Kept; 2]>,
    /// What is left of it, if fields of it were erased.
    pub left: Option<Left>,
}

/// What is kept for a text by which its leaf stays as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The commitment to it: the text was erased, in whole or in part.
    Commitment(Hash),
    /// The salt of the commitment to it: the text is there.
    Salt(Hash),
}

/// What is left of an event of which fields were erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The JSON texts of the names of the fields, in the order in which they were erased.
    pub fields: Vec<String>,
    /// The payload and the metadata: JSON text.
    pub texts: [String; 2],
}

impl Kept {
    /// The commitment to the text.
    #[must_use]
    pub fn commitment(&self, text: &str) -> Hash {
        match self {
            Self::Commitment(commitment) => *commitment,
            Self::Salt(salt) => hash::of_commitment(salt, text.as_bytes()),
        }
    }
}

/// Whether the payload is that of an event that was erased.
#[must_use]
pub fn is_erased(payload: &str) -> bool {
    payload == PAYLOAD
}

/// The payload and the metadata that are left, by the metadata that are stored; `None` if nothing is.
#[must_use]
pub fn left(metadata: &str) -> Option<[&str; 2]> {
    let mut parts = elements(metadata).skip(2);
    Some([parts.next()?, parts.next()?])
}

impl Erased {
    /// The metadata that are stored.
    #[must_use]
    pub fn metadata(&self) -> String {
        let Some(left) = &self.left else {
            return self.about(WHOLE);
        };
        let [payload, metadata] = &left.texts;
        let (about, fields) = (self.about(PARTLY), left.fields.join(","));
        format!("[{about},[{fields}],{payload},{metadata}]")
    }

    /// JSON text of the string that says when and why.
    fn about(&self, version: u8) -> String {
        let mut bytes = vec![version];
        bytes.extend_from_slice(&self.at_ms.to_le_bytes());
        bytes.push(u8::from(self.kept.is_some()));
        for kept in self.kept.iter().flatten() {
            let (kind, hash) = match kept {
                Kept::Commitment(hash) => (0, hash),
                Kept::Salt(hash) => (1, hash),
            };
            if version == PARTLY {
                bytes.push(kind);
            }
            bytes.extend_from_slice(hash);
        }
        bytes.extend_from_slice(self.reason.as_bytes());
        format!("\"{}\"", BASE64.encode(bytes))
    }

    /// Reads the metadata that are stored; `None` if they are none of an event that was erased.
    #[must_use]
    pub fn parse(metadata: &str) -> Option<Self> {
        if metadata.starts_with('"') {
            return Self::parse_about(metadata, WHOLE);
        }
        let mut parts = elements(metadata);
        let erased = Self::parse_about(parts.next()?, PARTLY)?;
        let fields = elements(parts.next()?).map(str::to_owned).collect();
        let texts = [parts.next()?.to_owned(), parts.next()?.to_owned()];
        parts.next().is_none().then_some(Self {
            left: Some(Left { fields, texts }),
            ..erased
        })
    }

    fn parse_about(text: &str, expected: u8) -> Option<Self> {
        let text = text.strip_prefix('"')?.strip_suffix('"')?;
        let bytes = BASE64.decode(text).ok()?;
        let (version, rest) = bytes.split_first()?;
        let (at_ms, rest) = rest.split_first_chunk()?;
        let at_ms = i64::from_le_bytes(*at_ms);
        let (are_kept, mut rest) = rest.split_first()?;
        let mut next = || {
            let is_salt = match *version {
                WHOLE => false,
                _ => match rest.split_off_first()? {
                    0 => false,
                    1 => true,
                    _ => return None,
                },
            };
            let (hash, after) = rest.split_first_chunk()?;
            rest = after;
            Some(if is_salt {
                Kept::Salt(*hash)
            } else {
                Kept::Commitment(*hash)
            })
        };
        let kept = match are_kept {
            0 => None,
            1 => Some([next()?, next()?]),
            _ => return None,
        };
        let reason = std::str::from_utf8(rest).ok()?.to_owned();
        let is_time = (timestamp::MIN_MS..=timestamp::MAX_MS).contains(&at_ms);
        (is_time && *version == expected).then_some(Self {
            at_ms,
            reason,
            kept,
            left: None,
        })
    }

    /// Appends an object with when it was erased and why, and with the fields that were, if not all of it was.
    pub fn write(&self, out: &mut String) {
        self.write_members(out);
        out.push('}');
    }

    /// As [`Erased::write`], with what is kept for its leaf, if anything is.
    pub fn write_all(&self, out: &mut String) {
        self.write_members(out);
        if let Some(kept) = &self.kept {
            let commitment = |kept: &Kept| match kept {
                Kept::Commitment(hash) => Some(*hash),
                Kept::Salt(_) => None,
            };
            write_hashes(",\"commitments\":", kept.each_ref().map(commitment), out);
            let salt = |kept: &Kept| match kept {
                Kept::Commitment(_) => None,
                Kept::Salt(hash) => Some(*hash),
            };
            let salts = kept.each_ref().map(salt);
            if salts != [None; 2] {
                write_hashes(",\"salts\":", salts, out);
            }
        }
        out.push('}');
    }

    fn write_members(&self, out: &mut String) {
        out.push_str("{\"at\":\"");
        timestamp::write(out, self.at_ms);
        out.push_str("\",\"reason\":");
        json::write_string(out, &self.reason);
        if let Some(left) = &self.left {
            out.push_str(",\"fields\":[");
            out.push_str(&left.fields.join(","));
            out.push(']');
        }
    }

    /// The commitment, or the salt, of that text; `None` if it has none.
    #[must_use]
    pub fn hash_of(text: &str) -> Option<Hash> {
        let bytes = PADDED.decode(text).ok()?;
        <[u8; HASH_BYTES]>::try_from(bytes).ok()
    }
}

/// Appends two hashes, `null` for one that is not there.
fn write_hashes(name: &str, hashes: [Option<Hash>; 2], out: &mut String) {
    out.push_str(name);
    for (hash, mark) in hashes.iter().zip(["[", ","]) {
        out.push_str(mark);
        match hash {
            Some(hash) => {
                out.push('"');
                PADDED.encode_string(hash, out);
                out.push('"');
            }
            None => out.push_str("null"),
        }
    }
    out.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMITTED: [Kept; 2] = [
        Kept::Commitment([7; HASH_BYTES]),
        Kept::Commitment([9; HASH_BYTES]),
    ];

    fn erased(kept: Option<[Kept; 2]>, left: Option<Left>) -> Erased {
        Erased {
            at_ms: -1,
            reason: "a \"request\" of a person, ä".to_owned(),
            kept,
            left,
        }
    }

    fn partly() -> Left {
        Left {
            fields: vec![
                r#""payload.a""#.to_owned(),
                r#""/metadata/b.\u0041""#.to_owned(),
            ],
            texts: [r#"{"n":1.50,"x":"],["}"#.to_owned(), "[ 1 ]".to_owned()],
        }
    }

    #[test]
    fn what_is_stored_is_read_back_and_nothing_else_is_taken_for_it() {
        let salted = [
            Kept::Commitment([7; HASH_BYTES]),
            Kept::Salt([9; HASH_BYTES]),
        ];
        for (kept, left) in [
            (None, None),
            (Some(COMMITTED), None),
            (None, Some(partly())),
            (Some(COMMITTED), Some(partly())),
            (Some(salted), Some(partly())),
        ] {
            let erased = erased(kept, left);
            let metadata = erased.metadata();
            assert!(
                serde_json::from_str::<serde_json::Value>(&metadata)
                    .is_ok_and(|json| { json.is_string() == erased.left.is_none() })
            );
            assert_eq!(Erased::parse(&metadata), Some(erased.clone()));
            let texts = erased.left.as_ref().map(|left| left.texts.clone());
            assert_eq!(left_of(&metadata), texts);
            let about = erased.about(WHOLE);
            let more = metadata.replacen('[', "[1,", 1);
            for other in [
                "{}",
                "",
                "\"",
                "\"\"",
                "\"!\"",
                "\"AQ\"",
                "[]",
                &metadata[1..],
            ] {
                assert_eq!(Erased::parse(other), None, "{other}");
            }
            if erased.left.is_some() {
                assert_eq!(Erased::parse(&more), None);
                assert_eq!(Erased::parse(&format!("[{about},[],{{}},{{}}]")), None);
            }
        }
    }

    fn left_of(metadata: &str) -> Option<[String; 2]> {
        left(metadata).map(|texts| texts.map(str::to_owned))
    }

    #[test]
    fn it_is_written_with_all_that_is_known_of_it() {
        let written = |erased: &Erased| {
            let mut out = String::new();
            erased.write_all(&mut out);
            serde_json::from_str::<serde_json::Value>(&out).unwrap()
        };
        let whole = written(&erased(Some(COMMITTED), None));
        assert_eq!(whole["at"], "1969-12-31T23:59:59.999Z");
        assert_eq!(whole["reason"], "a \"request\" of a person, ä");
        let hash = |json: &serde_json::Value| Erased::hash_of(json.as_str()?);
        assert_eq!(hash(&whole["commitments"][0]), Some([7; HASH_BYTES]));
        assert_eq!(hash(&whole["commitments"][1]), Some([9; HASH_BYTES]));
        assert!(whole["salts"].is_null() && whole["fields"].is_null());

        let left = Left {
            fields: vec![r#""payload.a""#.to_owned()],
            ..partly()
        };
        let salted = [
            Kept::Commitment([7; HASH_BYTES]),
            Kept::Salt([9; HASH_BYTES]),
        ];
        let part = written(&erased(Some(salted), Some(left)));
        assert_eq!(part["fields"], serde_json::json!(["payload.a"]));
        assert_eq!(hash(&part["commitments"][0]), Some([7; HASH_BYTES]));
        assert_eq!(hash(&part["salts"][1]), Some([9; HASH_BYTES]));
        assert!(part["commitments"][1].is_null() && part["salts"][0].is_null());
    }

    #[test]
    fn the_commitment_to_a_text_that_is_there_follows_from_its_salt() {
        let of = |text: &str| Kept::Salt([9; HASH_BYTES]).commitment(text);
        assert_eq!(of("{}"), hash::of_commitment(&[9; HASH_BYTES], b"{}"));
        assert_ne!(of("{}"), of("[]"));
        assert_eq!(COMMITTED[0].commitment("{}"), [7; HASH_BYTES]);
    }
}
