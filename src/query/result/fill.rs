//! Rows for spans of time and bins that have no events.

use std::collections::HashSet;

use super::group_value::GroupValue;
use super::row::GroupRow;
use crate::error::{Code, Error};
use crate::query::grammar::group_field::GroupField;
use crate::query::grammar::grouping::Grouping;
use crate::query::value::canonical;
use crate::query::value::sort_key::SortKey;
use crate::timestamp::{MAX_MS, MIN_MS};

/// The values of the rows that are missing among `rows`: each value that a field which fills can have, beside what the
/// other fields have together in some row. `times` are the first and the last time that events can have, or times
/// beyond all of them.
pub(in crate::query) fn missing(
    fields: &[GroupField],
    rows: &[GroupRow],
    times: (i64, i64),
    groups_max: usize,
) -> Result<Vec<Vec<GroupValue>>, Error> {
    if !fields.iter().any(|field| field.fills) {
        return Ok(Vec::new());
    }
    let mut lists = Vec::new();
    for (at, field) in fields.iter().enumerate().filter(|(_, field)| field.fills) {
        let found = rows.iter().filter_map(|row| row.values.get(at));
        let list = match &field.grouping {
            Grouping::Time(buckets) => {
                let Some((from, to)) = span(found, times) else {
                    return Ok(Vec::new());
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
        lists.push((at, list));
    }
    let others = others(fields, rows);
    let sizes = lists.iter().map(|(_, list)| list.len());
    let size = sizes
        .chain([others.len()])
        .try_fold(1_usize, usize::checked_mul);
    if size.is_none_or(|size| size > groups_max) {
        return Err(too_many(groups_max));
    }
    let mut all = others;
    for (at, list) in lists {
        all = all
            .iter()
            .flat_map(|values| {
                list.iter().map(move |value| {
                    let mut values = values.clone();
                    values[at] = value.clone();
                    values
                })
            })
            .collect();
    }
    let there: HashSet<String> = rows.iter().map(|row| key_of(&row.values)).collect();
    all.retain(|values| !there.contains(&key_of(values)));
    Ok(all)
}

/// What the fields that do not fill have together in some row, each once. The others have `null` there.
fn others(fields: &[GroupField], rows: &[GroupRow]) -> Vec<Vec<GroupValue>> {
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
        return vec![vec![GroupValue::null(); fields.len()]];
    }
    let mut seen = HashSet::new();
    let rows = rows.iter().map(of_row);
    rows.filter(|values| seen.insert(key_of(values))).collect()
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
