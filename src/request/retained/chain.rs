//! The events of a stream without those that were trimmed.

use std::cell::OnceCell;
use std::ops::{ControlFlow, RangeInclusive};

use super::stream::StreamHorizon;
use crate::engine::{Fault, Horizon, Record};
use crate::error::Error;
use crate::seam::{EventChain, LinkVisitor, ReadSnapshot, Visitor};

/// How many events are looked at in each of the two directions before the other one is tried. It doubles.
const FIRST_STEPS: u64 = 64;

/// The events of a stream after the horizon of its instance, and after its own. No step is made to one that is out.
pub(super) struct RetainedChain<'a> {
    stored: Box<dyn EventChain + 'a>,
    snapshot: &'a dyn ReadSnapshot,
    number: u32,
    stream_id: String,
    horizon: Horizon,
    own: StreamHorizon,
    /// Whether somebody goes on from an event that was left when it was met.
    is_cut: bool,
    first: OnceCell<u64>,
}

impl<'a> RetainedChain<'a> {
    /// `stored` is that stream of the instance of that number, in the snapshot.
    pub(super) fn new(
        stored: Box<dyn EventChain + 'a>,
        snapshot: &'a dyn ReadSnapshot,
        (number, stream_id): (u32, &str),
        (horizon, own): (Horizon, StreamHorizon),
    ) -> Self {
        Self {
            stored,
            snapshot,
            number,
            stream_id: stream_id.to_owned(),
            horizon,
            own,
            is_cut: false,
            first: OnceCell::new(),
        }
    }

    /// Whether no event is left.
    ///
    /// # Errors
    ///
    /// `TRIMMED`, if there was one when somebody came to it.
    fn is_out(&self) -> Result<bool, Fault> {
        let is_before = self.stored.last_position() <= self.horizon.position;
        let is_out = is_before || self.stored.len() < self.own.first;
        if is_out && self.is_cut {
            return Err(match is_before {
                true => Error::trimmed(self.horizon.first_position()),
                false => Error::stream_trimmed(&self.stream_id, self.own.first),
            }
            .into());
        }
        Ok(is_out)
    }

    /// Whether the event before that one, which has this number and stands `back` positions after it, is out, or there is
    /// none.
    const fn ends_before(&self, position: u64, sequence: u64, back: u64) -> bool {
        back == 0
            || sequence <= self.own.first
            || position.saturating_sub(back) <= self.horizon.position
    }

    /// Looks for the first event from both ends, so that it costs about as much as the nearer one: from the newest event
    /// of the stream back, and from the first event of the instance on.
    fn find_first(&self) -> Result<u64, Fault> {
        let mut chain = self.snapshot.stream(self.number, &self.stream_id)?;
        let chunks = self.snapshot.chunks(self.number)?;
        let mut next = self.horizon.first_position();
        let mut steps = FIRST_STEPS;
        let (mut sequence, mut position) = (chain.len(), chain.last_position());
        loop {
            self.snapshot.check_wanted()?;
            let (mut found, mut made) = (None, 0);
            chain.cut(sequence, position);
            chain.links_back(&mut |at, number, back| {
                made += 1;
                if self.ends_before(at, number, back) {
                    found = Some(number);
                } else {
                    (sequence, position) = (number - 1, at - back);
                }
                Ok(if found.is_some() || made == steps {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                })
            })?;
            // The last event of the stream is left, so it is not far beyond that.
            let ahead = next..=chunks.events().min(next.saturating_add(steps - 1));
            next = next.saturating_add(steps);
            if found.is_none() {
                chunks.each(&mut ahead.into_iter(), &mut |_, record| {
                    if record.stream_id != self.stream_id || record.sequence < self.own.first {
                        return Ok(ControlFlow::Continue(()));
                    }
                    found = Some(record.sequence);
                    Ok(ControlFlow::Break(()))
                })?;
            }
            if let Some(first) = found {
                return Ok(first);
            }
            steps *= 2;
        }
    }
}

impl EventChain for RetainedChain<'_> {
    fn first(&self) -> Result<u64, Fault> {
        if let Some(first) = self.first.get() {
            return Ok(*first);
        }
        let first = if self.is_out()? {
            self.stored.len() + 1
        } else if self.own.last_out > self.horizon.position || self.horizon.position == 0 {
            self.own.first
        } else {
            self.find_first()?
        };
        Ok(*self.first.get_or_init(|| first))
    }

    fn len(&self) -> u64 {
        self.stored.len()
    }

    fn last_position(&self) -> u64 {
        self.stored.last_position()
    }

    fn cut(&mut self, sequence: u64, position: u64) {
        self.is_cut = true;
        self.stored.cut(sequence, position);
    }

    fn each_back(&self, visit: Visitor<'_>) -> Result<(), Fault> {
        if self.is_out()? {
            return Ok(());
        }
        self.stored.each_back(&mut |position, record| {
            let flow = visit(position, record)?;
            Ok(
                if self.ends_before(position, record.sequence, record.back) {
                    ControlFlow::Break(())
                } else {
                    flow
                },
            )
        })
    }

    fn links_back(&self, visit: LinkVisitor<'_>) -> Result<(), Fault> {
        if self.is_out()? {
            return Ok(());
        }
        self.stored.links_back(&mut |position, sequence, back| {
            let flow = visit(position, sequence, back)?;
            Ok(if self.ends_before(position, sequence, back) {
                ControlFlow::Break(())
            } else {
                flow
            })
        })
    }

    fn each_forward(
        &self,
        sequences: RangeInclusive<u64>,
        visit: &mut dyn FnMut(u64, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let (start, end) = sequences.into_inner();
        let start = start.max(self.first()?);
        if start > end.min(self.stored.len()) {
            return Ok(());
        }
        self.stored.each_forward(start..=end, visit)
    }
}
