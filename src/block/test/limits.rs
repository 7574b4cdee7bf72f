//! What a block leaves out.

use super::events::Given;
use super::oracle::{Oracle, check_headers};
use super::{Block, Known, ROOM, made};
use crate::block::{BODY_SHARE, Builder, Cell, EVENTS, PATHS_MAX};

fn block_of(payloads: impl IntoIterator<Item = String>) -> (Block, Vec<Given>) {
    block_within(payloads, ROOM)
}

fn block_within(payloads: impl IntoIterator<Item = String>, room: usize) -> (Block, Vec<Given>) {
    let given: Vec<Given> = payloads.into_iter().map(Given::with_payload).collect();
    let events: Vec<_> = given.iter().map(Given::event).collect();
    (Block::of(made(&events).finish_within(room)), given)
}

/// How many rows the block tells of, at a path into the payload.
fn told(block: &Block, given: &[Given], keys: &[&str]) -> usize {
    Oracle::new(given, false).check_path(block, false, keys)
}

#[test]
fn an_object_with_a_key_twice_or_with_an_escape_is_told_nothing_of() {
    for odd in [
        r#"{"only":1,"a":1,"b":{"c":1},"a":2}"#,
        r#"{"a":{"b":1},"a":{"b":2}}"#,
        r#"{"a":1,"b":{"c":1,"c":2}}"#,
        r#"{"a":1,"b":{"c":{"d":1,"d":1}}}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"{"a":1,"b":{"\n":2}}"#,
    ] {
        let payloads = [r#"{"a":0,"b":{"c":null}}"#, odd, r#"{"a":5}"#];
        let (block, _) = block_of(payloads.map(str::to_owned));
        let known = block.payload(&["a"]);
        let wanted = [Cell::Json("0"), Cell::Unread, Cell::Json("5")];
        assert_eq!(known.cells(), wanted, "{odd}");
        let wanted = [Cell::Json("null"), Cell::Unread, Cell::Absent];
        assert_eq!(block.payload(&["b", "c"]).cells(), wanted, "{odd}");
        let wanted = [Cell::Absent, Cell::Unread, Cell::Absent];
        assert_eq!(block.payload(&["only"]).cells(), wanted, "{odd}");
        assert_eq!(block.payload(&["nowhere"]).cells(), wanted, "{odd}");
        assert_eq!(block.payload(&["nowhere", "0"]).cells(), wanted, "{odd}");
    }
}

#[test]
fn columns_that_are_given_up_on_the_way_are_those_that_are_left_out_at_the_end() {
    let mut random = 7_u64;
    let mut digits = || {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        random >> 33
    };
    let payloads = (0..EVENTS).map(|row| {
        // Wide from the beginning; wide in some events; long, and much the same; and narrow.
        let some = if row % 3 == 0 {
            format!(r#""some":"{:060}","#, digits() * digits())
        } else {
            String::new()
        };
        let alike = format!("{}{}", "long".repeat(20), row / 7);
        format!(
            r#"{{"wide":"{:032x}{:032x}",{some}"alike":"{alike}","kind":{}}}"#,
            digits() * digits(),
            digits() * digits(),
            row % 3,
        )
    });
    let given: Vec<Given> = payloads.map(Given::with_payload).collect();
    let mut giving_up = Builder::narrow();
    let mut keeping = Builder::new();
    for given in &given {
        giving_up.push(&given.event());
        keeping.push(&given.event());
    }
    let encoded = giving_up.finish_narrow();
    assert!(encoded == keeping.finish_narrow());
    let block = Block::of(encoded);
    assert_eq!(told(&block, &given, &["kind"]), EVENTS);
    assert_eq!(told(&block, &given, &["alike"]), EVENTS);
    // They are somewhere, so that it must not be said that they are nowhere.
    for key in ["wide", "some"] {
        assert_eq!(told(&block, &given, &[key]), 0, "{key}");
        assert!(block.payload(&[key]) == Known::Nothing, "{key}");
    }
}

#[test]
fn what_is_not_walked_may_have_any_keys() {
    let payload = r#"{"a":[{"b":1,"b":2}],"c":{"d":{"e":{"f":1,"f":2}}},"g":{"0":1,"0":2}}"#;
    let (block, given) = block_of([payload.to_owned()]);
    assert_eq!(
        block.payload(&["a"]).cells(),
        [Cell::Json(r#"[{"b":1,"b":2}]"#)]
    );
    let inner = [Cell::Json(r#"{"f":1,"f":2}"#)];
    assert_eq!(block.payload(&["c", "d", "e"]).cells(), inner);
    assert_eq!(told(&block, &given, &["g"]), 1);
}

#[test]
fn long_values_are_unread() {
    let string = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    let array = |bytes: usize| format!("[{}]", string(bytes - 2));
    let object = |bytes: usize| format!("{{\"in\":{}}}", string(bytes - 7));
    let cases = [
        (string(256), true),
        (string(257), false),
        (array(64), true),
        (array(65), false),
        (object(64), true),
        (object(65), false),
    ];
    let (block, given) = block_of(
        cases
            .iter()
            .map(|(raw, _)| format!(r#"{{"a":{raw},"b":1}}"#)),
    );
    let known = block.payload(&["a"]);
    for ((raw, is_held), cell) in cases.iter().zip(known.cells()) {
        let wanted = if *is_held {
            Cell::Json(raw)
        } else {
            Cell::Unread
        };
        assert_eq!(cell, wanted);
    }
    // A long object is walked nevertheless.
    assert_eq!(told(&block, &given, &["a", "in"]), given.len());
    assert_eq!(told(&block, &given, &["b"]), given.len());
}

#[test]
fn a_path_with_nothing_but_unread_values_has_no_column() {
    let long = format!(r#"{{"a":"{}","b":1}}"#, "x".repeat(300));
    let (block, _) = block_of([long.clone(), "{}".to_owned(), long]);
    assert_eq!(block.payload(&["a"]), Known::Nothing);
    assert_eq!(block.payload(&["b"]).cells()[1], Cell::Absent);
}

#[test]
fn a_large_event_is_opaque() {
    let sized = |bytes: usize| format!(r#"{{"a":1,"b":"{}"}}"#, "x".repeat(bytes - 14));
    let (block, _) = block_of([sized(256 * 1024), sized(256 * 1024 + 1)]);
    assert_eq!(
        block.payload(&["a"]).cells(),
        [Cell::Json("1"), Cell::Unread]
    );
}

#[test]
fn an_array_may_have_what_an_object_has_elsewhere() {
    let payloads = [r#"{"items":{"0":1,"x":2}}"#, r#"{"items":[5]}"#, "[7]"];
    let (block, given) = block_of(payloads.map(str::to_owned));
    for keys in [&["items", "0"][..], &["0"], &["items", "0", "x"]] {
        assert_eq!(block.payload(keys), Known::Nothing, "{keys:?}");
    }
    assert_eq!(told(&block, &given, &["items", "x"]), 3);
    assert_eq!(told(&block, &given, &["nowhere", "0"]), 3);
}

#[test]
fn paths_beyond_the_limit_are_unknown() {
    let members: Vec<String> = (0..PATHS_MAX).map(|n| format!("\"k{n}\":1")).collect();
    let payload = format!("{{{}}}", members.join(","));
    let (block, given) = block_of([payload.clone()]);
    assert_eq!(told(&block, &given, &["nowhere"]), 1);
    assert_eq!(told(&block, &given, &["k4095"]), 1);
    let (block, given) = block_of([payload, r#"{"one":{"more":1},"k7":2}"#.to_owned()]);
    assert_eq!(told(&block, &given, &["k4095"]), 2);
    assert_eq!(told(&block, &given, &["k7"]), 2);
    for keys in [&["one"][..], &["one", "more"], &["nowhere"]] {
        assert_eq!(block.payload(keys), Known::Nothing, "{keys:?}");
    }
}

#[test]
fn a_long_key_is_unknown() {
    let key = |bytes: usize| "k".repeat(bytes - 2);
    let payload = format!(r#"{{"{}":1,"a":2}}"#, key(256));
    let (block, given) = block_of([payload]);
    assert_eq!(told(&block, &given, &[&key(256)]), 1);
    assert_eq!(told(&block, &given, &[&key(257)]), 1);
    let payload = format!(r#"{{"{}":1,"a":2}}"#, key(257));
    let (block, given) = block_of([payload]);
    assert_eq!(block.payload(&[&key(257)]), Known::Nothing);
    assert_eq!(told(&block, &given, &["a"]), 1);
}

/// A number that looks random.
fn mixed(n: u64) -> u64 {
    let n = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (n ^ n >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

/// Payloads with a bit, a small number, and a text that no other has.
fn traced(n: u64) -> String {
    let trace = [0, 1, 2, 3].map(|part| format!("{:016x}", mixed(n * 4 + part)));
    let trace = trace.concat();
    let (bit, small) = (mixed(n).is_multiple_of(2), mixed(n) % 10);
    format!(r#"{{"trace":"{trace}","bit":{bit},"small":{small}}}"#)
}

#[test]
fn columns_that_take_little_come_first_and_prints_stand_for_large_ones() {
    let traces = |room| block_within((0..1_000).map(traced), room);
    let (block, given) = traces(ROOM);
    assert_eq!(told(&block, &given, &["trace"]), 1_000);
    assert!(block.payload(&["trace"]).cells().len() == 1_000);
    // 64 KB of texts do not fit.
    let (block, given) = traces(8_000);
    assert!(block.body.len() < 8_000, "{}", block.body.len());
    assert!(matches!(block.payload(&["trace"]), Known::Prints(_)));
    assert_eq!(told(&block, &given, &["trace"]), 1_000);
    // Nor do 2000 bytes of prints.
    let (block, given) = traces(2_000);
    assert!(block.body.len() < 2_000, "{}", block.body.len());
    assert_eq!(block.payload(&["trace"]), Known::Nothing);
    assert_eq!(told(&block, &given, &["nowhere"]), 1_000);
    for keys in [["bit"], ["small"]] {
        assert_eq!(block.payload(&keys).cells().len(), 1_000);
        assert_eq!(told(&block, &given, &keys), 1_000);
    }
    // What every event has is there in any case.
    let (block, given) = traces(0);
    assert_eq!(block.payload(&["bit"]), Known::Nothing);
    check_headers(&block, &given);
}

#[test]
fn columns_take_no_more_than_their_share() {
    let given: Vec<Given> = (0..4_000).map(|n| Given::with_payload(traced(n))).collect();
    let events: Vec<_> = given.iter().map(Given::event).collect();
    let encoded = made(&events).finish();
    let bytes: usize = given.iter().map(|given| given.payload.len() + 4).sum();
    let taken = encoded.body.len() + encoded.directory.len();
    assert!(taken <= bytes / BODY_SHARE, "{taken} of {bytes}");
    let block = Block::of(encoded);
    assert_eq!(told(&block, &given, &["trace"]), 4_000);
    assert_eq!(told(&block, &given, &["small"]), 4_000);
}

#[test]
fn what_is_held_while_a_block_is_made_is_bounded() {
    let keys: Vec<String> = (0..32).map(|at| format!("k{at}")).collect();
    let members = |value: &str| {
        let members: Vec<String> = keys
            .iter()
            .map(|key| format!(r#""{key}":{value}"#))
            .collect();
        members.join(",")
    };
    // An event that is found to be opaque at its end has been taken apart before.
    for (end, is_opaque) in [("", false), (r#","n":1"#, true)] {
        let payload = |n: u64| {
            let text = format!("\"{n}{}\"", "x".repeat(200));
            format!(r#"{{"n":{n},"many":"{}",{}{end}}}"#, n % 3, members(&text))
        };
        let last = format!(r#"{{"n":0,"many":1,{}}}"#, members("12.5"));
        let (block, given) = block_of((0..2_000).map(payload).chain([last]));
        let kept = |key: &&String| matches!(block.payload(&[key]), Known::Values(_));
        let kept = keys.iter().filter(kept).count();
        // 8 MiB are some twenty times 2000 texts.
        assert!((10..=20).contains(&kept), "{kept}");
        let rows = if is_opaque { 1 } else { given.len() };
        for key in keys.iter().map(String::as_str).chain(["n", "many"]) {
            assert_eq!(told(&block, &given, &[key]), rows, "{key}");
        }
    }
}

#[test]
fn a_block_takes_in_no_more_events_than_it_can_have() {
    let given = Given::with_payload("{}");
    let mut builder = Builder::new();
    assert!(builder.is_empty());
    for _ in 0..EVENTS {
        builder.push(&given.event());
    }
    let last = Given {
        timestamp_ms: 1,
        ..given
    };
    builder.push(&last.event());
    assert_eq!(builder.len(), EVENTS);
    let block = Block::of(builder.finish());
    assert_eq!(block.directory.len(), EVENTS);
    assert_eq!(block.directory.max_time(), 0);
}
