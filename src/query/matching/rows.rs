//! A set of the rows of one chunk.

/// Some of a chunk's rows, which are numbered from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// A bit for each row, the first one lowest. Bits past the end are 0.
    words: Vec<u64>,
    len: usize,
}

const WORD_BITS: usize = u64::BITS as usize;

impl Rows {
    /// No row of `len`.
    #[must_use]
    pub fn none(len: usize) -> Self {
        Self {
            words: vec![0; len.div_ceil(WORD_BITS)],
            len,
        }
    }

    /// Each row of `len`.
    #[must_use]
    pub fn all(len: usize) -> Self {
        let mut words = vec![u64::MAX; len.div_ceil(WORD_BITS)];
        if let (Some(last), 1..) = (words.last_mut(), len % WORD_BITS) {
            *last = (1 << (len % WORD_BITS)) - 1;
        }
        Self { words, len }
    }

    /// How many rows the set could have.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.len
    }

    /// How many rows the set has.
    #[must_use]
    pub fn count(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// Whether the set has no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Whether the set has the row.
    #[must_use]
    pub fn contains(&self, row: usize) -> bool {
        self.words
            .get(row / WORD_BITS)
            .is_some_and(|word| word >> (row % WORD_BITS) & 1 == 1)
    }

    /// Adds a row. One past the end is not added.
    pub fn insert(&mut self, row: usize) {
        if row < self.len
            && let Some(word) = self.words.get_mut(row / WORD_BITS)
        {
            *word |= 1 << (row % WORD_BITS);
        }
    }

    /// Takes a row out.
    pub fn remove(&mut self, row: usize) {
        if let Some(word) = self.words.get_mut(row / WORD_BITS) {
            *word &= !(1 << (row % WORD_BITS));
        }
    }

    /// Keeps the rows that `other` has as well.
    pub fn intersect(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Adds the rows that `other` has.
    pub fn unite(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// Takes out the rows that `other` has.
    pub fn subtract(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    /// Keeps the rows whose code `passes` says 1 for; 0 is for the others. `codes` has one for each row.
    pub(in crate::query) fn retain_coded(&mut self, codes: &[u16], passes: &[u8]) {
        let mut passing = (0_u16..).zip(passes).filter(|(_, passes)| **passes == 1);
        match (passing.next(), passing.next()) {
            (None, _) => self.words.fill(0),
            (Some((code, _)), None) => self.retain_code(codes, code),
            _ => self.retain_words(codes, |code| {
                passes.get(usize::from(code)).copied().unwrap_or(0)
            }),
        }
    }

    /// Keeps the rows that have that code.
    fn retain_code(&mut self, codes: &[u16], wanted: u16) {
        for (word, codes) in self.words.iter_mut().zip(codes.chunks(WORD_BITS)) {
            // Without a way out of the loop, it looks at several codes at once.
            if !codes
                .iter()
                .fold(false, |any, code| any | (*code == wanted))
            {
                *word = 0;
            }
        }
        self.retain_words(codes, |code| u8::from(code == wanted));
    }

    /// Keeps the rows for whose code `passes` gives 1, and not 0.
    fn retain_words(&mut self, codes: &[u16], passes: impl Fn(u16) -> u8) {
        for (word, codes) in self.words.iter_mut().zip(codes.chunks(WORD_BITS)) {
            if *word == 0 {
                continue;
            }
            let mut passing = 0;
            for (bit, code) in codes.iter().enumerate() {
                passing |= u64::from(passes(*code)) << bit;
            }
            *word &= passing;
        }
    }

    /// Keeps the rows that `keep` says.
    pub fn retain(&mut self, mut keep: impl FnMut(usize) -> bool) {
        for (at, word) in self.words.iter_mut().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                let bit = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                if !keep(at * WORD_BITS + bit) {
                    *word &= !(1 << bit);
                }
            }
        }
    }

    /// The rows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let mut words = self.words.iter();
        let (mut rest, mut end) = (0_u64, 0);
        std::iter::from_fn(move || {
            while rest == 0 {
                rest = *words.next()?;
                end += WORD_BITS;
            }
            let bit = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            Some(end - WORD_BITS + bit)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn all_rows_end_where_the_chunk_ends() {
        for len in [0, 1, 63, 64, 65, 4095, 4096] {
            let all = Rows::all(len);
            assert_eq!(all.count(), len);
            assert!(all.iter().eq(0..len));
            assert_eq!(all.is_empty(), len == 0);
            assert!(Rows::none(len).is_empty());
        }
    }

    proptest! {
        #[test]
        fn rows_are_kept_by_their_codes(
            codes in prop::collection::vec(0_u16..4, 0..200),
            passes in prop::collection::vec(0_u8..2, 0..4),
            among: BTreeSet<u8>,
        ) {
            let mut rows = Rows::none(codes.len());
            for row in &among {
                rows.insert(usize::from(*row));
            }
            let mut kept = rows.clone();
            kept.retain_coded(&codes, &passes);
            rows.retain(|row| passes.get(usize::from(codes[row])) == Some(&1));
            prop_assert_eq!(kept, rows);
        }

        #[test]
        fn it_is_a_set(a: BTreeSet<u8>, b: BTreeSet<u8>, removed: u8) {
            let rows = |set: &BTreeSet<u8>| {
                let mut rows = Rows::none(256);
                for row in set {
                    rows.insert(usize::from(*row));
                }
                rows
            };
            let list = |rows: &Rows| rows.iter().map(|row| row as u8).collect::<BTreeSet<u8>>();
            prop_assert_eq!(&list(&rows(&a)), &a);
            prop_assert_eq!(rows(&a).count(), a.len());
            let mut met = rows(&a);
            met.intersect(&rows(&b));
            prop_assert_eq!(list(&met), &a & &b);
            let mut met = rows(&a);
            met.unite(&rows(&b));
            prop_assert_eq!(list(&met), &a | &b);
            let mut left = rows(&a);
            left.subtract(&rows(&b));
            prop_assert_eq!(list(&left), &a - &b);
            let mut kept = rows(&a);
            kept.retain(|row| b.contains(&(row as u8)));
            prop_assert_eq!(list(&kept), &a & &b);
            let mut without = rows(&a);
            without.remove(usize::from(removed));
            without.insert(256);
            let mut set = a;
            set.remove(&removed);
            prop_assert_eq!(list(&without), set);
        }
    }
}
