//! How the values of a field make groups.

use super::event_key::EventKey;
use super::field::Field;
use crate::arguments;
use crate::error::Error;
use crate::json::{self, Kind};
use crate::query::limits::BINS_MAX;
use crate::query::value::time_bucket::{Step, TimeBuckets};
use crate::query::value::time_zone::{DAY_MS, Zone};

/// What the values of a group have in common.
#[derive(Debug)]
pub(in crate::query) enum Grouping {
    /// They are equal.
    Equal,
    /// They are times in one span.
    Time(TimeBuckets),
    /// They are numbers from one of these on, and below the next one. Ascending.
    Bins(Vec<f64>),
}

/// The units of a step, and what one of them is: milliseconds of a clock, days, weeks or months.
const UNITS: [(&[&str], Unit, i64); 8] = [
    (&["s", "second", "seconds"], Unit::Clock, 1_000),
    (&["m", "min", "minute", "minutes"], Unit::Clock, 60_000),
    (&["h", "hour", "hours"], Unit::Clock, 3_600_000),
    (&["d", "day", "days"], Unit::Days, 1),
    (&["w", "week", "weeks"], Unit::Weeks, 1),
    (&["mo", "month", "months"], Unit::Months, 1),
    (&["q", "quarter", "quarters"], Unit::Months, 3),
    (&["y", "year", "years"], Unit::Months, 12),
];

#[derive(Clone, Copy, Debug)]
enum Unit {
    Clock,
    Days,
    Weeks,
    Months,
}

/// The longest step, in its unit.
const STEP_MAX: i64 = 10_000;

const EXPECTED_STEP: &str =
    "a number and a unit, such as 30s, 15m, 1h, 1d, 1w, 1mo (a month), 1q or 1y";

impl Grouping {
    /// Reads the keys `every`, `timeZone` and `bins` of what stands at `path`, for a field.
    pub(in crate::query) fn parse(
        path: &str,
        field: &Field,
        [every, zone, bins]: [Option<&str>; 3],
    ) -> Result<Self, Error> {
        let is_time = field.key() == EventKey::Timestamp;
        if let Some(raw) = every {
            let path_of = |key: &str| format!("{path}.{key}");
            if bins.is_some() {
                return Err(Error::expected(
                    path_of("bins"),
                    "every, or bins, and not both",
                    "both",
                ));
            }
            if !is_time {
                let expected = "timestamp, which is the one field with times that every goes by";
                return Err(Error::expected(path_of("field"), expected, "another one"));
            }
            let step = step(&path_of("every"), raw)?;
            let zone = zone.map(|raw| zone_of(&path_of("timeZone"), raw));
            let zone = zone.transpose()?.unwrap_or_else(Zone::utc);
            return Ok(Self::Time(TimeBuckets { step, zone }));
        }
        if let Some(raw) = zone {
            let expected = "nothing without every";
            return Err(arguments::unexpected(
                format_args!("{path}.timeZone"),
                expected,
                raw,
            ));
        }
        let Some(raw) = bins else {
            return Ok(Self::Equal);
        };
        if is_time {
            let expected = "every, such as 1h, for timestamp";
            return Err(arguments::unexpected(
                format_args!("{path}.bins"),
                expected,
                raw,
            ));
        }
        bounds(&format!("{path}.bins"), raw).map(Self::Bins)
    }
}

/// The step that the string `raw` at `path` is, such as `15m`.
fn step(path: &str, raw: &str) -> Result<Step, Error> {
    let refused = || arguments::unexpected(path, EXPECTED_STEP, raw);
    let text = arguments::string_within(path, raw, EXPECTED_STEP, 64)?;
    let text = text.trim();
    let unit_at = text
        .find(|c: char| !c.is_ascii_digit())
        .ok_or_else(refused)?;
    let (digits, unit) = text.split_at(unit_at);
    let count = match digits {
        "" => 1,
        digits => digits.parse::<i64>().map_err(|_| refused())?,
    };
    let unit = unit.trim();
    let found = UNITS.iter().find(|(names, ..)| {
        // A word means one of it.
        names.contains(&unit) && (unit.len() > 2 || !digits.is_empty())
    });
    let (_, kind, size) = found.ok_or_else(refused)?;
    if !(1..=STEP_MAX).contains(&count) {
        let expected = format!("a step of 1 to {STEP_MAX} units");
        return Err(arguments::unexpected(path, &expected, raw));
    }
    let length = count * size;
    Ok(match kind {
        Unit::Days => Step::Days(length),
        Unit::Weeks => Step::Weeks(length),
        Unit::Months => Step::Months(length),
        Unit::Clock if length == DAY_MS => Step::Days(1),
        Unit::Clock if length < DAY_MS && DAY_MS % length == 0 => Step::Clock(length),
        Unit::Clock => {
            let expected = "seconds, minutes or hours that divide a day, such as 15m or 6h";
            return Err(arguments::unexpected(path, expected, raw));
        }
    })
}

fn zone_of(path: &str, raw: &str) -> Result<Zone, Error> {
    let expected =
        "the name of a time zone, such as Europe/Berlin or UTC, or an offset such as +05:30";
    let name = arguments::string_within(path, raw, expected, 64)?;
    Zone::parse(&name).map_err(|likely| {
        let mut found = arguments::found(raw);
        if let Some(likely) = likely {
            found.push_str(&format!("; did you mean \"{likely}\"?"));
        }
        Error::expected(path, expected, &found)
    })
}

/// The lower bounds of bins, ascending.
fn bounds(path: &str, raw: &str) -> Result<Vec<f64>, Error> {
    let expected = "an array of numbers, each the lower bound of a bin";
    let mut bounds: Vec<f64> = Vec::new();
    for (at, raw) in arguments::list(path, raw, expected, BINS_MAX, "bins")?
        .into_iter()
        .enumerate()
    {
        let path = format!("{path}[{at}]");
        let number = json::number(raw);
        if Kind::of(raw) != Kind::Number || !number.is_finite() {
            return Err(arguments::unexpected(&path, "a number", raw));
        }
        if let Some(before) = bounds.last().filter(|before| **before >= number) {
            let expected = format!("a number greater than the one before, {before}");
            return Err(arguments::unexpected(&path, &expected, raw));
        }
        // -0 + 0 is 0.
        bounds.push(number + 0.0);
    }
    if bounds.is_empty() {
        return Err(Error::expected(path, expected, "an empty one"));
    }
    Ok(bounds)
}

/// The number of the last bin that begins at or below the number.
pub(in crate::query) fn bin_of(bounds: &[f64], number: f64) -> Option<usize> {
    bounds
        .partition_point(|bound| *bound <= number)
        .checked_sub(1)
}
