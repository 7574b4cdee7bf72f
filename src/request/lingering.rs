//! Waiting a moment for the answer to a call, on the thread that makes it.
//!
//! An answer wakes the event loop, which has gone to sleep meanwhile: that takes longer than many reads do. So the thread
//! stays for a moment, and the answer is there when the loop looks. It is delivered in a turn of its own all the same, as
//! any other is. Nobody stays where other calls are in flight, since there is more to do then than to wait, and where it was
//! in vain lately.

use std::num::NonZero;
use std::thread;
use std::time::Duration;

/// How long the thread stays at most.
const MOST: Duration = Duration::from_micros(250);

/// After so many times in vain, one after the other, it is not tried less often any more: for one call of 128.
const IN_VAIN_MAX: u32 = 7;

/// When the thread stays.
#[derive(Debug)]
pub struct Lingering {
    /// Whether it ever does: not where there is one processor for it and for who answers.
    is_possible: bool,
    /// How often it has stayed in vain, one time after the other.
    in_vain: u32,
    /// For how many calls it does not stay.
    passing: u32,
}

impl Default for Lingering {
    fn default() -> Self {
        Self::of(thread::available_parallelism().map_or(1, NonZero::get))
    }
}

impl Lingering {
    /// That of a machine with so many processors.
    const fn of(processors: usize) -> Self {
        Self {
            is_possible: processors > 1,
            in_vain: 0,
            passing: 0,
        }
    }

    /// How long the thread is to stay for a call; `None` if it is not to.
    #[must_use]
    pub const fn bound(&mut self) -> Option<Duration> {
        if !self.is_possible {
            return None;
        }
        if self.passing > 0 {
            self.passing -= 1;
            return None;
        }
        Some(MOST)
    }

    /// Notes whether the answer had come.
    pub const fn note(&mut self, has_come: bool) {
        if has_come {
            self.in_vain = 0;
            return;
        }
        if self.in_vain < IN_VAIN_MAX {
            self.in_vain += 1;
        }
        self.passing = (1 << self.in_vain) - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For which of so many calls the thread stays, if answers have `come` or not.
    fn stays(lingering: &mut Lingering, calls: usize, has_come: bool) -> Vec<usize> {
        let mut stays = Vec::new();
        for call in 0..calls {
            if lingering.bound().is_some() {
                stays.push(call);
                lingering.note(has_come);
            }
        }
        stays
    }

    #[test]
    fn what_takes_long_is_waited_for_ever_less_often() {
        let mut lingering = Lingering::of(2);
        assert_eq!(
            stays(&mut lingering, 600, false),
            [0, 2, 6, 14, 30, 62, 126, 254, 382, 510]
        );
    }

    #[test]
    fn nobody_stays_where_the_one_processor_is_needed_for_the_answer() {
        assert!(stays(&mut Lingering::of(1), 9, true).is_empty());
    }

    #[test]
    fn what_comes_soon_is_waited_for_each_time() {
        let mut lingering = Lingering::of(2);
        assert_eq!(stays(&mut lingering, 5, true), [0, 1, 2, 3, 4]);
        assert_eq!(stays(&mut lingering, 3, false), [0, 2]);
        // The time after that it has come, and so it is waited for at once again.
        assert_eq!(stays(&mut lingering, 6, true), [3, 4, 5]);
    }
}
