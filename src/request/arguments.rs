//! The arguments of a call.

use serde_json::value::RawValue;

use super::fields::GivenElements;
use crate::error::Error;

/// The arguments of a call. One that is `null` was `undefined` or left out.
pub(super) struct Arguments<'a>(GivenElements<'a>);

impl<'a> Arguments<'a> {
    /// Reads the JSON text of an array of them.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if it is none.
    pub(super) fn parse(text: &'a str) -> Result<Self, Error> {
        GivenElements::parse(text, "arguments").map(Self)
    }

    /// The argument at that place, if it is given.
    pub(super) fn get(&self, index: usize) -> Option<&'a RawValue> {
        let Self(GivenElements(elements)) = self;
        elements
            .get(index)
            .copied()
            .filter(|raw| raw.get() != "null")
    }
}

/// The JSON text of the argument of a call that has one, which `arguments` is the text of. It is not looked at here:
/// whoever reads it finds out whether it is one JSON value, and a large one is read once.
pub(super) fn only(arguments: &str) -> Option<&str> {
    let argument = arguments.strip_prefix('[')?.strip_suffix(']')?;
    (!argument.is_empty() && argument != "null").then_some(argument)
}
