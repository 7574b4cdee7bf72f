//! Values being folded into one.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::budget::{Budget, allocated};
use super::deviation::Deviation;
use super::distinct::Distinct;
use super::frequency::Frequencies;
use super::number_bar::NumberBar;
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
    /// A JSON array that is not closed yet.
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
    Settled(Settled),
}

/// The value that an aggregate has in the end.
#[derive(Debug)]
pub(in crate::query) enum Settled {
    /// One that is not finite is none.
    Number(f64),
    /// A number that is near the right one only.
    Near(f64),
    /// JSON text.
    Json(String),
    Null,
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

    /// How many bytes one that has folded nothing holds beside its own.
    pub(in crate::query) const fn bytes_len(&self) -> usize {
        match self {
            Self::Distinct(_) => allocated(size_of::<Distinct>()),
            Self::Frequencies(_) => allocated(size_of::<Frequencies>()),
            _ => 0,
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
                    json.clear();
                    append(json, found, budget)?;
                }
            }
            Self::Settled(_) => {}
            Self::Extreme { wanted, best } => challenge(*wanted, best, found, budget)?,
            Self::Collection(list) => {
                begin_element(list, budget)?;
                append(list, found, budget)?;
            }
        }
        Ok(())
    }

    /// Collects a whole event.
    pub(in crate::query) fn add_event(
        &mut self,
        event: &Event<'_>,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        let Self::Collection(list) = self else {
            return Ok(());
        };
        begin_element(list, budget)?;
        budget.with_text(|text, budget| {
            event.write_json(text);
            budget.append(list, text)
        })
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

    /// The sum of the numbers so far, and how many there are where that counts.
    pub(in crate::query) const fn sum(&self) -> (f64, u64) {
        match self {
            Self::Sum(sum) => (*sum, 0),
            Self::Average { sum, count } => (*sum, *count),
            _ => (0.0, 0),
        }
    }

    /// Puts another sum in the place of what [`Aggregate::sum`] has told.
    pub(in crate::query) const fn set_sum(&mut self, new: f64, new_count: u64) {
        match self {
            Self::Sum(sum) => *sum = new,
            Self::Average { sum, count } => (*sum, *count) = (new, new_count),
            _ => {}
        }
    }

    /// What a number has to be to change the lowest or the highest value.
    pub(in crate::query) fn number_bar(&self) -> NumberBar {
        let Self::Extreme {
            wanted,
            best: Some((best, _)),
        } = self
        else {
            return NumberBar::NONE;
        };
        match best {
            SortKey::Number(best) if wanted.is_gt() => NumberBar {
                above: *best,
                ..NumberBar::NONE
            },
            SortKey::Number(best) => NumberBar {
                below: *best,
                ..NumberBar::NONE
            },
            // A number stands as this one to all that is of the other kind.
            other if SortKey::Number(0.0).cmp(other) == *wanted => NumberBar::NONE,
            _ => NumberBar::ALL,
        }
    }

    /// Computes the value, after the last event.
    pub(in crate::query) fn settle(&mut self) {
        let number = |number: Option<f64>| number.map_or(Settled::Null, Settled::Number);
        #[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are f64")]
        let settled = match self {
            Self::Count(count) => Settled::Number(*count as f64),
            Self::Sum(sum) => Settled::Number(*sum),
            // That of nothing is not finite.
            Self::Average { sum, count } => Settled::Number(*sum / *count as f64),
            Self::Extreme { best, .. } => best
                .take()
                .map_or(Settled::Null, |(_, json)| Settled::Json(json.into_string())),
            Self::Collection(list) => Settled::Json(closed(std::mem::take(list))),
            Self::Percentile(percentile) if percentile.is_near() => {
                percentile.value().map_or(Settled::Null, Settled::Near)
            }
            Self::Percentile(percentile) => number(percentile.value()),
            Self::Distinct(distinct) => Settled::Number(distinct.count() as f64),
            Self::Deviation(deviation) => number(deviation.value()),
            Self::Frequencies(frequencies) => Settled::Json(frequencies.to_json()),
            Self::OneOf { json, .. } if json.is_empty() => Settled::Null,
            Self::OneOf { json, .. } => Settled::Json(std::mem::take(json)),
            Self::Settled(_) => return,
        };
        *self = Self::Settled(settled);
    }

    /// Whether the value, which is settled, is near the right one only.
    pub(in crate::query) const fn is_near(&self) -> bool {
        matches!(self, Self::Settled(Settled::Near(_)))
    }

    /// The value, which is settled.
    pub(in crate::query) const fn settled(&self) -> &Settled {
        match self {
            Self::Settled(settled) => settled,
            _ => &Settled::Null,
        }
    }
}

impl Settled {
    pub(in crate::query) fn value(&self) -> Value<'_> {
        match self {
            Self::Number(number) | Self::Near(number) if number.is_finite() => {
                Value::Number(*number)
            }
            Self::Json(json) => Value::decode(json),
            Self::Number(_) | Self::Near(_) | Self::Null => Value::Null,
        }
    }

    /// The value as JSON text.
    pub(in crate::query) fn json(&self) -> Cow<'_, str> {
        match self {
            Self::Number(number) | Self::Near(number) => {
                let mut json = String::new();
                json::write_number(&mut json, *number);
                Cow::Owned(json)
            }
            Self::Json(json) => Cow::Borrowed(json),
            Self::Null => Cow::Borrowed("null"),
        }
    }
}

/// Begins another element of a JSON array.
fn begin_element(list: &mut String, budget: &mut Budget) -> Result<(), Error> {
    budget.append(list, if list.is_empty() { "[" } else { "," })
}

/// Closes a JSON array that may not have begun.
fn closed(mut list: String) -> String {
    if list.is_empty() {
        list.push('[');
    }
    list.push(']');
    list
}

/// Appends a value as JSON text.
fn append(out: &mut String, found: Found<'_>, budget: &mut Budget) -> Result<(), Error> {
    match found {
        Found::Json(raw) => budget.append(out, raw),
        _ => budget.with_text(|text, budget| {
            found.write_json(text);
            budget.append(out, text)
        }),
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
        budget.give(allocated(best_key.bytes_len()) + allocated(json.len()));
    }
    let json = found.to_json().into_boxed_str();
    budget.take(allocated(key.bytes_len()) + allocated(json.len()))?;
    *best = Some((key.into_owned(), json));
    Ok(())
}

/// What has aggregates.
pub(in crate::query) trait HasAggregates {
    /// One for each of the reduction.
    fn aggregates(&mut self) -> &mut [Aggregate];
}

/// All events are one group, without grouping.
impl HasAggregates for Box<[Aggregate]> {
    fn aggregates(&mut self) -> &mut [Aggregate] {
        self
    }
}
