//! The turns of what takes long: so much of it goes on at the same time, and gives way to the rest.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

/// How long a turn lasts while others wait for one.
const TURN: Duration = Duration::from_millis(10);

/// Gives out turns, a bounded number at a time, to those who wait in their order.
#[derive(Debug)]
pub struct PaceTurns {
    state: Mutex<TurnsState>,
    changed: Condvar,
    most: usize,
    length: Duration,
}

#[derive(Debug, Default)]
struct TurnsState {
    /// How many have their turn.
    taken: usize,
    /// The number that whoever comes next waits with.
    next: u64,
    /// The number whose turn comes next: those before it have, or had, theirs.
    called: u64,
}

/// The turn of whoever reads, who is to [give way](Pace::give_way) now and then.
#[derive(Debug)]
pub struct Pace(Option<Mutex<PaceTurn>>);

#[derive(Debug)]
struct PaceTurn {
    turns: Arc<PaceTurns>,
    began: Instant,
}

impl PaceTurns {
    /// Gives out that many turns at a time at the most.
    #[must_use]
    pub fn new(most: usize) -> Arc<Self> {
        Self::of(most, TURN)
    }

    fn of(most: usize, length: Duration) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            changed: Condvar::new(),
            most,
            length,
        })
    }

    /// Waits for a turn, which ends when the pace is dropped.
    pub fn wait(self: &Arc<Self>) -> Pace {
        self.take(self.state.lock());
        self.begun()
    }

    /// A turn, as [`PaceTurns::wait`] gives one, if there is one to be had and nobody waits.
    pub fn at_once(self: &Arc<Self>) -> Option<Pace> {
        let state = self.state.lock();
        let is_waited_for = state.called < state.next;
        if is_waited_for || state.taken == self.most {
            return None;
        }
        self.take(state);
        Some(self.begun())
    }

    /// The pace of a turn that was just taken.
    fn begun(self: &Arc<Self>) -> Pace {
        Pace(Some(Mutex::new(PaceTurn {
            turns: Arc::clone(self),
            began: Instant::now(),
        })))
    }

    /// Takes the turn that comes after those that are waited for by now.
    fn take(&self, mut state: MutexGuard<'_, TurnsState>) {
        let own = state.next;
        state.next += 1;
        while state.called != own || state.taken == self.most {
            self.changed.wait(&mut state);
        }
        state.called += 1;
        state.taken += 1;
        drop(state);
        // There may be another turn to be had.
        self.changed.notify_all();
    }

    /// Gives a turn back and takes another one, if somebody waits.
    fn take_again(&self) {
        let mut state = self.state.lock();
        if state.called < state.next {
            state.taken -= 1;
            self.changed.notify_all();
            self.take(state);
        }
    }
}

impl Pace {
    /// That of what is done at once, and gives way to nobody.
    #[must_use]
    pub const fn at_once() -> Self {
        Self(None)
    }

    /// Lets others have their turn, if this one has lasted long enough and somebody waits; then waits for the
    /// next one. It is asked by the thread that has the turn, between pieces of its work.
    pub fn give_way(&self) {
        let Some(turn) = &self.0 else { return };
        let mut turn = turn.lock();
        if turn.began.elapsed() < turn.turns.length {
            return;
        }
        turn.turns.take_again();
        turn.began = Instant::now();
    }
}

impl Drop for PaceTurn {
    fn drop(&mut self) {
        self.turns.state.lock().taken -= 1;
        self.turns.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;

    #[test]
    fn those_who_wait_have_their_turns_one_after_the_other() {
        let turns = PaceTurns::of(1, Duration::ZERO);
        let (sender, steps) = channel();
        let first = turns.wait();
        let threads: Vec<_> = (0..3u64)
            .map(|n| {
                let (turns, sender) = (Arc::clone(&turns), sender.clone());
                // They come in this order.
                while turns.state.lock().next < n + 1 {
                    thread::yield_now();
                }
                let own = Arc::clone(&turns);
                let thread = thread::spawn(move || {
                    let pace = own.wait();
                    for step in 0..4 {
                        sender.send((step, n)).unwrap();
                        pace.give_way();
                    }
                });
                while turns.state.lock().next < n + 2 {
                    thread::yield_now();
                }
                thread
            })
            .collect();
        assert!(steps.try_recv().is_err(), "it began before its turn");
        drop(first);
        for thread in threads {
            thread.join().unwrap();
        }
        drop(sender);
        let steps: Vec<_> = steps.iter().collect();
        let in_turn: Vec<_> = (0..4)
            .flat_map(|step| (0..3).map(move |n| (step, n)))
            .collect();
        assert_eq!(steps, in_turn);
    }

    #[test]
    fn a_turn_goes_on_while_nobody_waits_and_ends_with_its_pace() {
        let turns = PaceTurns::of(2, Duration::ZERO);
        let (first, second) = (turns.wait(), turns.wait());
        first.give_way();
        assert_eq!(turns.state.lock().taken, 2);
        assert!(turns.at_once().is_none(), "there are two turns");
        drop(second);
        let third = turns.at_once();
        assert!(third.is_some() && turns.at_once().is_none());
        drop(first);
        assert_eq!(turns.state.lock().taken, 1);
        Pace::at_once().give_way();
    }
}
