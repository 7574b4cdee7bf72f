//! Rows for spans of time and bins that have no events.

use std::collections::HashSet;

use super::aggregate::Aggregate;
use super::budget::Budget;
use super::group_value::GroupValue;
use super::row::GroupRow;
use crate::error::{Code, Error};
use crate::query::grammar::group_field::GroupField;
use crate::query::grammar::grouping::Grouping;
use crate::query::value::canonical;
use crate::query::value::sort_key::SortKey;
use crate::timestamp::{MAX_MS, MIN_MS};

/// The values to fill a field with, whose index among the group fields this is.
struct Filling {
    at: usize,
    values: Vec<GroupValue>,
}

/// The rows that are missing among `rows`: with each value that a field which fills can have, beside what the other
/// fields have together in some row. `times` are the first and the last time that events can have, or times beyond all
/// of them. What is held meanwhile counts for `budget`, and what the rows hold stays counted.
pub(in crate::query) fn missing(
    fields: &[GroupField],
    rows: &[GroupRow],
    times: (i64, i64),
    groups_max: usize,
    budget: &mut Budget,
    begin: &dyn Fn() -> Box<[Aggregate]>,
) -> Result<Vec<GroupRow>, Error> {
    if !fields.iter().any(|field| field.fills) {
        return Ok(Vec::new());
    }
    let Some(fillings) = fillings(fields, rows, times, groups_max, budget)? else {
        return Ok(Vec::new());
    };
    let others = others(fields, rows, budget)?;
    let sizes = fillings.iter().map(|filling| filling.values.len());
    let size = sizes
        .chain([others.len()])
        .try_fold(1_usize, usize::checked_mul);
    let size = size.filter(|size| *size <= groups_max);
    let size = size.ok_or_else(|| too_many(groups_max))?;
    let mut there = HashSet::new();
    for row in rows {
        let key = key_of(&row.values);
        budget.take(size_of::<String>() + key.len())?;
        there.insert(key);
    }
    let mut missing = Vec::new();
    for number in 0..size {
        let Some(values) = nth(number, &others, &fillings) else {
            break;
        };
        if there.contains(&key_of(&values)) {
            continue;
        }
        let row = GroupRow::new(values, begin());
        budget.take(row.bytes_len())?;
        missing.push(row);
    }
    Ok(missing)
}

/// Each field that fills, with all its values; `None` where there is no time to fill.
fn fillings(
    fields: &[GroupField],
    rows: &[GroupRow],
    times: (i64, i64),
    groups_max: usize,
    budget: &mut Budget,
) -> Result<Option<Vec<Filling>>, Error> {
    let mut fillings = Vec::new();
    for (at, field) in fields.iter().enumerate().filter(|(_, field)| field.fills) {
        let found = rows.iter().filter_map(|row| row.values.get(at));
        let values: Vec<GroupValue> = match &field.grouping {
            Grouping::Time(buckets) => {
                let Some((from, to)) = span(found, times) else {
                    return Ok(None);
                };
                let starts = buckets.starts(from, to, groups_max);
                let starts = starts.ok_or_else(|| too_many(groups_max))?;
                let starts = starts.into_iter();
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
        budget.take(values.iter().map(GroupValue::bytes_len).sum())?;
        fillings.push(Filling { at, values });
    }
    Ok(Some(fillings))
}

/// The values of the row of this number, of all that are made of one of `others` and one value of each filling. The last
/// one turns fastest.
fn nth(
    mut number: usize,
    others: &[Vec<GroupValue>],
    fillings: &[Filling],
) -> Option<Vec<GroupValue>> {
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
) -> Result<Vec<Vec<GroupValue>>, Error> {
    let of_row = |row: &GroupRow| -> Vec<GroupValue> {
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
        return Ok(vec![vec![GroupValue::null(); fields.len()]]);
    }
    let mut seen = HashSet::new();
    let mut others = Vec::new();
    for values in rows.iter().map(of_row) {
        let key = key_of(&values);
        let bytes = key.len() + values.iter().map(GroupValue::bytes_len).sum::<usize>();
        if seen.insert(key) {
            budget.take(size_of::<String>() + bytes)?;
            others.push(values);
        }
    }
    Ok(others)
}

fn key_of(values: &[GroupValue]) -> String {
    let mut key = String::new();
    for value in values {
        key.push_str(&canonical::of_json(&value.json));
        key.push(',');
    }
    key
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
