//! The groups of a chunk's rows by small numbers, so that each group is looked up once.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::block::{FIRST_VALUE, NUMBER, UNREAD};
use crate::query::grammar::group_field::GroupField;
use crate::query::grammar::grouping::Grouping;
use crate::query::matching::rows::Rows;
use crate::query::matching::values::{Numbers, RowValues};
use crate::query::result::group_value::bin_of;
use crate::query::value::time_bucket::{BucketMemo, TimeBuckets};

/// The fields that rows are grouped by as codes, where equal codes mean one group.
#[derive(Debug)]
pub(in crate::query) struct GroupCodes<'v> {
    /// Of each field a code for each row, and how many codes there can be.
    columns: Vec<(Cow<'v, [u16]>, usize)>,
    places: Vec<u32>,
}

/// How many groups of codes are remembered in a chunk.
const CODE_GROUPS_MAX: usize = 1 << 16;

impl<'v> GroupCodes<'v> {
    /// `None` where there are too many combinations of codes, or none at all.
    pub(in crate::query) fn of(
        fields: &[GroupField],
        values: &'v [RowValues],
        rows: &Rows,
        memos: &mut [BucketMemo],
    ) -> Option<Self> {
        let mut columns = Vec::with_capacity(values.len());
        let mut combinations = 1_usize;
        for ((field, values), memo) in fields.iter().zip(values).zip(memos) {
            let (codes, count) = match (&field.grouping, values) {
                (Grouping::Equal, RowValues::Column(column)) => {
                    let count = usize::from(FIRST_VALUE) + column.values().len();
                    (Cow::Borrowed(column.codes()), count)
                }
                (Grouping::Time(buckets), RowValues::Times(times)) => {
                    by_time(buckets, times, rows, memo)
                }
                (Grouping::Bins(bounds), values) => by_bins(bounds, &Numbers::of(values)?, rows),
                _ => return None,
            };
            columns.push((codes, count));
            combinations = combinations.checked_mul(count)?;
        }
        (combinations <= CODE_GROUPS_MAX).then(|| Self {
            columns,
            places: vec![u32::MAX; combinations],
        })
    }

    /// Where the row's group is remembered; `None` where its codes do not tell the values.
    pub(in crate::query) fn key(&self, row: usize) -> Option<usize> {
        let mut key = 0;
        for (column, codes) in &self.columns {
            match column.get(row).copied()? {
                UNREAD | NUMBER => return None,
                code => key = key * codes + usize::from(code),
            }
        }
        Some(key)
    }

    pub(in crate::query) fn place(&self, key: usize) -> Option<usize> {
        let place = self.places.get(key).filter(|place| **place != u32::MAX)?;
        Some(*place as usize)
    }

    pub(in crate::query) fn set_place(&mut self, key: usize, place: usize) {
        if let (Some(slot), Ok(place)) = (self.places.get_mut(key), u32::try_from(place)) {
            *slot = place;
        }
    }
}

/// A code for each span that a row is in.
fn by_time<'v>(
    buckets: &TimeBuckets,
    times: &[i64],
    rows: &Rows,
    memo: &mut BucketMemo,
) -> (Cow<'v, [u16]>, usize) {
    let mut codes = vec![UNREAD; times.len()];
    let mut known: FxHashMap<i64, u16> = FxHashMap::default();
    let mut last = None;
    for row in rows.iter() {
        let (Some(ms), Some(slot)) = (times.get(row), codes.get_mut(row)) else {
            continue;
        };
        let start = buckets.start_of(*ms, memo);
        let code = match last {
            Some((other, code)) if other == start => code,
            _ => {
                // A chunk has far fewer rows than there are codes.
                let next = FIRST_VALUE.saturating_add(known.len() as u16);
                *known.entry(start).or_insert(next)
            }
        };
        last = Some((start, code));
        *slot = code;
    }
    (Cow::Owned(codes), usize::from(FIRST_VALUE) + known.len())
}

/// A code for each bin that a row is in, and one for those in none.
fn by_bins<'v>(bounds: &[f64], numbers: &Numbers<'_>, rows: &Rows) -> (Cow<'v, [u16]>, usize) {
    let mut codes = vec![UNREAD; rows.capacity()];
    for row in rows.iter() {
        if let (Some(number), Some(slot)) = (numbers.at(row), codes.get_mut(row)) {
            let bin = number.and_then(|number| bin_of(bounds, number));
            *slot = FIRST_VALUE + bin.map_or(0, |bin| bin as u16 + 1);
        }
    }
    (
        Cow::Owned(codes),
        usize::from(FIRST_VALUE) + bounds.len() + 1,
    )
}
