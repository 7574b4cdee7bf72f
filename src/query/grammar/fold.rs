//! The kinds of fold.

use crate::arguments;
use crate::error::Error;
use crate::json::{self, Kind};
use crate::query::limits::TOP_VALUES_MAX;

/// How many values a `topK` keeps where it does not say.
const TOP_VALUES: usize = 10;

/// How values become one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::query) enum Fold {
    Count,
    Sum,
    Avg,
    Min,
    Max,
    Collect,
    /// The value that this part of all is not above, from 0 to 1.
    Percentile(f64),
    CountDistinct,
    First,
    Last,
    Stddev,
    /// As many of the most frequent values.
    TopK(usize),
}

/// The names of the folds, before what else they take is read.
#[derive(Clone, Copy)]
enum Named {
    Plain(Fold),
    Percentile,
    TopK,
}

const NAMED: [(&str, Named); 12] = [
    ("count", Named::Plain(Fold::Count)),
    ("sum", Named::Plain(Fold::Sum)),
    ("avg", Named::Plain(Fold::Avg)),
    ("min", Named::Plain(Fold::Min)),
    ("max", Named::Plain(Fold::Max)),
    ("collect", Named::Plain(Fold::Collect)),
    ("percentile", Named::Percentile),
    ("countDistinct", Named::Plain(Fold::CountDistinct)),
    ("first", Named::Plain(Fold::First)),
    ("last", Named::Plain(Fold::Last)),
    ("stddev", Named::Plain(Fold::Stddev)),
    ("topK", Named::TopK),
];

impl Fold {
    /// Reads the fold of the object at `path`, from its keys `type`, `p` and `k`.
    pub(in crate::query) fn parse(
        path: &str,
        [kind, part, count]: [Option<&str>; 3],
    ) -> Result<Self, Error> {
        let kind_path = format!("{path}.type");
        let kind = match kind {
            Some(raw) => arguments::choice(&kind_path, raw, &NAMED)?,
            // The error lists the types.
            None => arguments::choice_of_nothing(&kind_path, &NAMED)?,
        };
        for (key, given, is_wanted, of) in [
            ("p", part, matches!(kind, Named::Percentile), "percentile"),
            ("k", count, matches!(kind, Named::TopK), "topK"),
        ] {
            if let (Some(raw), false) = (given, is_wanted) {
                let expected = format!("nothing, as only {of} takes it");
                return Err(arguments::unexpected(
                    format_args!("{path}.{key}"),
                    &expected,
                    raw,
                ));
            }
        }
        Ok(match kind {
            Named::Plain(fold) => fold,
            Named::Percentile => Self::Percentile(part_of(&format!("{path}.p"), part)?),
            Named::TopK => Self::TopK(count_of(&format!("{path}.k"), count)?),
        })
    }

    /// The name, which is also the key of the value in a row if there is one fold alone.
    pub(in crate::query) const fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Sum => "sum",
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::Collect => "collect",
            Self::Percentile(_) => "percentile",
            Self::CountDistinct => "countDistinct",
            Self::First => "first",
            Self::Last => "last",
            Self::Stddev => "stddev",
            Self::TopK(_) => "topK",
        }
    }

    /// Whether only numbers matter.
    pub(in crate::query) const fn is_of_numbers(self) -> bool {
        matches!(
            self,
            Self::Sum | Self::Avg | Self::Percentile(_) | Self::Stddev
        )
    }
}

/// The part of all of a `percentile`.
fn part_of(path: &str, raw: Option<&str>) -> Result<f64, Error> {
    let expected = "a number from 0 to 1, such as 0.95";
    let raw = arguments::required(path, raw, expected)?;
    let part = json::number(raw);
    if Kind::of(raw) == Kind::Number && (0.0..=1.0).contains(&part) {
        Ok(part)
    } else {
        Err(arguments::unexpected(path, expected, raw))
    }
}

/// How many values a `topK` keeps.
fn count_of(path: &str, raw: Option<&str>) -> Result<usize, Error> {
    let Some(raw) = raw else {
        return Ok(TOP_VALUES);
    };
    let number = json::number(raw);
    let is_whole = Kind::of(raw) == Kind::Number && number.fract() == 0.0;
    // A number that is beyond all counts becomes the last one.
    let count = number as usize;
    if is_whole && number > 0.0 && count <= TOP_VALUES_MAX {
        Ok(count)
    } else {
        let expected = format!("a whole number from 1 to {TOP_VALUES_MAX}");
        Err(arguments::unexpected(path, &expected, raw))
    }
}
