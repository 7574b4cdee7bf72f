//! Making one list of several.

use super::LISTS_MERGED;
use super::entry::{Entry, Level, Place};
use super::head::Head;
use super::list::Form;
use super::reduction::reduce;
use super::span::Span;

/// One list of those of up to 16 lists of a `level`, each with its number among the 16. That is entries or notes.
#[must_use]
pub fn merged(level: Level, lists: impl IntoIterator<Item = (u64, Vec<Entry>)>) -> Vec<Entry> {
    let Some(above) = level.above() else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (number, entries) in lists {
        let before = (number * level.blocks()) as u32;
        for entry in entries {
            let hash = entry.hash;
            let mut push = |place| {
                all.push(Entry {
                    hash,
                    place: above.place(place),
                });
            };
            match level.place_of(entry.place) {
                Some(Place::Row { block, row }) => push(Place::Row {
                    block: before + block,
                    row,
                }),
                Some(Place::Block(block)) => push(Place::Block(before + block)),
                Some(Place::Every) | None => {
                    let blocks = before..before + level.blocks() as u32;
                    blocks.for_each(|block| push(Place::Block(block)));
                }
            }
        }
    }
    // It is made of runs that ascend, which this is quick with.
    all.sort();
    all.dedup();
    reduce(above, &all)
}

/// Whether a list says of a block, by its number among those of the list, what the list of the block alone does. It may say
/// more. Both ascend.
#[must_use]
pub fn admits(level: Level, list: &[Entry], block: u64, own: &[Entry]) -> bool {
    let block = block as u32;
    let has = |hash, place| {
        let place = level.place(place);
        list.binary_search(&Entry { hash, place }).is_ok()
    };
    own.iter().all(|entry| {
        let hash = entry.hash;
        let is_noted = match Level::BLOCK.place_of(entry.place) {
            Some(Place::Row { row, .. }) => has(hash, Place::Row { block, row }),
            Some(Place::Block(_) | Place::Every) | None => false,
        };
        is_noted || has(hash, Place::Block(block)) || has(hash, Place::Every)
    })
}

impl Head<'_> {
    /// The head of the list with that `key`, which is made of the last ones of 16 lists of a `level`, the first of which
    /// has that number among the 16. `None` where bytes are not what was written.
    #[must_use]
    pub fn merged(level: Level, key: u64, first: u64, heads: &[Self]) -> Option<Vec<u8>> {
        let above = level.above()?;
        (first + heads.len() as u64 == LISTS_MERGED).then_some(())?;
        let mut span = Span::default();
        let mut notes = Vec::new();
        for (number, head) in (first..).zip(heads) {
            span.add_all(head.span());
            notes.push((number, head.notes()?));
        }
        let covered_from = first * level.blocks() + heads.first()?.covered_from();
        let notes = merged(level, notes);
        Some(Self::write(
            above,
            key,
            Form::ByLast,
            covered_from,
            &span,
            &notes,
        ))
    }
}
