//! The threads on which logs are opened and closed, and what a panic there becomes.

use std::sync::Arc;
use std::thread;

use parking_lot::Mutex;

use crate::engine::no_thread;
use crate::error::Error;
use crate::panic::caught;

/// Does `work`, whose panic becomes a failure.
pub(super) fn guarded<T>(what: &str, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    caught(work).unwrap_or_else(|panic| Err(panic.error(what)))
}

/// Does `work` on a thread of its own, or here if there is none to be had; then it is told so.
pub(super) fn on_a_thread(name: &str, work: impl FnOnce(Result<(), Error>) + Send + 'static) {
    let work = Arc::new(Mutex::new(Some(work)));
    let given = Arc::clone(&work);
    let spawned = thread::Builder::new().name(name.into()).spawn(move || {
        let work = given.lock().take();
        if let Some(work) = work {
            work(Ok(()));
        }
    });
    if let Err(error) = spawned {
        let work = work.lock().take();
        if let Some(work) = work {
            work(Err(no_thread(&error)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn a_panic_while_a_file_is_opened_or_closed_is_a_fault_of_this_package() {
        let opened = guarded("opening the log", || -> Result<(), Error> {
            panic!("on purpose")
        });
        let error = opened.unwrap_err();
        assert_eq!(error.code(), Code::Internal);
        assert!(
            error
                .text()
                .starts_with("opening the log failed by a fault"),
            "{error}"
        );
        assert!(error.text().contains("on purpose"), "{error}");
    }
}
