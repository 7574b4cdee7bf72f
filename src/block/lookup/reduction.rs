//! Leaving out what a look-up would gain little by.

use super::entry::{Entry, Level, Place};

/// Of a value that more events of a block have, the block is noted.
const ROWS_NOTED_MAX: usize = 2;

/// Reduces the entries of one hash in one block: events, which ascend.
pub(super) fn reduce_rows(entries: &[Entry], out: &mut Vec<Entry>) {
    match entries.first() {
        Some(first) if entries.len() > ROWS_NOTED_MAX => out.push(Entry {
            hash: first.hash,
            place: Level::BLOCK.place(Place::Block(0)),
        }),
        _ => out.extend_from_slice(entries),
    }
}

/// Reduces the entries of a list, which ascend: what is in more than half of the blocks is noted for all of them.
pub(super) fn reduce(level: Level, entries: &[Entry]) -> Vec<Entry> {
    let half = level.blocks() as usize / 2;
    let mut reduced = Vec::with_capacity(entries.len());
    let mut blocks = Vec::new();
    for group in entries.chunk_by(|one, other| one.hash == other.hash) {
        if group.len() > half {
            blocks.clear();
            let every = level.place(Place::Every);
            for entry in group {
                match level.place_of(entry.place) {
                    Some(Place::Row { block, .. } | Place::Block(block)) => blocks.push(block),
                    Some(Place::Every) | None => blocks.extend(0..level.blocks() as u32),
                }
            }
            blocks.sort_unstable();
            blocks.dedup();
            if blocks.len() > half {
                let hash = group[0].hash;
                reduced.push(Entry { hash, place: every });
                continue;
            }
        }
        reduced.extend_from_slice(group);
    }
    reduced
}
