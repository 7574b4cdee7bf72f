//! Bytes that are not what was sealed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::rebuilding::{Random, request};
use super::{Given, sealed};
use crate::block::sealed::{Block, RowBuffer};

fn rows() -> Vec<Given> {
    let mut random = Random(11);
    let row = |number| match number {
        5 => Given::of(number, "{\"a\": 1}".to_owned()),
        number => Given::of(number, request(&mut random)),
    };
    (0..530).map(row).collect()
}

/// Reads all events of the block. Each is what was given, or damaged; tells whether the block as a
/// whole is damaged, as far as a check of it says.
fn is_damaged(bytes: &Vec<u8>, rows: &[Given]) -> bool {
    let Ok(block) = Block::open(bytes) else {
        return true;
    };
    let mut buffer = RowBuffer::default();
    let mut damaged = 0;
    for (number, given) in rows.iter().enumerate() {
        match block.row(number, &mut buffer) {
            Ok(row) => assert_eq!(row, given.row()),
            Err(_) => damaged += 1,
        }
        // Its group is read anew, which takes long.
        if number % 100 == 7 {
            let lone = Block::of(bytes, Arc::clone(block.loaded()));
            match lone.lone_row(number, &mut buffer) {
                Ok(row) => assert_eq!(row, given.row()),
                Err(_) => damaged += 1,
            }
        }
    }
    let is_damaged = block.check().is_err();
    assert!(is_damaged || damaged == 0);
    is_damaged
}

#[test]
fn each_altered_byte_is_noticed() {
    let rows = rows();
    let bytes = sealed(&rows);
    assert!(!is_damaged(&bytes, &rows));
    let mut random = Random(5);
    let mut altered = bytes.clone();
    for at in 0..bytes.len() {
        altered[at] ^= 1 + random.below(255) as u8;
        // What the events are read as is looked at for some of them.
        let is_noticed = if at % 40 == 0 {
            is_damaged(&altered, &rows)
        } else {
            Block::open(&altered)
                .and_then(|block| block.check())
                .is_err()
        };
        assert!(is_noticed, "byte {at}");
        altered[at] = bytes[at];
    }
}

#[test]
fn each_cut_is_noticed() {
    let rows = rows();
    let bytes = sealed(&rows);
    for length in (0..bytes.len()).step_by(31).chain([bytes.len() - 1]) {
        assert!(
            is_damaged(&bytes[..length].to_vec(), &rows),
            "{length} bytes"
        );
    }
}

#[test]
fn parts_of_other_blocks_are_no_panic() {
    // Right checksums, and pieces that do not fit to each other.
    let rows = rows();
    let bytes = sealed(&rows);
    let mut random = Random(13);
    for _ in 0..300 {
        let mut altered = bytes.clone();
        for _ in 0..=random.below(4) {
            let at = random.below(altered.len() as u64) as usize;
            altered[at] = random.below(256) as u8;
        }
        let signed = crate::block::sealed::fuzzing::sign(altered);
        let read = catch_unwind(AssertUnwindSafe(|| {
            crate::block::sealed::fuzzing::read_all(&signed);
        }));
        assert!(read.is_ok());
    }
}
