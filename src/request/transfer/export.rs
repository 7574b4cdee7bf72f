//! Writing a log as lines, a page at a time.

use std::borrow::Cow;
use std::ops::ControlFlow;
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
use crate::seam::{EventChunks, ReadSnapshot};

/// From this size on, a page of lines is full. The last line of it may be longer by itself.
const PAGE_BYTES: usize = 256 << 10;

/// How many events of a stream alone are read at a time, at most.
const PAGE_EVENTS: usize = 4_096;

/// The options that get here: that of `exportEvents`, and those by which the package's JavaScript asks for a part of that
/// instance. With a stream, `first` and `last` are numbers of its events, and `positions` where these stand.
const KEYS: [&str; 5] = ["instance", "first", "last", "stream", "positions"];

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
    instances: Vec<Exported>,
    events: u64,
    /// The stream whose events are exported alone, if that is asked for, and where they stand.
    alone: Option<(String, Vec<u64>)>,
    /// What comes next.
    next: Next,
    /// Where the event of the next line is taken to stand if the line does not say it.
    told: u64,
    done_events: u64,
}

/// An instance that is exported, as it was.
struct Exported {
    number: u32,
    instance: Instance,
    /// The position of its first event, and that of the last one.
    first: u64,
    last: u64,
    /// How many events it has between these.
    count: u64,
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
        let numbered = instances.into_iter().map(|instance| {
            let number = snapshot.find(&instance.id)?;
            if asked.stream.is_some() {
                let count = (asked.last + 1).saturating_sub(asked.first);
                return Ok(Exported {
                    number,
                    instance,
                    first: asked.first,
                    last: asked.last,
                    count,
                });
            }
            let last = instance.head.last_position.min(asked.last);
            let chunks = snapshot.chunks(number)?;
            let first = chunks.first().max(asked.first).min(last + 1);
            Ok(Exported {
                number,
                instance,
                first,
                last,
                count: count_between(&*chunks, first, last)?,
            })
        });
        let instances = numbered.collect::<Result<Vec<_>, Fault>>()?;
        Ok(Self {
            events: instances.iter().map(|one| one.count).sum(),
            instances,
            alone: asked.stream.map(|stream| (stream, asked.positions)),
            next: Next::Header,
            told: 1,
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
                Some(one) => {
                    // The tree of a stream alone would be another one.
                    let salts = match &self.alone {
                        Some(_) => None,
                        None => evidence::exported_salts(snapshot, one.number)?,
                    };
                    lines::write_instance_line(out, &one.instance, one.first, salts.as_deref());
                    self.told = one.first;
                    self.after(index, one.first - 1)
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
        let last = self.instances.get(index).map_or(0, |one| one.last);
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
        let Some(one) = self.instances.get(index) else {
            self.next = Next::Instance(index);
            return Ok(());
        };
        if !snapshot.has_instance(one.number)? {
            return Err(deleted(&one.instance));
        }
        if let Some((stream, positions)) = &self.alone {
            let places = positions.get((position - one.first) as usize..);
            let written = write_alone(
                snapshot,
                one,
                (stream.as_str(), places.unwrap_or_default()),
                out,
            )?;
            self.done_events += written;
            self.next = self.after(index, position + written - 1);
            return Ok(());
        }
        let chunks = snapshot.chunks(one.number)?;
        if chunks.has_gaps() && count_between(&*chunks, one.first, one.last)? != one.count {
            return Err(trimmed_since(&one.instance));
        }
        let (mut written, mut told) = (0, self.told);
        let read = read_page(snapshot, one.number, position..=one.last, |at, record| {
            let place = (at != told).then_some(at);
            lines::write_event_line(out, record, &one.instance.id, place);
            written += 1;
            told = at + 1;
            out.len() < PAGE_BYTES
        });
        let reached = match &read {
            Ok(read) => *read,
            Err(_) if written > 0 => told - 1,
            Err(_) => position - 1,
        };
        (self.done_events, self.told) = (self.done_events + written, told);
        self.next = self.after(index, reached);
        read.map(drop)
    }
}

/// How many events an instance has at positions from one to another.
fn count_between(chunks: &dyn EventChunks, first: u64, last: u64) -> Result<u64, Fault> {
    Ok(chunks.count_after(first - 1)? - chunks.count_after(last)?)
}

/// Writes the lines of events of a stream that stand at the first of these places, until the page is full. Returns how many
/// it were, which is at least one.
fn write_alone(
    snapshot: &dyn ReadSnapshot,
    one: &Exported,
    (stream_id, places): (&str, &[u64]),
    out: &mut String,
) -> Result<u64, Fault> {
    let (mut written, mut is_full, mut is_other) = (0, false, places.is_empty());
    let mut places = places.iter().copied().take(PAGE_EVENTS);
    let count = places.len() as u64;
    snapshot
        .chunks(one.number)?
        .each(&mut places, &mut |_, record| {
            is_other |= record.stream_id != stream_id;
            lines::write_event_line(out, record, &one.instance.id, None);
            written += 1;
            is_full = out.len() >= PAGE_BYTES;
            Ok(if is_full {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        })?;
    if is_other {
        let text = "the positions are not those of the stream";
        return Err(Error::internal("the export", text).into());
    }
    if !is_full && written < count {
        return Err(trimmed_since(&one.instance));
    }
    Ok(written)
}

/// The refusal of an export of which events have gone on the way.
fn trimmed_since(instance: &Instance) -> Fault {
    Fault::refused(
        Code::Trimmed,
        format!(
            "events of the instance with the id {:?} were trimmed while it was exported",
            instance.id
        ),
    )
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
    /// The stream of which alone that is asked for, by its numbers, and where these events stand.
    stream: Option<String>,
    positions: Vec<u64>,
}

impl Asked {
    fn parse(options: &str) -> Result<Self, Error> {
        let options = arguments::checked("options", options)?;
        let [instance, first, last, stream, positions] =
            Object::parse("options", options, &KEYS)?.values;
        let identifier = |path, raw: Option<&str>| {
            let given = raw.map(|raw| arguments::identifier(path, raw, "a string"));
            Ok::<_, Error>(given.transpose()?.map(Cow::into_owned))
        };
        Ok(Self {
            instance: identifier("options.instance", instance)?,
            stream: identifier("options.stream", stream)?,
            positions: positions.map_or(Ok(Vec::new()), |raw| {
                let expected = "an array of positions";
                serde_json::from_str(raw)
                    .map_err(|_| arguments::unexpected("options.positions", expected, raw))
            })?,
            first: first.map_or(Ok(1), |raw| arguments::whole_number("options.first", raw))?,
            last: last.map_or(Ok(u64::MAX), |raw| {
                arguments::whole_number("options.last", raw)
            })?,
        })
    }
}
