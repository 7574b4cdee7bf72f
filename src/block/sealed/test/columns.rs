//! Columns say what the events say.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::json_text::value;
use super::rebuilding::{Random, request};
use super::{Given, sealed};
use crate::block::sealed::Block;
use crate::block::{Cell, ColumnFacts, ColumnKey, Stored};
use crate::json::{self, Key, Kind, Text};
use crate::timestamp;

/// All paths of up to three keys through objects.
fn paths_of(raw: &str, levels: usize) -> BTreeSet<Vec<String>> {
    let mut paths = BTreeSet::new();
    if levels > 0 {
        for (key, value) in json::members(raw) {
            let Some(key) = Text::decode(key).as_str().map(str::to_owned) else {
                continue;
            };
            for mut path in paths_of(value, levels - 1) {
                path.insert(0, key.clone());
                paths.insert(path);
            }
            paths.insert(vec![key]);
        }
    }
    paths
}

/// Checks the column of a path, and gives how many rows it says nothing of.
fn check_path(block: &Block<&Vec<u8>>, rows: &[Given], metadata: bool, keys: &[&str]) -> usize {
    let path = |key: &&str| Key::new(Text::from((*key).to_owned()));
    let path: Vec<Key> = keys.iter().map(path).collect();
    let key = ColumnKey::Path { metadata, keys };
    let known = block.find(&key).unwrap();
    let Some(stored) = block.column(&key).unwrap() else {
        assert_eq!(known, ColumnFacts::Unknown);
        return rows.len();
    };
    let Stored::Column(column) = stored else {
        return rows.len();
    };
    assert_eq!(column.rows(), rows.len());
    let mut unread = 0;
    for (row, given) in rows.iter().enumerate() {
        let text = if metadata {
            &given.metadata
        } else {
            &given.payload
        };
        let expected = json::lookup(text, &path);
        let found = match column.cell(row) {
            Cell::Unread => {
                unread += 1;
                if let ColumnFacts::Column(traits) = known {
                    assert!(traits.has_unread());
                }
                continue;
            }
            Cell::Absent => None,
            Cell::Json(raw) => Some(raw.to_owned()),
            Cell::Number(number) => {
                let mut raw = String::new();
                json::write_number(&mut raw, number);
                Some(raw)
            }
        };
        assert_eq!(found.as_deref(), expected, "row {row} at {keys:?}");
        match (known, expected) {
            (ColumnFacts::Column(traits), None) => assert!(traits.has_absent(), "{keys:?}"),
            (ColumnFacts::Column(traits), Some(raw)) => {
                assert!(traits.has(Kind::of(raw)), "{raw} at {keys:?}");
                if let (Kind::Number, Some((low, high))) = (Kind::of(raw), traits.numbers()) {
                    assert!(
                        (low..=high).contains(&json::number(raw)),
                        "{raw} at {keys:?}"
                    );
                }
            }
            (known, expected) => assert_eq!((known, expected), (ColumnFacts::Absent, None)),
        }
    }
    unread
}

fn check(rows: &[Given]) -> usize {
    let bytes = sealed(rows);
    let block = Block::open(&bytes).unwrap();
    let mut unread = 0;
    for metadata in [false, true] {
        let texts = rows.iter().map(|row| {
            if metadata {
                &row.metadata
            } else {
                &row.payload
            }
        });
        let paths: BTreeSet<_> = texts.flat_map(|text| paths_of(text, 3)).collect();
        for path in &paths {
            let keys: Vec<&str> = path.iter().map(String::as_str).collect();
            unread += check_path(&block, rows, metadata, &keys);
        }
        check_path(&block, rows, metadata, &["nowhere"]);
    }
    check_own(&block, rows);
    unread
}

fn check_own(block: &Block<&Vec<u8>>, rows: &[Given]) {
    let times: Vec<i64> = rows.iter().map(|row| row.timestamp_ms).collect();
    assert_eq!(block.times().unwrap(), times);
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    for (key, expected) in [
        (
            ColumnKey::EventType,
            rows.iter().map(|row| quoted(&row.event_type)).collect(),
        ),
        (
            ColumnKey::StreamId,
            rows.iter().map(|row| quoted(&row.stream_id)).collect(),
        ),
        (
            ColumnKey::Sequence,
            rows.iter().map(|row| row.sequence.to_string()).collect(),
        ),
        (
            ColumnKey::Time,
            rows.iter()
                .map(|row| quoted(&timestamp::format(row.timestamp_ms)))
                .collect(),
        ),
    ] {
        let expected: Vec<String> = expected;
        let Some(Stored::Column(column)) = block.column(&key).unwrap() else {
            // There may be no room for it where events are kept as texts.
            assert_eq!(block.directory().kept_rows(), rows.len());
            continue;
        };
        for (row, expected) in expected.iter().enumerate() {
            match column.cell(row) {
                Cell::Json(raw) => assert_eq!(raw, expected),
                Cell::Number(number) => assert_eq!(number, json::number(expected)),
                cell => panic!("{cell:?}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn columns_of_any_events_are_right(values in prop::collection::vec(value(), 0..60)) {
        let rows: Vec<Given> =
            values.into_iter().enumerate().map(|(number, text)| Given::of(number, text)).collect();
        check(&rows);
    }
}

#[test]
fn columns_of_requests_leave_nothing_out() {
    let mut random = Random(17);
    let rows: Vec<Given> = (0..1_100)
        .map(|number| Given::of(number, request(&mut random)))
        .collect();
    // Arrays of two and more items are longer than columns hold.
    let long = rows.iter().filter(|row| {
        let items = json::members(&row.payload).find(|(key, _)| *key == "\"items\"");
        items.is_some_and(|(_, items)| items.len() > 64)
    });
    assert_eq!(check(&rows), long.count());
}

#[test]
fn columns_of_kept_texts_are_right() {
    let mut random = Random(19);
    let rows: Vec<Given> = (0..300)
        .map(|number| {
            let fields = (0..150).map(|field| format!("\"f{field}\":{}", random.below(1_000)));
            let fields: Vec<String> = fields.collect();
            Given::of(number, format!("{{{}}}", fields.join(",")))
        })
        .collect();
    let unread = check(&rows);
    assert!(unread < 300 * 150, "{unread}");
}

#[test]
fn texts_that_compress_well_have_columns_of_all_fields() {
    let fields = (0..150).map(|field| format!("\"f{field}\":\"same\","));
    let fields: String = fields.collect();
    let rows: Vec<Given> = (0..300)
        .map(|number| Given::of(number, format!("{{{fields}\"n\":{number}}}")))
        .collect();
    let bytes = sealed(&rows);
    let block = Block::open(&bytes).unwrap();
    assert_eq!(block.directory().kept_rows(), rows.len());
    assert_eq!(check(&rows), 0);
}
