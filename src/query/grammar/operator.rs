//! The operators of conditions.

use std::cmp::Ordering;

use crate::arguments;
use crate::error::Error;

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::query) enum Operator {
    Eq,
    Neq,
    Order(Comparison),
    Contains,
    StartsWith,
    EndsWith,
    Matches,
    In,
    NotIn,
    Between,
    Exists,
}

/// The operators that go by order alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::query) enum Comparison {
    Gt,
    Gte,
    Lt,
    Lte,
}

/// The names, in the order in which error texts list them.
const NAMED: [(&str, Operator); 14] = [
    ("eq", Operator::Eq),
    ("neq", Operator::Neq),
    ("gt", Operator::Order(Comparison::Gt)),
    ("gte", Operator::Order(Comparison::Gte)),
    ("lt", Operator::Order(Comparison::Lt)),
    ("lte", Operator::Order(Comparison::Lte)),
    ("contains", Operator::Contains),
    ("startsWith", Operator::StartsWith),
    ("endsWith", Operator::EndsWith),
    ("matches", Operator::Matches),
    ("in", Operator::In),
    ("notIn", Operator::NotIn),
    ("between", Operator::Between),
    ("exists", Operator::Exists),
];

impl Comparison {
    /// The one that holds where this one does not, of what has an order.
    pub(in crate::query) const fn inverse(self) -> Self {
        match self {
            Self::Gt => Self::Lte,
            Self::Gte => Self::Lt,
            Self::Lt => Self::Gte,
            Self::Lte => Self::Gt,
        }
    }
}

impl Operator {
    pub(in crate::query) fn parse(path: &str, raw: &str) -> Result<Self, Error> {
        arguments::choice(path, raw, &NAMED)
    }

    /// Reads whether the condition at `path` ignores case, which it can if its operator compares texts.
    pub(in crate::query) fn parse_ignore_case(
        self,
        path: &str,
        ignore_case: Option<&str>,
    ) -> Result<bool, Error> {
        let path = format!("{path}.ignoreCase");
        let ignores_case = ignore_case.map_or(Ok(false), |raw| arguments::boolean(&path, raw))?;
        match self {
            Self::Order(_) | Self::Between | Self::Exists if ignores_case => {
                let expected =
                    "true only with eq, neq, in, notIn, contains, startsWith, endsWith and matches";
                let found = format!("true with {}", self.name());
                Err(Error::expected(&path, expected, &found))
            }
            _ => Ok(ignores_case),
        }
    }

    /// The name as a query writes it.
    pub(in crate::query) fn name(self) -> &'static str {
        let named = NAMED.iter().find(|(_, operator)| *operator == self);
        named.map_or("", |(name, _)| name)
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
    fn an_unknown_operator_is_named_with_the_likely_one() {
        assert_eq!(Operator::parse("", r#""\u0065q""#), Ok(Operator::Eq));
        let list = "one of eq, neq, gt, gte, lt, lte, contains, startsWith, endsWith, matches, in, notIn, \
             between and exists";
        for (raw, likely) in [
            (r#""EQ""#, Some("eq")),
            (r#""==""#, Some("eq")),
            (r#""starts_with""#, Some("startsWith")),
            (r#""startswith""#, Some("startsWith")),
            (r#""prefix""#, Some("startsWith")),
            (r#""endWith""#, Some("endsWith")),
            (r#""nin""#, Some("notIn")),
            (r#""not_in""#, Some("notIn")),
            (r#""regex""#, Some("matches")),
            (r#""match""#, Some("matches")),
            (r#""like""#, Some("contains")),
            (r#""betwen""#, Some("between")),
            (r#""exist""#, Some("exists")),
            (r#""""#, None),
            (r#""constructor""#, None),
            ("null", None),
            ("1", None),
            (r#"["eq"]"#, None),
        ] {
            let error = Operator::parse("where[1].operator", raw).unwrap_err();
            let mut expected = format!(
                "where[1].operator: expected {list}, found {}",
                arguments::found(raw)
            );
            if let Some(likely) = likely {
                expected.push_str(&format!("; did you mean \"{likely}\"?"));
            }
            assert_eq!(error.text(), expected);
        }
    }

    #[test]
    fn each_operator_has_its_name() {
        for (name, operator) in NAMED {
            assert_eq!(operator.name(), name);
        }
    }
}
