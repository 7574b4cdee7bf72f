//! Work that nobody waits for any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Code, Error};

/// Says whether a piece of work is still wanted. Whoever does the work looks at it now and then;
/// clones are one and the same, on all threads.
#[derive(Clone, Debug, Default)]
pub struct Cancellation(Arc<Flag>);

#[derive(Debug, Default)]
struct Flag {
    raised: AtomicBool,
    /// What this is a part of.
    whole: Option<Cancellation>,
}

impl Cancellation {
    /// One of its own for a part of the work, which is called off with the whole, too.
    #[must_use]
    pub fn part(&self) -> Self {
        Self(Arc::new(Flag {
            raised: AtomicBool::new(false),
            whole: Some(self.clone()),
        }))
    }

    /// Calls the work off, for good.
    pub fn cancel(&self) {
        self.0.raised.store(true, Ordering::Relaxed);
    }

    /// Whether the work, or what it is a part of, was called off.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        let Flag { raised, whole } = &*self.0;
        raised.load(Ordering::Relaxed) || whole.as_ref().is_some_and(Self::is_cancelled)
    }

    /// Fails once the work was called off.
    ///
    /// # Errors
    ///
    /// `ABORTED`.
    pub fn check(&self) -> Result<(), Error> {
        if self.is_cancelled() {
            return Err(Error::new(Code::Aborted, "the query was called off"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_called_off_alone_or_with_the_whole() {
        let whole = Cancellation::default();
        let (first, second) = (whole.part(), whole.part());
        assert_eq!(first.check(), Ok(()));

        first.cancel();
        assert_eq!(first.check().unwrap_err().code(), Code::Aborted);
        assert!(!second.is_cancelled() && !whole.is_cancelled());

        whole.cancel();
        assert!(second.is_cancelled() && second.part().is_cancelled());
    }
}
