//! Bytes that are not what was sealed.

use std::fmt;

/// What was read is not what was sealed. It names the part of the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged(pub(super) &'static str);

impl Damaged {
    /// The part of the block.
    #[must_use]
    pub const fn part(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the {} of a sealed block is not what was written",
            self.0
        )
    }
}

impl std::error::Error for Damaged {}
