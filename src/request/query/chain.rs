//! Going along the chain of a stream's events.

use std::ops::ControlFlow;

use super::Run;
use super::plan::Path;
use super::row_chunk::RowChunk;
use crate::block;
use crate::engine::{Fault, Record, StreamView};
use crate::query::{Chunk as _, Demand, EndKey};

/// How much is kept of the events on the way, in bytes of records.
const KEPT_BYTES_MAX: usize = 4 << 20;

/// Events of a page: where they are, and as many of the first ones as are kept.
struct Page<'a> {
    places: Vec<u64>,
    kept: RowChunk<'a>,
}

impl<'a> Page<'a> {
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
}

impl<'run> Run<'run> {
    /// Answers from the events of one stream.
    pub(super) fn stream(&mut self, stream_id: &str, demand: Demand) -> Result<(), Fault> {
        self.plan.path = Path::Stream;
        let stream = self.snapshot.stream(self.number, stream_id)?;
        match demand {
            Demand::Count => return self.count(stream.len()),
            Demand::End {
                key,
                descending: true,
                offset,
                limit,
            } if self.newest(&stream, key, offset, limit)? => return Ok(()),
            _ => {}
        }
        if stream.len() > self.bounds.dense.saturating_mul(self.plan.blocks) {
            return self.scan();
        }
        if let Demand::Slice { offset, limit } = demand {
            return self.part(&stream, offset, limit);
        }
        let mut kept = RowChunk::new(self.instance_id);
        stream.each_forward(|position, record| {
            kept.push(position, record);
            if kept.len() >= block::EVENTS || kept.bytes() >= KEPT_BYTES_MAX {
                self.take_kept(&mut kept)?;
            }
            Ok::<_, Fault>(())
        })?;
        self.take_kept(&mut kept)
    }

    fn take_kept(&mut self, kept: &mut RowChunk<'_>) -> Result<(), Fault> {
        self.check()?;
        let examined = self.query.examine(self.instance_id, kept)?;
        self.take(&examined)?;
        kept.clear();
        Ok(())
    }

    /// Answers with events of the stream that follow each other, oldest first.
    fn part(&mut self, stream: &StreamView<'_>, offset: u64, limit: u64) -> Result<(), Fault> {
        let mut page = Page::new(self.instance_id);
        let mut met = 0;
        stream.each_forward(|position, record| {
            met += 1;
            if met > offset && met - offset <= limit {
                page.push(position, record);
            }
            Ok::<_, Fault>(())
        })?;
        self.take_page(page, stream.len(), met);
        Ok(())
    }

    fn take_page(&mut self, page: Page<'run>, total: u64, read: u64) {
        self.plan.events_read += read;
        self.kept = page.kept;
        self.execution.take_page(page.places, total);
    }

    /// Answers with the newest events of the stream, if they are the last ones of its chain.
    fn newest(
        &mut self,
        stream: &StreamView<'_>,
        key: EndKey,
        offset: u64,
        limit: u64,
    ) -> Result<bool, Fault> {
        let total = stream.len();
        let wanted = offset.saturating_add(limit).min(total);
        if wanted > self.bounds.dense.saturating_mul(self.plan.blocks) {
            return Ok(false);
        }
        let mut page = Page::new(self.instance_id);
        let mut met = 0;
        let mut in_order = true;
        if wanted > 0 {
            stream.each_back(|position, record| {
                met += 1;
                if met > offset {
                    page.push(position, record);
                }
                // From the late position back, an older event may have a later time.
                in_order = key == EndKey::Sequence || position > self.late_position;
                Ok::<_, Fault>(if met == wanted || !in_order {
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
