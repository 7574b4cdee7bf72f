//! Which events were read not long ago, or so it seems, in a little memory.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// How many events are noted before all are forgotten.
const EVENTS_MAX: usize = 1 << 14;

/// One bit for each, and so many more that at most one of 16 is taken for another.
const BITS: usize = EVENTS_MAX << 4;

/// An odd number whose multiples differ in their highest bits: 2 to the power of 64, divided by the golden ratio.
const SPREADING: u64 = 0x9e37_79b9_7f4a_7c15;

/// Events that were met. An event can be taken for another one, and then counts as met before.
#[derive(Debug)]
pub(super) struct MetEvents {
    bits: Box<[AtomicU64]>,
    count: AtomicUsize,
}

impl Default for MetEvents {
    fn default() -> Self {
        let words = BITS / u64::BITS as usize;
        Self {
            bits: std::iter::repeat_with(AtomicU64::default)
                .take(words)
                .collect(),
            count: AtomicUsize::new(0),
        }
    }
}

impl MetEvents {
    /// Whether an event was noted, as far as that is remembered.
    pub(super) fn has(&self, number: u32, position: u64) -> bool {
        let (word, mask) = self.bit(number, position);
        // Nothing rests on the order in which others see it.
        word.load(Ordering::Relaxed) & mask != 0
    }

    /// Notes an event.
    pub(super) fn note(&self, number: u32, position: u64) {
        if self.count.fetch_add(1, Ordering::Relaxed) >= EVENTS_MAX {
            let words = self.bits.iter();
            words.for_each(|word| word.store(0, Ordering::Relaxed));
            self.count.store(1, Ordering::Relaxed);
        }
        let (word, mask) = self.bit(number, position);
        word.fetch_or(mask, Ordering::Relaxed);
    }

    /// The bit of an event, and the word that it is in.
    fn bit(&self, number: u32, position: u64) -> (&AtomicU64, u64) {
        let hash = (position ^ u64::from(number).rotate_right(16)).wrapping_mul(SPREADING);
        let bit = (hash >> (u64::BITS - BITS.ilog2())) as usize;
        (&self.bits[bit / 64], 1 << (bit % 64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of a thousand events were noted. They are noted then.
    fn noted_before(met: &MetEvents) -> usize {
        let events = (0..1_000_u64).map(|n| (1 + (n % 3) as u32, 1 + n * 997));
        let noted = events.filter(|(number, position)| {
            let has = met.has(*number, *position);
            met.note(*number, *position);
            has
        });
        noted.count()
    }

    #[test]
    fn an_event_is_remembered_until_many_others_were_noted() {
        let met = MetEvents::default();
        assert!(noted_before(&met) < 1_000 / 16);
        assert_eq!(noted_before(&met), 1_000);
        for position in 0..2 * EVENTS_MAX as u64 {
            met.note(9, position);
        }
        assert!(noted_before(&met) < 1_000 / 8);
    }

    #[test]
    fn few_events_are_taken_for_others() {
        let met = MetEvents::default();
        let positions = (0..EVENTS_MAX as u64).map(|n| 1 + n * 1_000);
        positions.for_each(|position| met.note(1, position));
        let others = (0..EVENTS_MAX as u64).map(|n| 501 + n * 1_000);
        let taken = others.filter(|position| met.has(1, *position)).count();
        assert!(taken < EVENTS_MAX / 8, "{taken}");
    }
}
