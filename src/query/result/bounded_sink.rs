//! A result's list, up to a number of bytes.

use super::budget;
use super::group::RowSink;
use super::outcome::Sink;
use crate::error::Error;

/// Takes the elements of a list up to a number of bytes.
pub(super) struct BoundedSink<'s> {
    pub(super) sink: &'s mut dyn Sink,
    bytes: usize,
    bytes_max: usize,
}

impl<'s> BoundedSink<'s> {
    pub(super) fn new(sink: &'s mut dyn Sink, bytes_max: usize) -> Self {
        Self {
            sink,
            bytes: 0,
            bytes_max,
        }
    }
}

impl RowSink for BoundedSink<'_> {
    fn row(&mut self, json: &str) -> Result<(), Error> {
        self.bytes += json.len() + 1;
        if self.bytes > self.bytes_max {
            return Err(budget::too_large(self.bytes_max));
        }
        self.sink.value(json)
    }

    fn check_wanted(&self) -> Result<(), Error> {
        self.sink.check_wanted()
    }
}
