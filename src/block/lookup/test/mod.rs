//! Whatever an event has is found where it is, and little else is.

mod pieces;
mod size;

use std::collections::BTreeSet;
use std::ops::Range;

use proptest::prelude::*;
use uuid::Uuid;

use super::entry::{Entry, Level, Place};
use super::hash::{HASHES, Note, PathHash};
use super::walk::Walk;
use super::{
    Builder, CandidateRows, Candidates, Form, Head, Listed, Lookup, Piece, Wanted, admits, merged,
    pieces_of,
};
use crate::block::sealed::Row;
use crate::json::{self, Kind, Text};

/// A list in memory.
struct List {
    level: Level,
    notes: Vec<Entry>,
    entries: Vec<Entry>,
}

impl List {
    fn of(lookup: &Lookup) -> Self {
        Self {
            level: Level::BLOCK,
            notes: lookup.notes().to_vec(),
            entries: lookup.entries().to_vec(),
        }
    }

    fn merged(lists: &[(u64, Self)]) -> Self {
        let level = lists[0].1.level;
        let of = |of: fn(&Self) -> &Vec<Entry>| {
            merged(
                level,
                lists
                    .iter()
                    .map(|(number, list)| (*number, of(list).clone())),
            )
        };
        Self {
            level: level.above().unwrap(),
            notes: of(|list| &list.notes),
            entries: of(|list| &list.entries),
        }
    }

    fn find(&self, wanted: &Wanted) -> Vec<(u64, CandidateRows)> {
        let found = wanted.find(self, 0, &(0..self.level.blocks()));
        found.unwrap().into_blocks().collect()
    }

    /// Whether an event is among those that can have what is wanted.
    fn has(&self, wanted: &Wanted, block: u64, row: u32) -> bool {
        self.find(wanted).into_iter().any(|(found, rows)| {
            found == block
                && match rows {
                    CandidateRows::All => true,
                    CandidateRows::Rows(rows) => rows.contains(&row),
                }
        })
    }
}

fn places(level: Level, entries: &[Entry], hash: u32, visit: &mut dyn FnMut(Place)) {
    let of_hash = entries.iter().filter(|entry| entry.hash == hash);
    of_hash.for_each(|entry| visit(level.place_of(entry.place).unwrap()));
}

impl Listed for List {
    type Fault = ();

    fn places(&self, hash: u32, visit: &mut dyn FnMut(Place)) -> Result<(), ()> {
        places(self.level, &self.entries, hash, visit);
        Ok(())
    }

    fn noted(&self, note: u32, visit: &mut dyn FnMut(Place)) -> Result<(), ()> {
        places(self.level, &self.notes, note, visit);
        Ok(())
    }
}

fn lookup(payloads: &[String]) -> Lookup {
    let mut builder = Builder::new();
    for (n, payload) in payloads.iter().enumerate() {
        builder.push(&Row {
            id: Uuid::from_u128(n as u128),
            timestamp_ms: n as i64,
            sequence: 1,
            back: 0,
            stream_id: "s",
            event_type: ["made", "sold"][n % 2],
            call: None,
            payload,
            metadata: "{\"by\":\"me\"}",
        });
    }
    builder.finish()
}

fn path(keys: &[&str]) -> PathHash {
    keys.iter().fold(PathHash::root(false), |path, key| {
        path.key(&Text::from((*key).to_owned()))
    })
}

/// What a query for a text or a number at a path looks up.
fn wanted(path: PathHash, raw: &str) -> Wanted {
    let (hash, note) = match Kind::of(raw) {
        Kind::String => (path.text(&Text::decode(raw)), Note::OtherTexts),
        _ => (path.number(json::number(raw)), Note::OtherNumbers),
    };
    Wanted::Value {
        hashes: vec![hash],
        notes: vec![PathHash::OPAQUE, path.note(note)],
    }
}

/// What is looked up of an event: each of its texts and numbers.
fn wanted_of(payload: &str) -> Vec<Wanted> {
    let mut all = Vec::new();
    let _ = Walk::default().scalars(PathHash::root(false), payload, |path, raw| {
        if matches!(Kind::of(raw), Kind::String | Kind::Number) {
            all.push(wanted(path, raw));
        }
    });
    all
}

fn payload() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        (0..5_u32).prop_map(|n| n.to_string()),
        any::<u32>().prop_map(|n| n.to_string()),
        Just("1.5".to_owned()),
        Just("1e400".to_owned()),
        Just("-0".to_owned()),
    ];
    let text = prop_oneof![
        "[a-c]".prop_map(|text| format!("\"{text}\"")),
        "[a-z]{9}".prop_map(|text| format!("\"{text}\"")),
        Just("\"\\u0061\\ud800\"".to_owned()),
    ];
    let scalar = prop_oneof![4 => number, 4 => text, 1 => Just("null".to_owned())];
    let elements = prop::collection::vec(scalar.clone(), 0..4)
        .prop_map(|elements| format!("[{}]", elements.join(",")));
    let value = prop_oneof![3 => scalar, 1 => elements];
    let object = prop::collection::vec(("[ab7]|id", value), 0..5).prop_map(|members| {
        let member = |(key, value): &(String, String)| format!("\"{key}\":{value}");
        let members: Vec<String> = members.iter().map(member).collect();
        format!("{{{}}}", members.join(","))
    });
    let too_deep = Just(format!("{}{}", "[".repeat(20), "]".repeat(20)));
    prop_oneof![
        20 => object.clone(),
        4 => object.prop_map(|inner| format!("{{\"in\":[{inner},{inner}]}}")),
        1 => Just("\"encrypted\"".to_owned()),
        1 => too_deep,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn each_value_is_found_in_its_event_at_each_level(
        blocks in prop::collection::vec(prop::collection::vec(payload(), 1..12), 1..18),
    ) {
        let lookups: Vec<Lookup> = blocks.iter().map(|block| lookup(block)).collect();
        let own: Vec<List> = lookups.iter().map(List::of).collect();
        for (list, block) in own.iter().zip(&blocks) {
            for (row, payload) in block.iter().enumerate() {
                for wanted in wanted_of(payload) {
                    prop_assert!(list.has(&wanted, 0, row as u32), "{}", payload);
                }
            }
        }
        let groups: Vec<(u64, List)> = (0_u64..)
            .zip(own.chunks(16))
            .map(|(number, lists)| {
                let lists = (0_u64..).zip(lists).map(|(number, list)| {
                    let (level, notes) = (list.level, list.notes.clone());
                    (number, List { level, notes, entries: list.entries.clone() })
                });
                (number, List::merged(&lists.collect::<Vec<_>>()))
            })
            .collect();
        let all = List::merged(&groups);
        for (at, block) in blocks.iter().enumerate() {
            let (group, in_group) = (at / 16, at as u64 % 16);
            let (list, lookup) = (&groups[group].1, &lookups[at]);
            for (list, number) in [(list, in_group), (&all, at as u64)] {
                prop_assert!(admits(list.level, &list.entries, number, lookup.entries()));
                prop_assert!(admits(list.level, &list.notes, number, lookup.notes()));
                for (row, payload) in block.iter().enumerate() {
                    for wanted in wanted_of(payload) {
                        prop_assert!(list.has(&wanted, number, row as u32), "{}", payload);
                    }
                }
            }
        }
    }
}

fn all(blocks: Range<u64>) -> Vec<(u64, CandidateRows)> {
    Candidates::all(blocks).into_blocks().collect()
}

#[test]
fn numbers_are_looked_up_where_bounds_tell_little_of_them() {
    let list = List::of(&lookup(&size::requests(0)));
    // Fractions are not, and neither are those that follow on each other.
    for (key, other) in [("price", "7.5"), ("n", "9000")] {
        assert_eq!(list.find(&wanted(path(&[key]), other)), all(0..1));
    }
    let sparse: Vec<String> = (0..300)
        .map(|n| format!("{{\"order\":{}}}", n * 7_919))
        .collect();
    let list = List::of(&lookup(&sparse));
    let rows = |row: u32| vec![(0, CandidateRows::Rows(BTreeSet::from([row])))];
    for (spelling, row) in [("15838", 2), ("1.5838e4", 2), ("-0", 0), ("0", 0)] {
        assert_eq!(list.find(&wanted(path(&["order"]), spelling)), rows(row));
    }
    for other in ["1", "15838.5", "1e400"] {
        assert_eq!(list.find(&wanted(path(&["order"]), other)), []);
    }
}

#[test]
fn events_that_are_not_known_are_among_all_that_are_found() {
    let mut payloads: Vec<String> = (0..200).map(|n| format!("{{\"id\":\"{n}\"}}")).collect();
    payloads[3] = "\"encrypted\"".to_owned();
    payloads[7] = format!("{{\"id\":\"{}\"}}", "x".repeat(300_000));
    payloads[9] = format!("{{\"id\":{}1{}}}", "[".repeat(40), "]".repeat(40));
    let list = List::of(&lookup(&payloads));
    let found = list.find(&wanted(path(&["id"]), "\"150\""));
    let rows = CandidateRows::Rows(BTreeSet::from([3, 7, 9, 150]));
    assert_eq!(found, [(0, rows)]);
    // Where they are many, the block is.
    payloads[20..100].fill("\"encrypted\"".to_owned());
    let list = List::of(&lookup(&payloads));
    assert_eq!(list.find(&wanted(path(&["id"]), "\"150\"")), all(0..1));
    assert_eq!(list.find(&wanted(path(&["other"]), "\"150\"")), all(0..1));
}

#[test]
fn what_has_too_many_paths_or_values_is_not_looked_up() {
    let keys: Vec<String> = (0..5_000).map(|n| format!("\"k{n}\":\"v\"")).collect();
    let many_paths = vec![format!("{{{}}}", keys.join(","))];
    let list = List::of(&lookup(&many_paths));
    assert_eq!(list.find(&wanted(path(&["k1"]), "\"w\"")), all(0..1));
    // The shortest values are looked up, as many of them as there is room for.
    let wide: Vec<String> = (0..400)
        .map(|n| {
            let members: Vec<String> = (1..9)
                .map(|key| format!("\"k{key}\":\"{}{n}\"", "x".repeat(key)))
                .collect();
            format!("{{{}}}", members.join(","))
        })
        .collect();
    let list = List::of(&lookup(&wide));
    assert!(list.entries.len() <= 400 * 12 / 5);
    assert_eq!(list.find(&wanted(path(&["k1"]), "\"other\"")), []);
    assert_eq!(list.find(&wanted(path(&["k8"]), "\"other\"")), all(0..1));
}

#[test]
fn what_all_of_some_and_any_of_some_have_is_found() {
    let payloads: Vec<String> = (0..40)
        .map(|n| format!("{{\"a\":\"a{}\",\"b\":\"b{}\"}}", n / 2, n % 20))
        .collect();
    let list = List::of(&lookup(&payloads));
    let of = |key: &str, raw: &str| wanted(path(&[key]), raw);
    let rows = |rows: &[u32]| {
        let rows: BTreeSet<u32> = rows.iter().copied().collect();
        vec![(0, CandidateRows::Rows(rows))]
    };
    let (a, b) = (of("a", "\"a3\""), of("b", "\"b7\""));
    assert_eq!(list.find(&a), rows(&[6, 7]));
    assert_eq!(list.find(&b), rows(&[7, 27]));
    assert_eq!(
        list.find(&Wanted::All(vec![a.clone(), b.clone()])),
        rows(&[7])
    );
    assert_eq!(
        list.find(&Wanted::Any(vec![a.clone(), b])),
        rows(&[6, 7, 27])
    );
    // Of what is not looked up, any event can have it.
    let other = Wanted::All(Vec::new());
    for parts in [vec![a.clone(), other.clone()], vec![other, a.clone()]] {
        assert_eq!(list.find(&Wanted::Any(parts.clone())), all(0..1));
        assert_eq!(list.find(&Wanted::All(parts)), rows(&[6, 7]));
    }
    let none = of("b", "\"nothing\"");
    assert_eq!(list.find(&Wanted::All(vec![a.clone(), none.clone()])), []);
    assert_eq!(list.find(&Wanted::Any(vec![a, none])), rows(&[6, 7]));
}

#[test]
fn a_head_is_read_as_it_was_written_and_heads_become_one() {
    let lookups: Vec<Lookup> = (0..3)
        .map(|block| {
            let payload = |n| format!("{{\"id\":\"{block} {n}\",\"odd\":{n}.5}}");
            lookup(&(0..9).map(payload).collect::<Vec<_>>())
        })
        .collect();
    let bytes: Vec<Vec<u8>> = lookups.iter().map(|lookup| lookup.head(5)).collect();
    let read = |bytes| Head::read(Level::BLOCK, 5, bytes).unwrap();
    for (lookup, bytes) in lookups.iter().zip(&bytes) {
        let head = read(bytes);
        assert_eq!((head.covered_from(), head.span()), (0, lookup.span()));
        assert_eq!(head.notes().unwrap(), lookup.notes());
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 4;
            assert!(Head::read(Level::BLOCK, 5, &damaged).is_none(), "byte {at}");
        }
        assert!(Head::read(Level::BLOCK, 6, bytes).is_none());
    }
    let heads: Vec<Head<'_>> = bytes.iter().map(|bytes| read(bytes)).collect();
    let above = Level::BLOCK.above().unwrap();
    // They are the last three of sixteen.
    assert!(Head::merged(Level::BLOCK, 8, 12, &heads).is_none());
    let merged = Head::merged(Level::BLOCK, 8, 13, &heads).unwrap();
    let head = Head::read(above, 8, &merged).unwrap();
    assert_eq!(head.covered_from(), 13);
    assert_eq!(head.span().events(), 27);
    assert_eq!(head.span().times(), (0, 8));
    let types = head.span().types().unwrap();
    assert_eq!(types, [("made".into(), 15), ("sold".into(), 12)]);
    let mut found = Vec::new();
    let note = path(&["odd"]).note(Note::OtherNumbers);
    head.find(note, |place| found.push(place)).unwrap();
    assert_eq!(found, [13, 14, 15].map(Place::Block));
}

#[test]
fn a_piece_tells_that_there_is_none_beyond_its_highest_hash() {
    let entry = |hash| Entry { hash, place: 0 };
    let entries = [entry(3), entry(900)];
    let form = Form::ByLast;
    let (by, bytes) = pieces_of(Level::BLOCK, 1, form, &(0..HASHES), &entries, 100).remove(0);
    let piece = Piece::read(Level::BLOCK, 1, form, by, &bytes).unwrap();
    for (hash, count) in [(0, 0), (3, 1), (4, 0), (900, 1), (901, 0), (HASHES - 1, 0)] {
        let mut found = 0;
        piece.find(hash, |_| found += 1).unwrap();
        assert_eq!(found, count, "{hash}");
    }
}
