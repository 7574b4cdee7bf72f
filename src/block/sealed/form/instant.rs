//! Quoted date-times in UTC, as JavaScript writes them, or without milliseconds.

use crate::timestamp;

const MILLISECONDS: &[u8] = b"\"0000-00-00T00:00:00.000Z\"";
const SECONDS: &[u8] = b"\"0000-00-00T00:00:00Z\"";

/// How finely the times of a column are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Precision {
    Seconds,
    Milliseconds,
}

impl Precision {
    /// How the time is written, if it is one.
    pub(super) fn of(raw: &[u8]) -> Option<Self> {
        let precisions = [Self::Seconds, Self::Milliseconds];
        precisions.into_iter().find(|it| it.parse(raw).is_some())
    }

    /// The time in seconds or milliseconds since 1970, if `raw` is one that is written so.
    pub(super) fn parse(self, raw: &[u8]) -> Option<i64> {
        let shape = match self {
            Self::Seconds => SECONDS,
            Self::Milliseconds => MILLISECONDS,
        };
        let fits = |(byte, shape): (&u8, &u8)| match shape {
            b'0' => byte.is_ascii_digit(),
            shape => byte == shape,
        };
        if raw.len() != shape.len() || !raw.iter().zip(shape).all(fits) {
            return None;
        }
        let part = |at: usize, digits: usize| {
            let digit = |value: i64, byte: &u8| value * 10 + i64::from(byte - b'0');
            raw[at..at + digits].iter().fold(0, digit)
        };
        let (year, month, day) = (part(1, 4), part(6, 2), part(9, 2));
        let (hour, minute, second) = (part(12, 2), part(15, 2), part(18, 2));
        let is_time = (1..=12).contains(&month) && hour < 24 && minute < 60 && second < 60;
        let days = days_of(year, month, day);
        if !is_time || date_of(days) != (year, month, day) {
            return None;
        }
        let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
        Some(match self {
            Self::Seconds => seconds,
            Self::Milliseconds => seconds * 1000 + part(21, 3),
        })
    }

    /// Appends the text of a time. One out of range is written as the nearest that is in range.
    pub(super) fn write(self, time: i64, out: &mut Vec<u8>) {
        let (ms, shape) = match self {
            Self::Seconds => (time.saturating_mul(1000), SECONDS),
            Self::Milliseconds => (time, MILLISECONDS),
        };
        let ms = ms.clamp(timestamp::MIN_MS, timestamp::MAX_MS);
        let seconds = ms.div_euclid(1000);
        let (year, month, day) = date_of(seconds.div_euclid(86_400));
        let of_day = seconds.rem_euclid(86_400);
        let start = out.len();
        out.extend_from_slice(shape);
        let text = &mut out[start..];
        let parts = [
            (1, 4, year),
            (6, 2, month),
            (9, 2, day),
            (12, 2, of_day / 3600),
            (15, 2, of_day / 60 % 60),
            (18, 2, of_day % 60),
            (21, 3, ms.rem_euclid(1000)),
        ];
        let count = if self == Self::Seconds { 6 } else { 7 };
        for (at, digits, mut value) in parts.into_iter().take(count) {
            for byte in text[at..at + digits].iter_mut().rev() {
                *byte = b'0' + (value % 10) as u8;
                value /= 10;
            }
        }
    }
}

/// Days since 1970-01-01 of a date of the Gregorian calendar, from the year 0. The year begins in
/// March here, so that the day that is not in each year is its last.
const fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of what [`days_of`] gives.
const fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let january = if month <= 2 { 1 } else { 0 };
    (era * 400 + year + january, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(precision: Precision, time: i64) -> String {
        let mut out = Vec::new();
        precision.write(time, &mut out);
        String::from_utf8(out).unwrap()
    }

    proptest! {
        #[test]
        fn times_are_written_as_the_log_writes_them(ms in timestamp::MIN_MS..=timestamp::MAX_MS) {
            let text = format!("\"{}\"", timestamp::format(ms));
            prop_assert_eq!(Precision::of(text.as_bytes()), Some(Precision::Milliseconds));
            prop_assert_eq!(Precision::Milliseconds.parse(text.as_bytes()), Some(ms));
            prop_assert_eq!(written(Precision::Milliseconds, ms), text);
            let seconds = ms.div_euclid(1000);
            let text = written(Precision::Seconds, seconds);
            prop_assert_eq!(Precision::of(text.as_bytes()), Some(Precision::Seconds));
            prop_assert_eq!(Precision::Seconds.parse(text.as_bytes()), Some(seconds));
        }

        #[test]
        fn any_number_is_written(time: i64) {
            written(Precision::Seconds, time);
            written(Precision::Milliseconds, time);
        }
    }

    #[test]
    fn what_is_no_time_is_told_from_one() {
        for raw in [
            "\"2026-02-29T00:00:00Z\"",
            "\"2026-00-01T00:00:00Z\"",
            "\"2026-13-01T00:00:00Z\"",
            "\"2026-01-00T00:00:00Z\"",
            "\"2026-01-32T00:00:00Z\"",
            "\"2026-01-01T24:00:00Z\"",
            "\"2026-01-01T00:60:00Z\"",
            "\"2026-01-01T00:00:60Z\"",
            "\"2026-01-01T00:00:00+\"",
            "\"2026-01-01 00:00:00Z\"",
            "\"2026-01-01T00:00:00.00Z\"",
            "2026-01-01T00:00:00Z",
            "",
        ] {
            assert_eq!(Precision::of(raw.as_bytes()), None, "{raw}");
        }
        assert!(Precision::of(b"\"2024-02-29T23:59:59Z\"").is_some());
    }
}
