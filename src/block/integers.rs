//! Integers in as many bits as their range needs.
//!
//! ```text
//! form       u8      bits per integer; 128 is added where differences are kept
//! first      signed  the lowest integer, or the first one
//! step       signed  the lowest difference; only where differences are kept
//! packed     bits    what each one is above the lowest, lowest bit first
//! ```
//!
//! All arithmetic wraps: whatever overflows on the way in does so again on the way out.

use super::bytes::{Reader, write_signed};

const DIFFERENCES: u8 = 0x80;

/// Appends `integers`, whose number the reader has to know. Those of which each follows from the one
/// before it, such as counters and times, are kept as differences.
pub(super) fn write(out: &mut Vec<u8>, integers: &[i64]) {
    let Some(&first) = integers.first() else {
        return;
    };
    let (lowest, plain_bits) = range(integers.iter().copied());
    let (step, difference_bits) = range(differences(integers));
    let bytes = |bits: u32| (integers.len() * bits as usize).div_ceil(8);
    // The step takes one byte at least.
    if bytes(difference_bits) + 1 < bytes(plain_bits) {
        out.push(difference_bits as u8 | DIFFERENCES);
        write_signed(out, first);
        write_signed(out, step);
        pack(
            out,
            difference_bits,
            differences(integers).map(|it| above(step, it)),
        );
    } else {
        out.push(plain_bits as u8);
        write_signed(out, lowest);
        pack(
            out,
            plain_bits,
            integers.iter().map(|it| above(lowest, *it)),
        );
    }
}

/// Reads `count` integers.
pub(super) fn read(reader: &mut Reader<'_>, count: usize) -> Option<Vec<i64>> {
    read_as(reader, count, |integer| integer)
}

/// Reads `count` integers, each of which is made something else.
pub(super) fn read_as<T>(
    reader: &mut Reader<'_>,
    count: usize,
    mut make: impl FnMut(i64) -> T,
) -> Option<Vec<T>> {
    if count == 0 {
        return Some(Vec::new());
    }
    let form = reader.byte()?;
    let bits = usize::from(form & !DIFFERENCES);
    let first = reader.signed()?;
    if form & DIFFERENCES == 0 {
        return unpack(reader, bits, count, |above| {
            make(first.wrapping_add(above as i64))
        });
    }
    let step = reader.signed()?;
    let mut integer = first;
    let mut all = Vec::with_capacity(count);
    all.push(make(first));
    all.append(&mut unpack(reader, bits, count - 1, |above| {
        integer = integer.wrapping_add(step.wrapping_add(above as i64));
        make(integer)
    })?);
    Some(all)
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
    (lowest, u64::BITS - above(lowest, highest).leading_zeros())
}

/// Appends the lowest `bits` bits of each integer, lowest bit first.
pub(super) fn pack(out: &mut Vec<u8>, bits: u32, integers: impl Iterator<Item = u64>) {
    let mut held = 0_u128;
    let mut held_bits = 0;
    for integer in integers {
        held |= u128::from(integer) << held_bits;
        held_bits += bits;
        if held_bits >= u64::BITS {
            out.extend_from_slice(&(held as u64).to_le_bytes());
            held >>= u64::BITS;
            held_bits -= u64::BITS;
        }
    }
    let last = (held as u64).to_le_bytes();
    out.extend_from_slice(&last[..held_bits.div_ceil(8) as usize]);
}

/// Makes something of each of the `count` integers that [`pack`] has written.
fn unpack<T>(
    reader: &mut Reader<'_>,
    bits: usize,
    count: usize,
    mut make: impl FnMut(u64) -> T,
) -> Option<Vec<T>> {
    const WORDS: usize = size_of::<u128>();

    if bits > u64::BITS as usize {
        return None;
    }
    let packed = reader.take(count.checked_mul(bits)?.div_ceil(8))?;
    let mut integers = Vec::with_capacity(count);
    if bits == 0 {
        integers.extend((0..count).map(|_| make(0)));
        return Some(integers);
    }
    let mask = mask(bits);
    let mut bytes = Vec::with_capacity(packed.len() + WORDS);
    bytes.extend_from_slice(packed);
    // So that a word can be read wherever an integer begins.
    bytes.resize(packed.len() + WORDS, 0);
    match bits {
        1 => unpack_narrow::<1, T>(&bytes, count, make, &mut integers),
        2 => unpack_narrow::<2, T>(&bytes, count, make, &mut integers),
        3 => unpack_narrow::<3, T>(&bytes, count, make, &mut integers),
        4 => unpack_narrow::<4, T>(&bytes, count, make, &mut integers),
        5 => unpack_narrow::<5, T>(&bytes, count, make, &mut integers),
        6 => unpack_narrow::<6, T>(&bytes, count, make, &mut integers),
        7 => unpack_narrow::<7, T>(&bytes, count, make, &mut integers),
        8 => unpack_narrow::<8, T>(&bytes, count, make, &mut integers),
        // What begins at any bit of a byte and has so many bits is within eight bytes.
        9..=57 => integers.extend((0..count).map(|at| {
            let word = word_at(&bytes, at * bits / 8);
            make((word >> (at * bits % 8)) & mask)
        })),
        _ => integers.extend((0..count).map(|at| {
            let byte = at * bits / 8;
            let words = bytes.get(byte..).and_then(<[u8]>::first_chunk::<WORDS>);
            let words = words.map_or(0, |words| u128::from_le_bytes(*words));
            make((words >> (at * bits % 8)) as u64 & mask)
        })),
    }
    Some(integers)
}

/// As [`unpack`], for widths that the compiler knows, so that it knows by how much to shift.
fn unpack_narrow<const BITS: usize, T>(
    bytes: &[u8],
    count: usize,
    mut make: impl FnMut(u64) -> T,
    integers: &mut Vec<T>,
) {
    const GROUP: usize = 8;
    // Eight integers are as many bytes as each has bits, and within one word.
    for group in 0..count / GROUP {
        let word = word_at(bytes, group * BITS);
        let group: [T; GROUP] = std::array::from_fn(|at| make((word >> (at * BITS)) & mask(BITS)));
        integers.extend(group);
    }
    let rest = word_at(bytes, count / GROUP * BITS);
    let rest = (0..count % GROUP).map(|at| make((rest >> (at * BITS)) & mask(BITS)));
    integers.extend(rest);
}

const fn mask(bits: usize) -> u64 {
    u64::MAX >> (u64::BITS as usize - bits)
}

fn word_at(bytes: &[u8], at: usize) -> u64 {
    let word = bytes.get(at..).and_then(<[u8]>::first_chunk);
    word.map_or(0, |word| u64::from_le_bytes(*word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(integers: &[i64]) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut out, integers);
        out
    }

    fn round_trip(integers: &[i64]) {
        let out = written(integers);
        let mut reader = Reader::new(&out);
        assert_eq!(read(&mut reader, integers.len()).as_deref(), Some(integers));
        assert!(reader.is_at_end());
        for length in 0..out.len() {
            let mut reader = Reader::new(&out[..length]);
            assert_eq!(read(&mut reader, integers.len()), None);
        }
    }

    #[test]
    fn integers_take_no_more_bits_than_their_range() {
        for (integers, bytes) in [
            (vec![], 0),
            (vec![7; 1_000], 2),
            ((0..1_000).collect(), 3),
            ((0..1_000).map(|it| 1_000 - 3 * it).collect(), 4),
            ((0..1_000).map(|it| it * 7 % 2).collect(), 2 + 125),
            (
                (0..800).map(|it| it * 2_654_435_761 % 1_000).collect(),
                2 + 1_000,
            ),
        ] {
            assert_eq!(written(&integers).len(), bytes);
            round_trip(&integers);
        }
    }

    #[test]
    fn the_widest_range_is_kept() {
        round_trip(&[i64::MIN, i64::MAX]);
        round_trip(&[i64::MAX, i64::MIN, 0, -1, 1, i64::MAX]);
        round_trip(&[i64::MIN; 3]);
    }

    #[test]
    fn more_bits_than_an_integer_has_are_refused() {
        let mut bytes = vec![65, 0];
        bytes.resize(100, 0);
        assert_eq!(read(&mut Reader::new(&bytes), 2), None);
    }

    proptest! {
        #[test]
        fn integers_are_read_as_they_were_written(
            lowest: i64,
            bits in 0_u32..64,
            integers in prop::collection::vec(any::<u64>(), 0..40),
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
