//! Decimal numbers of one column: as whole numbers of the same place.

use crate::json::DECIMAL_DIGITS_MAX;

/// The most decimals that a column can have.
pub(super) const DECIMALS_MAX: u8 = DECIMAL_DIGITS_MAX as u8;

/// The number as one of `decimals` decimals, of which it has `own`.
pub(super) fn scale(value: i64, own: u8, decimals: u8) -> Option<i64> {
    let power = 10_i64.checked_pow(u32::from(decimals.checked_sub(own)?))?;
    value.checked_mul(power)
}

/// Appends what [`parse_decimal`](crate::json::parse_decimal) has read and [`scale`] has made one of `decimals` decimals.
pub(super) fn write(out: &mut Vec<u8>, value: i64, decimals: u8) {
    if value < 0 {
        out.push(b'-');
    }
    let value = value.unsigned_abs();
    let power = 10_u64.checked_pow(u32::from(decimals)).unwrap_or(u64::MAX);
    write_digits(out, value / power, 1);
    let mut rest = value % power;
    if rest > 0 {
        let mut digits = usize::from(decimals);
        while rest.is_multiple_of(10) {
            rest /= 10;
            digits -= 1;
        }
        out.push(b'.');
        write_digits(out, rest, digits);
    }
}

/// Appends `value` with at least so many digits.
#[inline]
pub(super) fn write_digits(out: &mut Vec<u8>, mut value: u64, digits_min: usize) {
    const ROOM: usize = 20;

    let mut buffer = [b'0'; ROOM];
    let mut at = ROOM;
    while value >= 100 {
        at -= 2;
        buffer[at..at + 2].copy_from_slice(&two_digits(value % 100));
        value /= 100;
    }
    if value >= 10 {
        at -= 2;
        buffer[at..at + 2].copy_from_slice(&two_digits(value));
    } else if value > 0 {
        at -= 1;
        buffer[at] = b'0' + value as u8;
    }
    let at = at.min(ROOM.saturating_sub(digits_min));
    out.extend_from_slice(&buffer[at..]);
}

/// The digits of a number below 100.
#[inline]
fn two_digits(value: u64) -> [u8; 2] {
    const DIGITS: [[u8; 2]; 100] = {
        let mut digits = [[0; 2]; 100];
        let mut value = 0;
        while value < 100 {
            digits[value] = [b'0' + (value / 10) as u8, b'0' + (value % 10) as u8];
            value += 1;
        }
        digits
    };
    DIGITS[value as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse_decimal;
    use proptest::prelude::*;

    fn written(value: i64, decimals: u8) -> String {
        let mut out = Vec::new();
        write(&mut out, value, decimals);
        String::from_utf8(out).unwrap()
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_as_it_was(
            raw in "-?[0-9]{1,9}(\\.[0-9]{1,9})?",
            more in 0_u8..10,
        ) {
            if let Some((value, own)) = parse_decimal(raw.as_bytes())
                && let Some(scaled) = scale(value, own, own + more)
            {
                prop_assert_eq!(written(scaled, own + more), raw);
            }
        }

        #[test]
        fn any_number_is_written(value: i64, decimals: u8) {
            prop_assert!(!written(value, decimals).is_empty());
        }
    }
}
