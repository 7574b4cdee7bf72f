//! Instants as the log keeps them: whole milliseconds since 1970-01-01T00:00:00Z, from the year
//! 0000 to the year 9999, which is what ISO 8601 writes with four digits.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime};

/// The first instant that can be stored: `0000-01-01T00:00:00.000Z`.
pub const MIN_MS: i64 = -62_167_219_200_000;

/// The last instant that can be stored: `9999-12-31T23:59:59.999Z`.
pub const MAX_MS: i64 = 253_402_300_799_999;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How long the text of an instant is.
const TEXT_BYTES: usize = "2026-01-31T12:00:00.000Z".len();

/// The forms that [`parse`] takes, for error texts.
pub const EXPECTED: &str = "an ISO 8601 date-time with a zone (such as 2026-01-31T12:00:00.000Z), \
     a Date or epoch milliseconds, within the years 0000 to 9999";

/// A parsed instant, and whether it was written more finely than it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// Milliseconds since the epoch, cut off towards the past.
    pub ms: i64,
    /// Whether digits below the millisecond were cut off.
    pub cut: bool,
}

/// The system clock, in milliseconds since the epoch, kept within the range that can be stored.
#[must_use]
pub fn now() -> i64 {
    let ms = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(MAX_MS),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(MIN_MS, |ms| -ms),
    };
    ms.clamp(MIN_MS, MAX_MS)
}

/// Writes `ms` as ISO 8601 in UTC with milliseconds, `2026-01-31T12:00:00.000Z`.
///
/// An instant out of range is written as the nearest one that is in range.
#[must_use]
pub fn format(ms: i64) -> String {
    let mut text = String::with_capacity(TEXT_BYTES);
    write(&mut text, ms);
    text
}

/// Appends to `out` what [`format`] gives. Each event that is read has a time, so the digits are put into their places:
/// chrono's own form takes ten times as long.
pub fn write(out: &mut String, ms: i64) {
    let ms = ms.clamp(MIN_MS, MAX_MS);
    let (day, in_day) = (ms.div_euclid(DAY_MS), ms.rem_euclid(DAY_MS) as u32);
    let date = NaiveDate::from_epoch_days(day as i32).unwrap_or_default();
    let (seconds, ms) = (in_day / 1000, in_day % 1000);
    let mut text = *b"0000-00-00T00:00:00.000Z";
    // No year is before 0: the instant is within the range.
    let year = date.year().unsigned_abs();
    for (at, number) in [
        (0, year / 100),
        (2, year % 100),
        (5, date.month()),
        (8, date.day()),
        (11, seconds / 3600),
        (14, seconds / 60 % 60),
        (17, seconds % 60),
        (20, ms / 10),
    ] {
        text[at] = digit(number / 10);
        text[at + 1] = digit(number % 10);
    }
    text[22] = digit(ms % 10);
    // It is ASCII.
    out.push_str(str::from_utf8(&text).unwrap_or_default());
}

const fn digit(number: u32) -> u8 {
    b'0' + number as u8
}

/// Reads an ISO 8601 date (midnight UTC) or a date-time with a zone.
///
/// Returns `None` for anything else: a date-time without a zone would mean another instant on
/// another machine.
#[must_use]
pub fn parse(text: &str) -> Option<Parsed> {
    // chrono takes more than ISO 8601 does: a blank or a lower-case letter, single digits, a 60th
    // second.
    if !has_shape(text) || text.contains(":60") {
        return None;
    }
    let nanos_and_ms = if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        let instant = date.and_time(NaiveTime::MIN).and_utc();
        (0, instant.timestamp_millis())
    } else {
        let instant = DateTime::parse_from_rfc3339(text)
            .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%#z"))
            .ok()?;
        (instant.timestamp_subsec_nanos(), instant.timestamp_millis())
    };
    let (nanos, ms) = nanos_and_ms;
    (MIN_MS..=MAX_MS).contains(&ms).then_some(Parsed {
        ms,
        cut: nanos % 1_000_000 != 0,
    })
}

/// Reads an ISO 8601 date-time without a zone as one of UTC. Returns `None` for anything else.
#[must_use]
pub fn parse_without_zone(text: &str) -> Option<Parsed> {
    // A date alone has no zone either, and is read by `parse`.
    let is_date_time = text.contains('T') && parse(text).is_none();
    is_date_time.then(|| parse(&format!("{text}Z"))).flatten()
}

/// Whether the text begins as `2026-01-31` and, if it goes on, as `2026-01-31T12:00`.
fn has_shape(text: &str) -> bool {
    let begins_as = |shape: &str| {
        text.len() >= shape.len()
            && text
                .bytes()
                .zip(shape.bytes())
                .all(|(found, expected)| match expected {
                    b'0' => found.is_ascii_digit(),
                    other => found == other,
                })
    };
    let is_plain = |byte: u8| byte.is_ascii_digit() || b"-:.+TZ".contains(&byte);
    text.bytes().all(is_plain)
        && (text.len() == 10 && begins_as("0000-00-00") || begins_as("0000-00-00T00:00"))
}

/// Reads epoch milliseconds from a JavaScript number. A fraction is cut off towards zero, as
/// `new Date(number)` does; a number out of range gives `None`.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the value is checked to be within 2^53 before it is cast"
)]
pub fn from_number(number: f64) -> Option<Parsed> {
    let whole = number.trunc();
    (whole >= MIN_MS as f64 && whole <= MAX_MS as f64).then_some(Parsed {
        ms: whole as i64,
        cut: whole != number,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_as_the_same_instant() {
        for ms in [MIN_MS, -1, 0, 1, 1_767_225_600_123, MAX_MS] {
            assert_eq!(parse(&format(ms)), Some(Parsed { ms, cut: false }));
        }
        assert_eq!(format(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(format(MIN_MS), "0000-01-01T00:00:00.000Z");
    }

    proptest::proptest! {
        #[test]
        fn an_instant_is_written_as_chrono_writes_it(ms in MIN_MS..=MAX_MS) {
            let instant = DateTime::from_timestamp_millis(ms).unwrap();
            let expected = instant.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
            proptest::prop_assert_eq!(format(ms), expected);
        }
    }

    #[test]
    fn iso_8601_forms_are_read() {
        for (text, ms) in [
            ("1970-01-02", 86_400_000),
            ("1970-01-01T01:00:00+01:00", 0),
            ("1970-01-01T00:00Z", 0),
            ("1970-01-01T01:30+01:30", 0),
            ("1969-12-31T23:59:59.9Z", -100),
        ] {
            assert_eq!(parse(text), Some(Parsed { ms, cut: false }), "{text}");
        }
        let finer = parse("1970-01-01T00:00:00.123456Z");
        assert_eq!(finer, Some(Parsed { ms: 123, cut: true }));
    }

    #[test]
    fn a_date_time_without_a_zone_is_of_utc_where_that_is_asked_for() {
        for (text, ms) in [
            ("1970-01-01T00:00:01", 1_000),
            ("1970-01-01T00:01", 60_000),
            ("1970-01-01T00:00:00.25", 250),
        ] {
            let parsed = Parsed { ms, cut: false };
            assert_eq!(parse_without_zone(text), Some(parsed), "{text}");
        }
        for text in [
            "1970-01-01",
            "1970-01-01T00:00:00Z",
            "1970-01-01T00:00:00+01:00",
            "1970-01-01 00:00:00",
            "1970-02-30T00:00:00",
            "soon",
        ] {
            assert_eq!(parse_without_zone(text), None, "{text}");
        }
    }

    #[test]
    fn what_names_no_instant_is_refused() {
        for text in [
            "",
            "now",
            "1970-01-01T00:00:00",
            "1970-01-01 00:00:00Z",
            "1970-13-01",
            "1970-1-1",
            "1970-01-01T0:00Z",
            "1970-01-01T00:00:60Z",
            "1970-01-01t00:00:00Z",
            "1970-01-01T00:00:00z",
            "1970-01-01T00:00:00 Z",
            "1970-02-30T00:00:00Z",
            "+010000-01-01T00:00:00.000Z",
            "10000-01-01",
            "1700000000000",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(from_number(f64::NAN), None);
        assert_eq!(from_number(f64::INFINITY), None);
        assert_eq!(from_number(8.64e15), None);
        assert_eq!(from_number(1.5), Some(Parsed { ms: 1, cut: true }));
    }
}
