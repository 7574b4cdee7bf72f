//! The events of a page, as values for JavaScript or as JSON Lines.

use std::collections::VecDeque;
use std::fmt::Write as _;

use crate::error::Error;
use crate::event::Event;
use crate::request::result::ResultWriter;

/// Takes the events of a page, in the order in which they are read.
pub(super) trait PageEvents {
    /// Adds an event, which has its position.
    ///
    /// # Errors
    ///
    /// What a page fails with that goes ahead in pieces, as [`ResultWriter::event`]. A page of lines takes any event.
    fn add(&mut self, event: &Event<'_>) -> Result<(), Error>;

    /// How many bytes of text there are so far.
    fn bytes(&self) -> usize;

    /// The page, if it is one of lines that several threads may make.
    fn shared_lines(&mut self) -> Option<&mut LinesPage> {
        None
    }
}

impl PageEvents for ResultWriter<'_> {
    fn add(&mut self, event: &Event<'_>) -> Result<(), Error> {
        self.placed_event(event.position, event)
    }

    fn bytes(&self) -> usize {
        self.list_bytes()
    }
}

/// A page as JSON Lines: each event as `JSON.stringify` writes it, with its position as the last key.
#[derive(Debug, Default)]
pub(super) struct LinesPage {
    /// Lines of earlier events than those in `text`.
    before: Vec<String>,
    before_bytes: usize,
    text: String,
    /// How many bytes `text` has room for once there is a line.
    room: usize,
    events: usize,
    /// The positions of the first event and of the last one.
    ends: Option<(u64, u64)>,
    may_be_shared: bool,
}

impl LinesPage {
    /// A page that has room for so many bytes, and grows where that is not enough.
    pub(super) fn with_room_for(bytes: usize) -> Self {
        Self {
            // The last line goes beyond it.
            room: bytes + bytes / 16,
            ..Self::default()
        }
    }

    /// The page, which several threads may make. It may come in several pieces then.
    pub(super) const fn shared(mut self) -> Self {
        self.may_be_shared = true;
        self
    }

    /// Appends the lines of events that come after all of these.
    pub(super) fn append(&mut self, after: Self) {
        self.before_bytes += self.text.len();
        if !self.text.is_empty() {
            self.before.push(std::mem::take(&mut self.text));
        }
        self.before_bytes += after.before_bytes;
        self.before.extend(after.before);
        self.text = after.text;
        self.events += after.events;
        self.ends = match (self.ends, after.ends) {
            (Some((first, _)), Some((_, last))) => Some((first, last)),
            (own, others) => own.or(others),
        };
    }

    /// How many events there are so far.
    pub(super) const fn events(&self) -> usize {
        self.events
    }

    /// Appends what a response says of the page, as members of an object.
    pub(super) fn write_members(&self, out: &mut String) {
        // Writing to a String cannot fail.
        let _ = write!(out, ",\"count\":{}", self.events);
        if let Some((first, last)) = self.ends {
            let _ = write!(out, ",\"firstPosition\":{first},\"lastPosition\":{last}");
        }
    }

    /// The lines in their order, in pieces that take not much more memory than they need. Only a page that may be
    /// [shared](Self::shared) has more than one.
    pub(super) fn into_texts(self) -> VecDeque<String> {
        let mut texts = VecDeque::from(self.before);
        if !self.text.is_empty() {
            texts.push_back(self.text);
        }
        for text in &mut texts {
            if text.len() < text.capacity() / 2 {
                text.shrink_to_fit();
            }
        }
        texts
    }
}

impl PageEvents for LinesPage {
    fn add(&mut self, event: &Event<'_>) -> Result<(), Error> {
        if self.text.is_empty() {
            self.text.reserve(self.room);
        }
        event.write_placed_json(&mut self.text);
        self.text.push('\n');
        self.events += 1;
        let first = self.ends.map_or(event.position, |(first, _)| first);
        self.ends = Some((first, event.position));
        Ok(())
    }

    fn bytes(&self) -> usize {
        self.before_bytes + self.text.len()
    }

    fn shared_lines(&mut self) -> Option<&mut LinesPage> {
        self.may_be_shared.then_some(self)
    }
}
