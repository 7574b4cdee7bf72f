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

/// What rows are grouped by as one small number for each row, where equal numbers mean one group.
#[derive(Debug)]
pub(in crate::query) struct GroupCodes {
    /// Of each row; [`NONE`] where its codes do not tell the values.
    keys: Vec<u32>,
    /// Of each key, the place of the group; [`NONE`] until it is known.
    places: Vec<u32>,
}

/// How many groups of codes are remembered in a chunk.
const CODE_GROUPS_MAX: usize = 1 << 16;

/// What is no key and no place: there are far fewer.
const NONE: u32 = u32::MAX;

impl GroupCodes {
    /// Those of a chunk's rows. None is known where there are too many combinations of codes, or no codes at all.
    pub(in crate::query) fn of(
        fields: &[GroupField],
        values: &[RowValues],
        rows: &Rows,
        memos: &mut [BucketMemo],
    ) -> Self {
        let mut codes = Self {
            keys: vec![0; rows.capacity()],
            places: Vec::new(),
        };
        match codes.combine(fields, values, rows, memos) {
            Some(combinations) => codes.places.resize(combinations, NONE),
            None => codes.keys.fill(NONE),
        }
        codes
    }

    /// Makes the keys of what the rows have in all fields, and returns how many keys there can be.
    fn combine(
        &mut self,
        fields: &[GroupField],
        values: &[RowValues],
        rows: &Rows,
        memos: &mut [BucketMemo],
    ) -> Option<usize> {
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
            combinations = combinations.checked_mul(count)?;
            if combinations > CODE_GROUPS_MAX || codes.len() != self.keys.len() {
                return None;
            }
            for (key, code) in self.keys.iter_mut().zip(&*codes) {
                *key = match *code {
                    UNREAD | NUMBER => NONE,
                    _ if *key == NONE => NONE,
                    code => *key * count as u32 + u32::from(code),
                };
            }
        }
        Some(combinations)
    }

    /// The place of the group of each of the rows, in their order. `find` finds one that is not known: that of the first
    /// row of each key, and those of rows whose codes do not tell.
    pub(in crate::query) fn places_of<F>(
        mut self,
        rows: &Rows,
        mut find: impl FnMut(usize) -> Result<u32, F>,
    ) -> Result<Vec<u32>, F> {
        let places = &mut self.places;
        let mut place_of = |row: usize, key: u32| {
            let known = places.get(key as usize).copied().unwrap_or(NONE);
            if known != NONE {
                return Ok(known);
            }
            let found = find(row)?;
            if let Some(slot) = places.get_mut(key as usize) {
                *slot = found;
            }
            Ok(found)
        };
        let count = rows.count();
        let mut all = Vec::with_capacity(count);
        if count == self.keys.len() {
            // That all rows are there is common, and going through bits takes some time.
            for (row, key) in self.keys.iter().enumerate() {
                all.push(place_of(row, *key)?);
            }
        } else {
            for row in rows.iter() {
                let key = self.keys.get(row).copied().unwrap_or(NONE);
                all.push(place_of(row, key)?);
            }
        }
        Ok(all)
    }
}

/// A code for each span that a row is in.
fn by_time(
    buckets: &TimeBuckets,
    times: &[i64],
    rows: &Rows,
    memo: &mut BucketMemo,
) -> (Cow<'static, [u16]>, usize) {
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
fn by_bins(bounds: &[f64], numbers: &Numbers<'_>, rows: &Rows) -> (Cow<'static, [u16]>, usize) {
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
