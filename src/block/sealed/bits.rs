//! Unsigned integers of a fixed number of bits, any of which is read alone.

use std::ops::Range;

use super::super::bytes::Reader;
pub(in crate::block) use super::super::integers::pack;

/// What begins at any bit of a byte and has so many bits is within eight bytes.
const WORD_BITS_MAX: u8 = 57;

/// How many bits `value` needs.
pub(super) const fn bits_of(value: u64) -> u32 {
    u64::BITS - value.leading_zeros()
}

/// Where packed integers are in a piece.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::block) struct Bits {
    at: u32,
    width: u8,
}

impl Bits {
    /// Passes over `count` integers that [`pack`] has written to a piece of `piece_bytes` bytes.
    pub(in crate::block) fn read(
        reader: &mut Reader<'_>,
        piece_bytes: usize,
        bits: u8,
        count: usize,
    ) -> Option<Self> {
        if u32::from(bits) > u64::BITS {
            return None;
        }
        let at = u32::try_from(piece_bytes - reader.rest().len()).ok()?;
        reader.take(count.checked_mul(usize::from(bits))?.div_ceil(8))?;
        Some(Self { at, width: bits })
    }

    /// Whether the integers have no bits, so that each is 0.
    pub(in crate::block) const fn is_empty(&self) -> bool {
        self.width == 0
    }

    /// The integer with the number `index`. Beyond the last one it is unspecified.
    #[inline]
    pub(in crate::block) fn get(&self, piece: &[u8], index: usize) -> u64 {
        let bit = index * usize::from(self.width);
        let (byte, shift) = (self.at as usize + bit / 8, bit % 8);
        if self.width <= WORD_BITS_MAX {
            return word_at(piece, byte) >> shift & self.mask();
        }
        let low = u128::from(word_at(piece, byte));
        let high = u128::from(word_at(piece, byte + size_of::<u64>()));
        let mask = u64::MAX >> (u64::BITS - u32::from(self.width));
        ((low | high << u64::BITS) >> shift) as u64 & mask
    }

    /// The bits of an integer that is within a word.
    #[inline]
    const fn mask(&self) -> u64 {
        (1 << self.width) - 1
    }

    /// The sum of the integers with the numbers in `range`, which wraps.
    #[inline]
    pub(in crate::block) fn sum(&self, piece: &[u8], range: Range<usize>) -> u64 {
        if self.width == 0 {
            return 0;
        }
        if self.width > WORD_BITS_MAX {
            let each = range.map(|index| self.get(piece, index));
            return each.fold(0, u64::wrapping_add);
        }
        let bits = usize::from(self.width);
        // As many as there are in a word that begins within a byte are taken at once.
        let at_once = usize::from(WORD_BITS_MAX) / bits;
        let (mut at, mut sum) = (range.start, 0_u64);
        while at < range.end {
            let bit = at * bits;
            let mut word = word_at(piece, self.at as usize + bit / 8) >> (bit % 8);
            for _ in 0..at_once.min(range.end - at) {
                sum = sum.wrapping_add(word & self.mask());
                word >>= bits;
            }
            at += at_once;
        }
        sum
    }
}

/// Eight bytes from `at` on, with zeros in the place of those beyond the end.
#[inline]
pub(in crate::block) fn word_at(bytes: &[u8], at: usize) -> u64 {
    match bytes.get(at..).and_then(<[u8]>::first_chunk) {
        Some(word) => u64::from_le_bytes(*word),
        None => last_word(bytes.get(at..).unwrap_or_default()),
    }
}

#[cold]
fn last_word(rest: &[u8]) -> u64 {
    let mut word = [0; size_of::<u64>()];
    let count = rest.len().min(word.len());
    word[..count].copy_from_slice(&rest[..count]);
    u64::from_le_bytes(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_integer_is_read_alone(
            bits in 0_u32..=64,
            values in prop::collection::vec(any::<u64>(), 0..60),
            before in 0_usize..5,
        ) {
            let mask = u64::MAX.checked_shr(64 - bits).unwrap_or(0);
            let values: Vec<u64> = values.into_iter().map(|value| value & mask).collect();
            let mut piece = vec![0xff; before];
            pack(&mut piece, bits, values.iter().copied());
            let mut reader = Reader::new(&piece[before..]);
            let packed = Bits::read(&mut reader, piece.len(), bits as u8, values.len()).unwrap();
            prop_assert!(reader.is_at_end());
            for (index, value) in values.iter().enumerate() {
                prop_assert_eq!(packed.get(&piece, index), *value);
                let sum = values[index / 2..=index].iter().copied().fold(0, u64::wrapping_add);
                prop_assert_eq!(packed.sum(&piece, index / 2..index + 1), sum);
            }
            let _ = packed.get(&piece, 1_000_000);
            let mut reader = Reader::new(&piece[before..]);
            let more = Bits::read(&mut reader, piece.len(), bits as u8, values.len() + 9);
            prop_assert_eq!(more.is_none(), bits > 0);
        }
    }

    #[test]
    fn more_bits_than_an_integer_has_are_refused() {
        assert!(Bits::read(&mut Reader::new(&[0; 99]), 99, 65, 1).is_none());
        assert!(Bits::read(&mut Reader::new(&[0; 99]), 99, 64, usize::MAX).is_none());
    }
}
