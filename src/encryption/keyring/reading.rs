//! Learning what a keyring has.

use super::layout::{ENTRIES_AT, Found, Head};
use super::ring::Ring;
use super::{Keyring, Known};
use crate::error::{Code, Error};

/// How often a file is read again that is replaced or changed while it is read.
const READ_AGAIN_MAX: usize = 16;

impl Keyring {
    /// Reads the file if it has changed, or is being changed.
    pub(super) fn look(&self, known: &mut Known) -> Result<(), Error> {
        let seen = self.done(self.medium.beginning(ENTRIES_AT as usize))?;
        let ring = known.ring.as_ref();
        let is_at_rest = ring.is_none_or(|ring| !ring.head.counts.is_forgetting());
        if seen == known.seen && is_at_rest {
            return Ok(());
        }
        self.read(known)
    }

    /// Reads the file.
    pub(super) fn read(&self, known: &mut Known) -> Result<(), Error> {
        known.take();
        let mut bytes = self.done(self.medium.read())?;
        for _ in 0..READ_AGAIN_MAX {
            let Some(found) = &bytes else {
                return Ok(());
            };
            let error = match self.parse(found) {
                Ok(ring) => {
                    let beginning = found.iter().take(ENTRIES_AT as usize);
                    known.seen = Some((beginning.copied().collect(), found.len() as u64));
                    known.ring = Some(ring);
                    return Ok(());
                }
                Err(error) => error,
            };
            // It may have been changed while it was read.
            let again = self.done(self.medium.read())?;
            if again == bytes {
                return Err(error);
            }
            bytes = again;
        }
        Err(self.damaged("it is another one each time that it is read"))
    }

    fn parse(&self, bytes: &[u8]) -> Result<Ring, Error> {
        let head = match Head::decode(bytes) {
            Found::Head(head) => head,
            Found::Damaged => return Err(self.damaged("its beginning is not what was written")),
            Found::Newer(format) => {
                let text = format!("{} has the format {format}, expected 1", self.name);
                return Err(Error::new(Code::UnsupportedFormat, text));
            }
        };
        let mut ring = Ring::new(head);
        ring.add(bytes.get(ENTRIES_AT as usize..).unwrap_or_default());
        if ring.end - ENTRIES_AT < ring.head.counts.synced {
            return Err(self.damaged("a key in it is not what was written"));
        }
        Ok(ring)
    }
}
