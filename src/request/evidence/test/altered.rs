//! Events, and what is kept of them, that somebody has altered.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{NUMBER, append, event, grow_once, log_with, read};
use crate::engine::{Fault, Record};
use crate::request::evidence::growth::PAGE_EVENTS;
use crate::request::evidence::{check_tree, hash_events, inclusion};
use crate::seam::test::Kept;

fn problems(kept: &Kept) -> Vec<(u64, String)> {
    let checked = read(kept, check_tree, &json!({ "instance": "a" })).unwrap();
    let problems = checked["problems"].as_array().unwrap().iter();
    let problems = problems.map(|problem| {
        let position = problem["position"].as_u64().unwrap_or(0);
        (position, problem["what"].as_str().unwrap().to_owned())
    });
    problems.collect()
}

/// What is found after the events of a log with a tree were altered.
fn found_after(alter: impl FnOnce(&mut Vec<Arc<[u8]>>)) -> (Kept, Vec<(u64, String)>) {
    let mut kept = log_with(700);
    grow_once(&mut kept, None);
    assert_eq!(problems(&kept), []);
    let instance = kept.instances.get_mut(&NUMBER).unwrap();
    alter(&mut instance.events);
    instance.instance.head.last_position = instance.events.len() as u64;
    let found = problems(&kept);
    (kept, found)
}

fn told(found: &[(u64, String)], position: u64, text: &str) {
    let is_told = |(at, what): &(u64, String)| *at == position && what.contains(text);
    assert!(found.iter().any(is_told), "{position}: {text}: {found:?}");
}

#[test]
fn an_event_that_was_changed_is_named_and_proves_nothing() {
    // One in a whole tile, and one in the last tile.
    for position in [300, 690_u64] {
        let (mut kept, found) = found_after(|events| {
            events[position as usize - 1] = event(position, position, "{\"n\":0}");
        });
        assert_eq!(found.len(), 1, "{found:?}");
        told(&found, position, "was changed after it was hashed");
        let proof = read(
            &kept,
            inclusion,
            &json!({ "instance": "a", "position": position }),
        );
        let expected = format!("the event at position {position} is not the one");
        assert!(
            matches!(&proof, Err(Fault::Corrupted(text)) if text.contains(&expected)),
            "{proof:?}"
        );
        // Another event can be proven, unless it is among the same leaves.
        let proof = read(&kept, inclusion, &json!({ "instance": "a", "position": 3 }));
        assert_eq!(proof.is_ok(), position == 300, "{proof:?}");
        // Those of another part of its tile can, too.
        let other = json!({ "instance": "a", "position": position - 20 });
        let proof = read(&kept, inclusion, &other);
        assert_eq!(proof.is_ok(), position == 300, "{proof:?}");
        // What was hashed before is not hashed anew, whether or not there is more to be hashed.
        for _ in 0..2 {
            let options = json!({ "instance": "a" });
            let hashed = read(&kept, hash_events, &options);
            assert_eq!(hashed.is_ok(), position == 300, "{hashed:?}");
            append(&mut kept, 1);
        }
    }
}

#[test]
fn a_tree_that_has_more_than_the_log_is_not_signed() {
    let (kept, found) = found_after(|events| events.truncate(600));
    told(
        &found,
        0,
        "expected the 700 events that were hashed, found 600",
    );
    let hashed = read(&kept, hash_events, &json!({ "instance": "a" }));
    let expected =
        "the tree has 700 events, which were hashed for a checkpoint, and the instance 600";
    assert!(
        matches!(&hashed, Err(Fault::Corrupted(text)) if text == expected),
        "{hashed:?}"
    );
}

#[test]
fn altered_prints_accuse_no_event() {
    let mut kept = log_with(700);
    grow_once(&mut kept, None);
    let states = &mut kept.instances.get_mut(&NUMBER).unwrap().states;
    states.get_mut("tree/00/000000000000").unwrap()[4] ^= 1;
    let found = problems(&kept);
    assert_eq!(found.len(), 1, "{found:?}");
    told(
        &found,
        0,
        "the prints of the events at positions 1 to 256 are altered",
    );
    let proof = read(&kept, inclusion, &json!({ "instance": "a", "position": 1 }));
    assert!(proof.is_ok(), "{proof:?}");
    states_cut(&mut kept, "tree/00/000000000000");
    told(
        &problems(&kept),
        0,
        "the prints of the events at positions 1 to 256 are altered",
    );
}

#[test]
fn an_event_is_not_what_was_signed_though_its_print_is_altered_too() {
    let mut kept = log_with(700);
    let (hashed, _) = grow_once(&mut kept, None);
    let instance = kept.instances.get_mut(&NUMBER).unwrap();
    instance.events[599] = event(600, 600, "{\"n\":0}");
    let mut other = log_with(0);
    other.instances.get_mut(&NUMBER).unwrap().events = instance.events.clone();
    other
        .instances
        .get_mut(&NUMBER)
        .unwrap()
        .instance
        .head
        .last_position = 700;
    grow_once(&mut other, None);
    // The last tile is not whole, so that nothing but its prints says what its events were.
    let prints = "tree/00/000000000002";
    let altered = other.instances[&NUMBER].states[prints].clone();
    kept.instances
        .get_mut(&NUMBER)
        .unwrap()
        .states
        .insert(prints.to_owned(), altered);
    assert_eq!(problems(&kept), []);
    let options = json!({ "instance": "a", "from": 512, "sizes": [700] });
    let checked = read(&kept, check_tree, &options).unwrap();
    assert_ne!(checked["roots"][0], hashed["root"]);
    assert_eq!(
        checked["roots"][0],
        read(&other, check_tree, &options).unwrap()["roots"][0]
    );
}

#[test]
fn altered_parts_prove_nothing_and_are_told() {
    // Of a whole tile, and of one that is not.
    for (tile, position, neighbour) in [(1, 260, 300), (2, 520, 600)] {
        let mut kept = log_with(700);
        grow_once(&mut kept, None);
        let states = &mut kept.instances.get_mut(&NUMBER).unwrap().states;
        let name = format!("tree/parts/{tile:012x}");
        states.get_mut(&name).unwrap()[5] ^= 1;
        let first = tile * 256 + 1;
        let own = format!("the events at positions {first} to {}", first + 15);
        let others = format!("the parts of the tile {tile} are not those");
        for (position, expected) in [(position, own), (neighbour, others)] {
            let options = json!({ "instance": "a", "position": position });
            let proof = read(&kept, inclusion, &options);
            assert!(
                matches!(&proof, Err(Fault::Corrupted(text)) if text.contains(&expected)),
                "{position}: {proof:?}"
            );
        }
        if tile == 1 {
            let expected = "the parts of the events at positions 257 to 512 are altered";
            told(&problems(&kept), 0, expected);
        }
        // What is not whole is damaged.
        states_cut(&mut kept, &name);
        let options = json!({ "instance": "a", "position": position });
        let proof = read(&kept, inclusion, &options);
        assert!(matches!(proof, Err(Fault::Corrupted(_))), "{proof:?}");
    }
}

#[test]
fn events_that_were_removed_put_in_or_moved_are_named() {
    let renumbered = |events: &mut Vec<Arc<[u8]>>| {
        for (at, bytes) in events.iter_mut().enumerate() {
            let record = Record::decode(bytes, 1).unwrap();
            let sequence = at as u64 + 1;
            *bytes = event(record.id.as_u128() as u64, sequence, record.payload);
        }
    };
    let (_, found) = found_after(|events| {
        events.remove(299);
        renumbered(events);
    });
    told(&found, 300, "one event was removed");
    let (_, found) = found_after(|events| {
        events.drain(250..260);
        renumbered(events);
    });
    told(&found, 251, "10 events were removed");
    let (_, found) = found_after(|events| {
        events.insert(255, event(9_999, 0, "{}"));
        renumbered(events);
    });
    told(&found, 256, "one event was put in here");
    let (_, found) = found_after(|events| {
        events.swap(99, 399);
        renumbered(events);
    });
    told(&found, 100, "another event is in the place");
    let (_, found) = found_after(|events| {
        events.swap(99, 199);
        renumbered(events);
    });
    told(&found, 100, "this one was at position 200");
    told(&found, 200, "this one was at position 100");
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn roots_are_told_of_sizes_that_there_are_events_for() {
    let (kept, _) = found_after(|events| events.truncate(600));
    let options = json!({ "instance": "a", "sizes": [600, 601] });
    let checked = read(&kept, check_tree, &options).unwrap();
    assert!(
        checked["roots"][0].is_string() && checked["roots"][1].is_null(),
        "{checked}"
    );
}

/// What a check of the last page says once a byte of a tile was altered.
fn told_of_tile(kept: &mut Kept, name: &str, last_page: u64, expected: &str) {
    let states = &mut kept.instances.get_mut(&NUMBER).unwrap().states;
    states.get_mut(name).unwrap()[5] ^= 1;
    let last = json!({ "instance": "a", "from": last_page });
    let page = read(kept, check_tree, &last).unwrap();
    let problems = page["problems"].as_array().unwrap();
    let is_told = |problem: &Value| problem["what"].as_str().unwrap().contains(expected);
    assert!(problems.iter().any(is_told), "{name}: {problems:?}");
    states_cut(kept, name);
    let failed = read(kept, check_tree, &last);
    assert!(matches!(failed, Err(Fault::Corrupted(_))), "{failed:?}");
}

#[test]
fn an_altered_tile_is_told() {
    let mut kept = log_with(700);
    grow_once(&mut kept, None);
    let expected = "are not those that were hashed";
    told_of_tile(&mut kept, "tree/01/000000000000", 0, expected);

    let mut kept = log_with(PAGE_EVENTS * 4);
    while grow_once(&mut kept, None).0["root"] == Value::Null {}
    let expected = "does not fit to those below it";
    let last_page = PAGE_EVENTS * 3;
    told_of_tile(&mut kept, "tree/02/000000000000", last_page, expected);
}

fn states_cut(kept: &mut Kept, name: &str) {
    let states = &mut kept.instances.get_mut(&NUMBER).unwrap().states;
    states.get_mut(name).unwrap().pop();
}
