//! Values being folded into one.

use std::cmp::Ordering;
use std::fmt::Write as _;

use super::budget::Budget;
use super::deviation::Deviation;
use super::distinct::Distinct;
use super::frequency::Frequencies;
use super::percentile::Percentile;
use crate::error::Error;
use crate::event::Event;
use crate::json;
use crate::query::grammar::fold::Fold;
use crate::query::value::Value;
use crate::query::value::found::Found;
use crate::query::value::sort_key::SortKey;

/// What has been folded so far.
#[derive(Debug)]
pub(in crate::query) enum Aggregate {
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
    Percentile(Percentile),
    Distinct(Box<Distinct>),
    Deviation(Deviation),
    Frequencies(Box<Frequencies>),
    /// The JSON text of the first or the last value; none yet.
    OneOf {
        is_last: bool,
        json: String,
    },
    /// What has become a number; NaN for none.
    Settled(f64),
}

impl Aggregate {
    pub(in crate::query) fn new(fold: Fold) -> Self {
        let extreme = |wanted| Self::Extreme { wanted, best: None };
        match fold {
            Fold::Count => Self::Count(0),
            Fold::Sum => Self::Sum(0.0),
            Fold::Avg => Self::Average { sum: 0.0, count: 0 },
            Fold::Min => extreme(Ordering::Less),
            Fold::Max => extreme(Ordering::Greater),
            Fold::Collect => Self::Collection(String::new()),
            Fold::Percentile(part) => Self::Percentile(Percentile::new(part)),
            Fold::CountDistinct => Self::Distinct(Box::default()),
            Fold::Stddev => Self::Deviation(Deviation::default()),
            Fold::TopK(most) => Self::Frequencies(Box::new(Frequencies::new(most))),
            Fold::First | Fold::Last => Self::OneOf {
                is_last: fold == Fold::Last,
                json: String::new(),
            },
        }
    }

    /// Folds in what an event holds in the reduction's field; `None` where that has no field.
    pub(in crate::query) fn add(
        &mut self,
        found: Option<Found<'_>>,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        let Some(found) = found else {
            self.add_events(1);
            return Ok(());
        };
        if found.is_null() {
            return Ok(());
        }
        match self {
            Self::Count(count) => *count += 1,
            Self::Sum(_) | Self::Average { .. } | Self::Percentile(_) | Self::Deviation(_) => {
                if let Value::Number(number) = found.value() {
                    self.add_number(number, budget)?;
                }
            }
            Self::Distinct(distinct) => distinct.add(found, budget)?,
            Self::Frequencies(frequencies) => frequencies.add(found, 1, budget)?,
            Self::OneOf { is_last, json } => {
                if *is_last || json.is_empty() {
                    budget.give(json.len());
                    json.clear();
                    found.write_json(json);
                    budget.take(json.len())?;
                }
            }
            Self::Settled(_) => {}
            Self::Extreme { wanted, best } => challenge(*wanted, best, found, budget)?,
            Self::Collection(text) => collect(text, budget, |text| found.write_json(text))?,
        }
        Ok(())
    }

    /// Collects a whole event.
    pub(in crate::query) fn add_event(
        &mut self,
        event: &Event<'_>,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        match self {
            Self::Collection(text) => collect(text, budget, |text| event.write_json(text)),
            _ => Ok(()),
        }
    }

    /// Counts events, where the reduction has no field.
    pub(in crate::query) const fn add_events(&mut self, events: u64) {
        if let Self::Count(count) = self {
            *count += events;
        }
    }

    /// Folds in a value that occurs so often, where it does not matter among which others; `None` where it does.
    pub(in crate::query) fn add_often(
        &mut self,
        found: Found<'_>,
        times: u64,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        match self {
            Self::Frequencies(frequencies) if !found.is_null() => {
                frequencies.add(found, times, budget)
            }
            _ => self.add(Some(found), budget),
        }
    }

    /// Folds in a number, where only those matter.
    pub(in crate::query) fn add_number(
        &mut self,
        number: f64,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        match self {
            Self::Sum(sum) => *sum += number,
            Self::Average { sum, count } => {
                *sum += number;
                *count += 1;
            }
            Self::Percentile(percentile) => percentile.add(number, budget)?,
            Self::Deviation(deviation) => deviation.add(number),
            _ => {}
        }
        Ok(())
    }

    /// Computes what is computed once, after the last value. Says whether the value is near the right one only.
    pub(in crate::query) fn settle(&mut self) -> bool {
        let (value, is_near) = match self {
            Self::Percentile(percentile) => (percentile.value(), percentile.is_near()),
            Self::Deviation(deviation) => (deviation.value(), false),
            #[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are f64")]
            Self::Distinct(distinct) => (Some(distinct.count() as f64), false),
            _ => return false,
        };
        *self = Self::Settled(value.unwrap_or(f64::NAN));
        is_near
    }

    /// Where the value stands among those of other groups.
    pub(in crate::query) fn sort_key(&self) -> SortKey<'_> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are f64")]
            Self::Count(count) => SortKey::Number(*count as f64),
            Self::Sum(sum) => number_key(*sum),
            Self::Average { sum, count } => number_key(average(*sum, *count)),
            Self::Extreme { best, .. } => {
                best.as_ref().map_or(SortKey::Null, |(key, _)| key.clone())
            }
            Self::Collection(_) | Self::Frequencies(_) => SortKey::Array,
            Self::OneOf { json, .. } if json.is_empty() => SortKey::Null,
            Self::OneOf { json, .. } => Value::decode(json).into_sort_key(),
            Self::Settled(number) => number_key(*number),
            // They are settled before.
            Self::Percentile(_) | Self::Distinct(_) | Self::Deviation(_) => SortKey::Null,
        }
    }

    /// Appends the value to `out` as JSON.
    pub(in crate::query) fn write_json(&self, out: &mut String) {
        match self {
            Self::Count(count) => {
                // Writing to a String cannot fail.
                let _ = write!(out, "{count}");
            }
            Self::Sum(sum) => json::write_number(out, *sum),
            Self::Average { sum, count } => json::write_number(out, average(*sum, *count)),
            Self::Extreme { best, .. } => {
                out.push_str(best.as_ref().map_or("null", |(_, json)| json));
            }
            Self::Collection(text) => {
                out.push('[');
                out.push_str(text);
                out.push(']');
            }
            Self::Frequencies(frequencies) => frequencies.write_json(out),
            Self::OneOf { json, .. } => {
                out.push_str(if json.is_empty() { "null" } else { json });
            }
            Self::Settled(number) => json::write_number(out, *number),
            Self::Percentile(_) | Self::Distinct(_) | Self::Deviation(_) => out.push_str("null"),
        }
    }
}

/// Adds what `write` writes to a list.
fn collect(
    list: &mut String,
    budget: &mut Budget,
    write: impl FnOnce(&mut String),
) -> Result<(), Error> {
    let before = list.len();
    if before > 0 {
        list.push(',');
    }
    write(list);
    budget.take(list.len() - before)
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
#[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are f64")]
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
