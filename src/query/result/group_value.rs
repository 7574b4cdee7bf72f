//! What the events of a group have in common in one field.

use std::fmt::Write as _;

use super::budget::{Budget, allocated};
use crate::error::Error;
use crate::json;
use crate::query::grammar::group_field::GroupField;
use crate::query::grammar::grouping::{Grouping, bin_of};
use crate::query::value::Value;
use crate::query::value::canonical;
use crate::query::value::found::Found;
use crate::query::value::sort_key::SortKey;
use crate::query::value::time_bucket::{BucketMemo, TimeBuckets};

/// What stands between the parts of two fields in the key of a group.
pub(in crate::query) const BETWEEN_KEYS: char = ',';

/// What an event shares with its group, before it is kept.
#[derive(Clone, Copy, Debug)]
pub(in crate::query) enum CommonValue<'a> {
    Found(Found<'a>),
    /// When a span of time begins, in milliseconds since 1970.
    Start(i64),
    /// The lower bound of a bin; `None` for what is in none.
    Bound(Option<f64>),
}

/// The value of one group field, with the JSON text that was seen first.
#[derive(Clone, Debug)]
pub(in crate::query) struct GroupValue {
    pub(in crate::query) key: SortKey<'static>,
    pub(in crate::query) json: Box<str>,
}

impl GroupField {
    /// What an event with this value shares with its group.
    pub(in crate::query) fn common<'a>(
        &self,
        found: Found<'a>,
        memo: &mut BucketMemo,
    ) -> CommonValue<'a> {
        match (&self.grouping, found) {
            (Grouping::Time(buckets), Found::Time(ms)) => {
                CommonValue::Start(buckets.start_of(ms, memo))
            }
            (Grouping::Bins(bounds), found) => CommonValue::Bound(match found.value() {
                Value::Number(number) => {
                    bin_of(bounds, number).and_then(|bin| bounds.get(bin).copied())
                }
                _ => None,
            }),
            _ => CommonValue::Found(found),
        }
    }

    /// The value as it is kept.
    pub(in crate::query) fn value_of(&self, common: CommonValue<'_>) -> GroupValue {
        match (common, &self.grouping) {
            (CommonValue::Start(start), Grouping::Time(buckets)) => {
                GroupValue::of_start(buckets, start)
            }
            (CommonValue::Bound(Some(bound)), _) => GroupValue::of_bound(bound),
            (CommonValue::Found(found), _) => GroupValue {
                key: found.sort_key().into_owned(),
                json: found.to_json().into_boxed_str(),
            },
            _ => GroupValue::null(),
        }
    }
}

impl CommonValue<'_> {
    /// Appends a text that is the same for the same value. What that takes counts for `budget` meanwhile.
    pub(in crate::query) fn add_to_key(
        self,
        out: &mut String,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        let held = match self {
            Self::Found(found) => canonical::working_bytes(found),
            Self::Start(_) | Self::Bound(_) => 0,
        };
        budget.take(held)?;
        self.write_key(out);
        budget.give(held);
        Ok(())
    }

    fn write_key(self, out: &mut String) {
        match self {
            Self::Found(found) => canonical::write(found, out),
            Self::Start(ms) => {
                // Writing to a String cannot fail.
                let _ = write!(out, "{ms}");
            }
            Self::Bound(bound) => {
                canonical::write(bound.map_or(Found::Absent, Found::Number), out);
            }
        }
    }
}

impl GroupValue {
    /// How many bytes the value holds beside its own.
    pub(in crate::query) fn bytes_len(&self) -> usize {
        allocated(self.key.bytes_len()) + allocated(self.json.len())
    }

    #[expect(clippy::cast_precision_loss, reason = "storable times are below 2^53")]
    pub(in crate::query) fn of_start(buckets: &TimeBuckets, start: i64) -> Self {
        Self {
            key: SortKey::Number(start as f64),
            json: format!("\"{}\"", buckets.format(start)).into_boxed_str(),
        }
    }

    pub(in crate::query) fn of_bound(bound: f64) -> Self {
        let mut text = String::new();
        json::write_number(&mut text, bound);
        Self {
            key: SortKey::Number(bound),
            json: text.into_boxed_str(),
        }
    }

    pub(in crate::query) fn null() -> Self {
        Self {
            key: SortKey::Null,
            json: "null".into(),
        }
    }
}

/// Appends the key of the group that has these values of the fields. What that takes counts for `budget` meanwhile.
pub(in crate::query) fn write_key(
    fields: &[GroupField],
    values: &[GroupValue],
    out: &mut String,
    budget: &mut Budget,
) -> Result<(), Error> {
    for (at, (field, value)) in fields.iter().zip(values).enumerate() {
        if at > 0 {
            out.push(BETWEEN_KEYS);
        }
        let common = match (&field.grouping, &value.key) {
            // It was a whole number of milliseconds before.
            (Grouping::Time(_), SortKey::Number(ms)) => CommonValue::Start(*ms as i64),
            (Grouping::Bins(_), SortKey::Number(bound)) => CommonValue::Bound(Some(*bound)),
            _ => CommonValue::Found(Found::Json(&value.json)),
        };
        common.add_to_key(out, budget)?;
    }
    Ok(())
}
