//! What the methods have in common that take one object of options, and those that list something a page at a time.

use crate::arguments::{self, identifier};
use crate::error::Error;
use crate::json::Kind;

/// What is expected where an instance is to be named.
pub(super) const INSTANCE: &str = "the id or name of an instance";

/// How many a page has if its caller does not say.
const LIMIT_DEFAULT: usize = 1_000;

/// How many a page may have.
const LIMIT_MAX: usize = 10_000;

/// Reads the one argument of a call: an object that must be there, with those keys and no others.
pub(super) fn options<'a, const N: usize>(
    raw: Option<&'a str>,
    keys: [&str; N],
) -> Result<[Option<&'a str>; N], Error> {
    let raw = arguments::required("options", raw, "an object")?;
    if Kind::of(raw) != Kind::Object {
        return Err(arguments::unexpected("options", "an object", raw));
    }
    arguments::members("", raw, keys)
}

/// Reads which instance a call is about.
pub(super) fn instance_of(raw: Option<&str>) -> Result<String, Error> {
    let raw = arguments::required("instance", raw, INSTANCE)?;
    Ok(identifier("instance", raw, INSTANCE)?.into_owned())
}

/// Reads how many of something, such as streams, a page is to have.
pub(super) fn limit(raw: Option<&str>, unit: &str) -> Result<usize, Error> {
    let Some(raw) = raw else {
        return Ok(LIMIT_DEFAULT);
    };
    let limit = arguments::whole_number("limit", raw)?;
    match usize::try_from(limit) {
        Ok(limit) if limit <= LIMIT_MAX => Ok(limit),
        _ => Err(arguments::over_limit(
            "limit",
            LIMIT_MAX,
            unit,
            limit as usize,
        )),
    }
}
