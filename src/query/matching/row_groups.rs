//! What the rows of a chunk are grouped by, as small numbers, so that each group is looked up once.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::known_groups::KnownGroups;
use super::rows::Rows;
use super::values::{Numbers, RowValues};
use crate::block::{FIRST_VALUE, NUMBER, UNREAD};
use crate::query::grammar::group_field::GroupField;
use crate::query::grammar::grouping::{Grouping, bin_of};
use crate::query::grammar::query::{Output, Query};
use crate::query::value::time_bucket::{BucketMemo, TimeBuckets};

/// A number for each of a chunk's rows. Rows with the same one are of the same group. Rows with others can be as well:
/// values can be equal that are written in two ways, and columns do not tell all values.
#[derive(Debug, Default)]
pub(in crate::query) struct RowGroups {
    numbers: Vec<u32>,
    firsts: Vec<usize>,
    counts: Vec<u32>,
    places: Vec<Option<u32>>,
}

/// How many combinations of codes are told apart in a chunk.
const COMBINATIONS_MAX: usize = 1 << 16;

/// What is no row: there are far fewer.
const NOWHERE: usize = usize::MAX;

/// What is no key and no number: there are far fewer.
const NONE: u32 = u32::MAX;

impl RowGroups {
    /// What a query groups some rows by, if it does. The first of the values are those of the fields for that.
    pub(super) fn of_query(query: &Query, values: &[RowValues], rows: &Rows) -> Self {
        match &query.output {
            Output::Rows { groups, .. } => Self::of(groups, values, rows),
            _ => Self::default(),
        }
    }

    /// Those of some rows, by the values of the fields. Where there are too many combinations of codes, or no codes at all,
    /// each row has a number of its own.
    fn of(fields: &[GroupField], values: &[RowValues], rows: &Rows) -> Self {
        if let ([field], [RowValues::Column(column), ..]) = (fields, values)
            && field.is_of_equals()
            && column.rows() == rows.capacity()
        {
            let keys = usize::from(FIRST_VALUE) + column.values().len();
            let key_of = |code: u16| match code {
                UNREAD | NUMBER => NONE,
                code => u32::from(code),
            };
            return Self::by_codes(rows, column.codes(), keys)
                .unwrap_or_else(|| Self::by_keys(rows, column.codes(), key_of, keys));
        }
        let mut keys = vec![0; rows.capacity()];
        let combinations = combine(fields, values, rows, &mut keys);
        if combinations.is_none() {
            keys.fill(NONE);
        }
        Self::by_keys(rows, &keys, |key| key, combinations.unwrap_or(0))
    }

    /// Those of all rows of a chunk by their codes, below `codes_end`, where each code is that of a value, and codes ascend in the
    /// order in which rows first have them: then they are the numbers.
    fn by_codes(rows: &Rows, codes: &[u16], codes_end: usize) -> Option<Self> {
        if rows.count() != codes.len() {
            return None;
        }
        let mut firsts = vec![NOWHERE; codes_end];
        for (row, code) in codes.iter().enumerate().rev() {
            *firsts.get_mut(usize::from(*code))? = row;
        }
        let mut others = firsts.drain(..usize::from(FIRST_VALUE));
        if others.any(|row| row != NOWHERE) {
            return None;
        }
        drop(others);
        if firsts.last() == Some(&NOWHERE) || !firsts.is_sorted_by(|before, next| before < next) {
            return None;
        }
        let numbers = codes.iter().map(|code| u32::from(code - FIRST_VALUE));
        let numbers: Vec<u32> = numbers.collect();
        let mut counts = vec![0; firsts.len()];
        for number in &numbers {
            if let Some(count) = counts.get_mut(*number as usize) {
                *count += 1;
            }
        }
        Some(Self {
            numbers,
            firsts,
            counts,
            places: Vec::new(),
        })
    }

    /// Those of rows by their keys, each made of what is given of the row, and below `keys` or [`NONE`].
    fn by_keys<T: Copy>(rows: &Rows, given: &[T], key_of: impl Fn(T) -> u32, keys: usize) -> Self {
        let mut firsts = Vec::new();
        let mut counts: Vec<u32> = Vec::new();
        let mut known = vec![NONE; keys];
        let mut number_of = |(row, given): (usize, &T)| {
            let slot = known.get_mut(key_of(*given) as usize);
            if let Some(number) = slot.as_deref().copied().filter(|it| *it != NONE) {
                if let Some(count) = counts.get_mut(number as usize) {
                    *count += 1;
                }
                return number;
            }
            // A chunk has far fewer rows than there are numbers.
            let next = firsts.len() as u32;
            firsts.push(row);
            counts.push(1);
            if let Some(slot) = slot {
                *slot = next;
            }
            next
        };
        let numbers = if rows.count() == given.len() {
            // That all rows are there is common, and going through bits takes some time.
            given.iter().enumerate().map(number_of).collect()
        } else {
            let rows = rows.iter();
            rows.filter_map(|row| Some(number_of((row, given.get(row)?))))
                .collect()
        };
        Self {
            numbers,
            firsts,
            counts,
            places: Vec::new(),
        }
    }

    /// Looks up which of the groups are known, where a text of `values` tells them.
    pub(super) fn look_up(&mut self, known: &KnownGroups, values: &RowValues) {
        let RowValues::Column(column) = values else {
            return;
        };
        let (codes, values) = (column.codes(), column.values());
        // What is written as the canonical text of a string is that string. Another spelling of it is not found.
        let text_of = |row: &usize| {
            let code = codes.get(*row)?.checked_sub(FIRST_VALUE)?;
            let raw = values.get(usize::from(code))?;
            raw.starts_with('"').then_some(raw)
        };
        self.places = known.places_of(self.firsts.iter().map(text_of));
    }

    /// How much memory they take beside their own place, in bytes.
    pub(super) const fn memory_bytes(&self) -> usize {
        self.numbers.capacity() * size_of::<u32>()
            + self.firsts.capacity() * size_of::<usize>()
            + self.counts.capacity() * size_of::<u32>()
            + self.places.capacity() * size_of::<Option<u32>>()
    }

    /// That of each of the rows, in their order.
    pub(in crate::query) fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// Of each number, from 0, the first row that has it. They ascend.
    pub(in crate::query) fn firsts(&self) -> &[usize] {
        &self.firsts
    }

    /// Of each number, the place of the group if that was [looked up](Self::look_up) and is known; or nothing at all.
    pub(in crate::query) fn places(&self) -> &[Option<u32>] {
        &self.places
    }

    /// Of each number, how many rows have it.
    pub(in crate::query) fn counts(&self) -> &[u32] {
        &self.counts
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
fn by_time(buckets: &TimeBuckets, times: &[i64], rows: &Rows) -> (Cow<'static, [u16]>, usize) {
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
        assert_eq!(all.counts(), [2, 2, 1, 1, 2, 1]);
        let mut some = Rows::all(9);
        some.remove(0);
        some.remove(4);
        let some = of(&some);
        assert_eq!(some.numbers(), [0, 1, 2, 3, 4, 0, 3]);
        assert_eq!(some.firsts(), [1, 2, 3, 5, 6]);
        assert_eq!(some.counts(), [2, 1, 1, 2, 1]);
        assert_eq!(of(&Rows::none(9)).firsts(), [0; 0]);
    }

    #[test]
    fn codes_that_ascend_are_the_numbers_of_their_groups() {
        let code = |number: u16| FIRST_VALUE + number;
        for (codes, is_so) in [
            (
                &[code(0), code(0), code(1), code(0), code(2), code(1)][..],
                true,
            ),
            (&[code(1), code(0), code(2)], false),
            (&[code(0), code(2)], false),
            (&[code(0), code(1)], false),
            (&[code(0), ABSENT, code(1), code(2)], false),
            (&[code(0), code(1), code(2), NUMBER], false),
        ] {
            let rows = Rows::all(codes.len());
            let keys = usize::from(FIRST_VALUE) + 3;
            let plain = RowGroups::by_codes(&rows, codes, keys);
            assert_eq!(plain.is_some(), is_so, "{codes:?}");
            let by_keys = RowGroups::by_keys(&rows, codes, u32::from, keys);
            if let Some(plain) = plain {
                assert_eq!(plain.numbers(), by_keys.numbers());
                assert_eq!(plain.firsts(), by_keys.firsts());
                assert_eq!(plain.counts(), by_keys.counts());
            }
            let mut some = rows;
            some.remove(0);
            assert!(RowGroups::by_codes(&some, codes, keys).is_none());
        }
        assert!(RowGroups::by_codes(&Rows::all(0), &[], usize::from(FIRST_VALUE)).is_some());
    }

    #[test]
    fn groups_that_are_known_are_looked_up_by_their_canonical_texts() {
        let known = KnownGroups::default();
        let places = ["\"a\"", "\"\\n\"", "#1", "null", "1"].into_iter().zip(5..);
        known.lend(places.map(|(text, place)| (text.into(), place)).collect());
        let value = |number: u16| FIRST_VALUE + number;
        for (texts, found) in [
            (
                ["\"a\"", "\"c\"", "\"\\n\"", "1"],
                [Some(5), None, Some(6), None],
            ),
            (
                ["\"\\u0061\"", "\"a\"", "null", "\"\\n\""],
                [None, Some(5), None, Some(6)],
            ),
        ] {
            let codes = vec![
                value(0),
                NUMBER,
                value(1),
                value(2),
                ABSENT,
                UNREAD,
                value(3),
                value(0),
            ];
            let column = Column::new(codes, texts.iter().collect(), vec![1.0; 8]).unwrap();
            let values = RowValues::Column(column.clone());
            let mut groups = groups_by("\"payload.a\"", RowValues::Column(column), &Rows::all(8));
            groups.look_up(&known, &values);
            let [a, b, c, d] = found;
            assert_eq!(groups.places(), [a, None, b, c, None, None, d]);
            groups.look_up(&KnownGroups::default(), &values);
            assert_eq!(groups.places(), []);
        }
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
