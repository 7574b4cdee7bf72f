//! What the targets of `fuzz/` need of keyrings, and nobody else does.

use super::layout::{COUNTS_AT, ENTRIES_AT, Entry};
use super::medium::{InMemory, Medium as _};
use super::{FoundKey, KeyId, Keyring, KeyringPlace};
use crate::encryption::secret::Secret;
use crate::error::Error;

/// Whose keys there are in what [`example`] gives. The last one is forgotten.
const SUBJECTS: [&str; 4] = ["a", "b", "customer-7", "gone"];

const NOW_MS: i64 = 1_700_000_000_000;

fn secret(of: u8) -> Secret {
    Secret::from([of; 32])
}

/// The bytes of a keyring with some keys.
///
/// # Errors
///
/// `INTERNAL` if the system has no random numbers.
pub fn example() -> Result<Vec<u8>, Error> {
    let place = KeyringPlace::Memory;
    let keyring = Keyring::open(place, Some(secret(1)), std::time::Duration::ZERO)?;
    keyring.keys_of(&SUBJECTS, NOW_MS)?;
    keyring.forget(SUBJECTS[3], NOW_MS)?;
    Ok(keyring.done(keyring.medium.read())?.unwrap_or_default())
}

/// Makes the checksums of a keyring what they should be, as far as it can be taken apart.
pub fn sign(bytes: &mut [u8]) {
    const HEAD_BYTES: usize = COUNTS_AT as usize - size_of::<u32>();

    if let Some((sealed, rest)) = bytes.split_at_mut_checked(HEAD_BYTES)
        && let Some(checksum) = rest.first_chunk_mut()
    {
        *checksum = crc32fast::hash(sealed).to_le_bytes();
    }
    let mut entries = bytes.get_mut(ENTRIES_AT as usize..).unwrap_or_default();
    while let Some(length) = Entry::sign(entries) {
        entries = &mut entries[length..];
    }
}

/// Does with a keyring of these bytes all that can be done with one, and gives how many keys it has in the end.
///
/// # Errors
///
/// What opening it fails with, or what is done next.
pub fn use_all(bytes: Vec<u8>) -> Result<usize, Error> {
    let medium = InMemory::default();
    let written = medium.write(0, &bytes);
    let keyring = Keyring::over(Box::new(medium), "the keyring".to_owned(), Some(secret(1)))?;
    keyring.done(written)?;
    let ids_of = |keyring: &Keyring| -> Vec<KeyId> {
        let known = keyring.known.lock();
        let entries = known.ring.iter().flat_map(|ring| ring.entries());
        entries.map(|(_, entry)| entry.id).collect()
    };
    for id in &ids_of(&keyring) {
        // A key may have been altered, and the others are not.
        drop(keyring.find(id));
    }
    keyring.keys_of(&["a", "new"], NOW_MS)?;
    keyring.forget("b", NOW_MS)?;
    keyring.refresh()?;
    keyring.rotate(secret(2))?;
    let keys = keyring.keys_of(&["a", "b", "new"], NOW_MS)?;
    // Whoever opens it anew finds the same.
    let medium = InMemory::default();
    let bytes = keyring.done(keyring.medium.read())?.unwrap_or_default();
    keyring.done(medium.write(0, &bytes))?;
    let again = Keyring::over(Box::new(medium), "the keyring".to_owned(), Some(secret(2)))?;
    for (id, secret) in &keys {
        let found = again.find(id)?;
        assert!(matches!(found, FoundKey::Secret(found, _) if found == *secret));
    }
    Ok(keys.len())
}
