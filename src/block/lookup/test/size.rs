//! How much a look-up takes, and how little it names.

use super::{List, all, lookup, path, wanted};
use crate::block::lookup::hash::HASHES;
use crate::block::lookup::{CandidateRows, Form, pieces_of};

/// 4,096 events with an id of their own, one of 100,000 users, one of 20 places, and a price.
pub(super) fn requests(block: u32) -> Vec<String> {
    let mut state = 0x9e37_79b9 ^ block.wrapping_mul(0x85eb_ca6b);
    let mut random = |below: u32| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state % below
    };
    let event = |n| {
        format!(
            "{{\"user\":\"user-{}\",\"at\":\"place-{}\",\"order\":{},\"price\":{}.25,\"n\":{},\"text\":\"{:x} {:x} of {}\"}}",
            random(100_000),
            random(20),
            random(2_000_000_000),
            random(1000),
            block * 4_096 + n,
            random(u32::MAX),
            random(u32::MAX),
            block * 4_096 + n,
        )
    };
    (0..4_096).map(event).collect()
}

#[test]
fn a_look_up_takes_few_bytes_and_names_few_events() {
    let lists: Vec<(u64, List)> = (0..16)
        .map(|block| (u64::from(block), List::of(&lookup(&requests(block)))))
        .collect();
    // Of a hundred events.
    let count = |list: &List| 100 * list.entries.len() / 4_096;
    let each: Vec<usize> = lists.iter().map(|(_, list)| count(list)).collect();
    assert!(
        each.iter().all(|count| (200..=240).contains(count)),
        "{each:?}"
    );
    let list = List::merged(&lists);
    // What is in each block takes next to nothing.
    assert!(
        (190..=240).contains(&(count(&list) / 16)),
        "{}",
        count(&list)
    );
    let pieces = pieces_of(
        list.level,
        1,
        Form::ByLast,
        &(0..HASHES),
        &list.entries,
        8_172,
    );
    let bytes: usize = pieces.iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(bytes < 8 * 16 * 4_096, "{bytes} bytes");
    assert_eq!(list.find(&wanted(path(&["at"]), "\"place-3\"")), all(0..16));
    let events = |found: Vec<(u64, CandidateRows)>| {
        let of_block = |(_, rows)| match rows {
            CandidateRows::All => 4_096,
            CandidateRows::Rows(rows) => rows.len(),
        };
        found.into_iter().map(of_block).sum::<usize>()
    };
    let mut found = 0;
    for user in 0..200 {
        let user = format!("\"user-{user}\"");
        found += events(list.find(&wanted(path(&["user"]), &user)));
    }
    // 65,536 events of 100,000 users.
    assert!((80..190).contains(&found), "{found}");
    let mut others = 0;
    for other in 0..1_000 {
        let other = format!("\"nobody-{other}\"");
        others += events(list.find(&wanted(path(&["user"]), &other)));
    }
    assert!(others < 60, "{others}");
}
