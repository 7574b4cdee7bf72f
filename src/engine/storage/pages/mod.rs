//! Which pages of the tables are in use, so that all others can be overwritten.
//!
//! redb leaves what a page had in it when the page is not used any more. It has no way to have that overwritten, nor to
//! tell which pages those are. So this reads its trees, by the
//! [format](https://github.com/cberner/redb/blob/master/docs/design.md) of its files (version 3):
//!
//! ```text
//! header  0     magic, 9 bytes
//!         9     u8: its lowest bit says which of the two slots counts
//!         12    u32: the bytes in a page
//!         16    u32: the pages before those of a region; u32: the most pages of a region
//!         24    u32: regions that have so many; u32: the pages of one more, or 0
//!         64    the slots, 128 bytes each: u8: the version. u8: whether there are tables. u8: whether there are redb's own.
//!               From byte 8 on: the tree of tables, 32 bytes, and that of redb's own
//! tree          u64: the page of its root; 16 bytes: a checksum; u64: a length
//! page          u8: 1 for a leaf, 2 for a branch. From byte 2 on, u16: the number of entries, or one less than that of children
//! branch  8     16 bytes for each child: a checksum. Then, u64 of each child: its page
//! leaf    4     u32 of each entry: where its key ends. u32 of each: where its value ends. Then the keys and the values, if
//!               both can have any length, as those of a tree of tables do
//! table   0     u8: 3. u64: a length. u8: whether there is a root. Then its tree
//! ```
//!
//! What is freed waits, in two tables of redb's own, until nobody reads from it any more. Their keys have 16 bytes, and their
//! values are lists: u16: how many; u64 of each: a page. Such a page counts as one that is in use.
//!
//! In the number of a page, the highest 5 bits say how many pages it takes: 2 to the power of them. The lowest 20 are its
//! number among those of its region, and the next 20 that of the region.
//!
//! Nothing rests on this alone: redb says how many pages are allocated. Unless just as many were found, no page is
//! overwritten.

#[cfg(test)]
mod test;

use std::ops::Range;

use redb::StorageBackend;

use crate::block::bytes::{Reader, word};
use crate::engine::Fault;

const MAGIC: &[u8; 9] = b"redb\x1a\x0a\xa9\x0d\x0a";

/// The version of the format that is read here.
const VERSION: u8 = 3;

const HEADER_BYTES: usize = 320;
const SLOTS_AT: usize = 64;
const SLOT_BYTES: usize = 128;
const TREES_AT: usize = 8;
const TREE_BYTES: usize = 32;

const LEAF: u8 = 1;
const BRANCH: u8 = 2;

/// A table without tables in it.
const PLAIN_TABLE: u8 = 3;

/// The pages before all regions: that of the header.
const PAGES_BEFORE: u64 = 1;

/// The pages of a redb database, which begins at a byte of its storage.
pub(in crate::engine) struct Pages<'a> {
    backend: &'a dyn StorageBackend,
    start: u64,
    page_bytes: u64,
    /// The pages before those of each region, and the most that one has.
    region_head: u64,
    region_size: u64,
    /// How many pages there are in all regions.
    count: u64,
    /// Of each page, whether it is in use.
    used: Vec<bool>,
    used_count: u64,
    /// How many of these only wait to be free.
    waiting_count: u64,
}

/// What is in a tree.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entries {
    Tables,
    /// Tables of redb's own.
    OwnTables,
    /// Pages that wait to be free.
    Freed,
    Other,
}

/// The tables of redb's own whose values are lists of pages that wait to be free.
const FREED: [&[u8]; 2] = [b"data_pages_unreachable", b"system_pages_unreachable"];

/// The bytes in a key of theirs.
const FREED_KEY_BYTES: usize = 16;

impl<'a> Pages<'a> {
    /// Those of the database from byte `start` on, which nobody may be writing to meanwhile. It has so many bytes.
    ///
    /// # Errors
    ///
    /// Corruption: it is none, or of another version; a storage fault.
    pub(in crate::engine) fn of(
        backend: &'a dyn StorageBackend,
        start: u64,
        bytes: u64,
    ) -> Result<Self, Fault> {
        let mut header = [0; HEADER_BYTES];
        backend.read(start, &mut header)?;
        if header[..MAGIC.len()] != *MAGIC {
            return Err(unexpected("its header"));
        }
        let number = |at: usize| u64::from(word(&header, at));
        let (page_bytes, region_head, region_size) = (number(12), number(16), number(20));
        let (full, trailing) = (number(24), number(28));
        let count = u128::from(full * region_size) + u128::from(trailing);
        let heads = u128::from((full + u64::from(trailing > 0)) * region_head);
        let expected = (u128::from(PAGES_BEFORE) + heads + count) * u128::from(page_bytes);
        // redb gives a file no other length.
        if page_bytes == 0 || region_size == 0 || expected != u128::from(bytes) {
            return Err(unexpected("its length"));
        }
        let count = count as u64;
        let mut pages = Self {
            backend,
            start,
            page_bytes,
            region_head,
            region_size,
            count,
            used: vec![false; count as usize],
            used_count: 0,
            waiting_count: 0,
        };
        let slot_at = SLOTS_AT + usize::from(header[9] & 1) * SLOT_BYTES;
        let slot = &header[slot_at..slot_at + SLOT_BYTES];
        if slot[0] != VERSION {
            return Err(unexpected("its version"));
        }
        let trees = [
            (slot[1], TREES_AT, Entries::Tables),
            (slot[2], TREES_AT + TREE_BYTES, Entries::OwnTables),
        ];
        for (is_there, at, entries) in trees {
            if is_there != 0 {
                let root = root_of(&slot[at..]).ok_or_else(|| unexpected("its roots"))?;
                pages.visit(root, entries)?;
            }
        }
        Ok(pages)
    }

    /// How many pages are in use.
    pub(in crate::engine) const fn used_count(&self) -> u64 {
        self.used_count
    }

    /// How many of these are in no tree any more, and wait until nobody reads from them.
    pub(in crate::engine) const fn waiting_count(&self) -> u64 {
        self.waiting_count
    }

    /// Where in the storage the pages are that are not in use, in their order.
    pub(in crate::engine) fn unused(&self) -> Vec<Range<u64>> {
        let mut unused: Vec<Range<u64>> = Vec::new();
        for page in (0..self.count).filter(|page| !self.used[*page as usize]) {
            let at = self.place(page / self.region_size, page % self.region_size);
            let end = at + self.page_bytes;
            match unused.last_mut() {
                Some(last) if last.end == at => last.end = end,
                _ => unused.push(at..end),
            }
        }
        unused
    }

    /// Notes that a tree is in use, all of it.
    fn visit(&mut self, root: u64, entries: Entries) -> Result<(), Fault> {
        let mut next = vec![(root, entries)];
        while let Some((number, entries)) = next.pop() {
            let (at, length) = self.use_page(number)?;
            let mut head = [0; 4];
            self.backend.read(at, &mut head)?;
            if head[0] == LEAF && entries == Entries::Other {
                continue;
            }
            let mut page = vec![0; length];
            self.backend.read(at, &mut page)?;
            let count = usize::from(u16::from_le_bytes([head[2], head[3]]));
            let found = match (head[0], entries) {
                (BRANCH, _) => children_in(&page, count).map(|children| {
                    let children = children.into_iter();
                    children.map(|child| (child, entries)).collect()
                }),
                (LEAF, Entries::Freed) => {
                    let freed = freed_in(&page, count).ok_or_else(|| unexpected("a list"))?;
                    for number in freed {
                        let (_, bytes) = self.use_page(number)?;
                        self.waiting_count += bytes as u64 / self.page_bytes;
                    }
                    Some(Vec::new())
                }
                (LEAF, _) => roots_in(&page, count, entries),
                _ => None,
            };
            next.extend(found.ok_or_else(|| unexpected("a page"))?);
        }
        Ok(())
    }

    /// Notes that the page of a number is in use. Returns where it is, and how many bytes it has.
    fn use_page(&mut self, number: u64) -> Result<(u64, usize), Fault> {
        let order = number >> 59;
        let taken = 1_u64 << order.min(20);
        let index = number & (0xf_ffff >> order.min(20));
        let region = number >> 20 & 0xf_ffff;
        let within = index * taken;
        let first = region * self.region_size + within;
        let is_there = within + taken <= self.region_size && first + taken <= self.count;
        let pages = first as usize..(first + taken) as usize;
        let pages = self.used.get_mut(pages).filter(|_| is_there);
        let pages = pages.ok_or_else(|| unexpected("the number of a page"))?;
        if pages.contains(&true) {
            return Err(unexpected("a page that is used twice"));
        }
        pages.fill(true);
        self.used_count += taken;
        let at = self.place(region, within);
        Ok((at, (taken * self.page_bytes) as usize))
    }

    /// Where a page of a region is in the storage.
    const fn place(&self, region: u64, within: u64) -> u64 {
        let before = region * (self.region_head + self.region_size) + self.region_head;
        self.start + (PAGES_BEFORE + before + within) * self.page_bytes
    }
}

/// The page of the root of the tree that these bytes begin with.
fn root_of(bytes: &[u8]) -> Option<u64> {
    Reader::new(bytes).long()
}

/// The children of a branch with so many keys.
fn children_in(page: &[u8], keys: usize) -> Option<Vec<u64>> {
    let count = keys + 1;
    let numbers = page.get(8 + 16 * count..8 + 24 * count)?;
    let (numbers, _) = numbers.as_chunks::<8>();
    Some(
        numbers
            .iter()
            .map(|bytes| u64::from_le_bytes(*bytes))
            .collect(),
    )
}

/// Where the values of a leaf of so many entries begin, and where each of them ends. `values_at` is where that is told, and
/// `first` where the first one begins.
fn values_in(page: &[u8], count: usize, values_at: usize, first: usize) -> Option<Vec<&[u8]>> {
    let mut start = first;
    let value = |entry: usize| {
        let end = number_at(page, values_at + 4 * entry)?;
        let value = page.get(start..end)?;
        start = end;
        Some(value)
    };
    (0..count).map(value).collect()
}

fn number_at(page: &[u8], at: usize) -> Option<usize> {
    Some(word(page.get(at..at + 4)?, 0) as usize)
}

/// The roots of the tables that a leaf of so many entries has, and what is in each.
fn roots_in(page: &[u8], count: usize, entries: Entries) -> Option<Vec<(u64, Entries)>> {
    let mut roots = Vec::new();
    if count == 0 {
        return Some(roots);
    }
    let values_at = 4 + 4 * count;
    // The keys follow on both lists, and the values on the keys.
    let names = values_in(page, count, 4, values_at + 4 * count)?;
    let first = number_at(page, values_at - 4)?;
    let tables = values_in(page, count, values_at, first)?;
    for (name, table) in names.into_iter().zip(tables) {
        let (&kind, rest) = table.split_first()?;
        let (&has_root, tree) = rest.get(8..)?.split_first()?;
        if kind != PLAIN_TABLE {
            return None;
        }
        if has_root != 0 {
            let is_freed = entries == Entries::OwnTables && FREED.contains(&name);
            let entries = if is_freed {
                Entries::Freed
            } else {
                Entries::Other
            };
            roots.push((root_of(tree)?, entries));
        }
    }
    Some(roots)
}

/// The pages that are in the lists of a leaf of so many entries.
fn freed_in(page: &[u8], count: usize) -> Option<Vec<u64>> {
    let first = 4 + (4 + FREED_KEY_BYTES) * count;
    let mut freed = Vec::new();
    for list in values_in(page, count, 4, first)? {
        let (length, numbers) = list.split_first_chunk()?;
        let length = usize::from(u16::from_le_bytes(*length));
        let (numbers, _) = numbers.as_chunks::<8>();
        freed.extend(
            numbers
                .get(..length)?
                .iter()
                .map(|bytes| u64::from_le_bytes(*bytes)),
        );
    }
    Some(freed)
}

fn unexpected(what: &str) -> Fault {
    let text = format!(
        "which pages of the tables are in use cannot be found out: {what} is not what was expected"
    );
    Fault::Corrupted(text)
}
