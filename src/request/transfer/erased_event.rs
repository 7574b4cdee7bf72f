//! What a line says of an event that was erased.

use super::line::{LineNumber, known_keys, time};
use super::{ERASED, ERASED_KEYS};
use crate::arguments::{self, Object, required, unexpected};
use crate::encryption::envelope::is_encrypted;
use crate::erased::{Erased, Kept, Left};
use crate::error::Error;
use crate::event::EMPTY;
use crate::evidence::hash::Hash;
use crate::query::DataField;
use crate::request::limits::REASON_BYTES_MAX;
use crate::timestamp;

/// What is expected as fields.
const FIELDS: &str = "an array of fields, at least one";

/// What is stored in the place of the metadata of an event that was erased; `texts` are the payload and the metadata of its
/// line.
pub(super) fn erased_metadata(
    raw: &str,
    texts: [&str; 2],
    number: LineNumber,
) -> Result<String, Error> {
    let path = format!("{number}: {ERASED}");
    let given = Object::parse_with_null(&path, raw, &ERASED_KEYS)?;
    known_keys(&given.unknown, &path)?;
    let [at, reason, fields, commitments, salts] = given.values;
    let (at_path, reason_path) = (format!("{path}.at"), format!("{path}.reason"));
    let at = required(&at_path, at, timestamp::EXPECTED)?;
    let reason = required(&reason_path, reason, "a string")?;
    let fields = fields.map(|raw| names_of(&format!("{path}.fields"), raw));
    let left = fields.transpose()?.map(|fields| Left {
        fields,
        texts: texts.map(str::to_owned),
    });
    check_texts(left.is_some(), texts, number)?;
    let erased = Erased {
        at_ms: time(&at_path, at)?,
        reason: arguments::string_within(&reason_path, reason, "a string", REASON_BYTES_MAX)?
            .into_owned(),
        kept: kept_of(&path, commitments, salts, left.is_some())?,
        left,
    };
    Ok(erased.metadata())
}

/// Nothing is left of an event all of which was erased, and what is left of another one is not encrypted.
fn check_texts(is_left: bool, texts: [&str; 2], number: LineNumber) -> Result<(), Error> {
    for (key, text) in ["payload", "metadata"].into_iter().zip(texts) {
        let path = format_args!("{number}: {key}");
        if !is_left && text != EMPTY {
            let found = "something else, in an event that was erased";
            return Err(Error::expected(path, EMPTY, found));
        }
        if is_encrypted(text) {
            let found = "something encrypted, in an event of which fields were erased";
            return Err(Error::expected(path, "an object or an array", found));
        }
    }
    Ok(())
}

/// The names of fields that were erased.
fn names_of(path: &str, raw: &str) -> Result<Vec<String>, Error> {
    let given = arguments::list(path, raw, FIELDS, usize::MAX, "fields")?;
    if given.is_empty() {
        return Err(Error::expected(path, FIELDS, "none"));
    }
    let fields = given.into_iter().enumerate();
    let fields = fields.map(|(at, raw)| DataField::parse(&format!("{path}[{at}]"), raw));
    fields.map(|field| Ok(field?.name())).collect()
}

/// What is kept for the leaf of the event: of each of the two texts a commitment, or the salt of one that is whole.
fn kept_of(
    path: &str,
    commitments: Option<&str>,
    salts: Option<&str>,
    is_left: bool,
) -> Result<Option<[Kept; 2]>, Error> {
    if commitments.is_none() && salts.is_none() {
        return Ok(None);
    }
    let read = |key: &str, raw: Option<&str>| {
        let path = format!("{path}.{key}");
        raw.map_or(Ok([None; 2]), |raw| hashes_of(&path, raw))
    };
    let both = read("commitments", commitments)?.into_iter();
    let both = both.zip(read("salts", salts)?).map(|of| match of {
        (Some(commitment), None) => Some(Kept::Commitment(commitment)),
        (None, Some(salt)) if is_left => Some(Kept::Salt(salt)),
        _ => None,
    });
    if let [Some(payload), Some(metadata)] = both.collect::<Vec<_>>()[..] {
        return Ok(Some([payload, metadata]));
    }
    let expected = if is_left {
        "a commitment or a salt for each of the payload and the metadata"
    } else {
        "two texts, each 32 bytes in base64"
    };
    let path = format!("{path}.commitments");
    Err(Error::expected(&path, expected, "something else"))
}

/// Up to two hashes in base64, each `null` if it is not there.
fn hashes_of(path: &str, raw: &str) -> Result<[Option<Hash>; 2], Error> {
    let expected = "two texts, each 32 bytes in base64";
    let texts: Option<[Option<String>; 2]> = serde_json::from_str(raw).ok();
    let texts = texts.ok_or_else(|| unexpected(path, expected, raw))?;
    let mut hashes = [None; 2];
    for (hash, text) in hashes.iter_mut().zip(texts) {
        let Some(text) = text else { continue };
        let read = Erased::hash_of(&text);
        *hash = Some(read.ok_or_else(|| unexpected(path, expected, raw))?);
    }
    Ok(hashes)
}
