//! Which of the records have something, and the how manieth each of those is.

use super::GROUP_ROWS;

/// How many words the rows of a group have bits in.
const FEW_WORDS: usize = GROUP_ROWS.div_ceil(u64::BITS as usize);

/// A bit for each record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ranks {
    words: Words,
    ones: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Words {
    /// Those of the rows of a group, which take no memory elsewhere. The others are zero.
    Few([u64; FEW_WORDS]),
    Many {
        words: Box<[u64]>,
        /// How many bits are set before each word.
        before: Box<[u32]>,
    },
}

impl Default for Words {
    fn default() -> Self {
        Self::Few([0; FEW_WORDS])
    }
}

/// Calls `fill` with words that have a bit for each of so many records, none of which is set.
pub(super) fn with_bits<T>(count: usize, fill: impl FnOnce(&mut [u64]) -> T) -> T {
    let words = count.div_ceil(u64::BITS as usize);
    let mut few = [0; FEW_WORDS];
    match few.get_mut(..words) {
        Some(few) => fill(few),
        None => fill(&mut vec![0; words]),
    }
}

impl Ranks {
    pub(super) fn new(words: &[u64]) -> Self {
        let count = |words: &[u64]| words.iter().map(|word| word.count_ones()).sum::<u32>();
        let mut few = [0; FEW_WORDS];
        let words = match few.get_mut(..words.len()) {
            Some(begin) => {
                begin.copy_from_slice(words);
                Words::Few(few)
            }
            None => {
                let before = (0..words.len()).scan(0, |ones, at| {
                    let before = *ones;
                    *ones += words[at].count_ones();
                    Some(before)
                });
                Words::Many {
                    before: before.collect(),
                    words: words.into(),
                }
            }
        };
        let mut ranks = Self { words, ones: 0 };
        ranks.ones = count(ranks.words()) as usize;
        ranks
    }

    /// Bits of bytes, lowest bit first.
    pub(super) fn of_bytes(bytes: &[u8]) -> Self {
        with_bits(bytes.len() * 8, |words| {
            for (at, byte) in bytes.iter().enumerate() {
                words[at / 8] |= u64::from(*byte) << (at % 8 * 8);
            }
            Self::new(words)
        })
    }

    fn words(&self) -> &[u64] {
        match &self.words {
            Words::Few(words) => words,
            Words::Many { words, .. } => words,
        }
    }

    /// How many bits are set before a word.
    #[inline]
    fn before(&self, word: usize) -> u32 {
        match &self.words {
            Words::Few(words) => words[..word].iter().map(|word| word.count_ones()).sum(),
            Words::Many { before, .. } => before[word],
        }
    }

    /// How many bits are set.
    pub(super) const fn ones(&self) -> usize {
        self.ones
    }

    /// How much memory it takes beside its own place.
    pub(super) fn memory_bytes(&self) -> usize {
        match &self.words {
            Words::Few(_) => 0,
            Words::Many { words, before } => size_of_val(&**words) + size_of_val(&**before),
        }
    }

    /// How many bits are set before `index`; `None` where that one is not set.
    #[inline]
    pub(super) fn rank(&self, index: usize) -> Option<usize> {
        let word = self.words().get(index / 64)?;
        let bit = 1 << (index % 64);
        let rank = self.before(index / 64) + (word & (bit - 1)).count_ones();
        (word & bit != 0).then_some(rank as usize)
    }

    /// The number of the last bit that is set up to `index`, and how far before `index` it is.
    #[inline]
    pub(super) fn last_one(&self, index: usize) -> Option<(usize, usize)> {
        let mut at = index / 64;
        let words = self.words();
        let mut word = *words.get(at)? & (u64::MAX >> (63 - index % 64));
        while word == 0 {
            at = at.checked_sub(1)?;
            word = words[at];
        }
        let rank = self.before(at) + word.count_ones() - 1;
        let last = at * 64 + 63 - word.leading_zeros() as usize;
        Some((rank as usize, index - last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranks_count_what_is_set(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let ranks = Ranks::of_bytes(&bytes);
            let mut last = None;
            let mut count = 0;
            for index in 0..bytes.len() * 8 {
                let is_set = bytes[index / 8] >> (index % 8) & 1 == 1;
                prop_assert_eq!(ranks.rank(index), is_set.then_some(count));
                if is_set {
                    last = Some((count, index));
                    count += 1;
                }
                let expected = last.map(|(rank, at)| (rank, index - at));
                prop_assert_eq!(ranks.last_one(index), expected);
            }
            prop_assert_eq!(ranks.ones(), count);
            prop_assert_eq!(ranks.rank(1 << 20), None);
            prop_assert_eq!(ranks.last_one(1 << 20), None);
        }
    }
}
