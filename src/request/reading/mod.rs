//! Reading events in a row, a page at a time.
//!
//! A [`Reading`] decides at its first step on what there is to read, up to the last event there is by
//! then. Each further step reads a page from a snapshot of its own: events never change and positions
//! have no gaps, so that all pages together are what one snapshot would have given, and none has to live
//! for long.
//!
//! A subscription has no end: each of its steps goes up to the last event that there is by then. When one
//! has come to it, the next call waits for a commit.

mod bounds;
mod complete;
mod consuming;
mod course;
mod hold;
mod lines;
mod places;
mod range;
mod search;
#[cfg(test)]
mod test;
mod together;
mod view;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use parking_lot::Mutex;

use self::bounds::StepBounds;
pub use self::consuming::Move;
use self::consuming::{Consuming, Moving};
use self::course::{PageProgress, ReadingCourse};
pub use self::hold::Hold;
use self::lines::LinesPage;
use self::range::ReadingRange;
use self::view::StepClock;
pub use super::consumers::Failed;
use super::encryption::Revealing;
use super::extent::Extent;
use super::response::Answer;
use super::result::ResultWriter;
use super::work::{Follows, Reads, Woken, Work};
use crate::engine::Fault;
use crate::seam::{EndWait, LogEngine, ReadSnapshot};

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadingSource {
    /// The events of an instance: `readAll`.
    Instance,
    /// As these, also those that were trimmed, as far as they are still there: what `eraseEvents` looks for.
    Erasable,
    /// The events of a stream: `readStream`.
    Stream,
    /// The events of an instance or of a stream, and those that follow: `subscribe`.
    Subscription,
}

/// What events are read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadingForm {
    /// Values, of which JavaScript makes objects.
    Values,
    /// JSON Lines. A response tells how many there are, and they are [taken](Reading::take_lines) then.
    Lines,
}

/// Events that are being read. Between its steps nothing is held open.
pub struct Reading {
    state: Mutex<ReadingState>,
    source: ReadingSource,
    /// What events are read as.
    form: ReadingForm,
    /// The lines of the last page, in pieces, until they are taken.
    lines: Mutex<VecDeque<String>>,
    /// There once the subscription has registered its consumer.
    consuming: Mutex<Option<Arc<Consuming>>>,
    /// The commit that the last step has seen.
    seen: AtomicU64,
    waiting: Mutex<CommitWait>,
    /// Whether nobody wants what is read any more.
    is_left: AtomicBool,
}

/// Whether a subscription waits for a commit.
enum CommitWait {
    No,
    For(EndWait),
    /// It never does again.
    Interrupted,
}

enum ReadingState {
    /// The JSON text of what was asked for, of which nothing was read.
    Asked(String),
    Begun(Box<ReadingCourse>),
}

impl Reading {
    /// A reading as `options` asks for it, which is JSON text of an object.
    #[must_use]
    pub const fn new(source: ReadingSource, options: String) -> Self {
        Self::in_form(ReadingForm::Values, source, options)
    }

    /// As [`Reading::new`], with the events in that form. A subscription with a consumer has no lines.
    #[must_use]
    pub const fn in_form(form: ReadingForm, source: ReadingSource, options: String) -> Self {
        Self {
            state: Mutex::new(ReadingState::Asked(options)),
            source,
            form,
            lines: Mutex::new(VecDeque::new()),
            consuming: Mutex::new(None),
            seen: AtomicU64::new(0),
            waiting: Mutex::new(CommitWait::No),
            is_left: AtomicBool::new(false),
        }
    }

    /// What a call for the next page does. Its result says whether it was the last one, as `ended`, and whether it
    /// has all that there is by now, as `caughtUp`.
    #[must_use]
    pub fn page(self: &Arc<Self>) -> Work {
        Work::Read(Box::new(PageRead(Arc::clone(self))))
    }

    /// Whether its first page was read.
    pub fn has_begun(&self) -> bool {
        matches!(&*self.state.lock(), ReadingState::Begun(_))
    }

    /// Takes the next piece of the lines that the last page has read, which are in the order of reading; `None` if there is
    /// no other. Those of a subscription are one piece.
    pub fn take_lines(&self) -> Option<String> {
        self.lines.lock().pop_front()
    }

    /// What a call does that waits for a commit which the last page has not seen.
    #[must_use]
    pub fn next_commit(self: &Arc<Self>) -> Work {
        Work::Wait(Arc::<Self>::clone(self))
    }

    /// Ends the waiting for commits, for good: nobody wants the events any more, or the log is closed.
    pub fn interrupt(&self) {
        let waiting = std::mem::replace(&mut *self.waiting.lock(), CommitWait::Interrupted);
        if let CommitWait::For(end) = waiting {
            end();
        }
    }

    /// Ends the reading for good: a page that is being read ends soon, and its lines are dropped.
    pub fn leave(&self) {
        self.is_left.store(true, Ordering::SeqCst);
        self.lines.lock().clear();
        self.interrupt();
    }

    /// What a call does that changes where the consumer of the subscription stands.
    #[must_use]
    pub fn moving(self: &Arc<Self>, change: Move) -> Work {
        Work::Change(Box::new(Moving {
            reading: Arc::clone(self),
            change,
        }))
    }

    /// The number of the instance, if it was found.
    fn instance(&self) -> Option<u32> {
        match &*self.state.lock() {
            ReadingState::Begun(course) => Some(course.number()),
            ReadingState::Asked(_) => None,
        }
    }

    /// How much the next step may have to look at.
    fn extent(&self, snapshot: &dyn ReadSnapshot) -> Result<Extent, Fault> {
        let consuming = self.consuming();
        if let Some(extent) = consuming
            .as_ref()
            .map(|consuming| consuming.extent(snapshot))
            && extent? == Extent::Long
        {
            return Ok(Extent::Long);
        }
        match &*self.state.lock() {
            ReadingState::Begun(course) => course.extent(snapshot),
            ReadingState::Asked(options) => {
                if Extent::of_text(options) == Extent::Long {
                    return Ok(Extent::Long);
                }
                let mut range = ReadingRange::parse(self.source, options)?;
                if let Some(consuming) = &consuming {
                    range.start = Some(consuming.in_snapshot(snapshot)?.position);
                    range.from_end = false;
                }
                ReadingCourse::extent_of(range, snapshot)
            }
        }
    }

    fn step_within(
        &self,
        snapshot: &dyn ReadSnapshot,
        mut writer: ResultWriter<'_>,
        revealing: &Revealing<'_>,
        bounds: StepBounds,
    ) -> Result<Answer, Fault> {
        let clock = StepClock {
            began: Instant::now(),
            is_left: &self.is_left,
        };
        self.seen.store(snapshot.commits(), Ordering::SeqCst);
        let state = &mut *self.state.lock();
        let consuming = self.consuming();
        // What a consumer that was reset would be given is not what it has to do.
        let place = consuming
            .as_ref()
            .map(|consuming| consuming.in_snapshot(snapshot));
        let place = place.transpose()?;
        if let ReadingState::Asked(options) = state {
            let mut range = ReadingRange::parse(self.source, options)?;
            if let (Some(place), Some(consumer)) = (place, range.consumer.clone()) {
                range.begin_at(consumer, place.position);
            }
            *state = ReadingState::Begun(Box::new(ReadingCourse::plan(range, snapshot, bounds)?));
        }
        let mut members = String::new();
        let (progress, passed) = match state {
            ReadingState::Begun(course) => {
                if course.follows() {
                    // Nothing more would ever come from a file that was taken away.
                    snapshot.check_name()?;
                }
                if let Some(consuming) = &consuming {
                    let turns = consuming.read_retries(snapshot, &mut writer, revealing, bounds)?;
                    if !turns.is_empty() {
                        return Ok(writer.finish("events", &of_retries(&turns))?);
                    }
                }
                let progress = match self.form {
                    ReadingForm::Values => {
                        course.page(revealing, snapshot, &mut writer, bounds, clock)?
                    }
                    ReadingForm::Lines => {
                        // One that follows mostly reads a few events.
                        let room = if course.follows() {
                            0
                        } else {
                            bounds.page_bytes
                        };
                        let mut page = LinesPage::with_room_for(room);
                        if !course.follows() {
                            page = page.shared();
                        }
                        let progress =
                            course.page(revealing, snapshot, &mut page, bounds, clock)?;
                        page.write_members(&mut members);
                        let mut lines = self.lines.lock();
                        if !self.is_left.load(Ordering::SeqCst) {
                            *lines = page.into_texts();
                        }
                        progress
                    }
                };
                (progress, course.follows().then(|| course.passed()))
            }
            ReadingState::Asked(_) => (PageProgress::ENDED, None),
        };
        let PageProgress { ended, caught_up } = progress;
        if let Some(passed) = passed {
            members.push_str(&format!(",\"passed\":{passed}"));
        }
        let rest = format!("\"ended\":{ended},\"caughtUp\":{caught_up}{members}");
        Ok(writer.finish("events", &rest)?)
    }
}

/// What a page has to say of events that were put back: in which turn each was, and that there may be others.
fn of_retries(turns: &[u64]) -> String {
    let turns: Vec<String> = turns.iter().map(u64::to_string).collect();
    let turns = turns.join(",");
    format!("\"ended\":false,\"caughtUp\":false,\"retries\":[{turns}]")
}

/// The next page of a reading.
struct PageRead(Arc<Reading>);

impl Reads for PageRead {
    fn sees_trimmed(&self) -> bool {
        self.0.source == ReadingSource::Erasable
    }

    fn extent(&self, snapshot: &dyn ReadSnapshot) -> Result<Extent, Fault> {
        self.0.extent(snapshot)
    }

    fn read(
        &mut self,
        snapshot: &dyn ReadSnapshot,
        writer: ResultWriter<'_>,
        revealing: &Revealing<'_>,
    ) -> Result<Answer, Fault> {
        let bounds = match self.0.form {
            ReadingForm::Values => StepBounds::DEFAULT,
            ReadingForm::Lines => StepBounds::OF_LINES,
        };
        self.0.step_within(snapshot, writer, revealing, bounds)
    }
}

impl Follows for Reading {
    fn wait(&self, engine: &dyn LogEngine, woken: Woken) {
        let mut waiting = self.waiting.lock();
        if matches!(*waiting, CommitWait::Interrupted) {
            return woken(Ok(()));
        }
        let woken = Arc::new(Mutex::new(Some(woken)));
        let waiter = Arc::clone(&woken);
        let seen = self.seen.load(Ordering::SeqCst);
        let wait = engine.follow(
            self.instance(),
            seen,
            Box::new(move || {
                if let Some(woken) = waiter.lock().take() {
                    woken(Ok(()));
                }
            }),
        );
        match wait {
            Ok(wait) => *waiting = CommitWait::For(wait),
            Err(error) => {
                if let Some(woken) = woken.lock().take() {
                    woken(Err(error));
                }
            }
        }
    }

    fn interrupt(&self) {
        Self::interrupt(self);
    }
}
