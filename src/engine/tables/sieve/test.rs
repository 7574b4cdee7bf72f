//! What is out and what is left, and what damage of the states is noticed.

use std::collections::{BTreeMap, BTreeSet};

use super::{Sieve, SieveState, name_of};
use crate::engine::Fault;

/// States as an instance keeps them.
type States = BTreeMap<String, Vec<u8>>;

fn reading(states: &States) -> impl FnMut(&str) -> Result<Option<Vec<u8>>, Fault> {
    |name| Ok(states.get(name).cloned())
}

fn put(states: &mut States, changed: Vec<SieveState>) {
    for (name, value) in changed {
        match value {
            Some(value) => states.insert(name, value),
            None => states.remove(&name),
        };
    }
}

fn add(states: &mut States, positions: &[u64]) {
    let mut sieve = match states.is_empty() {
        true => Sieve::default(),
        false => Sieve::read(&mut reading(states)).unwrap(),
    };
    let changed = sieve.add(positions, &mut reading(states)).unwrap();
    put(states, changed);
}

#[test]
fn what_was_put_in_is_out_and_all_else_is_left() {
    let mut states = States::new();
    let out: BTreeSet<u64> = [1, 2, 64, 65, 4_095, 4_096, 4_097, 20_480, 20_481, 1 << 40].into();
    add(&mut states, &[64, 4_096, 20_481]);
    add(&mut states, &out.iter().copied().collect::<Vec<_>>());
    let sieve = Sieve::read(&mut reading(&states)).unwrap();
    let state = &mut reading(&states);
    for position in (1..9_000).chain(20_000..21_000) {
        let is_out = sieve.is_out(position, state).unwrap();
        assert_eq!(is_out, out.contains(&position), "{position}");
    }
    for (first, last) in [
        (1, 1),
        (1, 4_096),
        (2, 4_097),
        (66, 4_094),
        (3, 1 << 41),
        (5, 4),
    ] {
        let expected: Vec<u64> = out
            .iter()
            .copied()
            .filter(|it| (first..=last).contains(it))
            .collect();
        assert_eq!(
            sieve.count(first..=last, state).unwrap(),
            expected.len() as u64
        );
        let mut found = Vec::new();
        sieve
            .each_out(first..=last, state, &mut |it| found.push(it))
            .unwrap();
        assert_eq!(found, expected);
    }
    for first in [1, 3, 64, 4_096] {
        let left: Vec<u64> = (first..30_000).filter(|it| !out.contains(it)).collect();
        for (from, to) in [(1, 1), (1, 9_000), (4_090, 4_100), (16_000, 16_500), (2, 1)] {
            let expected = left
                .iter()
                .copied()
                .skip(from - 1)
                .take((to + 1_usize).saturating_sub(from));
            let found = sieve.left(first, from as u64..=to as u64, state).unwrap();
            assert_eq!(found, expected.collect::<Vec<_>>(), "{first} {from} {to}");
        }
    }
}

#[test]
fn parts_before_a_position_are_forgotten() {
    let mut states = States::new();
    add(&mut states, &[3, 5_000, 9_000]);
    for (position, parts) in [(4_095, 3), (4_096, 2), (8_191, 2), (8_192, 1), (20_000, 0)] {
        let mut sieve = Sieve::read(&mut reading(&states)).unwrap();
        put(&mut states, sieve.forget_up_to(position));
        let count = states.keys().filter(|name| *name != Sieve::STATE).count();
        assert_eq!(count, parts, "{position}");
        assert_eq!(states.contains_key(Sieve::STATE), parts > 0);
        let state = &mut reading(&states);
        let read = Sieve::read(state);
        assert_eq!(read.is_ok(), parts > 0);
        if let Ok(sieve) = read {
            assert!(sieve.is_out(9_000, state).unwrap());
        }
    }
}

#[test]
fn what_was_not_written_is_damage() {
    let mut states = States::new();
    add(&mut states, &[7, 5_000]);
    let list = states[Sieve::STATE].clone();
    for bytes in [
        &[][..],
        &[2],
        &[1],
        &list[..2],
        &[1, 0, 0],
        &[1, 0, 1, 0, 1],
        &[1, 0, 0x81, 0x20],
    ] {
        states.insert(Sieve::STATE.to_owned(), bytes.to_vec());
        let read = Sieve::read(&mut reading(&states));
        assert!(matches!(read, Err(Fault::Corrupted(_))), "{bytes:?}");
    }
    states.insert(Sieve::STATE.to_owned(), list);
    let part = states[&name_of(0)].clone();
    let mut other = part.clone();
    other[1] ^= 1;
    for bytes in [None, Some(part[1..].to_vec()), Some(other)] {
        match bytes {
            Some(bytes) => states.insert(name_of(0), bytes),
            None => states.remove(&name_of(0)),
        };
        let state = &mut reading(&states);
        let sieve = Sieve::read(state).unwrap();
        let asked = sieve.is_out(7, state);
        assert!(matches!(asked, Err(Fault::Corrupted(_))));
        assert!(sieve.is_out(5_000, state).unwrap());
    }
}
