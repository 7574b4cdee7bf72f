//! Reading a log from lines, a batch at a time.

use std::sync::Arc;

use parking_lot::Mutex;

use super::POSITION;
use super::line::{GivenInstance, Line, LineNumber};
use super::restoration::Restoration;
use super::stored_event::StoredEvent;
use crate::engine::Fault;
use crate::error::{Code, Error};
use crate::request::caller::Caller;
use crate::request::limits::IMPORT_LINE_BYTES;
use crate::request::response::Answer;
use crate::request::work::{Changes, Work, unprepared};
use crate::seam::{Preview, Transaction};

/// An import under way: how far it has come. Each call has [`Lines`] for it, one call after the
/// other; once one has failed, no other one follows.
#[derive(Default)]
pub struct Import {
    reader: Mutex<LineReader>,
    pending: Mutex<PendingLines>,
}

/// What has become of the lines of the last call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum PendingLines {
    /// They wait for their turn, and perhaps for another process.
    #[default]
    Waiting,
    /// They are on their way to be stored.
    Begun,
    /// Nobody wants them any more. None of them is stored, and none of later calls.
    Withdrawn,
}

/// Bytes of what is imported, as one call has them.
pub struct Lines {
    import: Arc<Import>,
    bytes: Vec<u8>,
    /// Whether nothing follows them.
    last: bool,
    batch: Option<Result<LineBatch, Error>>,
    /// What the import had counted before these lines.
    before: Option<ImportCounts>,
}

/// How much of an import was stored, or was there already.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ImportCounts {
    pub(super) instances: u64,
    pub(super) events: u64,
    pub(super) skipped_instances: u64,
    pub(super) skipped_events: u64,
}

/// The instance whose events are read.
#[derive(Clone, Debug)]
pub(super) struct Section {
    pub(super) id: String,
    /// Its number, once its line was stored.
    pub(super) number: Option<u32>,
    /// How many of its events were read.
    pub(super) position: u64,
}

/// Reads lines, and knows what has gone before.
#[derive(Default)]
struct LineReader {
    /// The beginning of a line.
    rest: Vec<u8>,
    /// How many lines were read.
    lines: u64,
    stage: Stage,
    instances: u64,
    events: u64,
    /// How many events there are, if the header says so.
    total: Option<u64>,
    /// The section that the next line belongs to.
    section: Option<Section>,
    counts: ImportCounts,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Header,
    Instances,
    Ended,
}

/// Lines that are stored together.
pub(super) struct LineBatch {
    /// What the events are places in.
    pub(super) text: String,
    pub(super) items: Vec<(LineNumber, ImportItem)>,
    /// The section that the first line belongs to, if it is an event.
    pub(super) section: Option<Section>,
}

/// What is stored of a line.
pub(super) enum ImportItem {
    Instance(GivenInstance),
    Event(StoredEvent),
}

impl Import {
    /// Withdraws the lines of the last call, and all that follow. Returns whether nothing of them is stored: `false` if
    /// they are on their way to be, or were stored, and the call tells what has become of them.
    pub fn withdraw(&self) -> bool {
        let mut pending = self.pending.lock();
        if *pending == PendingLines::Waiting {
            *pending = PendingLines::Withdrawn;
        }
        *pending == PendingLines::Withdrawn
    }

    /// Has the lines of another call wait.
    fn wait(&self) {
        let mut pending = self.pending.lock();
        if *pending == PendingLines::Begun {
            *pending = PendingLines::Waiting;
        }
    }

    /// Begins to store the lines, after which they cannot be withdrawn.
    ///
    /// # Errors
    ///
    /// `ABORTED` if they were withdrawn.
    fn begin(&self) -> Result<(), Error> {
        let mut pending = self.pending.lock();
        if *pending == PendingLines::Withdrawn {
            return Err(Error::new(Code::Aborted, "the import was called off"));
        }
        *pending = PendingLines::Begun;
        Ok(())
    }
}

impl Lines {
    /// The next bytes of an import; `last` says that nothing follows them.
    #[must_use]
    pub fn new(import: Arc<Import>, bytes: Vec<u8>, last: bool) -> Self {
        import.wait();
        Self {
            import,
            bytes,
            last,
            batch: None,
            before: None,
        }
    }

    /// What a call does that stores the lines, all of them or none. Its answer says how far the import has come.
    #[must_use]
    pub fn work(self) -> Work {
        Work::Change(Box::new(self))
    }

    /// Reads and checks the lines by themselves.
    pub(super) fn read(&mut self, event_bytes_max: usize) {
        let bytes = std::mem::take(&mut self.bytes);
        let mut reader = self.import.reader.lock();
        self.batch = Some(reader.read(&bytes, self.last, event_bytes_max));
    }
}

impl Changes for Lines {
    /// Imports do not count: each has one call in flight, of a bounded size, and waits where others would be refused.
    fn bytes(&self) -> usize {
        0
    }

    fn prepare(&mut self, _: &dyn Preview, _: &Caller, event_bytes_max: usize) {
        self.read(event_bytes_max);
    }

    /// Stages what is not there yet, if all of it can be.
    fn apply(&mut self, batch: &mut dyn Transaction) -> Result<Answer, Fault> {
        self.import.begin().map_err(Fault::Refused)?;
        let lines = match &self.batch {
            Some(Ok(lines)) => lines,
            Some(Err(error)) => return Err(Fault::Refused(error.clone())),
            None => return Err(unprepared()),
        };
        let restoration = Restoration::check(lines, batch)?;
        let (counts, number) = restoration.stage(batch)?;
        let reader = &mut *self.import.reader.lock();
        // What was counted for a transaction that was not stored does not count.
        reader.counts = *self.before.get_or_insert(reader.counts);
        reader.counts.add(counts);
        // Without one, the lines were the beginning of a long one, or of none.
        if let (Some(section), Some(_)) = (&mut reader.section, number) {
            section.number = number;
        }
        Ok(reader.answer())
    }
}

impl ImportCounts {
    fn add(&mut self, other: Self) {
        self.instances += other.instances;
        self.events += other.events;
        self.skipped_instances += other.skipped_instances;
        self.skipped_events += other.skipped_events;
    }
}

impl LineReader {
    /// How far the import has come, as JSON text.
    fn answer(&self) -> Answer {
        let ImportCounts {
            instances,
            events,
            skipped_instances,
            skipped_events,
        } = self.counts;
        let total = match self.total {
            Some(total) => total.to_string(),
            None => "null".to_owned(),
        };
        Answer::of_data(format!(
            "{{\"lines\":{},\"done\":{},\"total\":{total},\"counts\":{{\"instances\":{instances},\
             \"events\":{events},\"skippedInstances\":{skipped_instances},\
             \"skippedEvents\":{skipped_events}}}}}",
            self.lines, self.events
        ))
    }

    /// Takes the whole lines that there are now.
    fn read(
        &mut self,
        bytes: &[u8],
        last: bool,
        event_bytes_max: usize,
    ) -> Result<LineBatch, Error> {
        let line_bytes_max = event_bytes_max.saturating_add(IMPORT_LINE_BYTES);
        let text = self.text_with(bytes, last)?;
        let mut batch = LineBatch {
            items: Vec::new(),
            section: self.section.clone(),
            text: String::new(),
        };
        for line in text.split_inclusive('\n') {
            self.lines += 1;
            let number = LineNumber(self.lines);
            check_length(line.len(), line_bytes_max, number)?;
            let line = line.trim_matches([' ', '\t', '\r', '\n']);
            let line = Line::parse(line, number, event_bytes_max, &text)?;
            if let Some(item) = self.take(line, number, &text)? {
                batch.items.push((number, item));
            }
        }
        check_length(self.rest.len(), line_bytes_max, LineNumber(self.lines + 1))?;
        if last && self.stage != Stage::Ended {
            return Err(Error::expected(
                LineNumber(self.lines + 1),
                match self.stage {
                    Stage::Header => "the header of an export",
                    _ => "more, up to a line with \"end\"",
                },
                "the end: it was cut off",
            ));
        }
        batch.text = text;
        Ok(batch)
    }

    /// The whole lines that there are with these bytes. The rest is kept for later.
    fn text_with(&mut self, bytes: &[u8], last: bool) -> Result<String, Error> {
        let whole = match memchr::memrchr(b'\n', bytes) {
            _ if last => bytes.len(),
            Some(at) => at + 1,
            None => 0,
        };
        let (whole, rest) = bytes.split_at(whole);
        if whole.is_empty() && !last {
            self.rest.extend_from_slice(rest);
            return Ok(String::new());
        }
        let mut lines = std::mem::replace(&mut self.rest, rest.to_vec());
        lines.extend_from_slice(whole);
        let text = String::from_utf8(lines).map_err(|error| {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let before = memchr::memchr_iter(b'\n', valid).count() as u64;
            let number = LineNumber(self.lines + before + 1);
            Error::expected(number, "UTF-8", "a byte that is none")
        })?;
        Ok(match text.strip_prefix('\u{feff}') {
            Some(text) if self.lines == 0 => text.to_owned(),
            _ => text,
        })
    }

    /// Checks that a line may stand where it does. Returns what there is to store of it.
    fn take(
        &mut self,
        line: Line,
        number: LineNumber,
        text: &str,
    ) -> Result<Option<ImportItem>, Error> {
        let wrong = |expected, found| Err(Error::expected(number, expected, found));
        match (self.stage, line) {
            (Stage::Header, Line::Header { events }) => {
                self.stage = Stage::Instances;
                self.total = events;
                Ok(None)
            }
            (Stage::Header, line) => wrong("the header of an export", line.describe()),
            (Stage::Instances, Line::Instance(instance)) => {
                self.instances += 1;
                self.section = Some(Section {
                    id: instance.id.clone(),
                    number: None,
                    position: instance.before,
                });
                Ok(Some(ImportItem::Instance(instance)))
            }
            (Stage::Instances, Line::Event(event)) => match &mut self.section {
                Some(section) if section.id == event.instance.value(text) => {
                    self.events += 1;
                    let next = section.position + 1;
                    section.position = event.position.unwrap_or(next);
                    if section.position < next {
                        return Err(Error::expected(
                            format_args!("{number}: {POSITION}"),
                            &format!("at least {next}, the one after the event before it"),
                            &section.position.to_string(),
                        ));
                    }
                    Ok(Some(ImportItem::Event(event)))
                }
                Some(section) => {
                    let (expected, found) = (&section.id, event.instance.value(text));
                    Err(Error::expected(
                        format_args!("{number}: instanceId"),
                        &format!("{expected:?}, the instance before it"),
                        &format!("{found:?}"),
                    ))
                }
                None => wrong("the line of an instance", "an event"),
            },
            (Stage::Instances, Line::End { instances, events }) => {
                self.stage = Stage::Ended;
                if (instances, events) == (self.instances, self.events) {
                    return Ok(None);
                }
                wrong(
                    &format!(
                        "the end after {} instances and {} events",
                        self.instances, self.events
                    ),
                    &format!("one after {instances} and {events}: lines are missing or added"),
                )
            }
            (Stage::Instances, line) => wrong("an instance, an event or the end", line.describe()),
            (Stage::Ended, line) => wrong("nothing after the end", line.describe()),
        }
    }
}

impl Line {
    const fn describe(&self) -> &'static str {
        match self {
            Self::Header { .. } => "a header",
            Self::Instance(_) => "an instance",
            Self::Event(_) => "an event",
            Self::End { .. } => "an end",
        }
    }
}

fn check_length(bytes: usize, bytes_max: usize, number: LineNumber) -> Result<(), Error> {
    if bytes <= bytes_max {
        return Ok(());
    }
    Err(Error::new(
        Code::LimitExceeded,
        format!(
            "{number}: expected a line of at most {bytes_max} bytes (eventBytesMax and \
             {IMPORT_LINE_BYTES}), found a longer one"
        ),
    ))
}
