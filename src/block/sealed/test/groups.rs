//! What is read of a block for its rows, and what is kept of that.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::rebuilding::{Random, request};
use super::{Given, sealed};
use crate::block::ColumnKey;
use crate::block::sealed::{Block, Damaged, GROUP_ROWS, Group, RowBuffer, Source};

/// A block that counts how often it is read, and keeps its groups.
struct Keeping {
    bytes: Vec<u8>,
    reads: Cell<usize>,
    kept: RefCell<BTreeMap<usize, Arc<Group>>>,
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
}

impl Source for Keeping {
    type Fault = Damaged;

    fn read(&self, range: Range<usize>) -> Result<Cow<'_, [u8]>, Damaged> {
        self.reads.set(self.reads.get() + 1);
        self.bytes.read(range)
    }

    fn known_group(&self, number: usize) -> Option<Arc<Group>> {
        self.kept.borrow().get(&number).cloned()
    }

    fn has_room(&self) -> bool {
        self.has_room.get()
    }

    fn keep_group(&self, number: usize, group: &Arc<Group>) {
        let before = self.kept.borrow_mut().insert(number, Arc::clone(group));
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
fn of_a_lone_row_no_group_is_kept_but_where_there_is_room_for_it() {
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
    assert_eq!(source.kept(), [0, 2]);
    source.has_room.set(false);
    assert_eq!(read(2), 0);
}

#[test]
fn a_group_weighs_at_least_its_bytes() {
    let rows = rows();
    let source = Keeping::of(&rows);
    let block = Block::open(&source).unwrap();
    block.times().unwrap();
    for (number, group) in &*source.kept.borrow() {
        let piece = super::super::Directory::group_piece(*number);
        let bytes = block.directory().place(piece).unwrap().len();
        let weight = group.memory_bytes();
        assert!(
            (bytes..4 * bytes + 4_096).contains(&weight),
            "{weight} of {bytes}"
        );
    }
}
