//! Going along the chain of a stream's events.

use std::ops::ControlFlow;

use super::plan::{Path, Plan};
use super::row_chunk::RowChunk;
use super::{EventsOf, Oldest, Run, StreamPart};
use crate::block;
use crate::engine::{Fault, Record};
use crate::query::{Chunk as _, Demand, EndKey, Events as _, Sink};
use crate::seam::EventChain;

/// How much is kept of the events on the way, in bytes of records.
const KEPT_BYTES_MAX: usize = 4 << 20;

/// Events of a page: where they are, and as many of the first ones as are kept.
struct StreamPage<'a> {
    places: Vec<u64>,
    kept: RowChunk<'a>,
}

impl<'a> StreamPage<'a> {
    const fn new(instance_id: &'a str) -> Self {
        Self {
            places: Vec::new(),
            kept: RowChunk::new(instance_id),
        }
    }

    fn push(&mut self, position: u64, record: &Record<'_>) {
        self.places.push(position);
        if self.kept.bytes() < KEPT_BYTES_MAX {
            self.kept.push(position, record);
        }
    }

    /// Adds an event that stands before all others, whose places have the opposite order. Of too many, the oldest are kept.
    fn push_before(&mut self, position: u64, record: &Record<'_>) {
        if self.kept.bytes() >= KEPT_BYTES_MAX {
            self.kept.clear();
        }
        self.places.push(position);
        self.kept.push(position, record);
    }
}

impl<'run> Run<'run> {
    /// Answers from the events of one stream.
    pub(super) fn stream(
        &mut self,
        stream_id: &str,
        demand: Demand,
        sink: &mut dyn Sink,
    ) -> Result<(), Fault> {
        self.plan.path = Path::Stream;
        let stream = self.snapshot.stream(self.number, stream_id)?;
        match demand {
            Demand::Count => return self.count(stream.count()?),
            Demand::End {
                key,
                descending: true,
                offset,
                limit,
            } if self.newest(&*stream, key, offset, limit)? => return Ok(()),
            Demand::Slice { offset, limit } => return self.oldest(&*stream, (offset, limit), sink),
            // From the oldest on, both orders are that of the stream, unless a time runs backwards.
            Demand::End {
                key,
                descending: false,
                offset,
                limit,
            } if key != EndKey::Time || self.late_position == 0 => {
                return self.oldest(&*stream, (offset, limit), sink);
            }
            _ => {}
        }
        if stream.count()? > self.bounds.dense.saturating_mul(self.plan.blocks) {
            return self.scan(sink);
        }
        let mut kept = RowChunk::new(self.instance_id);
        stream.each_forward(1..=u64::MAX, &mut |position, record| {
            kept.push(position, record);
            if kept.len() >= block::EVENTS || kept.bytes() >= KEPT_BYTES_MAX {
                self.take_kept(&mut kept, sink)?;
            }
            Ok(())
        })?;
        self.take_kept(&mut kept, sink)
    }

    fn take_kept(&mut self, kept: &mut RowChunk<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
        self.check()?;
        self.pace.give_way();
        let examined = self.query.examine(self.instance_id, kept)?;
        self.take(&examined)?;
        // They need not be read once more.
        if let Some(places) = self.execution.take_found(1) {
            let events = EventsOf {
                kept: Some(kept),
                ..self.shown_events()
            };
            events.read(&places, &mut |event| sink.event(event))?;
        }
        kept.clear();
        Ok(())
    }

    /// Answers with events of the stream that follow each other, oldest first: by the blocks from the first one on if
    /// that is the shorter way, and else along the chain.
    fn oldest(
        &mut self,
        stream: &dyn EventChain,
        (offset, limit): (u64, u64),
        sink: &mut dyn Sink,
    ) -> Result<(), Fault> {
        let total = stream.count()?;
        let before = stream.len() - total;
        let part = StreamPart {
            total,
            offset,
            limit,
            excluded: 0,
        };
        let mut page = StreamPage::new(self.instance_id);
        if limit == 0 || offset >= total {
            self.take_page(page, total, 0);
            return Ok(());
        }
        if let Some(places) = self.places_of(part)? {
            self.plan.path = Path::Blocks;
            page.places = places;
            self.take_page(page, total, 0);
            return Ok(());
        }
        if part.steps_back() > self.bounds.dense.saturating_mul(self.plan.blocks) {
            return self.scan(sink);
        }
        let (first, last) = (
            before + offset + 1,
            before + offset.saturating_add(limit).min(total),
        );
        stream.each_back(&mut |position, record| {
            if record.sequence <= last {
                page.push_before(position, record);
            }
            Ok(if record.sequence > first {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            })
        })?;
        page.places.reverse();
        self.take_page(page, total, part.steps_back());
        Ok(())
    }

    fn places_of(&mut self, part: StreamPart) -> Result<Option<Vec<u64>>, Fault> {
        let oldest = Oldest {
            query: self.query,
            instance_id: self.instance_id,
            chunks: self.chunks,
            dense: self.bounds.dense,
        };
        let mut plan = Plan::default();
        let places = oldest.places(part, |effort, is_sealed| {
            plan.add_block(effort, is_sealed);
            self.check()
        })?;
        // What was looked at in vain would be told as a part of the way that is taken.
        if places.is_some() {
            plan.blocks = self.plan.blocks;
            self.plan = plan;
        }
        Ok(places)
    }

    fn take_page(&mut self, page: StreamPage<'run>, total: u64, read: u64) {
        self.plan.events_read += read;
        self.kept = page.kept;
        self.execution.take_page(page.places, total);
    }

    /// Answers with the newest events of the stream, if they are the last ones of its chain.
    fn newest(
        &mut self,
        stream: &dyn EventChain,
        key: EndKey,
        offset: u64,
        limit: u64,
    ) -> Result<bool, Fault> {
        let total = stream.count()?;
        let wanted = offset.saturating_add(limit).min(total);
        if wanted > self.bounds.dense.saturating_mul(self.plan.blocks) {
            return Ok(false);
        }
        let mut page = StreamPage::new(self.instance_id);
        let mut met = 0;
        let mut in_order = true;
        if wanted > 0 {
            stream.each_back(&mut |position, record| {
                met += 1;
                if met > offset {
                    page.push(position, record);
                }
                // From the late position back, an older event may have a later time.
                in_order = key != EndKey::Time || position > self.late_position;
                Ok(if met == wanted || !in_order {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                })
            })?;
        }
        if in_order {
            self.take_page(page, total, met);
        }
        Ok(in_order)
    }
}
