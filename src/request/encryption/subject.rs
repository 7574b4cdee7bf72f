//! Whose event an append says that it is.

use std::fmt::Display;

use crate::arguments::{self, word_within};
use crate::error::Error;
use crate::request::limits::NAME_BYTES_MAX;

/// The key of an event by which it is encrypted.
pub(in crate::request) const KEY: &str = "encrypt";

/// What is expected of a subject.
pub(in crate::request) const EXPECTED: &str = "the name of a subject";

/// Reads the value of [`KEY`] at a path.
pub(in crate::request) fn subject_of(path: impl Display, raw: &str) -> Result<String, Error> {
    let [subject] = arguments::members(&path.to_string(), raw, ["subject"])?;
    let path = format!("{path}.subject");
    let subject = arguments::required(&path, subject, EXPECTED)?;
    Ok(word_within(&path, subject, EXPECTED, NAME_BYTES_MAX)?.into_owned())
}
