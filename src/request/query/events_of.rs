//! The events of a query's result, read where they are.

use std::ops::ControlFlow;

use super::row_chunk::RowChunk;
use crate::engine::{Fault, Record};
use crate::query::{EventVisitor, Events};
use crate::request::encryption::Revealing;
use crate::seam::EventChunks;

/// The events of an instance, for its result.
#[derive(Clone, Copy)]
pub(super) struct EventsOf<'a> {
    pub(super) chunks: &'a dyn EventChunks,
    pub(super) instance_id: &'a str,
    /// Some of them, which were read already.
    pub(super) kept: Option<&'a RowChunk<'a>>,
    /// There if they are shown.
    pub(super) revealing: Option<&'a Revealing<'a>>,
}

impl Events for EventsOf<'_> {
    type Fault = Fault;

    fn read(&self, positions: &[u64], visit: EventVisitor<'_>) -> Result<(), Fault> {
        let mut visit = |position, record: &Record<'_>| {
            let event = record.event(self.instance_id, position);
            match self.revealing {
                Some(revealing) => revealing.event(&event, |event| Ok(visit(event)?)),
                None => Ok::<_, Fault>(visit(&event)?),
            }
        };
        let mut positions = positions;
        while let Some((position, rest)) = positions.split_first()
            && let Some(record) = self.kept.and_then(|kept| kept.find(*position))
        {
            visit(*position, &record?)?;
            positions = rest;
        }
        if positions.is_sorted() {
            let mut positions = positions.iter().copied();
            return self.chunks.each(&mut positions, &mut |position, record| {
                visit(position, record)?;
                Ok(ControlFlow::Continue(()))
            });
        }
        positions.iter().try_for_each(|position| {
            let mut visited = Ok(());
            let visit = &mut |record: &Record<'_>| visited = visit(*position, record);
            self.chunks.at(*position, visit)?;
            visited
        })
    }
}
