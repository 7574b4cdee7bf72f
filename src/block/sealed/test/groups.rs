//! What is read of a block for its rows, and what is kept of that.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::rebuilding::{Random, request};
use super::{Given, sealed};
use crate::block::ColumnKey;
use crate::block::sealed::{Block, Damaged, GROUP_ROWS, Group, KnownGroup, RowBuffer, Source};

/// A block that counts how often it is read, and keeps its groups.
struct Keeping {
    bytes: Vec<u8>,
    reads: Cell<usize>,
    kept: RefCell<BTreeMap<usize, KnownGroup>>,
    has_room: Cell<bool>,
}

impl Keeping {
    fn of(rows: &[Given]) -> Self {
        Self {
            bytes: sealed(rows),
            reads: Cell::new(0),
            kept: RefCell::default(),
            has_room: Cell::new(false),
        }
    }

    fn kept(&self) -> Vec<usize> {
        self.kept.borrow().keys().copied().collect()
    }

    /// The groups of which the bytes alone are kept.
    fn kept_pieces(&self) -> Vec<usize> {
        let kept = self.kept.borrow();
        let pieces = kept
            .iter()
            .filter(|(_, known)| matches!(known, KnownGroup::Piece(_)));
        pieces.map(|(number, _)| *number).collect()
    }
}

impl Source for Keeping {
    type Fault = Damaged;

    fn read(&self, range: Range<usize>) -> Result<Cow<'_, [u8]>, Damaged> {
        self.reads.set(self.reads.get() + 1);
        self.bytes.read(range)
    }

    fn known_group(&self, number: usize) -> Option<KnownGroup> {
        self.kept.borrow().get(&number).cloned()
    }

    fn has_room(&self) -> bool {
        self.has_room.get()
    }

    fn keep_group(&self, number: usize, group: &Arc<Group>) {
        let group = KnownGroup::Read(Arc::clone(group));
        let before = self.kept.borrow_mut().insert(number, group);
        let is_new = !matches!(before, Some(KnownGroup::Read(_)));
        assert!(is_new, "group {number} was read again");
    }

    fn keep_piece(&self, number: usize, piece: &Arc<[u8]>) {
        let piece = KnownGroup::Piece(Arc::clone(piece));
        let before = self.kept.borrow_mut().insert(number, piece);
        assert!(before.is_none(), "group {number} was read again");
    }
}

fn rows() -> Vec<Given> {
    let mut random = Random(3);
    let row = |number| Given::of(number, request(&mut random));
    (0..3 * GROUP_ROWS + 5).map(row).collect()
}

#[test]
fn a_row_needs_its_group_alone_and_that_once() {
    let rows = rows();
    let source = Keeping::of(&rows);
    let first = Block::open(&source).unwrap();
    let mut buffer = RowBuffer::default();
    let mut read = |block: &Block<&Keeping>, row: usize| {
        let before = source.reads.get();
        assert_eq!(block.row(row, &mut buffer), Ok(rows[row].row()));
        source.reads.get() - before
    };
    // How the columns are written, and the group.
    assert_eq!(read(&first, GROUP_ROWS + 1), 2);
    assert_eq!(read(&first, 2 * GROUP_ROWS - 1), 0);
    assert_eq!(read(&first, 0), 1);
    // What it had before is still known where groups are kept, for others too.
    assert_eq!(read(&first, GROUP_ROWS), 0);
    let second = Block::of(&source, Arc::clone(first.loaded()));
    assert_eq!(read(&second, 5), 0);
    assert_eq!(read(&second, 3 * GROUP_ROWS), 1);
    assert_eq!(source.kept(), [0, 1, 3]);
    // A column needs each of them.
    let before = source.reads.get();
    assert!(second.column(&ColumnKey::EventType).unwrap().is_some());
    assert_eq!(source.reads.get() - before, 1);
}

#[test]
fn of_a_lone_row_nothing_is_kept_but_the_bytes_of_its_group_where_there_is_room() {
    let mut rows = rows();
    // One that is kept as text, which is read with its group.
    rows[2 * GROUP_ROWS].payload = "{ }".to_owned();
    let source = Keeping::of(&rows);
    let mut buffer = RowBuffer::default();
    let mut read = |row: usize| {
        let before = source.reads.get();
        let block = Block::open(&source).unwrap();
        assert_eq!(block.lone_row(row, &mut buffer), Ok(rows[row].row()));
        assert_eq!(
            block.lone_link(row, &mut buffer).unwrap().back,
            rows[row].back
        );
        // Without the directory, and how the columns are written.
        source.reads.get() - before - 3
    };
    assert_eq!(read(1), 2);
    assert_eq!(read(GROUP_ROWS), 2);
    assert!(source.kept().is_empty());
    assert_eq!(read(2 * GROUP_ROWS + 1), 1);
    assert_eq!(source.kept(), [2]);
    // Its text, and the one that this is like.
    assert_eq!(read(2 * GROUP_ROWS), 2);
    source.has_room.set(true);
    assert_eq!(read(1), 1);
    assert_eq!((source.kept(), source.kept_pieces()), (vec![0, 2], vec![0]));
    source.has_room.set(false);
    assert_eq!(read(2), 0);
    assert_eq!(source.kept_pieces(), [0]);
    // Who reads more of the group has it in the place of the bytes, and does not read these again. Others have it then.
    let before = source.reads.get();
    let block = Block::open(&source).unwrap();
    assert_eq!(block.row(3, &mut buffer), Ok(rows[3].row()));
    // The directory, and how the columns are written.
    assert_eq!(source.reads.get() - before, 3);
    assert_eq!((source.kept(), source.kept_pieces()), (vec![0, 2], vec![]));
    let block = Block::of(&source, Arc::clone(block.loaded()));
    assert_eq!(block.lone_row(4, &mut buffer), Ok(rows[4].row()));
    assert_eq!(source.reads.get() - before, 3);
}

#[test]
fn columns_are_read_of_the_bytes_of_groups_that_are_kept() {
    let rows = rows();
    let source = Keeping::of(&rows);
    source.has_room.set(true);
    let block = Block::open(&source).unwrap();
    let mut buffer = RowBuffer::default();
    for row in (0..rows.len()).step_by(GROUP_ROWS) {
        assert_eq!(block.lone_row(row, &mut buffer), Ok(rows[row].row()));
    }
    assert_eq!(source.kept_pieces(), [0, 1, 2, 3]);
    let before = source.reads.get();
    let fresh = Block::open(source.bytes.as_slice()).unwrap();
    let path = ColumnKey::Path {
        metadata: false,
        keys: &["path"],
    };
    for key in [ColumnKey::EventType, ColumnKey::StreamId, path] {
        let read = block.column(&key).unwrap();
        let expected = fresh.column(&key).unwrap();
        assert!(expected.is_some());
        assert_eq!(format!("{read:?}"), format!("{expected:?}"));
    }
    assert_eq!(block.times().unwrap(), fresh.times().unwrap());
    assert_eq!(source.reads.get(), before);
}

#[test]
fn the_bytes_of_a_damaged_group_are_not_kept() {
    let rows = rows();
    let mut source = Keeping::of(&rows);
    source.has_room.set(true);
    let place = {
        let directory = Arc::clone(Block::open(&source).unwrap().directory());
        directory
            .place(super::super::Directory::group_piece(1))
            .unwrap()
    };
    source.bytes[place.end - 1] ^= 1;
    let block = Block::open(&source).unwrap();
    let mut buffer = RowBuffer::default();
    for row in [GROUP_ROWS, 2 * GROUP_ROWS - 1] {
        assert!(block.lone_row(row, &mut buffer).is_err());
        assert!(block.lone_link(row, &mut buffer).is_err());
    }
    assert!(source.kept().is_empty());
    assert_eq!(block.lone_row(1, &mut buffer), Ok(rows[1].row()));
}

#[test]
fn a_group_weighs_at_least_its_bytes() {
    let rows = rows();
    let source = Keeping::of(&rows);
    let block = Block::open(&source).unwrap();
    block.times().unwrap();
    let mut buffer = RowBuffer::default();
    for row in (0..rows.len()).step_by(GROUP_ROWS) {
        block.row(row, &mut buffer).unwrap();
    }
    assert_eq!(source.kept(), [0, 1, 2, 3]);
    for (number, known) in &*source.kept.borrow() {
        let KnownGroup::Read(group) = known else {
            panic!("of group {number}, the bytes are kept");
        };
        let piece = super::super::Directory::group_piece(*number);
        let bytes = block.directory().place(piece).unwrap().len();
        let weight = group.memory_bytes();
        assert!(
            (bytes..4 * bytes + 4_096).contains(&weight),
            "{weight} of {bytes}"
        );
    }
}
