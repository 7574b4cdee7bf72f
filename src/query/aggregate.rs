//! Values being folded into one.

use std::cmp::Ordering;
use std::fmt::Write as _;

use super::budget::Budget;
use super::found::Found;
use super::reduction::{Fold, Reduction};
use super::sort_key::SortKey;
use super::value::Value;
use crate::error::Error;
use crate::event::Event;

/// What has been folded so far.
#[derive(Debug)]
pub(super) enum Aggregate {
    Count(u64),
    Sum(f64),
    Average {
        sum: f64,
        count: u64,
    },
    /// The value that stands as `wanted` to all others, and its JSON text.
    Extreme {
        wanted: Ordering,
        best: Option<(SortKey<'static>, Box<str>)>,
    },
    /// The texts with commas between them.
    Collection(String),
}

impl Aggregate {
    pub(super) fn new(fold: Fold) -> Self {
        let extreme = |wanted| Self::Extreme { wanted, best: None };
        match fold {
            Fold::Count => Self::Count(0),
            Fold::Sum => Self::Sum(0.0),
            Fold::Avg => Self::Average { sum: 0.0, count: 0 },
            Fold::Min => extreme(Ordering::Less),
            Fold::Max => extreme(Ordering::Greater),
            Fold::Collect => Self::Collection(String::new()),
        }
    }

    /// Folds in what `event` holds in the reduction's field.
    pub(super) fn add(
        &mut self,
        reduction: &Reduction,
        event: &Event<'_>,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        let found = reduction.field.as_ref().map(|field| field.find(event));
        let Some(found) = found.filter(|found| !found.is_null()) else {
            if let (Self::Count(count), None) = (self, &reduction.field) {
                *count += 1;
            }
            return Ok(());
        };
        match self {
            Self::Count(count) => *count += 1,
            Self::Sum(sum) => {
                if let Value::Number(number) = found.value() {
                    *sum += number;
                }
            }
            Self::Average { sum, count } => {
                if let Value::Number(number) = found.value() {
                    *sum += number;
                    *count += 1;
                }
            }
            Self::Extreme { wanted, best } => challenge(*wanted, best, found, budget)?,
            Self::Collection(text) => {
                let before = text.len();
                if before > 0 {
                    text.push(',');
                }
                found.write_json(text);
                budget.take(text.len() - before)?;
            }
        }
        Ok(())
    }

    /// Where the value stands among those of other groups.
    pub(super) fn sort_key(&self) -> SortKey<'_> {
        match self {
            #[allow(clippy::cast_precision_loss, reason = "JavaScript's numbers are f64")]
            Self::Count(count) => SortKey::Number(*count as f64),
            Self::Sum(sum) => number_key(*sum),
            Self::Average { sum, count } => number_key(average(*sum, *count)),
            Self::Extreme { best, .. } => {
                best.as_ref().map_or(SortKey::Null, |(key, _)| key.clone())
            }
            Self::Collection(_) => SortKey::Array,
        }
    }

    /// Appends the value to `out` as JSON.
    pub(super) fn write_json(&self, out: &mut String) {
        match self {
            Self::Count(count) => {
                // Writing to a String cannot fail.
                let _ = write!(out, "{count}");
            }
            Self::Sum(sum) => write_number(*sum, out),
            Self::Average { sum, count } => write_number(average(*sum, *count), out),
            Self::Extreme { best, .. } => {
                out.push_str(best.as_ref().map_or("null", |(_, json)| json));
            }
            Self::Collection(text) => {
                out.push('[');
                out.push_str(text);
                out.push(']');
            }
        }
    }
}

/// Puts a scalar in the place of the best one where it stands as `wanted` to it.
fn challenge(
    wanted: Ordering,
    best: &mut Option<(SortKey<'static>, Box<str>)>,
    found: Found<'_>,
    budget: &mut Budget,
) -> Result<(), Error> {
    let key = found.sort_key();
    if matches!(key, SortKey::Array | SortKey::Object) {
        return Ok(());
    }
    if let Some((best_key, json)) = best {
        if key.cmp(best_key) != wanted {
            return Ok(());
        }
        budget.give(best_key.bytes_len() + json.len());
    }
    let json = found.to_json().into_boxed_str();
    budget.take(key.bytes_len() + json.len())?;
    *best = Some((key.into_owned(), json));
    Ok(())
}

/// NaN for the average of nothing.
#[allow(clippy::cast_precision_loss, reason = "JavaScript's numbers are f64")]
fn average(sum: f64, count: u64) -> f64 {
    sum / count as f64
}

/// JSON has no number for what is not finite.
const fn number_key(number: f64) -> SortKey<'static> {
    if number.is_finite() {
        SortKey::Number(number)
    } else {
        SortKey::Null
    }
}

fn write_number(number: f64, out: &mut String) {
    let plain = number == 0.0 || (1e-7..1e21).contains(&number.abs());
    // Both forms have the fewest digits that read back as the same number. Writing to a String
    // cannot fail.
    let _ = if !number.is_finite() {
        write!(out, "null")
    } else if plain {
        write!(out, "{number}")
    } else {
        write!(out, "{number:e}")
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_so_that_they_read_back() {
        for (number, json) in [
            (0.0, "0"),
            (100.0, "100"),
            (-2.5, "-2.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e-7, "0.0000001"),
            (1.5e-9, "1.5e-9"),
            (1e21, "1e21"),
            (f64::MAX, "1.7976931348623157e308"),
            (f64::INFINITY, "null"),
            (f64::NAN, "null"),
        ] {
            let mut out = String::new();
            write_number(number, &mut out);
            assert_eq!(out, json);
            assert!(!number.is_finite() || crate::json::number(&out) == number);
        }
    }
}
