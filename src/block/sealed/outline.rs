//! What all records of a block look like: a tree of the literal texts between their values.
//!
//! A record is the payload or the metadata of an event, or an element of an array. It is written as
//! literals and values in turn. Records that begin alike share the first steps, and each last step is
//! a _shape_: all that a record of that shape is, but for its values.
//!
//! ```text
//! steps      varint  how many there are
//! each       varint  0 for the first step of a table's records, else one more than the step before
//!            varint  the table, only for a first step
//!            varint  twice the bytes of the literal; 1 more for a shape
//!            bytes   the literal
//!            varint  unless it is a shape: the column that the value is in, of the columns of texts;
//!                    or the table of the array's elements, after all those
//! ```

use std::hash::BuildHasher;
use std::ops::Range;

use hashbrown::HashTable;

use crate::hashing::TextHash;
use crate::json::scan;

/// A step, by number.
pub(super) type StepId = u32;

/// A block with more steps has its other events kept as texts.
pub(super) const STEPS_MAX: usize = 1_536;

/// What comes after the literal of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Slot {
    /// A value of a column.
    Leaf(u32),
    /// The elements of an array, which are records of a table.
    Array(u32),
    /// Nothing: the record ends. It is the shape of that number.
    End(u32),
}

impl Slot {
    /// What slots of a kind have in common, so that it tells one step from another.
    const fn kind(self) -> u8 {
        match self {
            Self::Leaf(_) => 0,
            Self::Array(_) => 1,
            Self::End(_) => 2,
        }
    }
}

/// A literal and what comes after it.
#[derive(Debug)]
pub(super) struct Step {
    /// The step before it, or the table whose records begin with it.
    pub(super) before: Before,
    literal: Range<u32>,
    pub(super) slot: Slot,
    /// The paths that the step enters: of objects, and of its value.
    pub(super) paths: Box<[u32]>,
    /// The paths of the objects around the value, from the outermost.
    pub(super) objects: Box<[u32]>,
    /// The steps after it.
    after: Branches,
}

/// What a step follows on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Before {
    Table(u32),
    Step(StepId),
}

/// The steps that follow on one, the last one that was met first.
#[derive(Debug, Default)]
struct Branches(Vec<StepId>);

impl Branches {
    /// How many are tried before the text is looked at.
    const TRIED: usize = 6;
}

/// All steps.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) steps: Vec<Step>,
    literals: Vec<u8>,
    index: HashTable<StepId>,
    hash: TextHash,
    /// The first steps of each table's records.
    first: Vec<Branches>,
}

impl Outline {
    /// Adds a table, without steps.
    pub(super) fn add_table(&mut self) {
        self.first.push(Branches::default());
    }

    pub(super) fn literal(&self, step: StepId) -> &[u8] {
        let Range { start, end } = self.steps[step as usize].literal;
        &self.literals[start as usize..end as usize]
    }

    fn branches(&mut self, before: Before) -> &mut Branches {
        match before {
            Before::Table(table) => &mut self.first[table as usize],
            Before::Step(step) => &mut self.steps[step as usize].after,
        }
    }

    /// The step after `before` that `rest` begins with, if it is one of those met last.
    #[inline]
    pub(super) fn expected(&mut self, before: Before, rest: &[u8]) -> Option<StepId> {
        let branches = match before {
            Before::Table(table) => &self.first[table as usize],
            Before::Step(step) => &self.steps[step as usize].after,
        };
        let tried = branches.0.iter().take(Branches::TRIED);
        let fits = |step: &StepId| {
            let literal = self.literal(*step);
            let slot = self.steps[*step as usize].slot;
            scan::begins_with(rest, literal) && begins(slot, &rest[literal.len()..])
        };
        let (place, step) = tried.enumerate().find(|(_, step)| fits(step))?;
        let step = *step;
        if place > 0 {
            self.branches(before).0.swap(0, place);
        }
        Some(step)
    }

    /// The step after `before` with that literal and such a slot.
    pub(super) fn find(&mut self, before: Before, literal: &[u8], slot: Slot) -> Option<StepId> {
        let hash = self.hash.hash_one((before, literal, slot.kind()));
        let found = self.index.find(hash, |step| {
            let other = &self.steps[*step as usize];
            other.before == before
                && other.slot.kind() == slot.kind()
                && self.literal(*step) == literal
        });
        let found = *found?;
        let branches = &mut self.branches(before).0;
        if let Some(place) = branches.iter().position(|step| *step == found) {
            branches.swap(0, place);
        }
        Some(found)
    }

    /// Adds a step. There must be none yet with its literal and such a slot.
    pub(super) fn add(
        &mut self,
        before: Before,
        literal: &[u8],
        slot: Slot,
        paths: &[u32],
        objects: &[u32],
    ) -> StepId {
        let step = self.steps.len() as StepId;
        let start = self.literals.len() as u32;
        self.literals.extend_from_slice(literal);
        self.steps.push(Step {
            before,
            literal: start..self.literals.len() as u32,
            slot,
            paths: paths.into(),
            objects: objects.into(),
            after: Branches::default(),
        });
        let branches = &mut self.branches(before).0;
        branches.insert(0, step);
        let (steps, literals, hasher) = (&self.steps, &self.literals, &self.hash);
        let hash = hasher.hash_one((before, literal, slot.kind()));
        self.index.insert_unique(hash, step, |step| {
            let step = &steps[*step as usize];
            let literal = step.literal.start as usize..step.literal.end as usize;
            hasher.hash_one((step.before, &literals[literal], step.slot.kind()))
        });
        step
    }

    /// Whether a step before, or this one, enters one of these paths.
    pub(super) fn has_entered(&self, mut before: Before, paths: &[u32]) -> bool {
        while let Before::Step(step) = before {
            let step = &self.steps[step as usize];
            if step.paths.iter().any(|path| paths.contains(path)) {
                return true;
            }
            before = step.before;
        }
        false
    }
}

/// Whether what follows on a literal can be the slot's. A value that is an object or an array with
/// something in it may have to be taken apart.
#[inline]
fn begins(slot: Slot, rest: &[u8]) -> bool {
    match slot {
        Slot::Leaf(_) => match rest {
            [b'{', b'}', ..] | [b'[', b']', ..] => true,
            [first, ..] => *first != b'{' && *first != b'[',
            [] => false,
        },
        Slot::Array(_) => matches!(rest, [b'[', second, ..] if *second != b']'),
        Slot::End(_) => true,
    }
}
