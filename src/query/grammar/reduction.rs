//! How `reduce` folds values.

use super::field::Field;
use crate::error::Error;
use crate::json::{Kind, Text};
use crate::query::shape;

const EXPECTED: &str = "one of count, sum, avg, min, max and collect";

/// A fold, and the field whose values it folds.
#[derive(Debug)]
pub(in crate::query) struct Reduction {
    pub(in crate::query) fold: Fold,
    /// `None` only for a count, which then counts events, and for collecting whole events.
    pub(in crate::query) field: Option<Field>,
}

/// The kinds of fold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::query) enum Fold {
    Count,
    Sum,
    Avg,
    Min,
    Max,
    Collect,
}

impl Fold {
    pub(in crate::query) fn parse(raw: &str) -> Result<Self, Error> {
        let text = (Kind::of(raw) == Kind::String).then(|| Text::decode(raw));
        Ok(match text.as_ref().and_then(Text::as_str) {
            Some("count") => Self::Count,
            Some("sum") => Self::Sum,
            Some("avg") => Self::Avg,
            Some("min") => Self::Min,
            Some("max") => Self::Max,
            Some("collect") => Self::Collect,
            _ => return Err(shape::unexpected("reduce.type", EXPECTED, raw)),
        })
    }
}

impl Reduction {
    /// Makes the fold of `reduce.type` with the raw `reduce.field`.
    pub(in crate::query) fn parse(kind: Option<&str>, field: Option<&str>) -> Result<Self, Error> {
        let fold = Fold::parse(shape::required("reduce.type", kind, EXPECTED)?)?;
        let field = match field {
            Some(raw) => Some(Field::parse("reduce.field", raw)?),
            None if matches!(fold, Fold::Count | Fold::Collect) => None,
            None => {
                let expected = "the name of a field, which sum, avg, min and max need";
                return Err(Error::expected("reduce.field", expected, "nothing"));
            }
        };
        Ok(Self { fold, field })
    }

    /// The name of the fold, which is also the key of its value in a row.
    pub(in crate::query) const fn name(&self) -> &'static str {
        match self.fold {
            Fold::Count => "count",
            Fold::Sum => "sum",
            Fold::Avg => "avg",
            Fold::Min => "min",
            Fold::Max => "max",
            Fold::Collect => "collect",
        }
    }
}
