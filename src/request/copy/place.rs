//! Which instance is meant: by its id and when it was made, since one that was deleted and made anew is another one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};

use crate::arguments;
use crate::engine::{Fault, Instance};
use crate::error::{Code, Error};
use crate::seam::ReadSnapshot;

/// The instance with that id, and its number; `None` if there is none. Its name is not looked at.
///
/// # Errors
///
/// A storage fault, or corruption.
pub(super) fn by_id(
    snapshot: &dyn ReadSnapshot,
    id: &str,
) -> Result<Option<(u32, Instance)>, Fault> {
    let number = match snapshot.find(id) {
        Ok(number) => number,
        Err(Fault::Refused(error)) if error.code() == Code::InstanceNotFound => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let instance = snapshot.instance(number)?;
    Ok((instance.id == id).then_some((number, instance)))
}

/// What may change of an instance beside its events and states, hashed: its name, its description, and when it was changed.
pub(super) fn changing(instance: &Instance) -> String {
    let mut hasher = Sha256::new();
    hasher.update((instance.name.len() as u64).to_le_bytes());
    hasher.update(instance.name.as_bytes());
    hasher.update([u8::from(instance.description.is_some())]);
    hasher.update(
        instance
            .description
            .as_deref()
            .unwrap_or_default()
            .as_bytes(),
    );
    hasher.update(instance.head.updated_at_ms.to_le_bytes());
    BASE64.encode(hasher.finalize())
}

/// A time that the package's JavaScript gives back, in milliseconds since the epoch, as text: it may be before that.
///
/// # Errors
///
/// `INVALID_ARGUMENT`.
pub(super) fn time_of(path: &str, raw: Option<&str>) -> Result<i64, Error> {
    let expected = "milliseconds as text";
    let raw = arguments::required(path, raw, expected)?;
    let text = arguments::string(path, raw, expected)?;
    let time = text.parse();
    time.map_err(|_| arguments::unexpected(path, expected, raw))
}
