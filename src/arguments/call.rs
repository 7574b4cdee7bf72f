//! The arguments of a call.

use super::{checked, unexpected};
use crate::error::Error;
use crate::json::{self, Kind};

/// The arguments of a call. One that is `null` was `undefined` or left out.
pub(crate) struct Arguments<'a>(Vec<&'a str>);

impl<'a> Arguments<'a> {
    /// Reads the JSON text of an array of them.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if it is none.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Error> {
        let raw = checked("arguments", text)?;
        if Kind::of(raw) != Kind::Array {
            return Err(unexpected("arguments", "an array", raw));
        }
        Ok(Self(json::elements(raw).collect()))
    }

    /// The argument at that place, if it is given.
    pub(crate) fn get(&self, index: usize) -> Option<&'a str> {
        let Self(elements) = self;
        elements.get(index).copied().filter(|raw| *raw != "null")
    }
}

/// The JSON text of the argument of a call that has one, which `arguments` is the text of. It is not looked at here:
/// whoever [checks](checked) it finds out whether it is one JSON value, and a large one is read once.
pub(crate) fn only(arguments: &str) -> Option<&str> {
    let argument = arguments.strip_prefix('[')?.strip_suffix(']')?;
    (!argument.is_empty() && argument != "null").then_some(argument)
}
