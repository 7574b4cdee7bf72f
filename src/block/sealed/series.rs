//! Signed integers in as many bits as their range needs, any of which is read alone.
//!
//! ```text
//! form       u8      bits per integer; 128 is added where differences are kept
//! lowest     signed  the lowest integer, or the lowest difference
//! anchors    u8      where differences are kept: bits per anchor
//!            signed  the lowest anchor
//!            bits    every 16th integer, above the lowest anchor
//! packed     bits    what each integer, or its difference from the one before it, is above the lowest
//! ```
//!
//! Their number is known from elsewhere. All arithmetic wraps: whatever overflows on the way in does
//! so again on the way out.

use super::super::bytes::{Reader, write_signed};
use super::bits::{Bits, bits_of, pack};

const DIFFERENCES: u8 = 0x80;

/// Every so many integers one is kept whole: so many differences are added up at the most for one.
const ANCHOR_EVERY: usize = 16;

/// Appends `integers`. Those that follow from each other, such as counters and times, are kept as
/// differences.
pub(super) fn write(out: &mut Vec<u8>, integers: &[i64]) {
    if integers.is_empty() {
        return;
    }
    let (lowest, bits) = range(integers.iter().copied());
    let (step, step_bits) = range(differences(integers));
    let anchors = || integers.iter().copied().step_by(ANCHOR_EVERY);
    let (first, anchor_bits) = range(anchors());
    let count = integers.len();
    let plain_bits = count * bits as usize;
    let kept_bits =
        count * step_bits as usize + count.div_ceil(ANCHOR_EVERY) * anchor_bits as usize + 24;
    if plain_bits <= kept_bits {
        out.push(bits as u8);
        write_signed(out, lowest);
        pack(out, bits, integers.iter().map(|it| above(lowest, *it)));
        return;
    }
    out.push(step_bits as u8 | DIFFERENCES);
    write_signed(out, step);
    out.push(anchor_bits as u8);
    write_signed(out, first);
    pack(out, anchor_bits, anchors().map(|it| above(first, it)));
    let above_step = differences(integers).map(|it| above(step, it));
    pack(out, step_bits, std::iter::once(0).chain(above_step));
}

fn differences(integers: &[i64]) -> impl Iterator<Item = i64> {
    let pairs = integers.iter().zip(integers.iter().skip(1));
    pairs.map(|(before, after)| after.wrapping_sub(*before))
}

const fn above(lowest: i64, integer: i64) -> u64 {
    integer.wrapping_sub(lowest) as u64
}

/// The lowest integer, and the bits that the others need above it.
fn range(integers: impl Iterator<Item = i64>) -> (i64, u32) {
    let (lowest, highest) = integers.fold((i64::MAX, i64::MIN), |(lowest, highest), integer| {
        (lowest.min(integer), highest.max(integer))
    });
    if lowest > highest {
        return (0, 0);
    }
    (lowest, bits_of(above(lowest, highest)))
}

/// Where integers are in a piece.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Series {
    lowest: i64,
    packed: Bits,
    count: u32,
    has_anchors: bool,
    /// The lowest anchor, and what each is above it.
    first: i64,
    anchors: Bits,
}

impl Series {
    /// So many times the same integer.
    pub(super) fn constant(integer: i64, count: u32) -> Self {
        Self {
            count,
            lowest: integer,
            ..Self::default()
        }
    }

    /// Passes over `count` integers that [`write`] has written to a piece of `piece_bytes` bytes.
    pub(super) fn read(reader: &mut Reader<'_>, piece_bytes: usize, count: usize) -> Option<Self> {
        if count == 0 {
            return Some(Self::default());
        }
        let form = reader.byte()?;
        let lowest = reader.signed()?;
        let mut series = Self {
            lowest,
            count: u32::try_from(count).ok()?,
            has_anchors: form & DIFFERENCES != 0,
            ..Self::default()
        };
        if series.has_anchors {
            let bits = reader.byte()?;
            series.first = reader.signed()?;
            if lowest == 0 && form == DIFFERENCES {
                // So many times the same is not kept as differences.
                return None;
            }
            let number = count.div_ceil(ANCHOR_EVERY);
            series.anchors = Bits::read(reader, piece_bytes, bits, number)?;
        }
        series.packed = Bits::read(reader, piece_bytes, form & !DIFFERENCES, count)?;
        Some(series)
    }

    /// The integer, if the piece says in one that all are the same.
    pub(super) const fn only(&self) -> Option<i64> {
        if self.has_anchors || !self.packed.is_empty() {
            return None;
        }
        Some(self.lowest)
    }

    /// The integer with the number `index`. Beyond the last one it is unspecified.
    #[inline]
    pub(super) fn get(&self, piece: &[u8], index: usize) -> i64 {
        if !self.has_anchors {
            return self.above(piece, index);
        }
        let anchor = index / ANCHOR_EVERY;
        let start = anchor * ANCHOR_EVERY;
        let steps = self.lowest.wrapping_mul((index - start) as i64);
        let above = self.packed.sum(piece, start + 1..index + 1);
        self.first
            .wrapping_add(self.anchors.get(piece, anchor) as i64)
            .wrapping_add(steps)
            .wrapping_add(above as i64)
    }

    #[inline]
    fn above(&self, piece: &[u8], index: usize) -> i64 {
        self.lowest
            .wrapping_add(self.packed.get(piece, index) as i64)
    }

    /// The integers with the numbers `index` - 1, which is 0 before the first one, and `index`: what
    /// lies between the ends of two texts.
    #[inline]
    pub(super) fn span(&self, piece: &[u8], index: usize) -> (i64, i64) {
        if index == 0 {
            return (0, self.get(piece, 0));
        }
        let start = self.get(piece, index - 1);
        if self.has_anchors && !index.is_multiple_of(ANCHOR_EVERY) {
            return (start, start.wrapping_add(self.above(piece, index)));
        }
        (start, self.get(piece, index))
    }

    /// All of them, in order.
    pub(super) fn iter<'a>(&'a self, piece: &'a [u8]) -> impl Iterator<Item = i64> + 'a {
        let mut before = 0_i64;
        (0..self.count as usize).map(move |index| {
            before = if self.has_anchors && !index.is_multiple_of(ANCHOR_EVERY) {
                before.wrapping_add(self.above(piece, index))
            } else {
                self.get(piece, index)
            };
            before
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round_trip(integers: &[i64]) -> usize {
        let mut piece = vec![7];
        write(&mut piece, integers);
        let mut reader = Reader::new(&piece[1..]);
        let series = Series::read(&mut reader, piece.len(), integers.len()).unwrap();
        assert!(reader.is_at_end());
        let mut before = 0;
        for (index, integer) in integers.iter().enumerate() {
            assert_eq!(series.get(&piece, index), *integer);
            assert_eq!(series.span(&piece, index), (before, *integer));
            before = *integer;
        }
        assert_eq!(series.iter(&piece).collect::<Vec<_>>(), integers);
        for length in 1..piece.len() {
            let mut reader = Reader::new(&piece[1..length]);
            assert!(Series::read(&mut reader, length, integers.len()).is_none());
        }
        piece.len() - 1
    }

    #[test]
    fn integers_take_no_more_bits_than_their_range() {
        for (integers, bytes) in [
            (vec![], 0),
            (vec![7; 512], 2),
            ((0..512).map(|it| it * it % 2).collect(), 2 + 64),
            ((0..512).collect(), 2 + 2 + 32 * 9 / 8),
            (
                (0..512).map(|it| 1_000_000 + 3 * it).collect(),
                2 + 4 + 32 * 11 / 8,
            ),
        ] {
            assert_eq!(round_trip(&integers), bytes);
        }
    }

    #[test]
    fn the_widest_range_is_kept() {
        round_trip(&[i64::MIN, i64::MAX]);
        round_trip(&[i64::MAX, i64::MIN, 0, -1, 1, i64::MAX]);
        round_trip(&[i64::MIN; 3]);
    }

    proptest! {
        #[test]
        fn integers_are_read_as_they_were_written(
            lowest: i64,
            bits in 0_u32..64,
            integers in prop::collection::vec(any::<u64>(), 0..200),
            sums: bool,
        ) {
            let mut last = lowest;
            let integers: Vec<i64> = integers
                .into_iter()
                .map(|it| {
                    let integer = (if sums { last } else { lowest }).wrapping_add((it >> bits) as i64);
                    last = integer;
                    integer
                })
                .collect();
            round_trip(&integers);
        }
    }
}
