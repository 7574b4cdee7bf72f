//! The view that the threads of a process share.

use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard, RwLock};

use super::LogView;
use super::follow::Follow;
use super::others::Others;
use crate::engine::Fault;
use crate::engine::summary::{KnownBlocks, Summaries};

/// The latest view. It is replaced, under a lock that is held for no longer than that takes.
#[derive(Debug)]
pub(in crate::engine) struct SharedView {
    /// How much memory is for what is read of sealed blocks, in bytes.
    block_bytes_max: usize,
    latest: RwLock<LatestView>,
    /// Held by whoever reads the journal to learn what others have added. It is not held while anything
    /// is staged, synced or written to the tables.
    following: Mutex<()>,
}

#[derive(Clone, Debug)]
struct LatestView {
    view: Option<Arc<LogView>>,
    /// Whether the view is the writer's, which has all that is in the journal, and all of it on disk. One that readers
    /// have read goes no further than what was told to be on disk.
    is_writers: bool,
    /// The view that was there last, also while somebody brings it up to date.
    last: Option<Arc<LogView>>,
    of_tables: OfTables,
    /// Whether the writer of this process is at work. It has read what other processes have
    /// written and keeps them from writing more, and what it writes itself must not be read before
    /// it is on disk.
    writing: bool,
}

/// What readers remember of what the tables have. That does not change while views go on from each other. Once one does
/// not, the tables may have lost a commit that they had, or something was erased in them, and what is remembered of them is
/// forgotten.
#[derive(Clone, Debug)]
pub(in crate::engine) struct OfTables {
    /// Summaries that were made of events of a block that is not whole yet.
    pub(in crate::engine) summaries: Arc<Summaries>,
    /// Parts of whole blocks.
    pub(in crate::engine) blocks: Arc<KnownBlocks>,
}

impl OfTables {
    fn new(block_bytes_max: usize) -> Self {
        Self {
            summaries: Arc::default(),
            blocks: Arc::new(KnownBlocks::new(block_bytes_max)),
        }
    }
}

impl SharedView {
    /// Of a log of which nothing is known yet. So much memory is for what is read of sealed blocks, in bytes.
    pub(in crate::engine) fn new(block_bytes_max: usize) -> Self {
        let latest = LatestView {
            view: None,
            is_writers: false,
            last: None,
            of_tables: OfTables::new(block_bytes_max),
            writing: false,
        };
        Self {
            block_bytes_max,
            latest: RwLock::new(latest),
            following: Mutex::default(),
        }
    }

    /// The latest view, brought up to date for a reader, with what readers remember of the tables.
    ///
    /// # Errors
    ///
    /// As [`Follow::read`]. Then nothing is known any more.
    pub(in crate::engine) fn latest<'a>(
        &self,
        exclusive: bool,
        follow: impl FnOnce() -> Result<Follow<'a>, Fault>,
    ) -> Result<(Arc<LogView>, OfTables), Fault> {
        let settled = || {
            let latest = self.latest.read();
            // Nobody else can add to the journal, and what this process adds it makes known itself.
            let is_settled = latest.writing || (exclusive && latest.is_writers);
            let view = latest.view.as_ref().filter(|_| is_settled);
            view.map(|view| (Arc::clone(view), latest.of_tables.clone()))
        };
        if let Some(found) = settled() {
            return Ok(found);
        }
        let _following = self.follow();
        if let Some(found) = settled() {
            return Ok(found);
        }
        // Also with `exclusive`: what the writer has left there after a fault, it has yet to make sure of.
        let (known, _) = self.take();
        let view = follow()?.read(known, Others::Adding)?;
        let view = Arc::new(view);
        let mut latest = self.latest.write();
        self.put(&mut latest, Arc::clone(&view));
        Ok((view, latest.of_tables.clone()))
    }

    /// Brings the view up to date for the writer, which has the journal to itself from now on until
    /// [`SharedView::end_writing`]. `settle` makes sure that all of the view is on disk, before readers see it.
    ///
    /// # Errors
    ///
    /// As [`Follow::read`] and `settle`. Then nothing is known any more, and others may write.
    pub(in crate::engine) fn begin_writing(
        &self,
        exclusive: bool,
        follow: &Follow<'_>,
        settle: impl FnOnce(&mut LogView) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let _following = self.follow();
        let mut view = match self.take() {
            (Some(view), true) if exclusive => view,
            (known, _) => follow.read(known, Others::Waiting)?,
        };
        settle(&mut view)?;
        let mut latest = self.latest.write();
        self.put(&mut latest, Arc::new(view));
        latest.is_writers = true;
        // Before anybody else follows: from now on, readers take what is known to be the newest.
        latest.writing = true;
        Ok(())
    }

    /// Lets readers look for what other processes add.
    pub(in crate::engine) fn end_writing(&self) {
        self.latest.write().writing = false;
    }

    /// What the writer at work has read, or has put in its place.
    ///
    /// # Errors
    ///
    /// A storage fault, if that was forgotten.
    pub(in crate::engine) fn known(&self) -> Result<Arc<LogView>, Fault> {
        let view = self.latest.read().view.clone();
        view.ok_or_else(|| std::io::Error::other("the journal was read by nobody").into())
    }

    /// The view that was there last, which need not be up to date; `None` if everything was forgotten. It neither reads
    /// anything nor waits for anybody who does.
    pub(in crate::engine) fn last(&self) -> Option<Arc<LogView>> {
        self.latest.read().last.clone()
    }

    /// Puts a view in the place of the latest one.
    pub(in crate::engine) fn replace(&self, view: LogView) -> Arc<LogView> {
        let view = Arc::new(view);
        self.put(&mut self.latest.write(), Arc::clone(&view));
        view
    }

    /// As [`SharedView::replace`], where what is remembered of the tables is not what they have any more.
    pub(in crate::engine) fn replace_rewritten(&self, view: LogView) {
        let mut latest = self.latest.write();
        self.put(&mut latest, Arc::new(view));
        latest.of_tables = self.of_no_tables();
    }

    fn put(&self, latest: &mut LatestView, view: Arc<LogView>) {
        let last = latest.last.replace(Arc::clone(&view));
        if last.is_some_and(|last| last.lineage() != view.lineage()) {
            latest.of_tables = OfTables::new(self.block_bytes_max);
        }
        latest.view = Some(view);
    }

    /// Forgets everything: it is read again when next needed.
    pub(in crate::engine) fn forget(&self) {
        // What is being read now may be of the file as it was opened before.
        let _following = self.follow();
        let mut latest = self.latest.write();
        latest.view = None;
        latest.is_writers = false;
        latest.last = None;
        latest.of_tables = OfTables::new(self.block_bytes_max);
    }

    /// Waits for the turn to read the journal.
    fn follow(&self) -> MutexGuard<'_, ()> {
        self.following.lock()
    }

    /// Takes the view, for who goes on from it, and whether it is the writer's: if that fails, nothing is known any
    /// more.
    fn take(&self) -> (Option<LogView>, bool) {
        let mut latest = self.latest.write();
        let (view, is_writers) = (latest.view.take(), latest.is_writers);
        latest.is_writers = false;
        drop(latest);
        (view.map(Arc::unwrap_or_clone), is_writers)
    }

    /// Nothing that is remembered, for who reads tables that are not those of a view.
    pub(in crate::engine) fn of_no_tables(&self) -> OfTables {
        OfTables::new(self.block_bytes_max)
    }

    /// What is remembered of the tables.
    pub(in crate::engine) fn of_tables(&self) -> OfTables {
        self.latest.read().of_tables.clone()
    }

    /// Takes back that the tables were forgotten.
    #[cfg(test)]
    pub(in crate::engine) fn remember_tables(&self, of_tables: OfTables) {
        self.latest.write().of_tables = of_tables;
    }
}
