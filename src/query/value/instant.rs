//! Points in time written in a query.

use std::cmp::Ordering;

use crate::arguments;
use crate::error::Error;
use crate::json::{self, Kind};
use crate::query::value::Value;
use crate::query::value::found::Found;
use crate::timestamp::{self, EXPECTED};

/// A point in time as exactly as the query tells it. Events hold whole milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::query) struct Instant {
    /// The last whole millisecond that is not after the point.
    floor_ms: i64,
    /// Whether the point is after that millisecond and before the next.
    between: bool,
}

impl Instant {
    /// Reads an ISO 8601 string or epoch milliseconds from the value `raw` at `path`. A string without a zone is of
    /// UTC, which is remarked.
    pub(in crate::query) fn parse(
        path: &str,
        raw: &str,
        remarks: &mut Vec<String>,
    ) -> Result<Self, Error> {
        let instant = match Kind::of(raw) {
            Kind::String => Self::of_text(path, raw, remarks),
            Kind::Number => Self::of_number(json::number(raw)),
            _ => None,
        };
        instant.ok_or_else(|| arguments::unexpected(path, EXPECTED, raw))
    }

    fn of_text(path: &str, raw: &str, remarks: &mut Vec<String>) -> Option<Self> {
        let text = json::decode_string(raw).ok()?;
        let parsed = match timestamp::parse(&text) {
            Some(parsed) => parsed,
            None => {
                let parsed = timestamp::parse_without_zone(&text)?;
                remarks.push(format!("{path} has no zone and was taken as UTC"));
                parsed
            }
        };
        Some(Self {
            floor_ms: parsed.ms,
            between: parsed.cut,
        })
    }

    fn of_number(number: f64) -> Option<Self> {
        let parsed = timestamp::from_number(number)?;
        // A number is cut off towards zero, which is upwards before the epoch.
        let upwards = parsed.cut && number < 0.0;
        Some(Self {
            floor_ms: parsed.ms - i64::from(upwards),
            between: parsed.cut,
        })
    }

    /// The last whole millisecond that is not after the point.
    pub(in crate::query) const fn floor_ms(self) -> i64 {
        self.floor_ms
    }

    /// The first whole millisecond that is not before the point.
    pub(in crate::query) const fn ceil_ms(self) -> i64 {
        if self.between {
            self.floor_ms + 1
        } else {
            self.floor_ms
        }
    }

    /// The point that a stored value names: a text as in a query, but with its zone, or epoch milliseconds.
    pub(in crate::query) fn of_found(found: Found<'_>) -> Option<Self> {
        if let Found::Time(ms) = found {
            return Some(Self {
                floor_ms: ms,
                between: false,
            });
        }
        match found.value() {
            Value::String(text) => {
                let parsed = timestamp::parse(text.as_str()?)?;
                Some(Self {
                    floor_ms: parsed.ms,
                    between: parsed.cut,
                })
            }
            Value::Number(number) => Self::of_number(number),
            _ => None,
        }
    }

    /// How the point stands to another one; `None` for two different ones that no whole millisecond tells apart.
    pub(in crate::query) fn compare(self, other: Self) -> Option<Ordering> {
        match self.floor_ms.cmp(&other.floor_ms) {
            Ordering::Equal if self.between && other.between => None,
            Ordering::Equal => Some(self.between.cmp(&other.between)),
            ordering => Some(ordering),
        }
    }

    /// The point as an event can hold it; `None` for a point between milliseconds.
    pub(in crate::query) const fn whole_ms(self) -> Option<i64> {
        if self.between {
            None
        } else {
            Some(self.floor_ms)
        }
    }

    /// How an event's time stands to this point.
    pub(in crate::query) fn order_of(self, event_ms: i64) -> Ordering {
        match event_ms.cmp(&self.floor_ms) {
            Ordering::Equal if self.between => Ordering::Less,
            ordering => ordering,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Ordering::{Equal, Greater, Less};

    fn orders(raw: &str, times: [i64; 3]) -> [Ordering; 3] {
        let mut remarks = Vec::new();
        let instant = Instant::parse("where[0].value", raw, &mut remarks).unwrap();
        assert_eq!(remarks, [""; 0]);
        times.map(|ms| instant.order_of(ms))
    }

    #[test]
    fn whole_milliseconds_meet_their_event() {
        for raw in [
            r#""1970-01-01T00:00:00.005Z""#,
            "5",
            "5.0",
            r#""1970-01-01T01:00:00.005+01:00""#,
        ] {
            assert_eq!(orders(raw, [4, 5, 6]), [Less, Equal, Greater], "{raw}");
        }
    }

    #[test]
    fn finer_points_lie_between_events() {
        for raw in [r#""1970-01-01T00:00:00.0055Z""#, "5.5"] {
            assert_eq!(orders(raw, [4, 5, 6]), [Less, Less, Greater], "{raw}");
        }
        for raw in [r#""1969-12-31T23:59:59.9945Z""#, "-5.5"] {
            assert_eq!(orders(raw, [-6, -5, -4]), [Less, Greater, Greater], "{raw}");
        }
        assert_eq!(orders("-0.5", [-1, 0, 1]), [Less, Greater, Greater]);
    }

    #[test]
    fn a_time_without_a_zone_is_of_utc_and_remarked() {
        let mut remarks = Vec::new();
        let raw = r#""1970-01-01T00:00:00.0055""#;
        let instant = Instant::parse("where[0].value", raw, &mut remarks).unwrap();
        assert_eq!((instant.floor_ms(), instant.whole_ms()), (5, None));
        assert_eq!(remarks, ["where[0].value has no zone and was taken as UTC"]);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for raw in [
            r#""yesterday""#,
            r#""2026-01-01 00:00:00""#,
            "1e300",
            "null",
            "true",
            "[]",
            r#""\ud800""#,
        ] {
            let error = Instant::parse("where[0].value", raw, &mut Vec::new()).unwrap_err();
            assert!(
                error
                    .text()
                    .starts_with(&format!("where[0].value: expected {EXPECTED}"))
            );
        }
    }
}
