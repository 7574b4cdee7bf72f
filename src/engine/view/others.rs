//! What other processes can do to the journal while it is read.

/// What other processes can do to the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Others {
    /// Nothing until this process unlocks it.
    Waiting,
    /// They may be adding to it at this moment. What they have not told to be on disk is not read.
    Adding,
    /// As [`Others::Adding`], but all that is there was finished by whoever has written it, or left.
    Finished,
}
