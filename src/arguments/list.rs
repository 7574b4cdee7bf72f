//! Arrays.

use std::fmt::Display;

use super::{over_limit, unexpected};
use crate::error::Error;
use crate::json::{self, Kind};

/// The elements of the array at `path`, of which there must be at most `most`. `expected` says what it is, and `unit`
/// what its elements are.
pub(crate) fn list<'a>(
    path: impl Display,
    raw: &'a str,
    expected: &str,
    most: usize,
    unit: &str,
) -> Result<Vec<&'a str>, Error> {
    if Kind::of(raw) != Kind::Array {
        return Err(unexpected(path, expected, raw));
    }
    let mut rest = json::elements(raw);
    let elements: Vec<&str> = rest.by_ref().take(most).collect();
    match rest.count() {
        0 => Ok(elements),
        more => Err(over_limit(path, most, unit, most + more)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn a_list_has_at_most_so_many_elements() {
        let read = |raw| list("values", raw, "an array of values", 2, "values");
        assert_eq!(read("[]"), Ok(vec![]));
        assert_eq!(read("[1,[2,3]]"), Ok(vec!["1", "[2,3]"]));
        let error = read("[1,2,3,4]").unwrap_err();
        assert_eq!(error.code(), Code::LimitExceeded);
        assert_eq!(error.text(), "values: expected at most 2 values, found 4");
        let error = read("{\"0\":1}").unwrap_err();
        assert_eq!(
            error.text(),
            "values: expected an array of values, found an object"
        );
    }
}
