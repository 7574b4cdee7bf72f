//! The leaf of an event, as it is stored.

use crate::engine::{Fault, Record};
use crate::erased::{Erased, is_erased};
use crate::evidence::hash::{self, Hash};
use crate::evidence::leaf::Leaf;
use crate::evidence::salts::{Part, Path};

/// The commitments that an event has kept that was erased; `None` for any other one, and for one that was erased before its
/// instance had a tree. Then the leaf covers what is stored in the place of its texts.
pub(super) fn commitments_of(record: &Record<'_>) -> Option<[Hash; 2]> {
    if !is_erased(record.payload) {
        return None;
    }
    Erased::parse(record.metadata)?.commitments
}

/// The leaf of an event.
///
/// # Errors
///
/// Corruption if there are no salts for it.
pub(super) fn leaf_of<'r>(
    path: &mut Path<'_>,
    position: u64,
    record: &Record<'r>,
) -> Result<Leaf<'r>, Fault> {
    let kept = commitments_of(record);
    let mut commitment = |part, text: &str| {
        if let Some([payload, metadata]) = kept {
            return Ok(match part {
                Part::Payload => payload,
                Part::Metadata => metadata,
            });
        }
        let salt = path
            .salt(position, part, record.id.as_bytes())
            .ok_or_else(|| {
                Fault::Corrupted(format!(
                    "the salts of the event at position {position} are gone"
                ))
            })?;
        Ok::<Hash, Fault>(hash::of_commitment(&salt, text.as_bytes()))
    };
    Ok(Leaf {
        position,
        id: *record.id.as_bytes(),
        timestamp_ms: record.timestamp_ms,
        sequence: record.sequence,
        stream_id: record.stream_id,
        event_type: record.event_type,
        payload: commitment(Part::Payload, record.payload)?,
        metadata: commitment(Part::Metadata, record.metadata)?,
    })
}
