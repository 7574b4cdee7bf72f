//! Takes the JSON texts of events apart into columns, so that they can be put together again.

use super::outline::{Before, Outline, STEPS_MAX, Slot, StepId};
use super::paths::{METADATA, PAYLOAD, PathId, Paths, Step};
use super::texts::Texts;
use super::{COLUMNS_MAX, DEPTH_MAX, EVENT_VALUES_MAX, KEY_BYTES_MAX, SHAPES_MAX, TABLES_MAX};
use crate::event::is_seen_as_stored;
use crate::json::scan;

/// The table of payloads, and that of metadata.
pub(super) const PAYLOADS: u32 = 0;
pub(super) const METADATAS: u32 = 1;

/// The shape of a record that is not taken apart. The others count from 1.
pub(super) const KEPT: u32 = 0;

/// A text that is not taken apart: it has spaces between its tokens, an escape in a key, a key
/// twice, very many values, or shapes beyond what a block has room for. Or it is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Odd;

/// The values at one path of a table's records.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) table: u32,
    pub(super) path: PathId,
    pub(super) texts: Texts,
}

/// Records that are alike: all payloads, all metadata, or all elements of arrays at one path.
#[derive(Debug)]
pub(super) struct Table {
    /// The table that has the arrays, and the path of their elements.
    pub(super) parent: u32,
    pub(super) path: PathId,
    pub(super) depth: usize,
    /// How many shapes there are, [`KEPT`] included.
    pub(super) shapes: u32,
    /// The shape of each record.
    pub(super) records: Vec<u16>,
    /// How many records there are at the end of each array.
    pub(super) ends: Vec<u32>,
}

/// What a row has added, so that it can be taken back.
#[derive(Clone, Copy, Debug)]
enum Added {
    Value(u32),
    Array(u32),
    Record(u32),
}

/// The texts of events as columns.
#[derive(Debug)]
pub(super) struct Shredder {
    pub(super) paths: Paths,
    pub(super) outline: Outline,
    pub(super) tables: Vec<Table>,
    pub(super) leaves: Vec<Leaf>,
    /// By path: the column of its values, and the table of its array's elements.
    leaf_of: Vec<Option<u32>>,
    table_of: Vec<Option<u32>>,
    added: Vec<Added>,
}

impl Shredder {
    pub(super) fn new() -> Self {
        let mut shredder = Self {
            paths: Paths::default(),
            outline: Outline::default(),
            tables: Vec::new(),
            leaves: Vec::new(),
            leaf_of: Vec::new(),
            table_of: Vec::new(),
            added: Vec::new(),
        };
        for path in [PAYLOAD, METADATA] {
            shredder.add_table(path, path, 0);
        }
        shredder
    }

    fn add_table(&mut self, parent: u32, path: PathId, depth: usize) -> u32 {
        self.tables.push(Table {
            parent,
            path,
            depth,
            shapes: KEPT + 1,
            records: Vec::new(),
            ends: Vec::new(),
        });
        self.outline.add_table();
        self.tables.len() as u32 - 1
    }

    /// Adds a row. One that is odd has no values, and its two records are [`KEPT`].
    pub(super) fn push(&mut self, payload: &str, metadata: &str) -> Result<(), Odd> {
        self.added.clear();
        if !is_seen_as_stored(payload, metadata) {
            self.push_kept();
            return Err(Odd);
        }
        let shredded = self
            .whole(PAYLOADS, payload.as_bytes())
            .and_then(|()| self.whole(METADATAS, metadata.as_bytes()));
        if shredded.is_err() {
            self.take_back();
            self.push_kept();
        }
        shredded
    }

    /// Adds a row without values.
    pub(super) fn push_kept(&mut self) {
        for table in [PAYLOADS, METADATAS] {
            self.tables[table as usize].records.push(KEPT as u16);
        }
    }

    fn take_back(&mut self) {
        while let Some(added) = self.added.pop() {
            match added {
                Added::Value(leaf) => self.leaves[leaf as usize].texts.pop(),
                Added::Array(table) => {
                    self.tables[table as usize].ends.pop();
                }
                Added::Record(table) => {
                    self.tables[table as usize].records.pop();
                }
            }
        }
    }

    fn whole(&mut self, table: u32, text: &[u8]) -> Result<(), Odd> {
        let end = self.record(table, text, 0)?;
        if end == text.len() { Ok(()) } else { Err(Odd) }
    }

    /// Adds the record of a table that begins at `at`, and gives where it ends.
    fn record(&mut self, table: u32, text: &[u8], mut at: usize) -> Result<usize, Odd> {
        let mut before = Before::Table(table);
        loop {
            let rest = text.get(at..).unwrap_or_default();
            let step = match self.outline.expected(before, rest) {
                Some(step) => step,
                None => self.step(before, table, text, at)?,
            };
            at += self.outline.literal(step).len();
            match self.outline.steps[step as usize].slot {
                Slot::Leaf(leaf) => {
                    let end = scan::value_end(text, at);
                    let value = text.get(at..end).ok_or(Odd)?;
                    self.leaves[leaf as usize].texts.push(value);
                    self.added.push(Added::Value(leaf));
                    at = end;
                }
                Slot::Array(elements) => at = self.array(elements, text, at)?,
                Slot::End(shape) => {
                    self.tables[table as usize].records.push(shape as u16);
                    self.added.push(Added::Record(table));
                    return Ok(at);
                }
            }
            before = Before::Step(step);
        }
    }

    /// Adds the elements of the array that begins at `at`, and gives where it ends.
    fn array(&mut self, table: u32, text: &[u8], mut at: usize) -> Result<usize, Odd> {
        loop {
            // After the bracket or the comma.
            at = self.record(table, text, at + 1)?;
            if self.added.len() > EVENT_VALUES_MAX {
                return Err(Odd);
            }
            match text.get(at) {
                Some(b',') => {}
                Some(b']') => break,
                _ => return Err(Odd),
            }
        }
        let table_ref = &mut self.tables[table as usize];
        // An event has a bounded number of elements.
        table_ref.ends.push(table_ref.records.len() as u32);
        self.added.push(Added::Array(table));
        Ok(at + 1)
    }

    /// The step after `before` that the text at `start` is, which becomes one of the steps unless it
    /// is.
    #[cold]
    fn step(
        &mut self,
        before: Before,
        table: u32,
        text: &[u8],
        start: usize,
    ) -> Result<StepId, Odd> {
        let mut at = start;
        let mut entered = Vec::new();
        let (mut objects, mut path) = match before {
            Before::Table(_) => (Vec::new(), Some(self.tables[table as usize].path)),
            Before::Step(step) => (self.outline.steps[step as usize].objects.to_vec(), None),
        };
        while path.is_none() {
            match (text.get(at), objects.last()) {
                (Some(b','), Some(object)) => path = Some(self.key(*object, text, &mut at)?),
                (Some(b'}'), Some(_)) => {
                    at += 1;
                    objects.pop();
                    if objects.is_empty() {
                        return self.end(before, table, &text[start..at]);
                    }
                }
                (_, None) => return self.end(before, table, &text[start..start]),
                _ => return Err(Odd),
            }
        }
        let mut path = path.ok_or(Odd)?;
        loop {
            entered.push(path);
            let rest = text.get(at..).unwrap_or_default();
            let slot = match rest {
                [b'{', b'}', ..] | [b'[', b']', ..] => Slot::Leaf(0),
                [b'{', ..] if objects.len() < DEPTH_MAX => {
                    objects.push(path);
                    path = self.key(path, text, &mut at)?;
                    continue;
                }
                [b'[', ..] if self.tables[table as usize].depth < DEPTH_MAX => Slot::Array(0),
                [
                    b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n',
                    ..,
                ] => Slot::Leaf(0),
                _ => return Err(Odd),
            };
            return self.value(before, table, &text[start..at], slot, &entered, &objects);
        }
    }

    /// Reads the key that follows on the bracket or comma at `at`, up to the value.
    fn key(&mut self, object: PathId, text: &[u8], at: &mut usize) -> Result<PathId, Odd> {
        let start = *at + 1;
        if text.get(start) != Some(&b'"') {
            return Err(Odd);
        }
        let end = scan::string_end(text, start);
        let key = text.get(start + 1..end - 1).ok_or(Odd)?;
        if key.contains(&b'\\') || key.len() > KEY_BYTES_MAX || text.get(end) != Some(&b':') {
            return Err(Odd);
        }
        *at = end + 1;
        let key = std::str::from_utf8(key).map_err(|_| Odd)?;
        self.paths.add(object, Step::Key(key.into())).ok_or(Odd)
    }

    fn end(&mut self, before: Before, table: u32, literal: &[u8]) -> Result<StepId, Odd> {
        let shape = self.tables[table as usize].shapes;
        let slot = Slot::End(shape);
        if let Some(step) = self.outline.find(before, literal, slot) {
            return Ok(step);
        }
        if shape as usize == SHAPES_MAX || self.outline.steps.len() == STEPS_MAX {
            return Err(Odd);
        }
        self.tables[table as usize].shapes += 1;
        Ok(self.outline.add(before, literal, slot, &[], &[]))
    }

    fn value(
        &mut self,
        before: Before,
        table: u32,
        literal: &[u8],
        slot: Slot,
        entered: &[PathId],
        objects: &[PathId],
    ) -> Result<StepId, Odd> {
        if let Some(step) = self.outline.find(before, literal, slot) {
            return Ok(step);
        }
        let has_key_twice = self.outline.has_entered(before, entered)
            || (1..entered.len()).any(|at| entered[..at].contains(&entered[at]));
        if has_key_twice || self.outline.steps.len() == STEPS_MAX {
            return Err(Odd);
        }
        let path = *entered.last().ok_or(Odd)?;
        let slot = match slot {
            Slot::Leaf(_) => Slot::Leaf(self.leaf(table, path)?),
            _ => Slot::Array(self.elements(table, path)?),
        };
        Ok(self.outline.add(before, literal, slot, entered, objects))
    }

    fn leaf(&mut self, table: u32, path: PathId) -> Result<u32, Odd> {
        let leaves = self.leaves.len();
        let found = slot_of(&mut self.leaf_of, path);
        if found.is_none() && leaves < COLUMNS_MAX {
            *found = Some(leaves as u32);
            self.leaves.push(Leaf {
                table,
                path,
                texts: Texts::default(),
            });
        }
        found.ok_or(Odd)
    }

    fn elements(&mut self, table: u32, path: PathId) -> Result<u32, Odd> {
        if let Some(found) = *slot_of(&mut self.table_of, path) {
            return Ok(found);
        }
        if self.tables.len() == TABLES_MAX {
            return Err(Odd);
        }
        let element = self.paths.add(path, Step::Element).ok_or(Odd)?;
        let depth = self.tables[table as usize].depth + 1;
        let elements = self.add_table(table, element, depth);
        *slot_of(&mut self.table_of, path) = Some(elements);
        Ok(elements)
    }
}

fn slot_of(slots: &mut Vec<Option<u32>>, path: PathId) -> &mut Option<u32> {
    let path = path as usize;
    if slots.len() <= path {
        slots.resize(path + 1, None);
    }
    &mut slots[path]
}
