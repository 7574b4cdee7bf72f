//! What events say of themselves.

use std::collections::BTreeSet;

use super::events::{Given, LONG_KEY};
use crate::block::{Cell, ColumnKey, Finding, PRINT_ABSENT, PRINT_UNREAD, Stored};
use crate::block::{EVENTS, print_of};
use crate::json::{self, Key, Kind, Text};
use crate::timestamp;

use super::{Block, Known};

/// Whether a block may say nothing of the event: an object in it, of those that are walked, has a
/// key with an escape, or a key twice.
pub(super) fn is_opaque(given: &Given) -> bool {
    has_odd_key(&given.payload, 3) || has_odd_key(&given.metadata, 3)
}

fn has_odd_key(raw: &str, levels: usize) -> bool {
    if levels == 0 {
        return false;
    }
    let mut keys = BTreeSet::new();
    json::members(raw).any(|(key, value)| {
        let inner = key.trim_matches('"');
        let is_index = !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit());
        let is_followed = !is_index && key.len() <= 256;
        key.contains('\\') || is_followed && (!keys.insert(key) || has_odd_key(value, levels - 1))
    })
}

/// All paths of decoded keys, up to `levels` of them, that there are through objects and arrays.
pub(super) fn paths_of(raw: &str, levels: usize) -> BTreeSet<Vec<String>> {
    let mut paths = BTreeSet::new();
    if levels == 0 {
        return paths;
    }
    let members = json::members(raw).filter_map(|(key, value)| {
        let key = Text::decode(key).as_str()?.to_owned();
        Some((key, value))
    });
    let elements = json::elements(raw).enumerate();
    let elements = elements.map(|(at, value)| (at.to_string(), value));
    for (key, value) in members.chain(elements) {
        for mut path in paths_of(value, levels - 1) {
            path.insert(0, key.clone());
            paths.insert(path);
        }
        paths.insert(vec![key]);
    }
    paths
}

/// Whether columns leave out the value.
fn is_long(raw: &str) -> bool {
    match Kind::of(raw) {
        Kind::String => raw.len() > 256,
        Kind::Array | Kind::Object => raw.len() > 64,
        _ => false,
    }
}

/// Knows what a block may say.
pub(super) struct Oracle<'a> {
    events: &'a [Given],
    opaque: Vec<bool>,
    /// Whether the block must say all that it can.
    has_room: bool,
}

impl<'a> Oracle<'a> {
    pub(super) fn new(events: &'a [Given], has_room: bool) -> Self {
        Self {
            events,
            opaque: events.iter().map(is_opaque).collect(),
            has_room,
        }
    }

    /// Checks all that a block says at one path, and tells of how many rows it says what they have.
    pub(super) fn check_path(&self, block: &Block, metadata: bool, keys: &[&str]) -> usize {
        let path: Vec<Key> = keys
            .iter()
            .map(|key| Key::new(Text::from((*key).to_owned())))
            .collect();
        let json = |given: &'a Given| {
            if metadata {
                &given.metadata
            } else {
                &given.payload
            }
        };
        let expected: Vec<Option<&str>> = self
            .events
            .iter()
            .map(|given| json::lookup(json(given), &path))
            .collect();
        let key = ColumnKey::Path { metadata, keys };
        if let Finding::Stored(place) = block.directory.find(&key) {
            let bytes = &block.body[place.range()];
            let stored = block.directory.read(&place, bytes).unwrap();
            check_content(&place, &stored, &expected);
        }
        match block.find(&key) {
            Known::Nothing => {
                let is_right = !self.has_room || self.may_be_unknown(keys, &expected);
                assert!(is_right, "{keys:?} is unknown");
                0
            }
            Known::Values(column) => {
                assert_eq!(column.rows(), self.events.len());
                let rows = expected.iter().zip(&self.opaque).enumerate();
                rows.filter(|(row, (expected, is_opaque))| {
                    check_cell(column.cell(*row), **expected, **is_opaque)
                })
                .count()
            }
            Known::Prints(prints) => {
                assert_eq!(prints.len(), self.events.len());
                let rows = prints.iter().zip(&expected);
                rows.filter(|(print, expected)| check_print(**print, **expected))
                    .count()
            }
        }
    }

    /// Whether a block that has room for all columns may not know of a path.
    fn may_be_unknown(&self, keys: &[&str], expected: &[Option<&str>]) -> bool {
        let is_index = |key: &&str| !key.is_empty() && key.bytes().all(|it| it.is_ascii_digit());
        let is_stored = (1..=3).contains(&keys.len()) && !keys.iter().any(is_index);
        let is_complete = !self
            .events
            .iter()
            .any(|given| given.payload.contains(LONG_KEY) || given.metadata.contains(LONG_KEY));
        let mut rows = self.opaque.iter().zip(expected);
        let is_told = rows.any(|(is_opaque, raw)| !is_opaque && raw.is_some_and(|it| !is_long(it)));
        !(is_stored && is_complete && is_told)
    }
}

/// Tells whether the cell says what there is.
fn check_cell(cell: Cell<'_>, expected: Option<&str>, is_opaque: bool) -> bool {
    match cell {
        Cell::Unread => {
            assert!(
                is_opaque || expected.is_some_and(is_long),
                "{expected:?} is unread"
            );
        }
        Cell::Absent => assert_eq!(expected, None),
        Cell::Json(raw) => assert_eq!(expected, Some(raw)),
        Cell::Number(number) => {
            let mut raw = String::new();
            json::write_number(&mut raw, number);
            assert_eq!(expected, Some(raw.as_str()));
        }
    }
    cell != Cell::Unread
}

fn check_print(print: u16, expected: Option<&str>) -> bool {
    match print {
        PRINT_UNREAD => {}
        PRINT_ABSENT => assert_eq!(expected, None),
        print => assert_eq!(expected.and_then(print_of), Some(print)),
    }
    print != PRINT_UNREAD
}

/// What a directory says of a column holds for each of its rows.
fn check_content(place: &crate::block::ColumnPlace, stored: &Stored, expected: &[Option<&str>]) {
    let traits = crate::block::Traits::of(place.content());
    for (row, expected) in expected.iter().enumerate() {
        let (is_unread, is_absent) = match stored {
            Stored::Column(column) => {
                let cell = column.cell(row);
                (cell == Cell::Unread, cell == Cell::Absent)
            }
            Stored::Prints(prints) => (prints[row] == PRINT_UNREAD, prints[row] == PRINT_ABSENT),
        };
        assert!(traits.has_unread() || !is_unread);
        assert!(traits.has_absent() || !is_absent);
        if let Some(raw) = expected.filter(|_| !is_unread) {
            assert!(traits.has(Kind::of(raw)), "{raw}");
            if Kind::of(raw) == Kind::Number {
                let (lowest, highest) = traits.numbers().unwrap();
                assert!((lowest..=highest).contains(&json::number(raw)), "{raw}");
            }
        }
    }
}

/// Checks what a block says of what all events have.
pub(super) fn check_headers(block: &Block, events: &[Given]) {
    let directory = &block.directory;
    assert_eq!(directory.len(), events.len());
    assert_eq!(directory.is_empty(), events.is_empty());
    assert!(events.len() <= EVENTS);
    let times: Vec<i64> = events.iter().map(|given| given.timestamp_ms).collect();
    assert_eq!(directory.is_time_sorted(), times.is_sorted());
    let ids = || events.iter().map(|given| given.id);
    assert_eq!(
        directory.min_time(),
        times.iter().copied().min().unwrap_or(0)
    );
    assert_eq!(
        directory.max_time(),
        times.iter().copied().max().unwrap_or(0)
    );
    assert_eq!(directory.min_id().as_u128(), ids().min().unwrap_or(0));
    assert_eq!(directory.max_id().as_u128(), ids().max().unwrap_or(0));
    let Finding::Stored(place) = directory.find(&ColumnKey::Time) else {
        panic!("there are no times");
    };
    assert_eq!(directory.times(&block.body[place.range()]), Some(times));
    check_types(block, events);
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    check_header(block, ColumnKey::EventType, events, |it| {
        quoted(&it.event_type)
    });
    check_header(block, ColumnKey::StreamId, events, |it| {
        quoted(&it.stream_id)
    });
    check_header(block, ColumnKey::Sequence, events, |it| {
        it.sequence_number.to_string()
    });
    check_header(block, ColumnKey::Time, events, |it| {
        quoted(&timestamp::format(it.timestamp_ms))
    });
}

fn check_types(block: &Block, events: &[Given]) {
    let mut types: Vec<(Box<str>, u32)> = Vec::new();
    for given in events {
        match types
            .iter_mut()
            .find(|(name, _)| **name == *given.event_type)
        {
            Some((_, count)) => *count += 1,
            None => types.push((given.event_type.as_str().into(), 1)),
        }
    }
    assert_eq!(block.directory.types(), types);
}

fn check_header(
    block: &Block,
    key: ColumnKey<'_>,
    events: &[Given],
    json: impl Fn(&Given) -> String,
) {
    match block.find(&key) {
        Known::Values(column) => {
            for (row, given) in events.iter().enumerate() {
                assert!(check_cell(column.cell(row), Some(&json(given)), false));
            }
        }
        Known::Prints(prints) => {
            assert_eq!(key, ColumnKey::StreamId);
            for (print, given) in prints.iter().zip(events) {
                assert!(check_print(*print, Some(&json(given))));
            }
        }
        Known::Nothing => assert_eq!(key, ColumnKey::StreamId),
    }
}
