//! Columns say what the events say.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::json_text::value;
use super::rebuilding::{Random, request};
use super::{Given, sealed};
use crate::block::sealed::{Block, Builder};
use crate::block::{Cell, ColumnFacts, ColumnKey, Stored};
use crate::json::{self, Key, Kind, Text};
use crate::timestamp;

/// Paths of so many keys are looked for.
const LEVELS: usize = 4;

/// All paths of up to so many keys, through objects and arrays; and one beyond the end of each array.
fn paths_of(raw: &str, levels: usize) -> BTreeSet<Vec<String>> {
    let mut paths = BTreeSet::new();
    if levels == 0 {
        return paths;
    }
    let mut add = |key: &str, value: &str| {
        for mut path in paths_of(value, levels - 1) {
            path.insert(0, key.to_owned());
            paths.insert(path);
        }
        paths.insert(vec![key.to_owned()]);
    };
    for (key, value) in json::members(raw) {
        if let Some(key) = Text::decode(key).as_str() {
            add(key, value);
        }
    }
    if Kind::of(raw) == Kind::Array {
        for (number, value) in json::elements(raw).chain(["null"]).enumerate() {
            add(&number.to_string(), value);
        }
    }
    paths
}

/// A block of which queries get the columns of a summary, as far as there are such.
fn summarised(rows: &[Given]) -> Vec<u8> {
    let mut builder = Builder::with_narrow_columns();
    for given in rows {
        builder.push(&given.row());
    }
    builder.finish()
}

/// Checks the column of a path, and gives how many rows it says nothing of.
fn check_path(block: &Block<&Vec<u8>>, rows: &[Given], metadata: bool, keys: &[&str]) -> usize {
    let path = |key: &&str| Key::new(Text::from((*key).to_owned()));
    let path: Vec<Key> = keys.iter().map(path).collect();
    let key = ColumnKey::Path { metadata, keys };
    let known = block.find(&key).unwrap();
    let Some(stored) = block.column(&key).unwrap() else {
        assert_eq!(known, ColumnFacts::Unknown);
        assert_eq!(block.directory().kept_rows(), rows.len());
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
            // A summary does not know of all paths.
            (ColumnFacts::Unknown, _) => assert!(block.directory().has_summary()),
            (ColumnFacts::Absent, expected) => assert_eq!(expected, None),
        }
    }
    unread
}

fn check(rows: &[Given]) -> usize {
    let bytes = sealed(rows);
    let block = Block::open(&bytes).unwrap();
    assert_eq!(block.check(), Ok(()));
    // Events that are kept as texts have a summary in any case.
    let other = (!block.directory().has_summary()).then(|| summarised(rows));
    let other = other.as_ref().map(|bytes| Block::open(bytes).unwrap());
    let mut unread = 0;
    for metadata in [false, true] {
        let texts = rows.iter().map(|row| {
            if metadata {
                &row.metadata
            } else {
                &row.payload
            }
        });
        let paths: BTreeSet<_> = texts.flat_map(|text| paths_of(text, LEVELS)).collect();
        for path in &paths {
            let keys: Vec<&str> = path.iter().map(String::as_str).collect();
            unread += check_path(&block, rows, metadata, &keys);
            if let Some(other) = &other {
                check_path(other, rows, metadata, &keys);
            }
        }
        for keys in [&["nowhere"][..], &["0"], &["items", "7"], &["items", "00"]] {
            check_path(&block, rows, metadata, keys);
            if let Some(other) = &other {
                check_path(other, rows, metadata, keys);
            }
        }
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
fn long_texts_have_no_second_copy_and_codes_have() {
    let mut random = Random(23);
    let rows: Vec<Given> = (0..1_000)
        .map(|number| {
            let words: Vec<String> = (0..8)
                .map(|_| format!("word{}", random.below(500)))
                .collect();
            let words = words.join(" ");
            let code = random.below(5);
            Given::of(number, format!("{{\"code\":{code},\"text\":\"{words}\"}}"))
        })
        .collect();
    let (with, without) = (summarised(&rows), sealed(&rows));
    let texts: usize = rows.iter().map(|row| row.payload.len()).sum();
    let beside = with.len() - without.len();
    // The codes, times and numbers are there, and the texts are not.
    assert!(
        (300..texts / 8).contains(&beside),
        "{beside} beside {texts}"
    );
    let block = Block::open(&with).unwrap();
    let read = |key| {
        let keys = [key];
        let key = ColumnKey::Path {
            metadata: false,
            keys: &keys,
        };
        let summary = block.summary().unwrap().unwrap();
        (summary.facts(&key), block.find(&key).unwrap())
    };
    assert!(matches!(
        read("code"),
        (ColumnFacts::Column(_), ColumnFacts::Column(_))
    ));
    assert!(matches!(
        read("text"),
        (ColumnFacts::Unknown, ColumnFacts::Column(_))
    ));
    assert!(matches!(
        read("none"),
        (ColumnFacts::Absent, ColumnFacts::Absent)
    ));
    assert_eq!(check(&rows), 0);
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
    let rows: Vec<Given> = (0..100)
        .map(|number| Given::of(number, format!("{{{fields}\"n\":{number}}}")))
        .collect();
    let bytes = sealed(&rows);
    let block = Block::open(&bytes).unwrap();
    assert_eq!(block.directory().kept_rows(), rows.len());
    assert_eq!(check(&rows), 0);
}

#[test]
fn elements_of_arrays_are_columns() {
    let nested = |depth: usize, inner: &str| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!("{{\"a\":{open}{inner}{close}}}")
    };
    let payloads = [
        r#"{"a":[{"b":1},{"b":2.5,"c":[3,4]}]}"#.to_owned(),
        r#"{"a":[{"c":[[5],{"b":"x"}]}],"b":{"0":7,"1":[8]}}"#.to_owned(),
        // The same path leads to an array, an object, a scalar and nothing.
        r#"{"a":{"0":{"b":9},"1":10},"b":[11,[12]]}"#.to_owned(),
        r#"{"a":"text","b":null}"#.to_owned(),
        r#"{"a":[],"b":{}}"#.to_owned(),
        r#"{"a":[null,true,"y"]}"#.to_owned(),
        r"[1,[2,3]]".to_owned(),
        r"{}".to_owned(),
        // It is kept as text.
        r#"{ "a":[{"b":13}]}"#.to_owned(),
        // Deeper than what is taken apart.
        nested(10, "14"),
        nested(12, r#"{"b":15}"#),
    ];
    let rows: Vec<Given> = (0..300)
        .map(|number| Given::of(number, payloads[number % payloads.len()].clone()))
        .collect();
    let kept = rows.iter().filter(|row| row.payload.contains(' ')).count();
    let bytes = sealed(&rows);
    let block = Block::open(&bytes).unwrap();
    let deep = |last: &'static str| [&["a"][..], &["0"; 11], &[last]].concat();
    for keys in [
        &["a", "0", "b"][..],
        &["a", "1", "c", "1"],
        &["a", "0", "c", "1", "b"],
        &["b", "1", "0"],
        &["1", "1"],
        &["a", "2"],
        &["a", "9"],
        &deep("0")[..11],
        &deep("b"),
        &deep("0"),
    ] {
        assert_eq!(check_path(&block, &rows, false, keys), kept, "{keys:?}");
    }
    check(&rows);
}

#[test]
fn elements_of_arrays_that_each_event_has_are_columns() {
    // Of one group each: plain decimals; one of another spelling; an element without the key; another kind of value; an
    // event without the array; one whose array is empty.
    let odd = [
        "",
        r#"{"a":[{"p":1e3,"q":"x"}]}"#,
        r#"{"a":[{"q":"x"},{"p":2}]}"#,
        r#"{"a":[{"p":"1.5"},7]}"#,
        r#"{"b":1}"#,
        r#"{"a":[]}"#,
    ];
    let mut random = Random(23);
    let rows: Vec<Given> = (0..odd.len() * 128 + 50)
        .map(|number| {
            let odd = odd.get(number / 128).filter(|it| !it.is_empty());
            if let Some(odd) = odd.filter(|_| number % 128 == 70) {
                return Given::of(number, (*odd).to_owned());
            }
            let mut element = || {
                let (whole, part) = (random.below(90_000), 1 + random.below(9));
                format!(r#"{{"p":{whole}.{part},"q":"{part}"}}"#)
            };
            let elements: Vec<String> = (0..=number % 4).map(|_| element()).collect();
            Given::of(number, format!(r#"{{"a":[{}]}}"#, elements.join(",")))
        })
        .collect();
    let bytes = sealed(&rows);
    let block = Block::open(&bytes).unwrap();
    for keys in [
        &["a", "0", "p"][..],
        &["a", "1", "p"],
        &["a", "3", "p"],
        &["a", "4", "p"],
        &["a", "0", "q"],
        &["a", "0"],
        &["a", "p"],
    ] {
        assert_eq!(check_path(&block, &rows, false, keys), 0, "{keys:?}");
    }
}
