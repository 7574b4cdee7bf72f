//! Rows for spans of time and bins that have no events.

use hashbrown::HashMap;

use super::aggregate::Aggregate;
use super::budget::{Budget, allocated};
use super::group_value::{self, GroupValue};
use super::row::GroupRow;
use crate::error::{Code, Error};
use crate::hashing::TextHash;
use crate::query::grammar::group_field::GroupField;
use crate::query::grammar::grouping::Grouping;
use crate::query::value::sort_key::SortKey;
use crate::query::value::time_bucket::TimeBuckets;
use crate::timestamp::{MAX_MS, MIN_MS};

/// The values to fill a field with, whose index among the group fields this is.
struct Filling {
    at: usize,
    values: Vec<GroupValue>,
}

/// Rows to be filled, and what there can be.
pub(in crate::query) struct Gaps<'g> {
    pub(in crate::query) fields: &'g [GroupField],
    pub(in crate::query) rows: &'g mut Vec<GroupRow>,
    /// By the keys of the rows that there are.
    pub(in crate::query) places: &'g HashMap<Box<str>, u32, TextHash>,
    /// The first and the last time that events can have, or times beyond all of them.
    pub(in crate::query) times: (i64, i64),
    pub(in crate::query) groups_max: usize,
    /// Fails once nobody wants the rows any more.
    pub(in crate::query) check_wanted: &'g dyn Fn() -> Result<(), Error>,
}

/// After so many spans or rows it is asked whether anybody wants them.
const UNASKED_MAX: usize = 1_024;

impl Gaps<'_> {
    /// Adds the rows that are missing: with each value that a field which fills can have, beside what the other fields have
    /// together in some row. `begin` makes their aggregates. What is held meanwhile counts for `budget`, and what the rows
    /// hold stays counted.
    pub(in crate::query) fn fill(
        self,
        budget: &mut Budget,
        begin: &dyn Fn() -> Box<[Aggregate]>,
    ) -> Result<(), Error> {
        let Self {
            fields,
            rows,
            places,
            times,
            groups_max,
            check_wanted,
        } = self;
        if !fields.iter().any(|field| field.fills) {
            return Ok(());
        }
        let starts = |buckets: &TimeBuckets, span: (i64, i64)| {
            let mut starts = Vec::new();
            for start in buckets.starts(span.0, span.1) {
                if starts.len() == groups_max {
                    return Err(too_many(groups_max));
                }
                if starts.len() % UNASKED_MAX == 0 {
                    check_wanted()?;
                }
                starts.push(start);
            }
            Ok(starts)
        };
        let Some(fillings) = fillings(fields, rows, times, &starts, budget)? else {
            return Ok(());
        };
        let others = others(fields, rows, budget)?;
        let sizes = fillings.iter().map(|filling| filling.values.len());
        let size = sizes
            .chain([others.len()])
            .try_fold(1_usize, usize::checked_mul);
        let size = size.filter(|size| *size <= groups_max);
        let size = size.ok_or_else(|| too_many(groups_max))?;
        let mut key = String::new();
        for number in 0..size {
            if number % UNASKED_MAX == 0 {
                check_wanted()?;
            }
            let Some(values) = nth(number, &others, &fillings) else {
                break;
            };
            key.clear();
            group_value::write_key(fields, &values, &mut key, budget)?;
            if places.contains_key(key.as_str()) {
                continue;
            }
            let row = GroupRow::new(values, begin());
            budget.take(row.bytes_len())?;
            budget.room_in(rows)?;
            rows.push(row);
        }
        Ok(())
    }
}

/// What a list of values takes.
fn bytes_of(values: &[GroupValue]) -> usize {
    let held = values.iter().map(GroupValue::bytes_len);
    allocated(size_of_val(values)) + held.sum::<usize>()
}

/// Gives the beginnings of the spans from one time to another.
type Starts<'s> = dyn Fn(&TimeBuckets, (i64, i64)) -> Result<Vec<i64>, Error> + 's;

/// Each field that fills, with all its values; `None` where there is no time to fill.
fn fillings(
    fields: &[GroupField],
    rows: &[GroupRow],
    times: (i64, i64),
    starts: &Starts<'_>,
    budget: &mut Budget,
) -> Result<Option<Vec<Filling>>, Error> {
    let mut fillings = Vec::new();
    for (at, field) in fields.iter().enumerate().filter(|(_, field)| field.fills) {
        let found = rows.iter().filter_map(|row| row.values.get(at));
        let values: Vec<GroupValue> = match &field.grouping {
            Grouping::Time(buckets) => {
                let Some(span) = span(found, times) else {
                    return Ok(None);
                };
                let starts = starts(buckets, span)?.into_iter();
                starts
                    .map(|start| GroupValue::of_start(buckets, start))
                    .collect()
            }
            Grouping::Bins(bounds) => {
                let has_null = found.into_iter().any(|value| value.key == SortKey::Null);
                let null = has_null.then(GroupValue::null);
                let bounds = bounds.iter().map(|bound| GroupValue::of_bound(*bound));
                null.into_iter().chain(bounds).collect()
            }
            Grouping::Equal => Vec::new(),
        };
        budget.take(bytes_of(&values))?;
        fillings.push(Filling { at, values });
    }
    Ok(Some(fillings))
}

/// The values of the row of this number, of all that are made of one of `others` and one value of each filling. The last
/// one turns fastest.
fn nth(
    mut number: usize,
    others: &[Box<[GroupValue]>],
    fillings: &[Filling],
) -> Option<Box<[GroupValue]>> {
    let mut turns = Vec::with_capacity(fillings.len());
    for Filling { at, values } in fillings.iter().rev() {
        turns.push((*at, values.get(number.checked_rem(values.len())?)?));
        number /= values.len();
    }
    let mut values = others.get(number)?.clone();
    for (at, value) in turns {
        *values.get_mut(at)? = value.clone();
    }
    Some(values)
}

/// What the fields that do not fill have together in some row, each once. The others have `null` there.
fn others(
    fields: &[GroupField],
    rows: &[GroupRow],
    budget: &mut Budget,
) -> Result<Vec<Box<[GroupValue]>>, Error> {
    let of_row = |row: &GroupRow| -> Box<[GroupValue]> {
        let values = fields.iter().zip(&row.values);
        let other = |(field, value): (&GroupField, &GroupValue)| {
            if field.fills {
                GroupValue::null()
            } else {
                value.clone()
            }
        };
        values.map(other).collect()
    };
    if fields.iter().all(|field| field.fills) {
        return Ok(vec![fields.iter().map(|_| GroupValue::null()).collect()]);
    }
    let mut seen: HashMap<Box<str>, (), TextHash> = HashMap::default();
    let mut others = Vec::new();
    let mut key = String::new();
    for values in rows.iter().map(of_row) {
        key.clear();
        group_value::write_key(fields, &values, &mut key, budget)?;
        if seen.contains_key(key.as_str()) {
            continue;
        }
        budget.room_in_map(&mut seen)?;
        budget.room_in(&mut others)?;
        budget.take(allocated(key.len()) + bytes_of(&values))?;
        seen.insert(key.as_str().into(), ());
        others.push(values);
    }
    Ok(others)
}

/// The first and the last time to fill between: those that the query names, or else those of events.
fn span<'v>(
    found: impl Iterator<Item = &'v GroupValue>,
    (low, high): (i64, i64),
) -> Option<(i64, i64)> {
    let starts = found.filter_map(|value| match value.key {
        // It was a whole number of milliseconds before.
        SortKey::Number(ms) => Some(ms as i64),
        _ => None,
    });
    let events = starts.fold(None, |span, start| {
        let (from, to) = span.unwrap_or((start, start));
        Some((start.min(from), start.max(to)))
    });
    let from = (low > MIN_MS)
        .then_some(low)
        .or_else(|| events.map(|(from, _)| from));
    let to = (high < MAX_MS)
        .then_some(high)
        .or_else(|| events.map(|(_, to)| to));
    // The first time that the query names can lie within the only span that has events: behind its beginning.
    let from = from.map(|from| events.map_or(from, |(_, last)| from.min(last)));
    from.zip(to)
        .map(|(from, to)| (from.clamp(MIN_MS, MAX_MS), to.clamp(MIN_MS, MAX_MS)))
        .filter(|(from, to)| from <= to)
}

fn too_many(groups_max: usize) -> Error {
    let text = format!(
        "reduce.groupBy: expected at most {groups_max} groups, with those that fill adds, found more; narrow \
         the time with where, or take longer spans"
    );
    Error::new(Code::LimitExceeded, text)
}
