//! Numbers in few bytes: as integers, where they all are whole multiples of 1, 0.1, 0.01 …
//!
//! ```text
//! decimals   u8   how many digits after the point each number has at most; 255 = not kept so
//! numbers    the numbers times ten to that power, as integers; or eight bytes each
//! ```

use super::bytes::Reader;
use super::integers;
use crate::json::{POWERS_OF_TEN, WHOLE_NUMBER_MAX};

const PLAIN: u8 = u8::MAX;

/// Integers up to this are exact, and so are the [powers of ten](POWERS_OF_TEN): a quotient of the two is the
/// number that their digits mean.
#[expect(clippy::cast_precision_loss, reason = "it is exact")]
const INTEGER_MAX: f64 = WHOLE_NUMBER_MAX as f64;

/// Appends `numbers`, whose number the reader has to know. Each is read back bit by bit.
pub(super) fn write(out: &mut Vec<u8>, numbers: &[f64]) {
    if let Some((decimals, integers)) = as_integers(numbers) {
        out.push(decimals);
        integers::write(out, &integers);
    } else {
        out.push(PLAIN);
        for number in numbers {
            out.extend_from_slice(&number.to_le_bytes());
        }
    }
}

/// Reads `count` numbers.
#[expect(clippy::cast_precision_loss, reason = "larger integers are refused")]
pub(super) fn read(reader: &mut Reader<'_>, count: usize) -> Option<Vec<f64>> {
    let decimals = reader.byte()?;
    if decimals == PLAIN {
        let bytes = reader.take(count.checked_mul(size_of::<f64>())?)?;
        let (numbers, _) = bytes.as_chunks();
        return Some(numbers.iter().map(|it| f64::from_le_bytes(*it)).collect());
    }
    let power = POWERS_OF_TEN.get(usize::from(decimals))?;
    integers::read_as(reader, count, |it| it as f64 / power)
}

/// The fewest decimals that all `numbers` can be told with, and the numbers without their points.
fn as_integers(numbers: &[f64]) -> Option<(u8, Vec<i64>)> {
    let mut decimals = 0;
    for number in numbers {
        while as_integer(*number, *POWERS_OF_TEN.get(decimals)?).is_none() {
            decimals += 1;
        }
    }
    let power = *POWERS_OF_TEN.get(decimals)?;
    let integers: Option<_> = numbers.iter().map(|it| as_integer(*it, power)).collect();
    Some((u8::try_from(decimals).ok()?, integers?))
}

/// `number` times `power`, if that is what the number is read back from.
#[expect(clippy::cast_precision_loss, reason = "larger integers are refused")]
#[expect(
    clippy::cast_possible_truncation,
    reason = "larger integers are refused"
)]
fn as_integer(number: f64, power: f64) -> Option<i64> {
    let scaled = (number * power).round();
    let integer = scaled as i64;
    // -0 has no integer of its own.
    let same = (integer as f64 / power).to_bits() == number.to_bits();
    (same && scaled.abs() <= INTEGER_MAX).then_some(integer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(numbers: &[f64]) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut out, numbers);
        out
    }

    fn round_trip(numbers: &[f64]) {
        let out = written(numbers);
        let mut reader = Reader::new(&out);
        let bits = |numbers: &[f64]| numbers.iter().map(|it| it.to_bits()).collect::<Vec<_>>();
        let found = read(&mut reader, numbers.len()).unwrap();
        assert_eq!(bits(&found), bits(numbers));
        assert!(reader.is_at_end());
    }

    #[test]
    fn decimals_are_kept_as_integers() {
        for (numbers, bytes) in [
            (&[1.0, 2.0, 4.0][..], 4),
            (&[0.1, 0.2, 0.4], 4),
            (&[12.25, -3.5, 0.0], 4 + 5),
            (&[0.1 + 0.2], 1 + 8),
            (&[1e300, 1.0], 1 + 16),
        ] {
            let out = written(numbers);
            assert_eq!(out.len(), bytes, "{numbers:?}");
            round_trip(numbers);
        }
    }

    #[test]
    fn a_minus_before_zero_is_kept() {
        round_trip(&[-0.0, 1.5]);
        round_trip(&[0.0, 1.5]);
        round_trip(&[-0.0]);
    }

    #[test]
    fn bytes_that_are_no_numbers_are_refused() {
        assert_eq!(read(&mut Reader::new(&[]), 0), None);
        assert_eq!(read(&mut Reader::new(&[16, 0, 0]), 1), None);
        assert_eq!(read(&mut Reader::new(&[PLAIN, 0, 0]), 1), None);
        assert_eq!(read(&mut Reader::new(&[PLAIN]), usize::MAX), None);
    }

    proptest! {
        #[test]
        #[allow(clippy::cast_precision_loss)]
        fn numbers_are_read_as_they_were_written(
            bits in prop::collection::vec(any::<u64>(), 0..4),
            integers in prop::collection::vec(-9_007_199_254_740_991_i64..9_007_199_254_740_992, 1..20),
            shift in 0..53,
            decimals in 0_usize..20,
        ) {
            round_trip(&bits.into_iter().map(f64::from_bits).collect::<Vec<_>>());
            let power = 10_f64.powi(decimals as i32);
            let numbers: Vec<f64> =
                integers.iter().map(|it| (it >> shift) as f64 / power).collect();
            round_trip(&numbers);
        }
    }
}
