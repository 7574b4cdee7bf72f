//! Look-ups, compared with the events that they lead to.

use redb::{ReadOnlyTable, ReadableTable};

use super::events::EventCheck;
use super::text_of_damage;
use crate::block::lookup::{Entry, HASHES, Head, Level, Lookup, Span, admits};
use crate::engine::Fault;
use crate::engine::summary::lookups::{FIRST_LIST, StoredList, list_of_key};
use crate::engine::tables::schema::PieceKey;

type Pieces = ReadOnlyTable<PieceKey, &'static [u8]>;

/// The list that the last block was in.
#[derive(Default)]
pub(super) struct LookupCheck {
    list: Option<KnownList>,
}

struct KnownList {
    level: Level,
    index: u64,
    covered_from: u64,
    /// Nothing if it cannot be read, which is told of the list.
    contents: Option<Contents>,
    /// What the blocks say that were compared, which are so many from the first that it covers.
    span: Span,
    compared: u64,
}

struct Contents {
    span: Span,
    notes: Vec<Entry>,
    entries: Vec<Entry>,
}

impl EventCheck<'_, '_> {
    /// Compares the look-up of a block with what its events give.
    pub(super) fn compare_lookup(
        &mut self,
        check: &mut LookupCheck,
        pieces: &Pieces,
        block: u64,
        lookup: &Lookup,
    ) -> Result<(), Fault> {
        let Some(list) = check.list_of(pieces, block)? else {
            return Ok(());
        };
        let first = list.index * list.level.blocks();
        let number = block - first;
        let Some(contents) = &list.contents else {
            return Ok(());
        };
        let has_all = admits(list.level, &contents.entries, number, lookup.entries())
            && admits(list.level, &contents.notes, number, lookup.notes());
        let mut is_same = has_all;
        if list.covered_from + list.compared == number {
            list.compared += 1;
            list.span.add_all(lookup.span());
            if number + 1 == list.level.blocks() {
                is_same &= list.span == contents.span;
            }
        }
        if !is_same {
            let last = first + list.level.blocks() - 1;
            let text = format!(
                "the look-up of blocks {first} to {last} is not what the events of block {block} say"
            );
            self.problem(None, text);
        }
        Ok(())
    }

    /// Makes sure that each list can be read, and that nothing else is among them.
    pub(super) fn check_lists(&mut self, pieces: &Pieces, blocks: u64) -> Result<(), Fault> {
        let mut next = Some(FIRST_LIST);
        while let Some(key) = next {
            self.check.check_wanted()?;
            let found = pieces.range((key, 0)..)?.next().transpose()?;
            let Some(key) = found.map(|(key, _)| key.value().0) else {
                break;
            };
            let list = match list_of_key(key) {
                Some((level, index)) => StoredList::open(pieces, level, index)?,
                None => None,
            };
            match list {
                Some(list) if list.blocks().start < blocks => {
                    if let Err(fault) = list.check() {
                        let text = text_of_damage(fault)?;
                        self.problem(None, text);
                    }
                }
                _ => self.problem(None, format!("there is a part {key:#x} of no look-up")),
            }
            next = key.checked_add(1);
        }
        Ok(())
    }
}

impl LookupCheck {
    fn list_of(&mut self, pieces: &Pieces, block: u64) -> Result<Option<&mut KnownList>, Fault> {
        let is_of = |list: &KnownList| {
            let number = block.checked_sub(list.index * list.level.blocks());
            number.is_some_and(|number| (list.covered_from..list.level.blocks()).contains(&number))
        };
        if !self.list.as_ref().is_some_and(is_of) {
            self.list = None;
            for level in Level::DOWN {
                let list = StoredList::open(pieces, level, block / level.blocks())?;
                let list = list.map(|list| KnownList::read(&list)).transpose()?;
                if let Some(list) = list.filter(is_of) {
                    self.list = Some(list);
                    break;
                }
            }
        }
        Ok(self.list.as_mut())
    }
}

impl KnownList {
    fn read<T: ReadableTable<PieceKey, &'static [u8]>>(
        list: &StoredList<'_, T>,
    ) -> Result<Self, Fault> {
        let read = || {
            let head = list.head()?;
            let contents = Contents {
                span: head.span().clone(),
                notes: head.notes().ok_or_else(|| list.damaged("its head"))?,
                entries: list.entries(0..HASHES)?,
            };
            Ok((head.covered_from(), contents))
        };
        let (covered_from, contents) = match read() {
            Ok((covered_from, contents)) => (covered_from, Some(contents)),
            Err(Fault::Corrupted(_)) => (list.head().as_ref().map_or(0, Head::covered_from), None),
            Err(fault) => return Err(fault),
        };
        Ok(Self {
            level: list.level,
            index: list.index,
            covered_from,
            contents,
            span: Span::default(),
            compared: 0,
        })
    }
}
