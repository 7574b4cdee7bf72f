//! The directory of a block that is read from a source.

use super::directory::{BYTES_MAX, LENGTH_BYTES};
use super::{Damaged, Directory, Source};

impl Directory {
    /// Reads the directory of a block.
    ///
    /// # Errors
    ///
    /// A fault in reading; [`Damaged`] where it is not what was written.
    pub fn read<S: Source + ?Sized>(source: &S) -> Result<Self, S::Fault> {
        let damaged = || Damaged("directory");
        let length = source.read(0..LENGTH_BYTES)?;
        let length: [u8; LENGTH_BYTES] = length.as_ref().try_into().map_err(|_| damaged())?;
        let length = u32::from_le_bytes(length) as usize;
        if length > BYTES_MAX {
            return Err(damaged().into());
        }
        let body_at = LENGTH_BYTES + length;
        let bytes = source.read(LENGTH_BYTES..body_at)?;
        let directory = (bytes.len() == length).then(|| Self::decode(&bytes, body_at));
        directory.flatten().ok_or_else(|| damaged().into())
    }
}
