//! A key, and what is encrypted with it.

use std::fmt;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::error::{Code, Error};

/// The bytes of a key.
pub const SECRET_BYTES: usize = 32;

/// The bytes of a nonce.
pub const NONCE_BYTES: usize = 24;

/// How many bytes an encrypted text is longer than the text.
pub const TAG_BYTES: usize = 16;

/// What is drawn at random for each text.
pub type Nonce = [u8; NONCE_BYTES];

/// A key of XChaCha20-Poly1305. Its bytes are wiped from memory once nobody has it any more, and it does not show them.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<[u8; SECRET_BYTES]>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl From<[u8; SECRET_BYTES]> for Secret {
    fn from(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl Secret {
    /// What is expected where one is given.
    pub const EXPECTED: &'static str = "32 bytes, or their base64";

    /// A new key, at random.
    ///
    /// # Errors
    ///
    /// `INTERNAL` if the system has no random numbers.
    pub fn random() -> Result<Self, Error> {
        random().map(Self::from)
    }

    /// The key that all of the bytes are; `None` if they are too few or too many.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        bytes
            .try_into()
            .ok()
            .map(|bytes: [u8; SECRET_BYTES]| bytes.into())
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; SECRET_BYTES] {
        &self.0
    }

    /// Encrypts a text, and binds it to its `place`: only who says the same place can decrypt it.
    ///
    /// # Errors
    ///
    /// `INTERNAL` if the text is longer than the cipher takes, which is 256 GiB.
    pub fn encrypt(&self, nonce: &Nonce, place: &[u8], text: &[u8]) -> Result<Vec<u8>, Error> {
        let payload = Payload {
            msg: text,
            aad: place,
        };
        let encrypted = self.cipher().encrypt(&XNonce::from(*nonce), payload);
        encrypted.map_err(|_| Error::internal("the encryption", "the text was not taken"))
    }

    /// Decrypts a text; `None` if it was encrypted with another key or for another place, or was altered.
    #[must_use]
    pub fn decrypt(&self, nonce: &Nonce, place: &[u8], encrypted: &[u8]) -> Option<Vec<u8>> {
        let payload = Payload {
            msg: encrypted,
            aad: place,
        };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).ok()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }
}

/// Random bytes of the system.
///
/// # Errors
///
/// `INTERNAL` if it has none.
pub fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::new(Code::Internal, format!("no random numbers: {error}")))?;
    Ok(bytes)
}
