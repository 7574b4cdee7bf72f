//! Which of the records have something, and the how manieth each of those is.

/// A bit for each record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ranks {
    words: Box<[u64]>,
    /// How many bits are set before each word.
    before: Box<[u32]>,
    ones: usize,
}

impl Ranks {
    pub(super) fn new(words: Vec<u64>) -> Self {
        let mut ones = 0_u32;
        let before = words.iter().map(|word| {
            let before = ones;
            ones += word.count_ones();
            before
        });
        let before = before.collect();
        Self {
            words: words.into(),
            before,
            ones: ones as usize,
        }
    }

    /// Bits of bytes, lowest bit first.
    pub(super) fn of_bytes(bytes: &[u8]) -> Self {
        let word = |chunk: &[u8]| {
            let mut word = [0; size_of::<u64>()];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_le_bytes(word)
        };
        Self::new(bytes.chunks(size_of::<u64>()).map(word).collect())
    }

    /// How many bits are set.
    pub(super) const fn ones(&self) -> usize {
        self.ones
    }

    /// How much memory it takes beside its own place.
    pub(super) fn memory_bytes(&self) -> usize {
        size_of_val(&*self.words) + size_of_val(&*self.before)
    }

    /// How many bits are set before `index`; `None` where that one is not set.
    #[inline]
    pub(super) fn rank(&self, index: usize) -> Option<usize> {
        let word = self.words.get(index / 64)?;
        let bit = 1 << (index % 64);
        let rank = self.before.get(index / 64)? + (word & (bit - 1)).count_ones();
        (word & bit != 0).then_some(rank as usize)
    }

    /// The number of the last bit that is set up to `index`, and how far before `index` it is.
    #[inline]
    pub(super) fn last_one(&self, index: usize) -> Option<(usize, usize)> {
        let mut at = index / 64;
        let mut word = *self.words.get(at)? & (u64::MAX >> (63 - index % 64));
        while word == 0 {
            at = at.checked_sub(1)?;
            word = self.words[at];
        }
        let rank = self.before[at] + word.count_ones() - 1;
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
