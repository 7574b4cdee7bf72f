//! The events of a page, as values for JavaScript or as JSON Lines.

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
    text: String,
    events: usize,
    /// The positions of the first event and of the last one.
    ends: Option<(u64, u64)>,
}

impl LinesPage {
    /// A page that has room for so many bytes, and grows where that is not enough.
    pub(super) fn with_room_for(bytes: usize) -> Self {
        Self {
            // The last line goes beyond it.
            text: String::with_capacity(bytes + bytes / 16),
            ..Self::default()
        }
    }

    /// Appends what a response says of the page, as members of an object.
    pub(super) fn write_members(&self, out: &mut String) {
        // Writing to a String cannot fail.
        let _ = write!(out, ",\"count\":{}", self.events);
        if let Some((first, last)) = self.ends {
            let _ = write!(out, ",\"firstPosition\":{first},\"lastPosition\":{last}");
        }
    }

    /// The lines, in not much more memory than they need; `None` if there are none.
    pub(super) fn into_text(mut self) -> Option<String> {
        if self.text.len() < self.text.capacity() / 2 {
            self.text.shrink_to_fit();
        }
        (!self.text.is_empty()).then_some(self.text)
    }
}

impl PageEvents for LinesPage {
    fn add(&mut self, event: &Event<'_>) -> Result<(), Error> {
        event.write_placed_json(&mut self.text);
        self.text.push('\n');
        self.events += 1;
        let first = self.ends.map_or(event.position, |(first, _)| first);
        self.ends = Some((first, event.position));
        Ok(())
    }

    fn bytes(&self) -> usize {
        self.text.len()
    }
}
