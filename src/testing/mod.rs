//! What tests of engines use: the same calls, made on two logs, have the same answers.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test is to fail by a panic"
)]

mod asked;
mod caller;
pub(crate) mod random;

pub use self::asked::{Asked, asked};
pub use self::caller::Caller;
pub use self::random::Random;
