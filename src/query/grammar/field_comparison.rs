//! A condition on what two fields hold.

use super::event_key::EventKey;
use super::field::Field;
use super::operator::{Comparison, Operator};
use crate::error::Error;

/// Two fields, and how the value of the first must stand to that of the second.
#[derive(Debug)]
pub(in crate::query) struct FieldComparison {
    pub(in crate::query) field: Field,
    pub(in crate::query) relation: Relation,
    pub(in crate::query) other: Field,
    pub(in crate::query) ignores_case: bool,
}

/// How one value must stand to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::query) enum Relation {
    Eq,
    Neq,
    Order(Comparison),
    Contains,
    StartsWith,
    EndsWith,
}

impl FieldComparison {
    /// The operator stands at `path`.
    pub(in crate::query) fn new(
        field: Field,
        operator: Operator,
        other: Field,
        ignores_case: bool,
        path: &str,
    ) -> Result<Self, Error> {
        let relation = match operator {
            Operator::Eq => Relation::Eq,
            Operator::Neq => Relation::Neq,
            Operator::Order(comparison) => Relation::Order(comparison),
            Operator::Contains => Relation::Contains,
            Operator::StartsWith => Relation::StartsWith,
            Operator::EndsWith => Relation::EndsWith,
            Operator::Matches
            | Operator::In
            | Operator::NotIn
            | Operator::Between
            | Operator::Exists => {
                let expected = "one of eq, neq, gt, gte, lt, lte, contains, startsWith and endsWith \
                     beside valueField";
                let found = format!("\"{}\"", operator.name());
                return Err(Error::expected(path, expected, &found));
            }
        };
        Ok(Self {
            field,
            relation,
            other,
            ignores_case,
        })
    }

    /// Whether the values are compared as times, since one of the fields is the event's timestamp.
    pub(in crate::query) fn is_of_times(&self) -> bool {
        let is_time = |field: &Field| field.key() == EventKey::Timestamp;
        is_time(&self.field) || is_time(&self.other)
    }

    pub(in crate::query) const fn reads_json(&self) -> bool {
        self.field.is_json() || self.other.is_json()
    }
}
