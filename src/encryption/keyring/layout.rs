//! The bytes of a keyring.
//!
//! ```text
//! head     80 bytes, written once with the file
//!   16  "CODEBOLTKEYRING\n"
//!    4  the format, 1
//!   16  the id of the keyring, at random
//!   24  a nonce
//!   16  what the empty text is encrypted to with the key of the keyring: whoever has another one is told so
//!    4  CRC-32 of all that comes before
//! counts   16 bytes, each of them 8, written in place
//!      how many bytes of entries are known to be on disk; twice as often as a key was destroyed, and one more while one is
//! entries  each:
//!    4  CRC-32 of the next four fields
//!   16  the id of the key, at random
//!    8  when it was made, in milliseconds since the epoch
//!    2  n, at least 1
//!    n  the subject, UTF-8
//!    1  K, or F once the key is destroyed
//!   72  K: a nonce of 24 bytes, and the key, encrypted with that of the keyring, 48. F: when, 8 bytes, and zeros
//!    4  CRC-32 of the last two fields
//! ```
//!
//! Numbers are little endian. To destroy a key, the second count is made odd first. Then the `K` becomes an `F`, and once that is
//! on disk, the 76 bytes after it are written over. In the end the count is made even. So a crash leaves a key, or one that
//! is about to be destroyed, and whoever sees an odd count takes nothing to be as it was.

use zeroize::Zeroizing;

use crate::block::bytes::Reader;
use crate::encryption::secret::{NONCE_BYTES, Nonce, SECRET_BYTES, Secret, TAG_BYTES};
use crate::error::Error;

/// The id of a key.
pub type KeyId = [u8; 16];

const MAGIC: &[u8; 16] = b"CODEBOLTKEYRING\n";

const FORMAT: u32 = 1;

/// Where the counts are.
pub(super) const COUNTS_AT: u64 = 80;

/// Where the entries begin.
pub(super) const ENTRIES_AT: u64 = 96;

const KEY: u8 = b'K';

/// What the first byte of the state of a key is that is destroyed.
pub(super) const FORGOTTEN: u8 = b'F';

/// The bytes of a key, encrypted.
const WRAPPED_BYTES: usize = NONCE_BYTES + SECRET_BYTES + TAG_BYTES;

/// What is left of an entry after its subject: a byte, the key, a checksum.
const STATE_BYTES: usize = 1 + WRAPPED_BYTES + 4;

/// What the keyring is, and the counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) keyring: [u8; 16],
    nonce: Nonce,
    check: [u8; TAG_BYTES],
    pub(super) counts: Counts,
}

/// What is written in place with each change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// How many bytes of entries are known to be on disk. There may be more.
    pub(super) synced: u64,
    /// Twice as often as a key was destroyed; odd while one is.
    pub(super) forgotten: u64,
}

/// What the head of a file says.
pub(super) enum Found {
    Head(Head),
    /// It is no keyring, or damaged.
    Damaged,
    /// It has another format.
    Newer(u32),
}

impl Head {
    /// That of a new keyring, or of one whose key is another one from now on.
    pub(super) fn new(keyring: [u8; 16], nonce: Nonce, secret: &Secret) -> Result<Self, Error> {
        let check = secret.encrypt(&nonce, &keyring, &[])?;
        Ok(Self {
            keyring,
            nonce,
            check: check.try_into().unwrap_or_default(),
            counts: Counts::default(),
        })
    }

    /// Whether that is the key of the keyring.
    pub(super) fn is_of(&self, secret: &Secret) -> bool {
        secret
            .decrypt(&self.nonce, &self.keyring, &self.check)
            .is_some()
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        bytes.extend_from_slice(&self.keyring);
        bytes.extend_from_slice(&self.nonce);
        bytes.extend_from_slice(&self.check);
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
        bytes.extend_from_slice(&self.counts.encode());
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Found {
        let read = || {
            let mut reader = Reader::new(bytes);
            if reader.array::<16>()? != *MAGIC {
                return None;
            }
            let format = u32::from_le_bytes(reader.array()?);
            if format != FORMAT {
                return Some(Found::Newer(format));
            }
            let head = Self {
                keyring: reader.array()?,
                nonce: reader.array()?,
                check: reader.array()?,
                counts: Counts::default(),
            };
            let checksum = u32::from_le_bytes(reader.array()?);
            let counts = Counts {
                synced: reader.long()?,
                forgotten: reader.long()?,
            };
            let sealed = bytes.get(..COUNTS_AT as usize - 4)?;
            (crc32fast::hash(sealed) == checksum).then_some(Found::Head(Self { counts, ..head }))
        };
        read().unwrap_or(Found::Damaged)
    }
}

impl Counts {
    /// Whether a key is being destroyed, or whoever did that has not finished it.
    pub(super) const fn is_forgetting(self) -> bool {
        !self.forgotten.is_multiple_of(2)
    }

    pub(super) fn encode(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.synced.to_le_bytes());
        bytes[8..].copy_from_slice(&self.forgotten.to_le_bytes());
        bytes
    }
}

/// The key of a subject, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: KeyId,
    pub(super) made_at_ms: i64,
    pub(super) subject: String,
    pub(super) state: State,
}

/// What has become of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It is there, encrypted.
    Wrapped(Wrapped),
    /// It is destroyed, since that time.
    Forgotten(i64),
    /// It is about to be destroyed.
    Forgetting,
}

/// An encrypted key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrapped([u8; WRAPPED_BYTES]);

impl Wrapped {
    /// Encrypts the key of a subject with that of the keyring.
    pub(super) fn new(
        secret: &Secret,
        (with, nonce): (&Secret, Nonce),
        place: &[u8],
    ) -> Result<Self, Error> {
        let encrypted = with.encrypt(&nonce, place, secret.bytes())?;
        let mut bytes = [0; WRAPPED_BYTES];
        let (head, rest) = bytes.split_at_mut(NONCE_BYTES);
        head.copy_from_slice(&nonce);
        rest.copy_from_slice(&encrypted);
        Ok(Self(bytes))
    }

    /// The key; `None` if it was encrypted with another one.
    pub(super) fn unwrap(&self, with: &Secret, place: &[u8]) -> Option<Secret> {
        let (nonce, encrypted) = self.0.split_first_chunk()?;
        Secret::of(&Zeroizing::new(with.decrypt(nonce, place, encrypted)?))
    }
}

impl Entry {
    /// What the key is bound to as it is encrypted.
    pub(super) fn place(&self, keyring: &[u8; 16]) -> Vec<u8> {
        let mut place = b"codebolt-eventlog key".to_vec();
        place.extend_from_slice(keyring);
        place.extend_from_slice(&self.id);
        place.extend_from_slice(self.subject.as_bytes());
        place
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let at = out.len();
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.id);
        out.extend_from_slice(&self.made_at_ms.to_le_bytes());
        // A subject has far fewer bytes.
        out.extend_from_slice(&(self.subject.len() as u16).to_le_bytes());
        out.extend_from_slice(self.subject.as_bytes());
        let checksum = crc32fast::hash(&out[at + 4..]);
        out[at..at + 4].copy_from_slice(&checksum.to_le_bytes());
        self.state.encode(out);
    }

    /// Where its state is, from its beginning on.
    pub(super) const fn state_at(&self) -> u64 {
        (4 + 16 + 8 + 2 + self.subject.len()) as u64
    }

    pub(super) const fn bytes(&self) -> u64 {
        self.state_at() + STATE_BYTES as u64
    }

    /// Makes the checksums of the entry that bytes begin with what they should be. Gives how many bytes it has; `None` if these
    /// are too few.
    #[cfg(fuzzing)]
    pub(super) fn sign(bytes: &mut [u8]) -> Option<usize> {
        let length = u16::from_le_bytes(*bytes.get(28..30)?.first_chunk()?);
        let (head, rest) = bytes.split_at_mut_checked(30 + usize::from(length))?;
        let (state, rest) = rest.split_at_mut_checked(STATE_BYTES - 4)?;
        *rest.first_chunk_mut()? = crc32fast::hash(state).to_le_bytes();
        let checksum = crc32fast::hash(&head[4..]).to_le_bytes();
        *head.first_chunk_mut()? = checksum;
        Some(head.len() + STATE_BYTES)
    }

    /// The entry that bytes begin with; `None` if it is not whole.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let checksum = u32::from_le_bytes(reader.array()?);
        let (id, made_at) = (reader.array()?, reader.array()?);
        let length = usize::from(u16::from_le_bytes(reader.array()?));
        let subject = reader.rest().get(..length)?;
        if length == 0 || crc32fast::hash(bytes.get(4..30 + length)?) != checksum {
            return None;
        }
        Some(Self {
            id,
            made_at_ms: i64::from_le_bytes(made_at),
            subject: std::str::from_utf8(subject).ok()?.to_owned(),
            state: State::decode(bytes.get(30 + length..)?.first_chunk()?)?,
        })
    }
}

impl State {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let at = out.len();
        match self {
            Self::Wrapped(wrapped) => {
                out.push(KEY);
                out.extend_from_slice(&wrapped.0);
            }
            Self::Forgotten(at_ms) => {
                out.push(FORGOTTEN);
                out.extend_from_slice(&at_ms.to_le_bytes());
                out.extend_from_slice(&[0; WRAPPED_BYTES - 8]);
            }
            // It is never written as a whole.
            Self::Forgetting => {
                out.push(FORGOTTEN);
                out.extend_from_slice(&[0; WRAPPED_BYTES + 4]);
                return;
            }
        }
        let checksum = crc32fast::hash(&out[at..]);
        out.extend_from_slice(&checksum.to_le_bytes());
    }

    fn decode(bytes: &[u8; STATE_BYTES]) -> Option<Self> {
        let (sealed, checksum) = bytes.split_last_chunk::<4>()?;
        let is_whole = crc32fast::hash(sealed) == u32::from_le_bytes(*checksum);
        let (kind, rest) = sealed.split_first()?;
        match (*kind, is_whole) {
            (KEY, true) => Some(Self::Wrapped(Wrapped(rest.try_into().ok()?))),
            (FORGOTTEN, true) => Some(Self::Forgotten(i64::from_le_bytes(*rest.first_chunk()?))),
            (FORGOTTEN, false) => Some(Self::Forgetting),
            _ => None,
        }
    }
}
