//! The operators of conditions.

use std::cmp::Ordering;

use crate::error::Error;
use crate::json::{Kind, Text};
use crate::query::shape;

const EXPECTED: &str = "one of eq, neq, gt, gte, lt, lte, contains, in and between";

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::query) enum Operator {
    Eq,
    Neq,
    Order(Comparison),
    Contains,
    In,
    Between,
}

/// The operators that go by order alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::query) enum Comparison {
    Gt,
    Gte,
    Lt,
    Lte,
}

impl Operator {
    pub(in crate::query) fn parse(path: &str, raw: &str) -> Result<Self, Error> {
        let unknown = || shape::unexpected(path, EXPECTED, raw);
        if Kind::of(raw) != Kind::String {
            return Err(unknown());
        }
        Ok(match Text::decode(raw).as_str() {
            Some("eq") => Self::Eq,
            Some("neq") => Self::Neq,
            Some("gt") => Self::Order(Comparison::Gt),
            Some("gte") => Self::Order(Comparison::Gte),
            Some("lt") => Self::Order(Comparison::Lt),
            Some("lte") => Self::Order(Comparison::Lte),
            Some("contains") => Self::Contains,
            Some("in") => Self::In,
            Some("between") => Self::Between,
            _ => return Err(unknown()),
        })
    }
}

impl Comparison {
    /// Whether it holds where the stored value stands to the query's as `ordering` says.
    pub(in crate::query) const fn admits(self, ordering: Ordering) -> bool {
        match self {
            Self::Gt => ordering.is_gt(),
            Self::Gte => ordering.is_ge(),
            Self::Lt => ordering.is_lt(),
            Self::Lte => ordering.is_le(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_admit_their_orderings() {
        for (comparison, admitted) in [
            (Comparison::Gt, [false, false, true]),
            (Comparison::Gte, [false, true, true]),
            (Comparison::Lt, [true, false, false]),
            (Comparison::Lte, [true, true, false]),
        ] {
            let orderings = [Ordering::Less, Ordering::Equal, Ordering::Greater];
            assert_eq!(
                orderings.map(|ordering| comparison.admits(ordering)),
                admitted
            );
        }
    }

    #[test]
    fn an_unknown_operator_is_named() {
        assert_eq!(Operator::parse("", r#""\u0065q""#), Ok(Operator::Eq));
        for raw in [r#""EQ""#, r#""==""#, r#""""#, "null", "1", r#"["eq"]"#] {
            let error = Operator::parse("where[1].operator", raw).unwrap_err();
            let expected = format!(
                "where[1].operator: expected {EXPECTED}, found {}",
                shape::found(raw)
            );
            assert_eq!(error.text(), expected);
        }
    }
}
