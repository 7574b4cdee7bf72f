//! Filling a page with the events that come next.

use super::super::lines::{LinesPage, PageEvents};
use super::super::together::{self, Wanted};
use super::super::view::{Place, View};
use super::ReadingCourse;
use crate::engine::Fault;
use crate::request::encryption::Revealing;

impl ReadingCourse {
    /// Reads events until the page is full, or nothing is left.
    pub(super) fn fill(
        &mut self,
        view: View<'_>,
        revealing: &Revealing<'_>,
        page: &mut impl PageEvents,
    ) -> Result<(), Fault> {
        let bounds = view.bounds;
        let mut room = bounds.page_events;
        while !self.is_done() {
            view.snapshot.check_wanted()?;
            if self.places.is_empty() {
                self.way.find(view, self.backward, &mut self.places)?;
            }
            if let Some(lines) = page.shared_lines()
                && self.read_together(view, revealing, lines, room)?
            {
                break;
            }
            room -= self.read(view, revealing, page, room)?;
            if room == 0 || page.bytes() >= bounds.page_bytes || view.is_over() {
                break;
            }
        }
        Ok(())
    }

    /// Reads up to `room` of the events that were found, until the page is full. Returns how many
    /// it were. Those that were read before it failed are read as well.
    fn read(
        &mut self,
        view: View<'_>,
        revealing: &Revealing<'_>,
        page: &mut impl PageEvents,
        room: usize,
    ) -> Result<usize, Fault> {
        let wanted = self.wanted(room);
        let mut places = self.places.iter().copied().take(wanted);
        let page_bytes = view.bounds.page_bytes;
        let is_full = |page: &_| PageEvents::bytes(page) >= page_bytes;
        let read = view.read(revealing, self.backward, &mut places, page, is_full);
        let passed = if read.outcome.is_ok() && !read.is_enough {
            wanted
        } else {
            read.last.map_or(0, |last| last.passed_in(&self.places))
        };
        self.pass(passed, read.count, read.last);
        read.outcome?;
        Ok(read.count)
    }

    /// How many of the events that were found are to be read, if there is room for so many.
    fn wanted(&self, room: usize) -> usize {
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        left.min(room).min(self.places.len())
    }

    /// Notes that so many places are done with, and so many events were read there.
    fn pass(&mut self, places: usize, events: usize, last: Option<Place>) {
        self.places.drain(..places);
        self.left -= events as u64;
        self.last_read = last.unwrap_or(self.last_read);
    }

    /// Reads events that were found as [`ReadingCourse::read`] does, by several threads. Returns `false` if they would not gain
    /// anything, and nothing was read. What they have read is all of the page: it ends before an event that fails, with which
    /// the next one begins.
    fn read_together(
        &mut self,
        view: View<'_>,
        revealing: &Revealing<'_>,
        page: &mut LinesPage,
        room: usize,
    ) -> Result<bool, Fault> {
        // How long lines are is known of the page before.
        let Some(line_bytes) = self.line_bytes.filter(|_| view.chunks.gains_by_threads()) else {
            return Ok(false);
        };
        let wanted = self.wanted(room);
        let sharing = view.bounds.sharing;
        let part_events = sharing.part_events(line_bytes);
        let Some(helpers) = sharing.hire_for(wanted, part_events) else {
            return Ok(false);
        };
        let asked = Wanted {
            view,
            revealing,
            backward: self.backward,
            places: &self.places.make_contiguous()[..wanted],
            part_events,
        };
        for part in together::make(asked, &helpers)? {
            self.pass(part.passed, part.lines.events(), part.last);
            page.append(part.lines);
        }
        Ok(true)
    }
}
