//! Copying a log while it is in use.
//!
//! What a snapshot sees is written into the tables of a new log, by the commit that they hold then: without the
//! journal, and without the pages that deleted instances have left. The new log is checked before it gets
//! its name.

mod contents;
mod partial;

use std::path::Path;
use std::sync::Arc;

use self::contents::Contents;
use self::partial::Partial;
use super::commit::{closing, settling};
use super::journal::Layout;
use super::snapshot::Snapshot;
use super::storage::file::LogFile;
use super::storage::medium::Medium;
use super::storage::opening::{self, Opened, Tables};
use super::verify::{Report, verify};
use super::{Fault, Options};
use crate::error::{Code, Error};
use crate::progress::Progress;

/// A log that was copied and has not got its name. It is removed when it is dropped.
pub struct Copied(Partial);

/// Copies what a snapshot sees to a file beside `path`, where nothing may be yet.
///
/// # Errors
///
/// `INVALID_ARGUMENT` if there is something at `path`, or no folder to hold it; `ABORTED`; corruption or a storage
/// fault of the log; `STORAGE_FAILED` if the copy cannot be written. Nothing is left behind.
pub fn copy(snapshot: &Snapshot, path: &Path, progress: &Progress) -> Result<Copied, Fault> {
    let partial = Partial::beside(path)?;
    let layout = snapshot.open_log().storage.layout_now()?;
    // Each event is copied, and then checked.
    let instances = snapshot.instances()?;
    let events = instances.iter().map(|instance| instance.head.last_position);
    progress.expect(events.fold(0, u64::saturating_add).saturating_mul(2));
    let file = LogFile::open(partial.path(), &Options::default())?;
    write(snapshot, &file, layout, progress)?;
    Ok(Copied(partial))
}

/// Makes a log of an empty medium, with what a snapshot sees. It is on disk when this returns.
pub(super) fn write(
    snapshot: &Snapshot,
    medium: &(impl Medium + Clone + Send + Sync + 'static),
    layout: Layout,
    progress: &Progress,
) -> Result<(), Fault> {
    let options = Options {
        exclusive: true,
        ..Options::default()
    };
    let Opened {
        tables, journal, ..
    } = opening::open(medium, &options, layout, None).map_err(of_copy)?;
    let Tables::Writable(database) = tables else {
        return Err(Fault::Refused(super::read_only()));
    };
    Contents::new(snapshot, &database, layout, progress).write()?;
    database.close().map_err(of_copy)?;
    journal.sync().map_err(of_copy)
}

impl Copied {
    /// Checks the copy, and gives it the path that it was made for.
    ///
    /// # Errors
    ///
    /// `CORRUPTED` if it is not sound, which means that the log it was made of is not; `INVALID_ARGUMENT` if
    /// there is something at the path by now; `ABORTED`; `STORAGE_FAILED`. Nothing is left behind.
    pub fn publish(self, progress: &Progress) -> Result<Report, Fault> {
        let Self(partial) = self;
        let report = checked(partial.path(), progress)?;
        if let Some(problem) = report.problems.first() {
            return Err(Fault::refused(
                Code::Corrupted,
                format!(
                    "the log is damaged, and so would its copy be: {} (`verify` tells all problems)",
                    problem.text
                ),
            ));
        }
        progress.check()?;
        partial.publish()?;
        Ok(report)
    }
}

fn checked(path: &Path, progress: &Progress) -> Result<Report, Fault> {
    let options = Options {
        read_only: true,
        ..Options::default()
    };
    let file = LogFile::open(path, &options)?;
    let own = options.clone();
    let opener = Box::new(move |again| opening::open(&file, &own, Layout::NEW, again));
    let open_log = Arc::new(settling::open(opener, &options).map_err(of_copy)?);
    let snapshot = Snapshot::of(&open_log).map_err(of_copy)?;
    let report = verify(&snapshot, progress).map_err(of_copy);
    drop(snapshot);
    closing::close(&open_log).map_err(of_copy)?;
    report
}

/// What goes wrong with the copy is no fault of the log's file, which would be opened again for it.
fn of_copy(fault: impl Into<Fault>) -> Fault {
    match fault.into() {
        refused @ Fault::Refused(_) => refused,
        fault => {
            let error = Error::from(fault);
            let text = format!("the copy: {}", error.text());
            Fault::Refused(error.with_text(text))
        }
    }
}
