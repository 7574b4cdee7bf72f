//! What is looked up, and the events that can have it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::entry::Place;

/// What events are looked up for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// One of these hashes, or one of these notes, without which an event has none of the hashes.
    Value {
        /// The hashes of the values.
        hashes: Vec<u32>,
        /// Those of notes.
        notes: Vec<u32>,
    },
    /// All of these.
    All(Vec<Self>),
    /// One of these.
    Any(Vec<Self>),
}

/// Which events of a block can have what is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CandidateRows {
    /// Any of them.
    All,
    /// None but these, by their numbers in the block.
    Rows(BTreeSet<u32>),
}

/// Blocks that have events which can have what is looked up, by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidates(BTreeMap<u64, CandidateRows>);

/// A list that is asked.
pub trait Listed {
    /// Why it can fail.
    type Fault;

    /// Calls `visit` with each place of a value.
    ///
    /// # Errors
    ///
    /// What it fails with.
    fn places(&self, hash: u32, visit: &mut dyn FnMut(Place)) -> Result<(), Self::Fault>;

    /// Calls `visit` with each place of a note.
    ///
    /// # Errors
    ///
    /// What it fails with.
    fn noted(&self, note: u32, visit: &mut dyn FnMut(Place)) -> Result<(), Self::Fault>;
}

impl Wanted {
    /// The candidates in the blocks of a list that are `covered` by it, of which the first one of the list has the number
    /// `first`.
    ///
    /// # Errors
    ///
    /// What the list fails with.
    pub fn find<L: Listed>(
        &self,
        list: &L,
        first: u64,
        covered: &Range<u64>,
    ) -> Result<Candidates, L::Fault> {
        match self {
            Self::Value { hashes, notes } => {
                let mut found = Candidates::default();
                for hash in hashes {
                    list.places(*hash, &mut |place| found.add(place, first, covered))?;
                }
                for note in notes {
                    list.noted(*note, &mut |place| found.add(place, first, covered))?;
                }
                Ok(found)
            }
            Self::Any(parts) => {
                let mut found = Candidates::default();
                for part in parts {
                    found.unite(part.find(list, first, covered)?);
                }
                Ok(found)
            }
            Self::All(parts) => {
                let mut found: Option<Candidates> = None;
                for part in parts {
                    let own = part.find(list, first, covered)?;
                    found = Some(match found {
                        Some(found) => found.intersection(own),
                        None => own,
                    });
                    if found.as_ref().is_some_and(|found| found.0.is_empty()) {
                        break;
                    }
                }
                Ok(found.unwrap_or_else(|| Candidates::all(covered.clone())))
            }
        }
    }
}

impl FromIterator<(u64, CandidateRows)> for Candidates {
    fn from_iter<I: IntoIterator<Item = (u64, CandidateRows)>>(blocks: I) -> Self {
        Self(blocks.into_iter().collect())
    }
}

impl Candidates {
    /// All events of these blocks.
    #[must_use]
    pub fn all(blocks: Range<u64>) -> Self {
        Self(blocks.map(|block| (block, CandidateRows::All)).collect())
    }

    /// Adds those of other blocks.
    pub fn extend(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    /// The blocks, in their order, with their events.
    pub fn into_blocks(self) -> impl Iterator<Item = (u64, CandidateRows)> {
        self.0.into_iter()
    }

    fn add(&mut self, place: Place, first: u64, covered: &Range<u64>) {
        match place {
            Place::Row { block, row } => {
                let block = first + u64::from(block);
                if covered.contains(&block) {
                    let none = || CandidateRows::Rows(BTreeSet::new());
                    if let CandidateRows::Rows(rows) = self.0.entry(block).or_insert_with(none) {
                        rows.insert(row);
                    }
                }
            }
            Place::Block(block) => {
                let block = first + u64::from(block);
                if covered.contains(&block) {
                    self.0.insert(block, CandidateRows::All);
                }
            }
            Place::Every => *self = Self::all(covered.clone()),
        }
    }

    fn unite(&mut self, other: Self) {
        for (block, rows) in other.0 {
            let own = self.0.remove(&block);
            let rows = match (own, rows) {
                (None, rows) => rows,
                (Some(CandidateRows::Rows(mut own)), CandidateRows::Rows(rows)) => {
                    own.extend(rows);
                    CandidateRows::Rows(own)
                }
                _ => CandidateRows::All,
            };
            self.0.insert(block, rows);
        }
    }

    fn intersection(self, mut other: Self) -> Self {
        let both = self.0.into_iter().filter_map(|(block, own)| {
            let rows = match (own, other.0.remove(&block)?) {
                (CandidateRows::All, rows) | (rows, CandidateRows::All) => rows,
                (CandidateRows::Rows(own), CandidateRows::Rows(rows)) => {
                    let both: BTreeSet<u32> = own.intersection(&rows).copied().collect();
                    (!both.is_empty()).then_some(CandidateRows::Rows(both))?
                }
            };
            Some((block, rows))
        });
        Self(both.collect())
    }
}
