//! What the methods have in common that take one object of options, and those that list something a page at a time.

use serde_json::value::RawValue;

use crate::error::Error;
use crate::json::Kind;
use crate::query::{identifier, shape};

/// What is expected where an instance is to be named.
pub(super) const INSTANCE: &str = "the id or name of an instance";

/// How many a page has if its caller does not say.
const LIMIT_DEFAULT: usize = 1_000;

/// How many a page may have.
const LIMIT_MAX: usize = 10_000;

/// Reads the one argument of a call: an object that must be there, with those keys and no others.
pub(super) fn options<'a, const N: usize>(
    raw: Option<&'a RawValue>,
    keys: [&str; N],
) -> Result<[Option<&'a str>; N], Error> {
    let raw = raw.ok_or_else(|| Error::expected("options", "an object", "nothing"))?;
    if Kind::of(raw.get()) != Kind::Object {
        return Err(shape::unexpected("options", "an object", raw.get()));
    }
    shape::members("", raw.get(), keys)
}

/// Reads which instance a call is about.
pub(super) fn instance_of(raw: Option<&str>) -> Result<String, Error> {
    let raw = shape::required("instance", raw, INSTANCE)?;
    identifier("instance", raw, INSTANCE)
}

/// Reads how many of something, such as streams, a page is to have.
pub(super) fn limit(raw: Option<&str>, unit: &str) -> Result<usize, Error> {
    let Some(raw) = raw else {
        return Ok(LIMIT_DEFAULT);
    };
    let limit = shape::whole_number("limit", raw)?;
    match usize::try_from(limit) {
        Ok(limit) if limit <= LIMIT_MAX => Ok(limit),
        _ => Err(shape::over_limit("limit", LIMIT_MAX, unit, limit as usize)),
    }
}
