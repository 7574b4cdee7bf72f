//! The number that a part of all numbers is not above.

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use super::budget::{Budget, allocated};
use crate::error::Error;
use crate::query::limits::EXACT_PERCENTILE_MAX;

/// By how much a bucket's middle can be off from a number in it, as a part of that.
const ERROR: f64 = 0.005;

/// How much each bucket's upper bound is above its lower one, as a factor.
const GROWTH: f64 = (1.0 + ERROR) / (1.0 - ERROR);

/// The numbers so far: all of them, or only how many there are in each bucket.
#[derive(Debug)]
pub(in crate::query) struct Percentile {
    part: f64,
    numbers: Sample,
}

#[derive(Debug)]
enum Sample {
    All(Vec<f64>),
    Buckets(Box<Buckets>),
}

/// Numbers in buckets whose bounds grow by a factor: the sketch that is known as `DDSketch`.
#[derive(Debug, Default)]
struct Buckets {
    /// By what is below zero and how far, then zero, then what is above it.
    counts: HashMap<(i8, i32), u64, FxBuildHasher>,
    count: u64,
    lowest: f64,
    highest: f64,
}

impl Percentile {
    /// That of a `part` of all, from 0 to 1.
    pub(in crate::query) const fn new(part: f64) -> Self {
        Self {
            part,
            numbers: Sample::All(Vec::new()),
        }
    }

    pub(in crate::query) fn add(&mut self, number: f64, budget: &mut Budget) -> Result<(), Error> {
        match &mut self.numbers {
            Sample::All(all) if all.len() < EXACT_PERCENTILE_MAX => {
                budget.room_in(all)?;
                all.push(number);
            }
            Sample::All(all) => {
                budget.take(allocated(size_of::<Buckets>()))?;
                let mut buckets = Box::<Buckets>::default();
                for number in all.iter().chain([&number]) {
                    buckets.add(*number, budget)?;
                }
                budget.give(size_of::<f64>() * all.capacity());
                self.numbers = Sample::Buckets(buckets);
            }
            Sample::Buckets(buckets) => buckets.add(number, budget)?,
        }
        Ok(())
    }

    /// Whether there were too many numbers for an exact answer.
    pub(in crate::query) const fn is_near(&self) -> bool {
        matches!(self.numbers, Sample::Buckets(_))
    }

    /// The number, between the two that are nearest to the part if it falls between them; `None` of nothing.
    pub(in crate::query) fn value(&mut self) -> Option<f64> {
        let count = match &self.numbers {
            Sample::All(all) => all.len() as u64,
            Sample::Buckets(buckets) => buckets.count,
        };
        #[expect(clippy::cast_precision_loss, reason = "there are never 2^53 numbers")]
        let rank = count.checked_sub(1)? as f64 * self.part;
        let between = rank.fract();
        let rank = rank as u64;
        let (low, high) = match &mut self.numbers {
            Sample::All(all) => nth_and_next(all, rank as usize),
            Sample::Buckets(buckets) => buckets.nth_and_next(rank),
        };
        Some(between_two(low, high, between))
    }
}

/// What is so far from `low` to `high`, as a part of the way, and as JavaScript computes it.
#[expect(
    clippy::suboptimal_flops,
    reason = "the same in JavaScript rounds after each operation"
)]
fn between_two(low: f64, high: f64, part: f64) -> f64 {
    let way = high - low;
    if part == 0.0 || way == 0.0 {
        low
    } else if way.is_finite() {
        low + way * part
    } else {
        low * (1.0 - part) + high * part
    }
}

/// The number of that rank, from 0, and the one after it, or else the same.
fn nth_and_next(all: &mut [f64], rank: usize) -> (f64, f64) {
    let (_, nth, after) = all.select_nth_unstable_by(rank, f64::total_cmp);
    let next = after.iter().copied().min_by(f64::total_cmp);
    (*nth, next.unwrap_or(*nth))
}

impl Buckets {
    fn add(&mut self, number: f64, budget: &mut Budget) -> Result<(), Error> {
        if self.count == 0 {
            (self.lowest, self.highest) = (number, number);
        }
        self.lowest = self.lowest.min(number);
        self.highest = self.highest.max(number);
        self.count += 1;
        let bucket = bucket_of(number);
        if let Some(count) = self.counts.get_mut(&bucket) {
            *count += 1;
            return Ok(());
        }
        budget.room_in_map(&mut self.counts)?;
        self.counts.insert(bucket, 1);
        Ok(())
    }

    /// About the number of that rank, from 0, and the one after it, or else the same.
    fn nth_and_next(&self, rank: u64) -> (f64, f64) {
        let mut counts: Vec<_> = self.counts.iter().collect();
        counts.sort_unstable();
        let nth = |rank: u64| {
            if rank == 0 {
                return self.lowest;
            }
            let mut before = 0;
            let bucket = counts.iter().find(|(_, count)| {
                before += **count;
                before > rank
            });
            match bucket {
                Some((bucket, _)) if rank + 1 < self.count => {
                    middle_of(**bucket).clamp(self.lowest, self.highest)
                }
                _ => self.highest,
            }
        };
        (nth(rank), nth(rank + 1))
    }
}

/// The bucket of a number: its sign, and how far from zero it is, ascending.
fn bucket_of(number: f64) -> (i8, i32) {
    if number == 0.0 {
        return (0, 0);
    }
    let distance = number.abs().log(GROWTH).ceil() as i32;
    if number > 0.0 {
        (1, distance)
    } else {
        (-1, -distance)
    }
}

/// The number that is as far off from both bounds of a bucket, as a part of it. Of the last bucket of all it can be
/// infinite, where the numbers in it are not.
fn middle_of((sign, distance): (i8, i32)) -> f64 {
    let of = |distance: i32| {
        let lower = (f64::from(distance - 1) * GROWTH.ln()).exp();
        lower * (2.0 * GROWTH / (GROWTH + 1.0))
    };
    match sign {
        0 => 0.0,
        1 => of(distance),
        _ => -of(-distance),
    }
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn percentile(part: f64, numbers: impl IntoIterator<Item = f64>) -> Percentile {
        let mut percentile = Percentile::new(part);
        let mut budget = Budget::new(1 << 30);
        for number in numbers {
            percentile.add(number, &mut budget).unwrap();
        }
        percentile
    }

    #[test]
    fn a_few_numbers_are_told_exactly() {
        let of = |part, numbers: &[f64]| percentile(part, numbers.iter().copied()).value();
        assert_eq!(of(0.5, &[]), None);
        assert_eq!(of(0.5, &[7.0]), Some(7.0));
        assert_eq!(of(0.5, &[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(of(0.5, &[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(of(0.0, &[4.0, 1.0, -2.0]), Some(-2.0));
        assert_eq!(of(1.0, &[4.0, 1.0, -2.0]), Some(4.0));
        assert_eq!(of(0.25, &[0.0, 10.0]), Some(2.5));
        assert_eq!(of(0.5, &[-1e308, 1e308]), Some(0.0));
    }

    #[test]
    fn numbers_of_any_size_have_a_bucket() {
        for number in [
            5e-324, 1e-320, 1e-300, 0.1, 1.0, 1.005, 3.0, 1e15, 1e307, 9e307, 1e308, 1.7e308,
        ] {
            for number in [number, -number] {
                let middle = middle_of(bucket_of(number));
                let off = (middle - number).abs();
                // The smallest numbers of all are further from each other than buckets are.
                let apart = f64::from_bits(1);
                assert!(
                    off <= (number.abs() * ERROR).mul_add(1.001, apart),
                    "{number} {middle}"
                );
            }
        }
        assert_eq!(middle_of(bucket_of(0.0)), 0.0);
        assert!(bucket_of(-2.0) < bucket_of(-1.0) && bucket_of(-1.0) < bucket_of(-0.0));
        assert!(bucket_of(0.0) < bucket_of(1e-9) && bucket_of(1e-9) < bucket_of(1.0));
    }

    #[test]
    fn many_of_the_largest_numbers_have_a_percentile() {
        for sign in [1.0, -1.0] {
            let numbers = || {
                let numbers =
                    (0..=EXACT_PERCENTILE_MAX).map(|at| (at as f64).mul_add(-1e303, f64::MAX));
                numbers.map(|number| number * sign)
            };
            for part in [0.0, 0.1, 0.5, 0.999, 1.0] {
                let mut all: Vec<f64> = numbers().collect();
                all.sort_unstable_by(f64::total_cmp);
                let exact = all[(EXACT_PERCENTILE_MAX as f64 * part) as usize];
                let found = percentile(part, numbers()).value().unwrap();
                assert!(
                    (found / exact - 1.0).abs() <= ERROR * 1.001,
                    "{found} {exact}"
                );
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn many_numbers_are_within_the_error(
            scale in -3..6_i32,
            shift in 0..1000_u64,
            part in 0.0..=1.0_f64,
        ) {
            let count = EXACT_PERCENTILE_MAX as u64 + 1 + shift;
            let number = |at: u64| ((at * 7919 + shift) % count) as f64 * 10_f64.powi(scale);
            let mut near = percentile(part, (0..count).map(number));
            prop_assert!(near.is_near());
            let exact = (count - 1) as f64 * part * 10_f64.powi(scale);
            let found = near.value().unwrap();
            prop_assert!((found - exact).abs() <= exact * ERROR * 1.001, "{found} {exact}");
        }
    }

    #[test]
    fn the_last_number_that_is_kept_makes_no_difference() {
        let most = EXACT_PERCENTILE_MAX;
        let of = |count: usize| percentile(0.5, (0..count).map(|at| at as f64 + 1.0));
        assert!(!of(most).is_near());
        assert_eq!(of(most).value(), Some(f64::midpoint(most as f64, 1.0)));
        assert!(of(most + 1).is_near());
        let mut all_equal = percentile(0.5, (0..=most).map(|_| 42.0));
        assert!(all_equal.is_near());
        assert_eq!(all_equal.value(), Some(42.0));
    }
}
