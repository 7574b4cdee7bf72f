//! What tests of engines use: the same calls, made on two logs, have the same answers, and queries those of looking at each
//! event in turn.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test is to fail by a panic"
)]

mod asked;
mod caller;
pub mod equivalence;
pub mod generate;
mod one_by_one;
pub(crate) mod random;
mod stored;
mod story;

use std::time::Duration;

#[cfg(test)]
pub(crate) use self::asked::events_of;
pub use self::asked::{Asked, asked, trim_as_measured};
pub use self::caller::Caller;
pub use self::one_by_one::{List, one_by_one};
pub use self::random::Random;
pub use self::stored::Stored;

/// How long a test waits for what comes: a guard, so that what never comes is a failure and no hang. It is no bound of how
/// long anything may take, on however slow and busy a machine.
pub const PATIENCE: Duration = Duration::from_secs(600);
