//! Those who wait for a commit by the calls of a log, for whoever ends their waiting.

use std::sync::{Arc, Weak};

use rustc_hash::FxHashMap;

use super::work::Follows;

/// How many are remembered before those that are gone are looked for.
const LOOKED_FOR_FROM: usize = 64;

/// Those who wait, or have waited. What one costs does not depend on how many there are.
#[derive(Default)]
pub(super) struct Remembered {
    /// By their address, which is nobody else's as long as they are here.
    known: FxHashMap<usize, Weak<dyn Follows>>,
    /// How many there were after those that were gone had been left out last.
    left: usize,
}

impl Remembered {
    pub(super) fn add(&mut self, follower: &Arc<dyn Follows>) {
        let address = Arc::as_ptr(follower).cast::<()>().addr();
        (self.known)
            .entry(address)
            .or_insert_with(|| Arc::downgrade(follower));
        if self.known.len() > LOOKED_FOR_FROM.max(2 * self.left) {
            self.known.retain(|_, known| known.strong_count() > 0);
            self.left = self.known.len();
        }
    }

    /// Forgets all, and returns those that are not gone.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Arc<dyn Follows>> + use<> {
        let known = std::mem::take(self).known;
        known.into_values().filter_map(|known| known.upgrade())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::work::Woken;
    use super::*;
    use crate::seam::LogEngine;

    #[derive(Default)]
    struct Follower(AtomicUsize);

    impl Follows for Follower {
        fn wait(&self, _: &dyn LogEngine, _: Woken) {}

        fn interrupt(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn each_is_remembered_once_as_long_as_it_is_there_and_those_that_are_gone_take_no_room() {
        let mut remembered = Remembered::default();
        let followers: Vec<_> = (0..1_000).map(|_| Arc::<Follower>::default()).collect();
        for round in 0..3 {
            for follower in &followers {
                remembered.add(&(Arc::clone(follower) as Arc<dyn Follows>));
            }
            assert_eq!(remembered.known.len(), followers.len(), "round {round}");
        }
        for _ in 0..10_000 {
            remembered.add(&(Arc::<Follower>::default() as Arc<dyn Follows>));
            assert!(remembered.known.len() <= 2 * (followers.len() + 1));
        }
        remembered.take().for_each(|follower| follower.interrupt());
        assert!(
            followers
                .iter()
                .all(|follower| follower.0.load(Ordering::Relaxed) == 1)
        );
        assert_eq!(remembered.take().count(), 0);
    }
}
