//! What the rows of a chunk are grouped by, as small numbers, so that each group is looked up once.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::rows::Rows;
use super::values::{Numbers, RowValues};
use crate::block::{FIRST_VALUE, NUMBER, UNREAD};
use crate::query::grammar::group_field::GroupField;
use crate::query::grammar::grouping::{Grouping, bin_of};
use crate::query::value::time_bucket::{BucketMemo, TimeBuckets};

/// A number for each of a chunk's rows. Rows with the same one are of the same group. Rows with others can be as well:
/// values can be equal that are written in two ways, and columns do not tell all values.
#[derive(Debug, Default)]
pub(in crate::query) struct RowGroups {
    numbers: Vec<u32>,
    firsts: Vec<usize>,
}

/// How many combinations of codes are told apart in a chunk.
const COMBINATIONS_MAX: usize = 1 << 16;

/// What is no key and no number: there are far fewer.
const NONE: u32 = u32::MAX;

impl RowGroups {
    /// Those of some rows, by the values of the fields. Where there are too many combinations of codes, or no codes at all,
    /// each row has a number of its own.
    pub(super) fn of(fields: &[GroupField], values: &[RowValues], rows: &Rows) -> Self {
        let mut keys = vec![0; rows.capacity()];
        let combinations = combine(fields, values, rows, &mut keys);
        if combinations.is_none() {
            keys.fill(NONE);
        }
        let mut known = vec![NONE; combinations.unwrap_or(0)];
        let mut groups = Self {
            numbers: Vec::with_capacity(rows.count()),
            firsts: Vec::new(),
        };
        if rows.count() == keys.len() {
            // That all rows are there is common, and going through bits takes some time.
            for (row, key) in keys.iter().enumerate() {
                groups.push(row, *key, &mut known);
            }
        } else {
            for row in rows.iter() {
                let key = keys.get(row).copied().unwrap_or(NONE);
                groups.push(row, key, &mut known);
            }
        }
        groups
    }

    /// Takes the next row, which has that key.
    fn push(&mut self, row: usize, key: u32, known: &mut [u32]) {
        let slot = known.get_mut(key as usize);
        let number = match slot.as_deref() {
            Some(number) if *number != NONE => *number,
            _ => {
                // A chunk has far fewer rows than there are numbers.
                let next = self.firsts.len() as u32;
                self.firsts.push(row);
                if let Some(slot) = slot {
                    *slot = next;
                }
                next
            }
        };
        self.numbers.push(number);
    }

    /// That of each of the rows, in their order.
    pub(in crate::query) fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// Of each number, from 0, the first row that has it. They ascend.
    pub(in crate::query) fn firsts(&self) -> &[usize] {
        &self.firsts
    }
}

/// Makes the keys of what the rows have in all fields, and returns how many keys there can be. [`NONE`] is that of a row
/// whose codes do not tell.
fn combine(
    fields: &[GroupField],
    values: &[RowValues],
    rows: &Rows,
    keys: &mut [u32],
) -> Option<usize> {
    let mut combinations = 1_usize;
    for (field, values) in fields.iter().zip(values) {
        let (codes, count) = match (&field.grouping, values) {
            (Grouping::Equal, RowValues::Column(column)) => {
                let count = usize::from(FIRST_VALUE) + column.values().len();
                (Cow::Borrowed(column.codes()), count)
            }
            (Grouping::Time(buckets), RowValues::Times(times)) => by_time(buckets, times, rows),
            (Grouping::Bins(bounds), values) => by_bins(bounds, &Numbers::of(values)?, rows),
            _ => return None,
        };
        combinations = combinations.checked_mul(count)?;
        if combinations > COMBINATIONS_MAX || codes.len() != keys.len() {
            return None;
        }
        for (key, code) in keys.iter_mut().zip(&*codes) {
            *key = match *code {
                UNREAD | NUMBER => NONE,
                _ if *key == NONE => NONE,
                code => *key * count as u32 + u32::from(code),
            };
        }
    }
    Some(combinations)
}

/// A code for each span that a row is in.
fn by_time(
    buckets: &TimeBuckets,
    times: &[i64],
    rows: &Rows,
) -> (Cow<'static, [u16]>, usize) {
    let mut memo = BucketMemo::EMPTY;
    let mut codes = vec![UNREAD; times.len()];
    let mut known: FxHashMap<i64, u16> = FxHashMap::default();
    let mut last = None;
    for row in rows.iter() {
        let (Some(ms), Some(slot)) = (times.get(row), codes.get_mut(row)) else {
            continue;
        };
        let start = buckets.start_of(*ms, &mut memo);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::{ABSENT, Column};
    use crate::query::grammar::query::{Output, Query};

    fn groups_by(field: &str, values: RowValues, rows: &Rows) -> RowGroups {
        let query = format!(
            r#"{{"from":{{"instance":"i"}},"reduce":{{"type":"count","groupBy":{field}}}}}"#
        );
        let query = Query::parse(&query).unwrap();
        let Output::Rows { groups, .. } = &query.output else {
            panic!("it is not grouped");
        };
        RowGroups::of(groups, &[values], rows)
    }

    #[test]
    fn rows_of_one_code_have_one_number_and_those_that_are_not_told_their_own() {
        let (a, b) = (FIRST_VALUE, FIRST_VALUE + 1);
        let codes = vec![b, a, NUMBER, b, UNREAD, ABSENT, NUMBER, a, ABSENT];
        let values = ["\"a\"", "\"b\""].iter().collect();
        let column = Column::new(codes, values, vec![1.5; 9]).unwrap();
        let of = |rows: &Rows| {
            let values = RowValues::Column(column.clone());
            groups_by("\"payload.a\"", values, rows)
        };
        let all = of(&Rows::all(9));
        assert_eq!(all.numbers(), [0, 1, 2, 0, 3, 4, 5, 1, 4]);
        assert_eq!(all.firsts(), [0, 1, 2, 4, 5, 6]);
        let mut some = Rows::all(9);
        some.remove(0);
        some.remove(4);
        let some = of(&some);
        assert_eq!(some.numbers(), [0, 1, 2, 3, 4, 0, 3]);
        assert_eq!(some.firsts(), [1, 2, 3, 5, 6]);
        assert_eq!(of(&Rows::none(9)).firsts(), [0; 0]);
    }

    #[test]
    fn rows_of_one_span_or_one_bin_have_one_number() {
        let all = Rows::all(4);
        let times = RowValues::Times(vec![0, 3_599_999, 3_600_000, 1]);
        let by_hour = groups_by(r#"{"field":"timestamp","every":"1h"}"#, times, &all);
        assert_eq!(by_hour.numbers(), [0, 0, 1, 0]);
        let numbers = Column::new(
            vec![NUMBER, NUMBER, ABSENT, NUMBER],
            std::iter::empty::<&str>().collect(),
            vec![1.0, 12.0, 0.0, 9.0],
        );
        let numbers = RowValues::Column(numbers.unwrap());
        let by_bins = groups_by(r#"{"field":"payload.a","bins":[0,10]}"#, numbers, &all);
        assert_eq!(by_bins.numbers(), [0, 1, 2, 0]);
    }
}
