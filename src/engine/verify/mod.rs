//! Checking a whole log: that every part can be read, and that the invariants of `docs/design.md` hold.
//!
//! It goes on after a problem, so that one damaged event does not hide the others. What only follows from a
//! problem that was told is not told as another one.
//!
//! Nothing is held in memory but what a block takes, and where a bounded number of streams stand: for the
//! others, the event before is looked up.

mod blocks;
mod catalog;
mod columns;
mod events;
mod journal;
mod keys;
mod lookups;
mod report;
mod states;
mod streams;
mod tally;

pub use self::report::{Problem, Report};

use super::snapshot::Snapshot;
use super::view::STREAMS_MAX;
use super::{Fault, Instance};
use crate::error::{Code, Error};
use crate::panic::caught;
use crate::progress::Progress;

/// A check under way.
struct Check<'a> {
    snapshot: &'a Snapshot,
    progress: &'a Progress,
    report: Report,
    /// Of how many streams is remembered where they stand.
    streams_max: usize,
}

/// An instance that is checked.
struct Checked {
    number: u32,
    instance: Instance,
}

/// Checks all that a snapshot sees.
///
/// # Errors
///
/// `ABORTED`; a storage fault. Damage is a problem in the report, unless the list of instances cannot be read.
pub fn verify(snapshot: &Snapshot, progress: &Progress) -> Result<Report, Fault> {
    verify_within(snapshot, progress, STREAMS_MAX)
}

/// As [`verify`], remembering where that many streams stand.
pub(super) fn verify_within(
    snapshot: &Snapshot,
    progress: &Progress,
    streams_max: usize,
) -> Result<Report, Fault> {
    let mut check = Check {
        snapshot,
        progress,
        streams_max,
        report: Report::default(),
    };
    if let Err(fault) = snapshot.check_name() {
        check.add(None, Error::from(fault).text());
    }
    check.attempt(None, Check::check_journal)?;
    let instances = check.catalog()?;
    let counts = instances
        .iter()
        .map(|checked| checked.instance.head.last_position);
    progress.expect(counts.fold(0, u64::saturating_add));
    for checked in &instances {
        check.report.instances += 1;
        let id = Some(checked.instance.id.as_str());
        check.attempt(id, |check| check.check_instance(checked))?;
        check.attempt(id, |check| check.check_states(checked))?;
    }
    Ok(check.report)
}

impl Check<'_> {
    /// Fails once nobody wants to know any more.
    fn check_wanted(&self) -> Result<(), Fault> {
        self.progress.check()?;
        self.snapshot.check_wanted()
    }

    fn add(&mut self, instance_id: Option<&str>, text: impl Into<String>) {
        self.report.add(instance_id, None, text);
    }

    /// Does a part of the check. Damage that ends it is a problem, and what comes after it is checked all the
    /// same.
    fn attempt(
        &mut self,
        instance_id: Option<&str>,
        part: impl FnOnce(&mut Self) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        // redb panics where pages were altered behind its back.
        let text = match caught(|| part(self)) {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(fault)) => text_of_damage(fault)?,
            Err(panic) => text_of_damage(Fault::of_panic("reading", &panic))?,
        };
        self.add(instance_id, text);
        Ok(())
    }
}

/// What the damage is, or the failure if it is none.
fn text_of_damage(fault: Fault) -> Result<String, Fault> {
    match fault {
        Fault::Corrupted(text) | Fault::Vanished(text) => Ok(text),
        fault @ Fault::Storage(_) => {
            // A missing table, or a file that ends too soon, is damage too.
            let error = Error::from(fault);
            match error.code() {
                Code::Corrupted => Ok(error.text().to_owned()),
                _ => Err(Fault::Refused(error)),
            }
        }
        fault => Err(fault),
    }
}
