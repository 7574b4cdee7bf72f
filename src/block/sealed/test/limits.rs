//! Events beyond what a block takes apart.

use super::{Given, check, sealed};
use crate::block::EVENTS;
use crate::block::sealed::{
    Block, Builder, DEPTH_MAX, EVENT_VALUES_MAX, SHAPES_MAX, SHREDDED_BYTES_MAX,
};

fn kept(payloads: impl Iterator<Item = String>) -> usize {
    let rows: Vec<Given> = payloads
        .enumerate()
        .map(|(at, text)| Given::of(at, text))
        .collect();
    let bytes = check(&rows);
    Block::open(&bytes).unwrap().directory().kept_rows()
}

#[test]
fn a_block_takes_no_more_events_than_it_can_have() {
    let mut builder = Builder::new();
    assert!(builder.is_empty());
    let given = Given::of(0, "{}".to_owned());
    for _ in 0..=EVENTS {
        builder.push(&given.row());
    }
    let bytes = builder.finish();
    assert_eq!(Block::open(&bytes).unwrap().directory().len(), EVENTS);
}

#[test]
fn a_block_without_events_has_none() {
    assert!(check(&[]).len() < 300);
    assert!(Block::open(&sealed(&[])).unwrap().directory().is_empty());
}

#[test]
fn depth_is_no_limit() {
    let nested = |open: &str, close: &str, depth: usize| {
        format!("{{\"a\":{}1{}}}", open.repeat(depth), close.repeat(depth))
    };
    for depth in [1, DEPTH_MAX - 1, DEPTH_MAX, DEPTH_MAX + 1, 5_000] {
        let arrays = nested("[", "]", depth);
        let objects = nested("{\"a\":", "}", depth);
        let both = nested("[{\"a\":", "}]", depth);
        assert_eq!(kept([arrays, objects, both].into_iter().cycle().take(9)), 0);
    }
}

#[test]
fn what_has_too_many_shapes_is_kept_as_text() {
    let payload = |n: usize| format!("{{\"key{}\":1,\"b\":2}}", n % (SHAPES_MAX + 40));
    assert_eq!(kept((0..140).map(|n| payload(n % 20))), 0);
    let first = (0..140).map(|n| payload(n % 20));
    let found = kept(first.chain((0..SHAPES_MAX + 40).map(payload)));
    assert!((41..120).contains(&found), "{found}");
}

#[test]
fn a_very_long_event_is_kept_as_text() {
    let long = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
    let payloads = [SHREDDED_BYTES_MAX, SHREDDED_BYTES_MAX + 1].map(long);
    let first = (0..200).map(|n| format!("{{\"a\":\"{n}\"}}"));
    assert_eq!(kept(first.chain(payloads)), 1);
}

#[test]
fn events_of_other_kinds_after_the_first_are_rebuilt() {
    let narrow = (0..200).map(|n| format!("{{\"a\":{n}}}"));
    let wide = (0..400).map(|n| {
        let fields = (0..300).map(|field| format!("\"f{field}\":{}", field * n));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    });
    assert_eq!(kept(narrow.clone().chain(wide.clone())), 400);
    assert_eq!(kept(wide.chain(narrow)), 600);
}

#[test]
fn an_event_with_very_many_elements_is_kept_as_text() {
    let many = |elements: usize| format!("{{\"a\":[{}1]}}", "1,".repeat(elements - 1));
    // Of each element there is a record and a value.
    let most = EVENT_VALUES_MAX / 2;
    let first = (0..200).map(|n| format!("{{\"a\":[{n}]}}"));
    assert_eq!(kept(first.clone().chain([many(most)])), 0);
    assert_eq!(kept(first.clone().chain([many(most + 1)])), 1);
    let nested = format!("{{\"a\":[{}[1]]}}", "[1,1,1],".repeat(most / 5));
    assert_eq!(kept(first.chain([nested])), 0);
}
