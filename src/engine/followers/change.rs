//! What commits of this process have changed.

use rustc_hash::FxHashMap;

/// What one commit has changed.
#[derive(Debug)]
pub(in crate::engine) struct CommitChange {
    /// Its number.
    pub(in crate::engine) commit: u64,
    /// The instances whose events or states it has changed, or that it has deleted.
    pub(in crate::engine) instances: Vec<u32>,
    /// Whether it may have made or deleted instances.
    pub(in crate::engine) makes_or_deletes: bool,
}

/// What some commits have changed, one after the other.
#[derive(Debug, Default)]
pub(in crate::engine) struct CommitChanges {
    /// The numbers of the first and the last commit.
    commits: Option<(u64, u64)>,
    /// Those whom they concern, each with the last commit that does: who waits for an instance, or with `None` for
    /// one that is not there yet.
    concerned: FxHashMap<Option<u32>, u64>,
    /// Whether others may have committed in between.
    has_gaps: bool,
    /// Whether something has failed, so that anything may have changed.
    failed: bool,
}

impl CommitChanges {
    pub(in crate::engine) fn add(&mut self, change: CommitChange) {
        let commit = change.commit;
        self.has_gaps |= (self.commits).is_some_and(|(_, last)| last + 1 != commit);
        let first = self.commits.map_or(commit, |(first, _)| first);
        self.commits = Some((first, commit));
        let instances = change.instances.into_iter().map(Some);
        let concerned = instances.chain(change.makes_or_deletes.then_some(None));
        self.concerned.extend(concerned.map(|who| (who, commit)));
    }

    /// Notes that a commit has failed, or may have.
    pub(in crate::engine) const fn add_failure(&mut self) {
        self.failed = true;
    }

    pub(in crate::engine) const fn has_failed(&self) -> bool {
        self.failed
    }

    /// The last of them, if they are all that was committed after that commit and up to it.
    pub(super) fn last_after(&self, commit: u64) -> Option<u64> {
        let (first, last) = self.commits.filter(|_| !self.has_gaps)?;
        (first <= commit + 1 && commit <= last).then_some(last)
    }

    /// Whom they concern, and the last commit that does.
    pub(super) fn concerned(&self) -> impl Iterator<Item = (Option<u32>, u64)> {
        self.concerned.iter().map(|(who, commit)| (*who, *commit))
    }
}
