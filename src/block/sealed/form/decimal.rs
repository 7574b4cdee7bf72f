//! Decimal numbers as whole numbers of their last digit's place.

/// How many digits are read: more may be too many for an `i64`.
const DIGITS_MAX: usize = 18;

/// The most decimals that a column can have.
pub(super) const DECIMALS_MAX: u8 = DIGITS_MAX as u8;

/// The number without its point, and how many digits stand after that, if `raw` is a number in its
/// shortest form, without an exponent: no leading zeros, no zeros at the end of the decimals, no `-0`.
pub(super) fn parse(raw: &[u8]) -> Option<(i64, u8)> {
    let (negative, digits) = match raw {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > DIGITS_MAX + 1 {
        return None;
    }
    let mut value = 0_i64;
    let mut point = None;
    for (at, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => value = value * 10 + i64::from(byte - b'0'),
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
    let fits = whole + decimals <= DIGITS_MAX;
    let value = if negative { -value } else { value };
    (is_plain && is_shortest && fits).then_some((value, decimals as u8))
}

/// The number as one of `decimals` decimals, of which it has `own`.
pub(super) fn scale(value: i64, own: u8, decimals: u8) -> Option<i64> {
    let power = 10_i64.checked_pow(u32::from(decimals.checked_sub(own)?))?;
    value.checked_mul(power)
}

/// Appends what [`parse`] has read and [`scale`] has made one of `decimals` decimals.
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
pub(super) fn write_digits(out: &mut Vec<u8>, mut value: u64, digits_min: usize) {
    const ROOM: usize = 20;

    let mut buffer = [b'0'; ROOM];
    let mut at = ROOM;
    while value > 0 {
        at -= 1;
        buffer[at] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    let at = at.min(ROOM.saturating_sub(digits_min));
    out.extend_from_slice(&buffer[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(value: i64, decimals: u8) -> String {
        let mut out = Vec::new();
        write(&mut out, value, decimals);
        String::from_utf8(out).unwrap()
    }

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
            "0.1234567890123456789",
            "null",
            "\"1\"",
            " 1",
            "-.5",
        ] {
            assert_eq!(parse(raw.as_bytes()), None, "{raw}");
        }
        for (raw, number) in [
            ("0", (0, 0)),
            ("-3", (-3, 0)),
            ("10.01", (1001, 2)),
            ("-0.5", (-5, 1)),
            ("0.00000001", (1, 8)),
            ("123456789012345678", (123_456_789_012_345_678, 0)),
        ] {
            assert_eq!(parse(raw.as_bytes()), Some(number));
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_as_it_was(
            raw in "-?[0-9]{1,9}(\\.[0-9]{1,9})?",
            more in 0_u8..10,
        ) {
            if let Some((value, own)) = parse(raw.as_bytes())
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
