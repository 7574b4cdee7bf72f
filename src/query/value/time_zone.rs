//! Time zones: how far a clock on the wall is from UTC.

use std::fmt;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};
use jiff::{Span, Timestamp};

use crate::misspelling;

/// Milliseconds of a day.
pub(in crate::query) const DAY_MS: i64 = 86_400_000;

/// How far off from UTC a zone may be that is written as a number, in minutes.
const OFFSET_MINUTES_MAX: i32 = 18 * 60;

/// The last time that the database knows on a wall: the last millisecond of the year 9999.
const CIVIL_MAX_MS: i64 = 253_402_300_799_999;

/// A time zone with the rules of the package's own database, so that the answer is the same on every machine.
#[derive(Clone, Debug)]
pub(in crate::query) struct Zone(TimeZone);

/// A stretch of time in which a zone's offset stays, in milliseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(in crate::query) struct Stretch {
    pub(in crate::query) from: i64,
    /// The first instant that is no part of it.
    pub(in crate::query) until: i64,
    /// What the zone adds to UTC.
    pub(in crate::query) offset_ms: i64,
}

impl Stretch {
    /// One without any instant.
    pub(in crate::query) const EMPTY: Self = Self {
        from: 0,
        until: 0,
        offset_ms: 0,
    };

    pub(in crate::query) fn has(self, ms: i64) -> bool {
        (self.from..self.until).contains(&ms)
    }

    /// What a clock shows at an instant of the stretch.
    pub(in crate::query) const fn wall_ms(self, ms: i64) -> i64 {
        ms + self.offset_ms
    }

    /// When a clock would show a time, if the stretch were longer.
    pub(in crate::query) const fn instant(self, wall_ms: i64) -> i64 {
        wall_ms - self.offset_ms
    }
}

/// When a clock on the wall shows a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::query) enum Readings {
    /// Once, at this instant.
    Once(i64),
    /// Twice, since it was put back.
    Twice(i64, i64),
    /// Never, since it was put forward at this instant.
    Never(i64),
}

impl Zone {
    /// That of UTC.
    pub(in crate::query) const fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The zone of a name of the IANA database, `UTC`, or an offset such as `+05:30`. The error is the name that was
    /// likely meant, if there is one.
    pub(in crate::query) fn parse(name: &str) -> Result<Self, Option<String>> {
        if let Some(seconds) = offset_seconds(name) {
            let offset = Offset::from_seconds(seconds).map_err(|_| None)?;
            return Ok(Self(TimeZone::fixed(offset)));
        }
        let database = TimeZoneDatabase::bundled();
        if let Ok(zone) = database.get(name) {
            return Ok(Self(zone));
        }
        let names: Vec<String> = database.available().map(|name| name.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Err(misspelling::meant(name, &names).map(str::to_owned))
    }

    /// Whether it is UTC, and not another zone with the same time.
    pub(in crate::query) fn is_utc(&self) -> bool {
        self.0 == TimeZone::UTC
    }

    /// What the zone adds to UTC at an instant, in milliseconds.
    fn offset_ms(&self, ms: i64) -> i64 {
        i64::from(self.0.to_offset(timestamp(ms)).seconds()) * 1_000
    }

    /// The stretch that an instant is in.
    pub(in crate::query) fn stretch_of(&self, ms: i64) -> Stretch {
        let at = timestamp(ms);
        // A transition at the instant itself has happened.
        let after = at.checked_add(Span::new().milliseconds(1)).unwrap_or(at);
        let from = self.0.preceding(after).next();
        let until = self.0.following(at).next();
        Stretch {
            from: from.map_or(i64::MIN, |it| it.timestamp().as_millisecond()),
            until: until.map_or(i64::MAX, |it| it.timestamp().as_millisecond()),
            offset_ms: self.offset_ms(ms),
        }
    }

    /// When a clock on the wall shows a time, which is given as milliseconds since 1970 by that clock.
    pub(in crate::query) fn readings(&self, wall_ms: i64) -> Readings {
        if wall_ms > CIVIL_MAX_MS {
            // No rule begins there.
            return Readings::Once(wall_ms - self.offset_ms(wall_ms));
        }
        let ms = |offset: Offset| wall_ms - i64::from(offset.seconds()) * 1_000;
        match self.0.to_ambiguous_timestamp(civil(wall_ms)).offset() {
            AmbiguousOffset::Unambiguous { offset } => Readings::Once(ms(offset)),
            AmbiguousOffset::Fold { before, after } => Readings::Twice(ms(before), ms(after)),
            AmbiguousOffset::Gap { before, .. } => {
                // With the offset before it, the time would be after the clock was put forward.
                Readings::Never(self.stretch_of(ms(before)).from)
            }
        }
    }
}

/// The name of the IANA database, or the offset as `+05:30`.
impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.0.iana_name() {
            return f.write_str(name);
        }
        let minutes = self.offset_ms(0) / 60_000;
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
        write!(f, "{sign}{hours:02}:{minutes:02}")
    }
}

/// The seconds of `+05:30` or `-08`.
fn offset_seconds(name: &str) -> Option<i32> {
    let (sign, digits) = match name.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let two = |text: &str| {
        let is_two = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_two.then(|| text.parse::<i32>().ok())?
    };
    let (hours, minutes) = match (digits.len(), digits.split_once(':')) {
        (_, Some((hours, minutes))) => (two(hours)?, two(minutes)?),
        (4, None) => (two(digits.get(..2)?)?, two(digits.get(2..)?)?),
        _ => (two(digits)?, 0),
    };
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= OFFSET_MINUTES_MAX).then_some(sign * total * 60)
}

/// The instant, or the nearest one that the database knows: it ends a day before the year 10000.
fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// The date and the time that a clock shows, to the nearest that there is.
fn civil(wall_ms: i64) -> DateTime {
    let days = wall_ms.div_euclid(DAY_MS);
    let ms = wall_ms.rem_euclid(DAY_MS) as i32;
    let second = ms / 1_000;
    let time = Time::new(
        (second / 3_600) as i8,
        (second / 60 % 60) as i8,
        (second % 60) as i8,
        ms % 1_000 * 1_000_000,
    );
    let epoch = Date::constant(1970, 1, 1);
    let date = epoch.checked_add(Span::new().days(days.clamp(-4_371_587, 2_932_896)));
    date.unwrap_or(epoch)
        .to_datetime(time.unwrap_or(Time::midnight()))
}
