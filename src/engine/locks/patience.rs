//! How long a thread waits for the locks of other processes.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use crate::cancellation::Cancellation;
use crate::error::{Code, Error};

/// For how long locks are waited for, and what calls the waiting off.
///
/// It holds for a thread, since most locks are taken deep within the tables' storage, which has no way to
/// be told of it.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Patience {
    /// Until when; `None` for as long as the file says, from the beginning of each wait.
    until: Option<Instant>,
    /// Until when at the least, whatever calls it off.
    least: Option<Instant>,
    cancellation: Option<Cancellation>,
}

thread_local! {
    static PATIENCE: RefCell<Patience> = const { RefCell::new(Patience::AS_THE_FILE_SAYS) };
}

impl Patience {
    const AS_THE_FILE_SAYS: Self = Self {
        until: None,
        least: None,
        cancellation: None,
    };

    /// Locks are waited for as long as the file says.
    pub(in crate::engine) const fn as_the_file_says() -> Self {
        Self::AS_THE_FILE_SAYS
    }

    /// All locks together are waited for until then.
    pub(in crate::engine) const fn until(instant: Instant) -> Self {
        Self {
            until: Some(instant),
            ..Self::AS_THE_FILE_SAYS
        }
    }

    /// Locks are tried, and not waited for.
    pub(in crate::engine) fn none() -> Self {
        Self::until(Instant::now())
    }

    /// The same, until it is called off.
    pub(in crate::engine) fn unless(self, cancellation: &Cancellation) -> Self {
        Self {
            cancellation: Some(cancellation.clone()),
            ..self
        }
    }

    /// Does `work`, whose locks are waited for like this.
    pub(in crate::engine) fn during<T>(self, work: impl FnOnce() -> T) -> T {
        let _restored = Restored(PATIENCE.replace(self));
        work()
    }

    /// That of this thread, for a file whose locks are waited for as long as `wait`.
    pub(in crate::engine) fn of_this_thread(wait: Duration) -> Self {
        let own = PATIENCE.with_borrow(Self::clone);
        let until = own.until.or_else(|| Instant::now().checked_add(wait));
        Self { until, ..own }
    }

    /// The same, but for so long a time from now at the least.
    pub(super) fn at_least(self, wait: Duration) -> Self {
        let least = Instant::now() + wait;
        Self {
            until: self.until.map(|until| until.max(least)),
            least: Some(least),
            ..self
        }
    }

    /// How much longer there is to wait.
    ///
    /// # Errors
    ///
    /// `ABORTED` if the wait was called off.
    pub(super) fn left(&self) -> Result<Duration, Error> {
        let now = Instant::now();
        let called_off = self.cancellation.as_ref();
        if called_off.is_some_and(Cancellation::is_cancelled)
            && self.least.is_none_or(|least| least <= now)
        {
            return Err(Error::new(Code::Aborted, "the work was called off"));
        }
        Ok(self
            .until
            .map_or(Duration::MAX, |until| until.saturating_duration_since(now)))
    }
}

/// The patience that the thread had, and has again when this is dropped.
struct Restored(Patience);

impl Drop for Restored {
    fn drop(&mut self) {
        PATIENCE.replace(std::mem::replace(&mut self.0, Patience::AS_THE_FILE_SAYS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_has_the_patience_of_what_it_does_and_then_its_own_again() {
        let long = Duration::from_secs(60);
        let left = || Patience::of_this_thread(long).left();
        let of_none = Patience::none().during(left);
        assert_eq!(of_none, Ok(Duration::ZERO));
        assert!(left().unwrap() > Duration::ZERO);

        let cancellation = Cancellation::default();
        Patience::as_the_file_says()
            .unless(&cancellation)
            .during(|| {
                assert!(left().unwrap() > Duration::ZERO);
                cancellation.cancel();
                assert_eq!(left().unwrap_err().code(), Code::Aborted);
                // What would be dangerous to give up is not.
                let least = Patience::of_this_thread(Duration::ZERO).at_least(long);
                assert!(least.left().unwrap() > Duration::ZERO);
            });
        assert!(left().is_ok());
    }
}
