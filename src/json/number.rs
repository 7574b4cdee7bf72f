//! Numbers: their values, and the one text that this package writes for each.

use std::fmt::Write as _;

use super::decimal::{decimal_number, parse_decimal};

/// The value of a JSON number's text, rounded as `JSON.parse` rounds it: to the nearest `f64`.
///
/// Text that is no number gives NaN, as `Number(text)` does.
#[must_use]
pub fn number(raw: &str) -> f64 {
    raw.trim().parse().unwrap_or(f64::NAN)
}

/// The largest whole number that a number of JavaScript tells from its neighbours.
pub(crate) const WHOLE_NUMBER_MAX: u64 = (1 << f64::MANTISSA_DIGITS) - 1;

/// The value of the JSON text `raw`, if that is a whole number from 0 to [`WHOLE_NUMBER_MAX`], however it is written.
#[expect(clippy::cast_precision_loss, reason = "the largest one is exact")]
pub(crate) fn whole_number(raw: &str) -> Option<u64> {
    let number = number(raw);
    let is_whole = (0.0..=WHOLE_NUMBER_MAX as f64).contains(&number) && number.fract() == 0.0;
    is_whole.then_some(number as u64)
}

/// Appends a whole number to `out`. Each event that is read has two of them, for which `write!` takes long.
pub(crate) fn write_whole(out: &mut String, mut number: u64) {
    const ROOM: usize = u64::MAX.ilog10() as usize + 1;

    let mut text = [b'0'; ROOM];
    let mut at = ROOM - 1;
    text[at] += (number % 10) as u8;
    while number >= 10 {
        number /= 10;
        at -= 1;
        text[at] += (number % 10) as u8;
    }
    // It is ASCII.
    out.push_str(str::from_utf8(&text[at..]).unwrap_or_default());
}

/// Appends `number` to `out` as JSON, in the fewest digits that read back as the same number. JSON
/// has no number for what is not finite: that becomes `null`.
pub fn write_number(out: &mut String, number: f64) {
    if write_short(out, number) {
        return;
    }
    write_any(out, number);
}

/// As [`write_number`], which is this for numbers of few digits as well: only quicker.
fn write_any(out: &mut String, number: f64) {
    let plain = number == 0.0 || (1e-7..1e21).contains(&number.abs());
    // Both forms have the fewest digits. Writing to a String cannot fail.
    let _ = if !number.is_finite() {
        write!(out, "null")
    } else if plain {
        write!(out, "{number}")
    } else {
        write!(out, "{number:e}")
    };
}

/// How many decimals a number is quickly tried to have.
const SHORT_DECIMALS_MAX: u8 = 4;

/// Appends a number that has few decimals, and few digits: it is the only one with these, so they are its fewest. Says
/// whether it is such a number; else nothing was appended.
fn write_short(out: &mut String, number: f64) -> bool {
    // -0 has a text of its own.
    if number == 0.0 && number.is_sign_negative() {
        return false;
    }
    let mut scaled = number;
    for decimals in 0..=SHORT_DECIMALS_MAX {
        // Whether it is the number is found out after that, so it need not be right.
        let value = (scaled + 0.5_f64.copysign(scaled)) as i64;
        if decimal_number(value, decimals) == Some(number) {
            write_decimal(out, value, decimals);
            return true;
        }
        scaled *= 10.0;
    }
    false
}

/// Appends a whole number of the last of its `decimals`.
fn write_decimal(out: &mut String, value: i64, decimals: u8) {
    /// More than the digits of any number, a point and a sign.
    const ROOM: usize = 40;

    let mut text = [0; ROOM];
    let mut at = ROOM;
    let mut put = |byte: u8| {
        at -= 1;
        text[at] = byte;
    };
    let mut rest = value.unsigned_abs();
    for _ in 0..decimals {
        put(b'0' + (rest % 10) as u8);
        rest /= 10;
    }
    if decimals > 0 {
        put(b'.');
    }
    loop {
        put(b'0' + (rest % 10) as u8);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        put(b'-');
    }
    // It is ASCII.
    out.push_str(std::str::from_utf8(&text[at..]).unwrap_or_default());
}

/// The value of the number `raw`, if `raw` is the text that [`write_number`] writes for it.
///
/// So the number can stand for the text. `None` for any other text, and for -0, which a number that is compared
/// cannot be told from 0.
#[must_use]
pub fn written_number(raw: &str) -> Option<f64> {
    if let Some(number) = short_number(raw.as_bytes()) {
        return Some(number);
    }
    // Of all that JSON allows, only numbers that begin with a digit can be meant.
    if !raw.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        return None;
    }
    let number: f64 = raw.parse().ok()?;
    if number == 0.0 && raw != "0" {
        return None;
    }
    let mut written = String::with_capacity(raw.len());
    write_number(&mut written, number);
    (written == raw).then_some(number)
}

/// What [`written_number`] finds, for numbers of few digits, which need not be written to be
/// compared: no two of those are the same `f64`, so that each has its own digits as the fewest.
fn short_number(raw: &[u8]) -> Option<f64> {
    let (value, decimals) = parse_decimal(raw)?;
    decimal_number(value, decimals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_round_to_the_nearest_double() {
        for (raw, value) in [
            ("0", 0.0),
            ("-12.5e2", -1250.0),
            ("1E3", 1000.0),
            ("9007199254740993", 9_007_199_254_740_992.0),
            ("0.1", 0.1),
            ("5e-324", 5e-324),
            ("1e999", f64::INFINITY),
        ] {
            assert_eq!(number(raw), value, "{raw}");
        }
        assert!(number("-0").is_sign_negative());
        assert!(number("x").is_nan());
    }

    #[test]
    fn whole_numbers_go_by_value() {
        for (raw, value) in [
            ("0", 0),
            ("-0", 0),
            ("1e2", 100),
            (" 7.0 ", 7),
            ("9007199254740991", WHOLE_NUMBER_MAX),
        ] {
            assert_eq!(whole_number(raw), Some(value), "{raw}");
        }
        for raw in [
            "-1",
            "1.5",
            "9007199254740992",
            "1e999",
            "\"1\"",
            "null",
            "[1]",
        ] {
            assert_eq!(whole_number(raw), None, "{raw}");
        }
    }

    #[test]
    fn numbers_are_written_so_that_they_read_back() {
        for (value, json) in [
            (0.0, "0"),
            (100.0, "100"),
            (-2.5, "-2.5"),
            (-0.0, "-0"),
            (0.0625, "0.0625"),
            (0.06255, "0.06255"),
            (-1_000_000.25, "-1000000.25"),
            (123_456_789_012_345.0, "123456789012345"),
            (9_007_199_254_740_993.0, "9007199254740992"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e-7, "0.0000001"),
            (1.5e-9, "1.5e-9"),
            (1e21, "1e21"),
            (f64::MAX, "1.7976931348623157e308"),
            (f64::INFINITY, "null"),
            (f64::NAN, "null"),
        ] {
            let mut out = String::new();
            write_number(&mut out, value);
            assert_eq!(out, json);
            assert!(!value.is_finite() || number(&out) == value);
        }
    }

    #[test]
    fn a_text_that_is_the_written_one_is_known() {
        for raw in [
            "0",
            "12",
            "-3",
            "0.5",
            "-0.5",
            "100",
            "10.01",
            "0.0000001",
            "1.5e-9",
            "1e21",
            "123456789012345",
            "1234567890123456",
            "0.30000000000000004",
            "9007199254740993000",
        ] {
            let value = number(raw);
            let mut written = String::new();
            write_number(&mut written, value);
            assert_eq!(written_number(raw).is_some(), written == raw, "{raw}");
            if raw != "9007199254740993000" {
                assert_eq!(written_number(raw), Some(value), "{raw}");
            }
        }
    }

    #[test]
    fn any_other_text_is_told_from_the_written_one() {
        for raw in [
            "",
            "-",
            "-0",
            "-0.0",
            "0.0",
            "1.0",
            "1.10",
            "1e3",
            "1E3",
            "00",
            "01",
            "-01",
            "1.",
            ".5",
            "+1",
            "0.00000001",
            "-0.00000005",
            "9007199254740993",
            "12345678901234567890",
            "1e400",
            "1.5e-09",
            "NaN",
            "inf",
            "null",
            "true",
            "\"1\"",
            "[1]",
            " 1",
            "1 ",
        ] {
            assert_eq!(written_number(raw), None, "{raw}");
        }
    }

    #[test]
    fn a_whole_number_is_written_as_others_write_it() {
        let powers = (0..u64::MAX.ilog10()).map(|power| 10_u64.pow(power));
        let near = powers.flat_map(|power| [power - 1, power, power + 1]);
        for number in near.chain([u64::MAX - 1, u64::MAX]) {
            let mut written = String::from("before ");
            write_whole(&mut written, number);
            assert_eq!(written, format!("before {number}"));
        }
    }

    proptest! {
        #[test]
        fn the_written_text_of_any_number_is_known(bits: u64, mantissa in -1_000_000_000_000_000_i64..1_000_000_000_000_000, decimals in 0_i32..24) {
            #[expect(clippy::cast_precision_loss, reason = "any number will do")]
            let candidates = [f64::from_bits(bits), mantissa as f64 / 10_f64.powi(decimals)];
            for value in candidates.into_iter().filter(|value| value.is_finite() && *value != 0.0) {
                let mut written = String::new();
                write_number(&mut written, value);
                prop_assert_eq!(written_number(&written), Some(value));
            }
        }

        #[test]
        fn numbers_of_few_digits_are_written_as_any_others(
            bits: u64,
            value in prop_oneof![
                -1_000_000_i64..1_000_000,
                -10_000_000_000_000_000_i64..10_000_000_000_000_000,
                any::<i64>(),
            ],
            decimals in 0_i32..9,
        ) {
            #[expect(clippy::cast_precision_loss, reason = "any number will do")]
            let whole = value as f64;
            for number in [f64::from_bits(bits), whole, whole / 10_f64.powi(decimals)] {
                let (mut written, mut expected) = (String::new(), String::new());
                write_number(&mut written, number);
                write_any(&mut expected, number);
                prop_assert_eq!(written, expected);
            }
        }

        #[test]
        fn a_known_text_is_what_is_written(raw in "-?[0-9]{0,9}(\\.[0-9]{0,12})?([eE][+-]?[0-9]{1,3})?") {
            if let Some(value) = written_number(&raw) {
                let mut written = String::new();
                write_number(&mut written, value);
                prop_assert_eq!(written, raw);
            }
        }
    }
}
