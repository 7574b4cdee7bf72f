//! The shapes of records, as they are read: what stands around their values.

use std::ops::Range;

use super::super::bytes::{Reader, write_varint};
use super::outline::{Before, STEPS_MAX, Slot};
use super::shredder::{KEPT, Shredder};
use super::{SHAPES_MAX, TABLES_MAX};

/// A table, as it is read.
#[derive(Debug, PartialEq)]
pub(super) struct TableShape {
    /// The table that has the arrays whose elements are the records.
    pub(super) parent: u32,
    pub(super) path: u32,
    /// By shape; that of what is kept as text has nothing.
    pub(super) shapes: Vec<Template>,
    /// The values and arrays that its records have in one shape or another, ascending.
    pub(super) slots: Vec<Slot>,
}

/// All that a record of one shape is, but for its values.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Template {
    pub(super) parts: Box<[TemplatePart]>,
    /// The last literal.
    pub(super) end: Range<u32>,
}

/// A literal, and what comes after it.
#[derive(Debug, PartialEq)]
pub(super) struct TemplatePart {
    pub(super) literal: Range<u32>,
    pub(super) slot: Slot,
    /// Which of the table's slots it is.
    pub(super) place: usize,
}

/// The tables of a block, with the literals of their shapes.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Templates {
    pub(super) tables: Vec<TableShape>,
    literals: Box<[u8]>,
}

impl Templates {
    pub(super) fn literal(&self, range: &Range<u32>) -> &[u8] {
        // The ranges are those that the literals were read to.
        self.literals
            .get(range.start as usize..range.end as usize)
            .unwrap_or_default()
    }

    /// All literals, one after the other.
    pub(super) fn literals(&self) -> &[u8] {
        &self.literals
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let of_shape = |shape: &Template| size_of::<Template>() + size_of_val(&*shape.parts);
        let of_table = |table: &TableShape| {
            size_of::<TableShape>()
                + table.shapes.iter().map(of_shape).sum::<usize>()
                + size_of_val(&*table.slots)
        };
        self.literals.len() + self.tables.iter().map(of_table).sum::<usize>()
    }

    /// Reads what [`write`] has written. `leaf_tables` has the table of each column.
    pub(super) fn read(reader: &mut Reader<'_>, leaf_tables: &[u32]) -> Option<Self> {
        let tables = reader
            .count()
            .filter(|count| (2..=TABLES_MAX).contains(count))?;
        let mut templates = Vec::with_capacity(tables);
        for number in 0..tables as u32 {
            let parent = u32::try_from(reader.varint()?).ok()?;
            // Elements are of a table before theirs, so that nothing contains itself.
            if number >= 2 && parent >= number {
                return None;
            }
            templates.push(TableShape {
                parent,
                path: u32::try_from(reader.varint()?).ok()?,
                shapes: vec![Template::default()],
                slots: Vec::new(),
            });
        }
        if leaf_tables.iter().any(|table| *table as usize >= tables) {
            return None;
        }
        let mut reading = TemplateReading {
            tables: templates,
            leaf_tables,
            steps: Vec::new(),
            literals: Vec::new(),
        };
        let steps = reader.count().filter(|count| *count <= STEPS_MAX)?;
        for _ in 0..steps {
            reading.step(reader)?;
        }
        for table in &mut reading.tables {
            table.slots.sort_unstable_by_key(slot_order);
            table.slots.dedup();
            let parts = table.shapes.iter_mut().flat_map(|shape| &mut shape.parts);
            for part in parts {
                let slot = slot_order(&part.slot);
                part.place = table.slots.binary_search_by_key(&slot, slot_order).ok()?;
            }
        }
        Some(Self {
            tables: reading.tables,
            literals: reading.literals.into(),
        })
    }
}

/// Slots in some order.
const fn slot_order(slot: &Slot) -> (u8, u32) {
    match slot {
        Slot::Leaf(leaf) => (0, *leaf),
        Slot::Array(table) => (1, *table),
        Slot::End(shape) => (2, *shape),
    }
}

struct TemplateReading<'a> {
    tables: Vec<TableShape>,
    leaf_tables: &'a [u32],
    /// The table, the step before, the literal and the slot of each.
    steps: Vec<(u32, Option<usize>, Range<u32>, Slot)>,
    literals: Vec<u8>,
}

impl TemplateReading<'_> {
    fn step(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let (table, before) = match reader.count()?.checked_sub(1) {
            None => {
                let table = u32::try_from(reader.varint()?).ok()?;
                ((table as usize) < self.tables.len()).then_some((table, None))?
            }
            Some(before) => {
                let (table, _, _, slot) = self.steps.get(before)?;
                (!matches!(slot, Slot::End(_))).then_some((*table, Some(before)))?
            }
        };
        let literal = reader.count()?;
        let start = self.literals.len() as u32;
        self.literals.extend_from_slice(reader.take(literal / 2)?);
        let literal_range = start..self.literals.len() as u32;
        let tables = self.tables.len() as u32;
        let slot = if literal % 2 == 1 {
            let shape = self.tables[table as usize].shapes.len();
            (shape < SHAPES_MAX).then_some(Slot::End(shape as u32))?
        } else {
            let id = u32::try_from(reader.varint()?).ok()?;
            match id.checked_sub(self.leaf_tables.len() as u32) {
                None => {
                    let is_own = self.leaf_tables[id as usize] == table;
                    is_own.then_some(Slot::Leaf(id))?
                }
                Some(elements) => {
                    let is_own = (2..tables).contains(&elements)
                        && self.tables[elements as usize].parent == table;
                    is_own.then_some(Slot::Array(elements))?
                }
            }
        };
        match slot {
            Slot::End(_) => {
                let template = self.template(before, literal_range.clone());
                self.tables[table as usize].shapes.push(template);
            }
            slot => self.tables[table as usize].slots.push(slot),
        }
        self.steps.push((table, before, literal_range, slot));
        Some(())
    }

    fn template(&self, mut before: Option<usize>, end: Range<u32>) -> Template {
        let mut parts = Vec::new();
        while let Some((_, earlier, literal, slot)) = before.and_then(|it| self.steps.get(it)) {
            parts.push(TemplatePart {
                literal: literal.clone(),
                slot: *slot,
                place: 0,
            });
            before = *earlier;
        }
        parts.reverse();
        Template {
            parts: parts.into(),
            end,
        }
    }
}

/// Appends the tables and the outline of their records.
///
/// ```text
/// tables     varint  how many there are
/// each       varint  the table that has the arrays; varint: the path
/// outline            see there
/// ```
pub(super) fn write(out: &mut Vec<u8>, shredder: &Shredder) {
    write_varint(out, shredder.tables.len() as u64);
    for table in &shredder.tables {
        write_varint(out, u64::from(table.parent));
        write_varint(out, u64::from(table.path));
    }
    let outline = &shredder.outline;
    write_varint(out, outline.steps.len() as u64);
    for (number, step) in outline.steps.iter().enumerate() {
        match step.before {
            Before::Table(table) => {
                out.push(0);
                write_varint(out, u64::from(table));
            }
            Before::Step(step) => write_varint(out, 1 + u64::from(step)),
        }
        let literal = outline.literal(number as u32);
        let is_shape = matches!(step.slot, Slot::End(_));
        write_varint(out, 2 * literal.len() as u64 + u64::from(is_shape));
        out.extend_from_slice(literal);
        match step.slot {
            Slot::Leaf(leaf) => write_varint(out, u64::from(leaf)),
            Slot::Array(table) => {
                write_varint(out, shredder.leaves.len() as u64 + u64::from(table));
            }
            Slot::End(shape) => debug_assert!(shape > KEPT),
        }
    }
}
