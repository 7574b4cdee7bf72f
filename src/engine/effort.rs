//! How much work is done, in steps, for tests that it grows with nothing but what it is about.

use std::cell::Cell;

thread_local! {
    static STEPS: Cell<u64> = const { Cell::new(0) };
}

/// Notes that this thread has looked at one more entry, row or state.
pub(crate) fn step() {
    STEPS.set(STEPS.get() + 1);
}

/// What `work` results in, and how many steps of this thread it has taken.
pub(crate) fn steps_of<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let before = STEPS.get();
    let result = work();
    (result, STEPS.get() - before)
}
