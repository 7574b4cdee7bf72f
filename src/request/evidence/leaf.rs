//! The leaf of an event, as it is stored.

use crate::engine::{Fault, Record};
use crate::erased::{Erased, Kept, is_erased};
use crate::evidence::hash::{self, Hash};
use crate::evidence::leaf::Leaf;
use crate::evidence::salts::{Part, Path};

/// What an event has kept that was erased; `None` for any other one, and for one that was erased before its instance had a
/// tree. Then the leaf covers what is stored in the place of its texts.
pub(super) fn kept_of(record: &Record<'_>) -> Option<[KeptText; 2]> {
    if !is_erased(record.payload) {
        return None;
    }
    let erased = Erased::parse(record.metadata)?;
    let texts = erased.left.map(|left| left.texts.map(Some));
    let [payload, metadata] = texts.unwrap_or_default();
    let [of_payload, of_metadata] = erased.kept?;
    Some([(of_payload, payload), (of_metadata, metadata)])
}

/// What is kept for a text by which its leaf stays as it was, and what is left of the text, if anything is.
pub(super) type KeptText = (Kept, Option<String>);

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
    let kept = kept_of(record);
    let mut commitment = |part, text: &str| {
        if let Some([payload, metadata]) = &kept {
            let (kept, left) = match part {
                Part::Payload => payload,
                Part::Metadata => metadata,
            };
            return Ok(kept.commitment(left.as_deref().unwrap_or_default()));
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
