//! The events of an instance, first those in the tables and then those in the journal.

use super::tally::EventTally;
use super::{Check, Checked, text_of_damage};
use crate::engine::Fault;
use crate::engine::snapshot::InstanceEvents;
use crate::engine::tables::horizon::Horizon;
use crate::engine::tables::instance::Head;
use crate::engine::tables::record::Record;
use crate::engine::tables::schema;
use crate::engine::tables::sieve::Sieve;
use crate::engine::view::Streams;

/// An instance whose events are checked.
pub(super) struct EventCheck<'c, 'a> {
    pub(super) check: &'c mut Check<'a>,
    pub(super) number: u32,
    id: &'c str,
    pub(super) events: InstanceEvents<'a>,
    /// Where streams stand after the events that were taken: of those that were met last.
    pub(super) known: Streams,
    pub(super) tally: EventTally,
    /// Up to where events are out. They are checked as long as they are there, and do not count.
    horizon: Horizon,
    /// Which are out after that.
    sieve: Sieve,
}

impl Check<'_> {
    /// Checks the events of an instance, and what is said of them.
    pub(super) fn check_instance(&mut self, checked: &Checked) -> Result<(), Fault> {
        let Checked { number, instance } = checked;
        let (snapshot, head) = (self.snapshot, instance.head);
        let heads = snapshot.transaction().open_table(schema::HEADS)?;
        let stored = heads.get(*number)?.map(|guard| guard.value());
        let stored = stored.map_or(head, Head::from_value);
        let mut events = InstanceEvents::new(snapshot, *number)?;
        // Those that its head does not know of are checked too.
        events.last = events.last.max(events.in_tables());
        let horizon = Horizon::of_state(snapshot.state(*number, Horizon::STATE)?)?;
        let sieve = match horizon.between {
            0 => Sieve::default(),
            _ => Sieve::read(&mut |name| snapshot.state(*number, name))?,
        };
        let mut check = EventCheck {
            number: *number,
            id: &instance.id,
            events,
            known: Streams::of(self.streams_max),
            tally: EventTally::new(),
            horizon,
            sieve,
            check: self,
        };
        check.pass_dropped(stored.last_position)?;
        check.take_stored()?;
        check.expect_up_to(stored.last_position);
        check.check_streams(stored.stream_count)?;
        check.check_key_count()?;
        if stored != head {
            check.compare(&stored);
        }
        check.take_journaled(head.last_position)?;
        check.compare(&head);
        if head.updated_at_ms < instance.created_at_ms {
            let text = "it was changed before it was made";
            check.problem(None, text);
        }
        if check.horizon.last_out() > head.last_position {
            let text = "more events were trimmed than there have been";
            check.problem(None, text);
        }
        if check.tally.between != check.horizon.between && !check.tally.is_incomplete {
            let (counted, said) = (check.tally.between, check.horizon.between);
            let text = format!(
                "expected {counted} trimmed events between those that are left, found {said}"
            );
            check.problem(None, text);
        }
        let streams = check.tally.streams_left;
        self.report.streams += streams;
        Ok(())
    }
}

impl EventCheck<'_, '_> {
    pub(super) fn problem(&mut self, position: Option<u64>, text: impl Into<String>) {
        self.check.report.add(Some(self.id), position, text);
    }

    /// Passes over the first blocks if they were dropped, as those can be whose events are all out. `last` is the position of
    /// the last event that the tables have.
    fn pass_dropped(&mut self, last: u64) -> Result<(), Fault> {
        let first = self.events.first_kept()?;
        let block_events = self.events.stored.block_events();
        let dropped = first.map_or(last, |first| first - 1);
        let is_of_blocks = dropped.is_multiple_of(block_events);
        if is_of_blocks && dropped <= self.horizon.position.min(last) {
            self.tally.drop_first(dropped);
        }
        Ok(())
    }

    /// Notes that events up to a position have to be there by now.
    fn expect_up_to(&mut self, last: u64) {
        let next = self.tally.last_position.saturating_add(1);
        if next <= last {
            self.missing(next, last);
            self.tally.last_position = last;
        }
    }

    pub(super) fn missing(&mut self, first: u64, last: u64) {
        self.tally.is_incomplete = true;
        let text = format!("the events up to position {last} are missing");
        self.problem(Some(first), text);
    }

    /// Takes the events that only the journal has.
    fn take_journaled(&mut self, last: u64) -> Result<(), Fault> {
        for position in self.tally.last_position.saturating_add(1)..=last {
            match self.events.copy_one(position) {
                Ok(bytes) => {
                    self.take(position, &bytes)?;
                }
                Err(fault) => {
                    let text = text_of_damage(fault)?;
                    self.damaged(position, text);
                }
            }
        }
        Ok(())
    }

    /// Takes the next event there is. Returns it, unless it is damaged.
    pub(super) fn take<'r>(
        &mut self,
        position: u64,
        bytes: &'r [u8],
    ) -> Result<Option<Record<'r>>, Fault> {
        if !self.comes_next(position)? {
            return Ok(None);
        }
        match Record::decode(bytes, position) {
            Ok(record) => {
                self.add(position, &record)?;
                Ok(Some(record))
            }
            Err(fault) => {
                let text = text_of_damage(fault)?;
                self.damaged(position, text);
                Ok(None)
            }
        }
    }

    /// Whether an event at that position comes after those that were taken. What is missing before it is told.
    pub(super) fn comes_next(&mut self, position: u64) -> Result<bool, Fault> {
        self.check.check_wanted()?;
        self.check.progress.advance(1);
        let next = self.tally.last_position.saturating_add(1);
        if position < next {
            self.tally.is_incomplete = true;
            let text = "expected no event there, found one";
            self.problem(Some(position), text);
            return Ok(false);
        }
        if position > next {
            self.missing(next, position - 1);
        }
        Ok(true)
    }

    /// Adds an event that comes next.
    pub(super) fn add(&mut self, position: u64, record: &Record<'_>) -> Result<(), Fault> {
        let bytes = record.bytes();
        if self.is_out(position)? {
            self.tally.between += u64::from(position > self.horizon.position);
        } else {
            self.check.report.events += 1;
            self.check.report.bytes += bytes as u64;
            self.tally.bytes_left += bytes as u64;
            let before = position.saturating_sub(record.back);
            let is_first = record.back == 0 || self.is_out(before)?;
            self.tally.streams_left += u64::from(is_first);
        }
        self.check_chain(position, record)?;
        self.check_key(position, record)?;
        self.tally.add(position, bytes, record);
        Ok(())
    }

    fn is_out(&self, position: u64) -> Result<bool, Fault> {
        if position <= self.horizon.position {
            return Ok(true);
        }
        let (snapshot, number) = (self.check.snapshot, self.number);
        self.sieve
            .is_out(position, &mut |name| snapshot.state(number, name))
    }

    pub(super) fn damaged(&mut self, position: u64, text: String) {
        self.tally.is_incomplete = true;
        self.tally.last_position = position;
        self.problem(Some(position), text);
    }

    fn compare(&mut self, head: &Head) {
        for text in self.tally.differences(head, self.horizon) {
            self.problem(None, text);
        }
    }
}
