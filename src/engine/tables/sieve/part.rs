//! A part of a sieve: a bit for each of its events.

use std::ops::RangeInclusive;

use super::VERSION;
use crate::block::bytes::Reader;

/// How many events a part has.
pub(super) const PART_EVENTS: u64 = 4_096;

const WORDS: usize = (PART_EVENTS / u64::BITS as u64) as usize;

/// The events of a part that are out, by their rows from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part([u64; WORDS]);

impl Part {
    pub(super) const EMPTY: Self = Self([0; WORDS]);

    pub(super) const fn has(&self, row: u64) -> bool {
        self.0[(row / 64) as usize] >> (row % 64) & 1 == 1
    }

    pub(super) const fn insert(&mut self, row: u64) {
        self.0[(row / 64) as usize] |= 1 << (row % 64);
    }

    pub(super) fn count(&self, rows: RangeInclusive<u64>) -> u64 {
        if rows == (0..=PART_EVENTS - 1) {
            return self.0.iter().map(|word| u64::from(word.count_ones())).sum();
        }
        rows.filter(|row| self.has(*row)).count() as u64
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        for word in self.0 {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let version = reader.byte()?;
        let mut words = [0; WORDS];
        for word in &mut words {
            *word = reader.long()?;
        }
        (version == VERSION && reader.is_at_end()).then_some(Self(words))
    }
}
