//! What a commit has changed.

/// What one commit has changed.
#[derive(Debug)]
pub(super) struct Change {
    /// Its number.
    pub(super) commit: u64,
    /// The instances whose events or states it has changed, or that it has deleted.
    pub(super) instances: Vec<u32>,
    /// Whether it may have made or deleted instances.
    pub(super) makes_or_deletes: bool,
}
