//! The bytes that a running query may still hold.

use crate::error::{Code, Error};

/// What is left of the bytes that a query may hold at once.
#[derive(Debug)]
pub(in crate::query) struct Budget {
    bytes_max: usize,
    left: usize,
}

impl Budget {
    pub(in crate::query) const fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            left: bytes_max,
        }
    }

    /// Counts `bytes` more.
    pub(in crate::query) fn take(&mut self, bytes: usize) -> Result<(), Error> {
        self.left = self
            .left
            .checked_sub(bytes)
            .ok_or_else(|| too_large(self.bytes_max))?;
        Ok(())
    }

    /// Counts `bytes` less, which were counted before.
    pub(in crate::query) const fn give(&mut self, bytes: usize) {
        self.left += bytes;
    }
}

/// The error of a result that is over `bytes_max`.
#[must_use]
pub fn too_large(bytes_max: usize) -> Error {
    let text = format!(
        "result: expected at most {bytes_max} bytes of JSON text, found more; ask for less with \
         limit and offset, select or where"
    );
    Error::new(Code::LimitExceeded, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_byte_can_be_taken_and_no_more() {
        let mut budget = Budget::new(10);
        assert_eq!(budget.take(7), Ok(()));
        assert_eq!(budget.take(3), Ok(()));
        let error = budget.take(1).unwrap_err();
        assert_eq!(error.code(), Code::LimitExceeded);
        assert!(
            error
                .text()
                .starts_with("result: expected at most 10 bytes")
        );
        budget.give(2);
        assert_eq!(budget.take(2), Ok(()));
        assert_eq!(budget.take(0), Ok(()));
    }
}
