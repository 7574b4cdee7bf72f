//! Threads that are there while they have something to do. An open log that is idle has none.

use std::io;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long a thread that has run out of work waits for more before it ends. A program that comes back within
/// that time finds it there; one that does not pays for starting a thread, some 50 µs.
pub const IDLE: Duration = Duration::from_secs(1);

/// Starts a thread.
///
/// # Errors
///
/// The system has none to give.
pub fn start(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name.into()).spawn(work)
}
