//! Writing a log as lines, a page at a time.

use std::borrow::Cow;
use std::sync::Arc;

use parking_lot::Mutex;

use super::lines;
use crate::arguments::{self, Object};
use crate::engine::{Fault, Instance};
use crate::error::{Code, Error};
use crate::request::encryption::Revealing;
use crate::request::evidence;
use crate::request::extent::Extent;
use crate::request::named_instance::find_in_snapshot;
use crate::request::page::read_page;
use crate::request::response::Answer;
use crate::request::result::ResultWriter;
use crate::request::work::{Reads, Work};
use crate::seam::ReadSnapshot;

/// From this size on, a page of lines is full. The last line of it may be longer by itself.
const PAGE_BYTES: usize = 256 << 10;

/// The options that get here: that of `exportEvents`, and those by which the package's JavaScript asks for a part of that
/// instance.
const KEYS: [&str; 3] = ["instance", "first", "last"];

/// An export under way.
///
/// The first call decides on what there is to export, and each one after it reads a page, which is
/// then to be [taken](Export::take_page). Between the calls nothing is held open.
#[derive(Default)]
pub struct Export(Mutex<ExportState>);

#[derive(Default)]
struct ExportState {
    /// The JSON text of the options.
    options: String,
    /// There once it was decided on.
    course: Option<ExportCourse>,
    page: Option<String>,
}

/// What is exported, and how far that has come.
struct ExportCourse {
    /// The instances as they were, each with its number and with the position of its first event.
    instances: Vec<(u32, Instance, u64)>,
    events: u64,
    /// What comes next.
    next: Next,
    done_events: u64,
}

#[derive(Clone, Copy)]
enum Next {
    Header,
    /// The line of the instance of that index, or the end after the last one.
    Instance(usize),
    /// The event at that position of the instance of that index.
    Event(usize, u64),
    Nothing,
}

impl Export {
    /// An export as `options` asks for it, which is JSON text.
    #[must_use]
    pub fn new(options: String) -> Self {
        Self(Mutex::new(ExportState {
            options,
            ..ExportState::default()
        }))
    }

    /// Takes the lines that were read last.
    pub fn take_page(&self) -> Option<String> {
        self.0.lock().page.take()
    }

    /// What a call for the next step does. Its answer says how far the export has come.
    #[must_use]
    pub fn next(self: &Arc<Self>) -> Work {
        Work::Read(Box::new(ExportStep(Arc::clone(self))))
    }

    pub(super) fn step(&self, snapshot: &dyn ReadSnapshot) -> Result<Answer, Fault> {
        let state = &mut *self.0.lock();
        let course = match &mut state.course {
            None => state
                .course
                .insert(ExportCourse::plan(&state.options, snapshot)?),
            Some(course) => {
                state.page = Some(course.page(snapshot)?);
                course
            }
        };
        let is_done = matches!(course.next, Next::Nothing);
        Ok(Answer::of_data(format!(
            "{{\"done\":{},\"total\":{},\"ended\":{is_done}}}",
            course.done_events, course.events
        )))
    }
}

/// The next step of an export.
struct ExportStep(Arc<Export>);

impl Reads for ExportStep {
    fn extent(&self, _snapshot: &dyn ReadSnapshot) -> Result<Extent, Fault> {
        Ok(Extent::Long)
    }

    fn read(
        &mut self,
        snapshot: &dyn ReadSnapshot,
        _: ResultWriter<'_>,
        _: &Revealing<'_>,
    ) -> Result<Answer, Fault> {
        self.0.step(snapshot)
    }
}

impl ExportCourse {
    fn plan(options: &str, snapshot: &dyn ReadSnapshot) -> Result<Self, Fault> {
        let asked = Asked::parse(options)?;
        let instances = match &asked.instance {
            Some(id_or_name) => {
                let number = find_in_snapshot("instance", id_or_name, snapshot)?;
                vec![snapshot.instance(number)?]
            }
            None => snapshot.instances()?,
        };
        let numbered = instances.into_iter().map(|mut instance| {
            let number = snapshot.find(&instance.id)?;
            let last = instance.head.last_position.min(asked.last);
            instance.head.last_position = last;
            let first = snapshot.chunks(number)?.first().max(asked.first);
            Ok((number, instance, first.min(last + 1)))
        });
        let instances = numbered.collect::<Result<Vec<_>, Fault>>()?;
        let counts = instances
            .iter()
            .map(|(_, one, first)| one.head.last_position + 1 - first);
        Ok(Self {
            events: counts.sum(),
            instances,
            next: Next::Header,
            done_events: 0,
        })
    }

    /// The next lines. There are some, unless there is nothing left. If the snapshot is lost, they are what was read before.
    /// If that is nothing, this fails, and the same lines can be read of another snapshot.
    fn page(&mut self, snapshot: &dyn ReadSnapshot) -> Result<String, Fault> {
        let mut out = String::with_capacity(PAGE_BYTES + PAGE_BYTES / 8);
        while out.len() < PAGE_BYTES && !matches!(self.next, Next::Nothing) {
            snapshot.check_wanted()?;
            match self.write_next(snapshot, &mut out) {
                Err(_) if snapshot.is_lost() && !out.is_empty() => break,
                written => written?,
            }
        }
        Ok(out)
    }

    /// Writes what is next, and notes what comes after it.
    fn write_next(&mut self, snapshot: &dyn ReadSnapshot, out: &mut String) -> Result<(), Fault> {
        let count = self.instances.len() as u64;
        self.next = match self.next {
            Next::Header => {
                lines::write_header(out, count, self.events);
                Next::Instance(0)
            }
            Next::Instance(index) => match self.instances.get(index) {
                Some((number, instance, first)) => {
                    let salts = evidence::exported_salts(snapshot, *number)?;
                    lines::write_instance_line(out, instance, *first, salts.as_deref());
                    self.after(index, first - 1)
                }
                None => {
                    lines::write_end(out, count, self.events);
                    Next::Nothing
                }
            },
            Next::Event(index, position) => {
                return self.write_events(snapshot, out, index, position);
            }
            Next::Nothing => Next::Nothing,
        };
        Ok(())
    }

    /// What comes after the event at that position, or after the line of the instance.
    fn after(&self, index: usize, position: u64) -> Next {
        let last = self
            .instances
            .get(index)
            .map_or(0, |(_, one, _)| one.head.last_position);
        if position < last {
            Next::Event(index, position + 1)
        } else {
            Next::Instance(index + 1)
        }
    }

    /// Writes events until the page is full. Those that it has written before it fails are done.
    fn write_events(
        &mut self,
        snapshot: &dyn ReadSnapshot,
        out: &mut String,
        index: usize,
        position: u64,
    ) -> Result<(), Fault> {
        let Some((number, instance, _)) = self.instances.get(index) else {
            self.next = Next::Instance(index);
            return Ok(());
        };
        if !snapshot.has_instance(*number)? {
            return Err(deleted(instance));
        }
        let positions = position..=instance.head.last_position;
        let mut written = 0;
        let read = read_page(snapshot, *number, positions, |record| {
            lines::write_event_line(out, record, &instance.id);
            written += 1;
            out.len() < PAGE_BYTES
        });
        self.done_events += written;
        self.next = self.after(index, position + written - 1);
        read.map(drop)
    }
}

/// Whoever made it again has made another one: its events are not those that the export began with.
fn deleted(instance: &Instance) -> Fault {
    Fault::refused(
        Code::InstanceNotFound,
        format!(
            "the instance with the id {:?} was deleted while it was exported",
            instance.id
        ),
    )
}

/// What is to be exported.
struct Asked {
    /// The one instance, if it is not all of them.
    instance: Option<String>,
    /// The positions of the first event and of the last one, if there are others.
    first: u64,
    last: u64,
}

impl Asked {
    fn parse(options: &str) -> Result<Self, Error> {
        let options = arguments::checked("options", options)?;
        let [instance, first, last] = Object::parse("options", options, &KEYS)?.values;
        let instance =
            instance.map(|raw| arguments::identifier("options.instance", raw, "a string"));
        Ok(Self {
            instance: instance.transpose()?.map(Cow::into_owned),
            first: first.map_or(Ok(1), |raw| arguments::whole_number("options.first", raw))?,
            last: last.map_or(Ok(u64::MAX), |raw| {
                arguments::whole_number("options.last", raw)
            })?,
        })
    }
}
