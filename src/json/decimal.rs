//! Decimal numbers as whole numbers of their last digit's place.

/// How many digits are read: more may be too many for an `i64`.
pub(crate) const DECIMAL_DIGITS_MAX: usize = 18;

/// The most digits that a decimal number can have so that no two of them are the same `f64`. Whole numbers of so
/// many digits are exact, and so are powers of ten up to this.
const DISTINCT_DIGITS: usize = 15;

/// Powers of ten that an `f64` holds exactly.
pub(crate) const POWERS_OF_TEN: [f64; DISTINCT_DIGITS + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// Numbers from here on have more digits than are distinct.
const DISTINCT_END: u64 = 10_u64.pow(DISTINCT_DIGITS as u32);

/// The number without its point, and how many digits stand after that, if `raw` is a number in its
/// shortest form, without an exponent: no leading zeros, no zeros at the end of the decimals, no `-0`.
pub(crate) fn parse_decimal(raw: &[u8]) -> Option<(i64, u8)> {
    let (negative, digits) = match raw {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > DECIMAL_DIGITS_MAX + 1 {
        return None;
    }
    // One digit more than is taken fits into it.
    let mut value = 0_u64;
    let mut point = None;
    for (at, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => value = value * 10 + u64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(at),
            _ => return None,
        }
    }
    let whole = point.unwrap_or(digits.len());
    let decimals = point.map_or(0, |point| digits.len() - point - 1);
    let is_plain = match whole {
        0 => false,
        1 => true,
        _ => digits[0] != b'0',
    };
    let is_shortest = match point {
        None => value != 0 || !negative,
        Some(_) => digits
            .last()
            .is_some_and(|last| (b'1'..=b'9').contains(last)),
    };
    if !is_plain || !is_shortest || whole + decimals > DECIMAL_DIGITS_MAX {
        return None;
    }
    let value = i64::try_from(value).ok()?;
    Some((if negative { -value } else { value }, decimals as u8))
}

/// The `f64` that such a number is, if the number's shortest form is the text that
/// [`write_number`](super::write_number) writes for it.
pub(crate) fn decimal_number(value: i64, decimals: u8) -> Option<f64> {
    if value.unsigned_abs() >= DISTINCT_END {
        return None;
    }
    // Both are whole numbers that an f64 holds exactly, so the quotient is rounded once.
    #[expect(clippy::cast_precision_loss, reason = "15 digits are exact")]
    let number = value as f64 / POWERS_OF_TEN.get(usize::from(decimals))?;
    // Less than this is written with an exponent.
    (value == 0 || number.abs() >= 1e-7).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_shortest_form_is_a_decimal() {
        for raw in [
            "",
            "-",
            "-0",
            "-0.0",
            "0.0",
            "1.0",
            "1.10",
            "1e3",
            "00",
            "01",
            "-01",
            "1.",
            ".5",
            "+1",
            "1..2",
            "1234567890123456789",
            "9999999999999999999",
            "-9999999999999999999",
            "0.1234567890123456789",
            "null",
            "\"1\"",
            " 1",
            "-.5",
        ] {
            assert_eq!(parse_decimal(raw.as_bytes()), None, "{raw}");
        }
        for (raw, number) in [
            ("0", (0, 0)),
            ("-3", (-3, 0)),
            ("10.01", (1001, 2)),
            ("-0.5", (-5, 1)),
            ("0.00000001", (1, 8)),
            ("123456789012345678", (123_456_789_012_345_678, 0)),
        ] {
            assert_eq!(parse_decimal(raw.as_bytes()), Some(number));
        }
    }

    #[test]
    fn a_number_is_given_where_its_shortest_form_is_the_written_one() {
        for (value, decimals, number) in [
            (0, 0, Some(0.0)),
            (1_500, 3, Some(1.5)),
            (-25, 1, Some(-2.5)),
            (1, 7, Some(1e-7)),
            (1, 8, None),
            (-9, 8, None),
            (999_999_999_999_999, 15, Some(0.999_999_999_999_999)),
            (999_999_999_999_999, 0, Some(999_999_999_999_999.0)),
            (1_000_000_000_000_000, 0, None),
            (i64::MIN, 0, None),
            (1_000_000_000, 16, None),
        ] {
            assert_eq!(
                decimal_number(value, decimals),
                number,
                "{value} {decimals}"
            );
        }
    }
}
