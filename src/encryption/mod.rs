//! Encryption with keys that can be thrown away: what it is made of, without a log.
//!
//! - A [`Secret`](secret::Secret) is a key of 32 bytes.
//! - An [`envelope`] is an encrypted text as it is stored in the place of the text.
//! - A [`keyring`] has the keys of subjects, each wrapped with the key that the caller has. Forgetting a subject destroys its
//!   key.
//!
//! The cipher is XChaCha20-Poly1305. Its nonces are so long that they can be drawn at random, by any number of processes,
//! for any number of texts.

pub mod envelope;
pub mod keyring;
pub mod secret;
