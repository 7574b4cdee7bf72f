//! Where the bytes of a block are read from.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::{Alike, Damaged, Group};

/// What somebody has read before of a group.
#[derive(Clone, Debug)]
pub enum KnownGroup {
    /// Where everything is in it.
    Read(Arc<Group>),
    /// Its bytes, which are what was written.
    Piece(Arc<[u8]>),
}

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

    /// As [`Source::read`], as bytes that are kept.
    ///
    /// # Errors
    ///
    /// As [`Source::read`].
    fn read_shared(&self, range: Range<usize>) -> Result<Arc<[u8]>, Self::Fault> {
        self.read(range).map(|bytes| Arc::from(&*bytes))
    }

    /// Calls `visit` with what [`Source::read`] would give, none of which is kept. Bytes that do not stand together in
    /// memory may be put together in `room`.
    ///
    /// # Errors
    ///
    /// As [`Source::read`].
    fn visit<T>(
        &self,
        range: Range<usize>,
        _room: &mut Vec<u8>,
        visit: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Self::Fault> {
        self.read(range).map(|bytes| visit(&bytes))
    }

    /// What somebody has read before of a group of the block, if it is kept.
    fn known_group(&self, _number: usize) -> Option<KnownGroup> {
        None
    }

    /// What other blocks that are in memory may have as well.
    fn alike(&self) -> Option<&Alike> {
        None
    }

    /// Whether there is room to keep what nobody may ask for again.
    fn has_room(&self) -> bool {
        false
    }

    /// Takes a group of the block that was read, perhaps to keep it in the place of its bytes.
    fn keep_group(&self, _number: usize, _group: &Arc<Group>) {}

    /// Takes the bytes of a group of the block, of which nothing was known, perhaps to keep them.
    fn keep_piece(&self, _number: usize, _piece: &Arc<[u8]>) {}
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

    fn read_shared(&self, range: Range<usize>) -> Result<Arc<[u8]>, Self::Fault> {
        (**self).read_shared(range)
    }

    fn visit<T>(
        &self,
        range: Range<usize>,
        room: &mut Vec<u8>,
        visit: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Self::Fault> {
        (**self).visit(range, room, visit)
    }

    fn known_group(&self, number: usize) -> Option<KnownGroup> {
        (**self).known_group(number)
    }

    fn alike(&self) -> Option<&Alike> {
        (**self).alike()
    }

    fn has_room(&self) -> bool {
        (**self).has_room()
    }

    fn keep_group(&self, number: usize, group: &Arc<Group>) {
        (**self).keep_group(number, group);
    }

    fn keep_piece(&self, number: usize, piece: &Arc<[u8]>) {
        (**self).keep_piece(number, piece);
    }
}
