//! Reading what a caller has given: JSON text becomes values of the right kind, with errors that name the place.
//!
//! The text of a call is [checked](checked) once, where it comes in. All other functions here take a part of such a
//! text: the JSON text of one value, without whitespace around it. They borrow from it where they can.
//!
//! Each function takes the `path` of its value first, such as `where[1].operator`, with which its errors begin. A value
//! that is missing or of the wrong kind is `INVALID_ARGUMENT`, and one that is too large is `LIMIT_EXCEEDED`.

mod call;
mod choice;
mod found;
mod list;
mod number;
mod object;
mod text;
mod unknown;

pub(crate) use call::{Arguments, only};
pub(crate) use choice::{boolean, choice, choice_of_nothing};
pub(crate) use found::{found, listed, over_limit, required, shown_key, unexpected};
pub(crate) use list::list;
pub(crate) use number::{whole_number, whole_number_as, whole_number_within};
pub(crate) use object::{Object, entries, members, members_with_null};
pub(crate) use text::{identifier, string, string_within, within_identifier, word_within};
pub(crate) use unknown::{refuse_elsewhere, refuse_misplaced, refuse_misspelt};

use std::fmt::Display;

use serde_json::value::RawValue;

use crate::error::{Code, Error};

/// The JSON value that `text` is, without whitespace around it.
///
/// # Errors
///
/// `INVALID_ARGUMENT` if it is not one JSON value.
pub(crate) fn checked(path: impl Display, text: &str) -> Result<&str, Error> {
    let raw: Result<&RawValue, _> = serde_json::from_str(text);
    raw.map(RawValue::get).map_err(|error| {
        let found = found::found_broken(text, &error);
        let text = format!("{path}: expected JSON text, found {found}");
        Error::new(Code::InvalidArgument, text)
    })
}
