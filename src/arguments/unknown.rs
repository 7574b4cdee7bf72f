//! Keys that an object should not have: what they hold would be dropped, and a guard would not guard.

use std::fmt::Display;

use super::{listed, shown_key};
use crate::error::{Code, Error};
use crate::json::Text;
use crate::misspelling;

/// Refuses a key of another kind of call: a guard that is ignored would store what was not to be
/// stored. `instead` says what to do.
pub(crate) fn refuse_misplaced(
    path: impl Display,
    raw: Option<&str>,
    instead: &str,
) -> Result<(), Error> {
    match raw {
        None => Ok(()),
        Some(_) => Err(misplaced(path, instead)),
    }
}

/// Refuses an unknown key that is one of `others`, which belong to another place. `prefix` is what the paths of the object's
/// members begin with, and `instead` says what to do.
pub(crate) fn refuse_elsewhere(
    prefix: impl Display,
    unknown: &[String],
    others: &[&str],
    instead: &str,
) -> Result<(), Error> {
    match unknown.iter().find(|key| others.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(misplaced(format_args!("{prefix}{key}"), instead)),
    }
}

fn misplaced(path: impl Display, instead: &str) -> Error {
    let text = format!("{path}: expected nothing here; {instead}");
    Error::new(Code::InvalidArgument, text)
}

/// Refuses a key that is likely a misspelt one of the `known` keys. `prefix` is what the paths of the object's members
/// begin with.
pub(crate) fn refuse_misspelt(
    prefix: impl Display,
    unknown: &[String],
    known: &[&str],
) -> Result<(), Error> {
    let likely = |key: &String| Some((key.clone(), misspelling::meant(key, known)?));
    match unknown.iter().find_map(likely) {
        None => Ok(()),
        Some((key, likely)) => Err(Error::new(
            Code::InvalidArgument,
            format!("{prefix}{key}: unknown key; did you mean {likely}?"),
        )),
    }
}

/// The error that the object at `path` has a key beside the `known` ones.
pub(super) fn unknown_key(path: &str, key: &Text<'_>, known: &[&str]) -> Error {
    let shown = shown_key(key);
    let key = key.to_string_lossy();
    let dot = if path.is_empty() { "" } else { "." };
    let mut text = format!(
        "{path}{dot}{shown}: unknown key, expected {}",
        listed(known, "or")
    );
    if let Some(likely) = misspelling::meant(&key, known) {
        text.push_str(&format!("; did you mean {likely}?"));
    }
    Error::new(Code::InvalidArgument, text)
}
