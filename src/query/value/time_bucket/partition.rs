//! Each instant is in one span and no other, whatever the clocks of a zone do.

use proptest::prelude::*;

use super::*;
use crate::timestamp;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Zones whose clocks are put back to the middle of an hour, across midnight, by half an hour, or by a whole day.
const ZONES: [&str; 12] = [
    "UTC",
    "+05:45",
    "Africa/Casablanca",
    "America/Havana",
    "America/Juneau",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Apia",
    "Pacific/Chatham",
];

/// In minutes.
const CLOCK_STEPS: [i64; 9] = [5, 20, 30, 40, 60, 90, 120, 360, 720];

fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap()
}

/// When the span begins that an instant is in, with nothing known before.
fn afresh(buckets: &TimeBuckets, ms: i64) -> i64 {
    let mut memo = BucketMemo::EMPTY;
    buckets.start_of(ms, &mut memo)
}

/// The stretches of a zone's offsets from one year to another.
fn stretches(zone: &Zone, from: &str, to: &str) -> Vec<Stretch> {
    let ms = |text| timestamp::parse(text).unwrap().ms;
    let (mut at, to) = (ms(from), ms(to));
    let mut stretches = Vec::new();
    while at < to {
        let stretch = zone.stretch_of(at);
        at = stretch.until;
        stretches.push(stretch);
    }
    stretches
}

/// The beginnings of the spans of a clock from one time to another, of those who look at the clock each minute: it shows
/// a beginning, or a time of another span than before.
fn seen_beginnings(stretches: &[Stretch], step: i64, from: i64, to: i64) -> Vec<i64> {
    let mut stretches = stretches.iter().peekable();
    let mut seen = Vec::new();
    let mut before: Option<i64> = None;
    let mut at = from;
    while at < to {
        while stretches.next_if(|stretch| stretch.until <= at).is_some() {}
        let Some(stretch) = stretches.peek() else {
            break;
        };
        let shown = at + stretch.offset_ms;
        let number = shown.div_euclid(step);
        if shown.rem_euclid(step) == 0 || before.is_some_and(|before| before != number) {
            seen.push(at);
        }
        before = Some(number);
        at += MINUTE;
    }
    seen
}

#[test]
fn spans_of_a_clock_begin_when_it_is_seen_to_begin_one() {
    let mut changes = 0;
    for name in ZONES {
        let zone = zone(name);
        let stretches = stretches(&zone, "1920-01-01T00:00:00Z", "2030-01-01T00:00:00Z");
        for pair in stretches.windows(2) {
            let [before, after] = pair else { continue };
            let is_whole = |stretch: &Stretch| stretch.offset_ms % MINUTE == 0;
            if !is_whole(before) || !is_whole(after) || before.offset_ms == after.offset_ms {
                continue;
            }
            changes += 1;
            for step in CLOCK_STEPS.map(|minutes| minutes * MINUTE) {
                let around = 2 * step.max(HOUR);
                let (from, to) = (after.from - around, after.from + around);
                let seen = seen_beginnings(&stretches, step, from, to);
                let buckets = TimeBuckets {
                    step: Step::Clock(step),
                    zone: zone.clone(),
                };
                let mut memo = BucketMemo::EMPTY;
                for pair in seen.windows(2) {
                    let [start, next] = pair else { continue };
                    let text = buckets.format(*start);
                    assert_eq!(buckets.next(*start), *next, "{name} {step} {text}");
                    for ms in [*start, (start + next) / 2, next - 1] {
                        assert_eq!(
                            buckets.start_of(ms, &mut memo),
                            *start,
                            "{name} {step} {text}"
                        );
                    }
                }
            }
        }
    }
    assert!(changes > 500, "{changes}");
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        prop::sample::select(CLOCK_STEPS.to_vec()).prop_map(|step| Step::Clock(step * MINUTE)),
        prop::sample::select(vec![1_000, 30_000]).prop_map(Step::Clock),
        (1..5_i64).prop_map(Step::Days),
        (1..3_i64).prop_map(Step::Weeks),
        prop::sample::select(vec![1, 3, 12]).prop_map(Step::Months),
    ]
}

/// A time at any distance from where some zone's clock is put forward or back.
fn time(name: &'static str) -> impl Strategy<Value = i64> {
    let stretches = stretches(&zone(name), "0001-01-01T00:00:00Z", "2040-01-01T00:00:00Z");
    let last = stretches.len() - 1;
    let near = (0..=last, -30 * HOUR..30 * HOUR).prop_map(move |(at, off)| {
        let from = stretches.get(at).map_or(0, |stretch| stretch.from);
        from.max(timestamp::MIN_MS + 31 * HOUR) + off
    });
    prop_oneof![near, timestamp::MIN_MS..=timestamp::MAX_MS]
}

fn zone_and_times() -> impl Strategy<Value = (&'static str, Vec<i64>)> {
    prop::sample::select(ZONES.to_vec())
        .prop_flat_map(|name| (Just(name), prop::collection::vec(time(name), 1..12)))
}

proptest! {
    #[test]
    fn each_instant_is_in_one_span((name, times) in zone_and_times(), step in step()) {
        let zone = zone(name);
        let buckets = TimeBuckets { step, zone: zone.clone() };
        let mut memo = BucketMemo::EMPTY;
        for ms in times {
            let start = buckets.start_of(ms, &mut memo);
            prop_assert!(start <= ms);
            prop_assert_eq!(start, afresh(&buckets, ms));
            prop_assert_eq!(start, afresh(&buckets, start));
            let next = buckets.next(start);
            prop_assert!(next > start);
            prop_assert_eq!(next, afresh(&buckets, next));
            let number = |ms: i64| step.number_of(zone.stretch_of(ms).wall_ms(ms));
            prop_assert_eq!(number(start), number(ms));
            if matches!(step, Step::Clock(_)) {
                prop_assert!(ms < next);
                prop_assert_eq!(start, afresh(&buckets, next - 1));
            } else {
                // An instant that is as late as the next span has a date that the clock was put back to.
                prop_assert!(number(next) > number(start));
            }
        }
    }

    #[test]
    fn a_beginning_is_written_as_what_it_is((name, times) in zone_and_times(), step in step()) {
        let buckets = TimeBuckets { step, zone: zone(name) };
        for ms in times {
            let start = afresh(&buckets, ms);
            let text = buckets.format(start);
            let with_offset = text.replace('Z', "+00:00");
            let read = DateTime::parse_from_str(&with_offset, "%Y-%m-%dT%H:%M:%S%.3f%:z");
            prop_assert_eq!(read.map(|time| time.timestamp_millis()), Ok(start), "{}", text);
            // As JavaScript reads it: four digits, or a sign and six.
            let year = text.trim_start_matches(['+', '-']).find('-');
            prop_assert_eq!(year, Some(if text.starts_with(['+', '-']) { 6 } else { 4 }));
        }
    }
}
