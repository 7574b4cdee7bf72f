//! Where the bytes of a block are read from.

use std::borrow::Cow;
use std::ops::Range;

use super::Damaged;

/// The bytes of a sealed block.
pub trait Source {
    /// Why reading can fail.
    type Fault: From<Damaged>;

    /// Reads the bytes in `range`. Where there are fewer, it gives fewer.
    ///
    /// # Errors
    ///
    /// A fault in reading. A range beyond the end is none.
    fn read(&self, range: Range<usize>) -> Result<Cow<'_, [u8]>, Self::Fault>;
}

impl Source for [u8] {
    type Fault = Damaged;

    fn read(&self, range: Range<usize>) -> Result<Cow<'_, [u8]>, Damaged> {
        Ok(Cow::Borrowed(self.get(range).unwrap_or_default()))
    }
}

impl Source for Vec<u8> {
    type Fault = Damaged;

    fn read(&self, range: Range<usize>) -> Result<Cow<'_, [u8]>, Damaged> {
        self.as_slice().read(range)
    }
}

impl<S: Source + ?Sized> Source for &S {
    type Fault = S::Fault;

    fn read(&self, range: Range<usize>) -> Result<Cow<'_, [u8]>, Self::Fault> {
        (**self).read(range)
    }
}
