//! Bugs of the protocol that tests put in, to see that they notice them. They are there only with the feature `testing`.

/// A bug that is not there but in a test that asks for it.
#[cfg_attr(
    not(feature = "testing"),
    expect(dead_code, unreachable_pub, reason = "only tests put them in")
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeededBug {
    /// After a lost connection it is looked whether a frame was stored, and one that comes later is stored all the same.
    NoFence,
    /// A commit whose wait for a standby was cancelled is taken to be on one, since the server says that it was a success.
    WarningIsSuccess,
    /// Positions are taken from a sequence before the commit, and nobody looks where the head stands.
    PositionsBySequence,
}
