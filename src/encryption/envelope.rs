//! An encrypted text as it is stored in the place of the text.
//!
//! Payload and metadata are JSON text of an object or an array. What is encrypted is JSON text of a string, so that one is never
//! taken for the other. It is base64, without padding, of
//!
//! | bytes | what it is |
//! |---|---|
//! | 1 | a version, 1 |
//! | 16 | the id of the key |
//! | 24 | the nonce |
//! | the rest | what XChaCha20-Poly1305 has made of the text, with its tag of 16 bytes |
//!
//! The text is bound to its [`Place`]: a ciphertext that is moved to another event cannot be decrypted there.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use uuid::Uuid;

use super::keyring::KeyId;
use super::secret::{NONCE_BYTES, Nonce, Secret, TAG_BYTES, random};
use crate::error::Error;

const VERSION: u8 = 1;

/// The bytes before the ciphertext.
const HEAD_BYTES: usize = 1 + size_of::<KeyId>() + NONCE_BYTES;

/// What the bytes of each place begin with.
const CONTEXT: &[u8] = b"codebolt-eventlog event";

/// What of an event was encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Its payload.
    Payload,
    /// Its metadata.
    Metadata,
}

/// Of which event a text is: all that is known of it but for the text, and for its position, which follows from these.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The id of the instance.
    pub instance_id: &'a str,
    /// The stream.
    pub stream_id: &'a str,
    /// The number in the stream.
    pub sequence: u64,
    /// The id of the event.
    pub id: Uuid,
    /// The type of the event.
    pub event_type: &'a str,
    /// When it happened, in milliseconds since the epoch.
    pub timestamp_ms: i64,
}

impl Place<'_> {
    /// The bytes that a part of the event is bound to.
    fn bytes(&self, part: Part) -> Vec<u8> {
        let mut bytes = CONTEXT.to_vec();
        bytes.extend_from_slice(&[VERSION, part as u8]);
        bytes.extend_from_slice(self.id.as_bytes());
        bytes.extend_from_slice(&self.timestamp_ms.to_le_bytes());
        bytes.extend_from_slice(&self.sequence.to_le_bytes());
        for text in [self.instance_id, self.stream_id, self.event_type] {
            bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes
    }
}

/// Whether a JSON text is one that was encrypted: all others are objects and arrays.
#[must_use]
pub fn is_encrypted(json: &str) -> bool {
    json.starts_with('"')
}

/// How many bytes the JSON text has that a text of so many bytes is encrypted to.
#[must_use]
pub const fn encrypted_bytes(text_bytes: usize) -> usize {
    let bytes = HEAD_BYTES + text_bytes + TAG_BYTES;
    "\"\"".len() + (bytes * 4).div_ceil(3)
}

/// Encrypts a part of the event at a place. The result is JSON text of a string.
///
/// # Errors
///
/// `INTERNAL`, as [`Secret::encrypt`], or if the system has no random numbers.
pub fn encrypt(
    (id, secret): (&KeyId, &Secret),
    place: &Place<'_>,
    part: Part,
    text: &str,
) -> Result<String, Error> {
    let nonce: Nonce = random()?;
    let encrypted = secret.encrypt(&nonce, &place.bytes(part), text.as_bytes())?;
    let mut bytes = Vec::with_capacity(HEAD_BYTES + encrypted.len());
    bytes.push(VERSION);
    bytes.extend_from_slice(id);
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(&encrypted);
    let mut json = String::with_capacity(encrypted_bytes(text.len()));
    json.push('"');
    BASE64.encode_string(bytes, &mut json);
    json.push('"');
    Ok(json)
}

/// An encrypted text that was read.
#[derive(Debug)]
pub struct Envelope {
    /// The id of the key that it was encrypted with.
    pub key: KeyId,
    nonce: Nonce,
    encrypted: Vec<u8>,
}

impl Envelope {
    /// Reads the JSON text of a string; `None` if it is no encrypted text, or one of a later version.
    #[must_use]
    pub fn parse(json: &str) -> Option<Self> {
        let text = json.strip_prefix('"')?.strip_suffix('"')?;
        let bytes = BASE64.decode(text).ok()?;
        let (&VERSION, rest) = bytes.split_first()? else {
            return None;
        };
        let (key, rest) = rest.split_first_chunk()?;
        let (nonce, encrypted) = rest.split_first_chunk()?;
        (encrypted.len() >= TAG_BYTES).then(|| Self {
            key: *key,
            nonce: *nonce,
            encrypted: encrypted.to_vec(),
        })
    }

    /// The text that is in it; `None` if it was encrypted for another place or part, or was altered.
    #[must_use]
    pub fn decrypt(&self, secret: &Secret, place: &Place<'_>, part: Part) -> Option<String> {
        let text = secret.decrypt(&self.nonce, &place.bytes(part), &self.encrypted)?;
        String::from_utf8(text).ok()
    }
}
