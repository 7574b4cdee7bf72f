//! What lines say, compared with what is there.

use super::line::{GivenInstance, LineNumber};
use super::stored_event::StoredEvent;
use crate::engine::{Fault, Instance};
use crate::error::Code;
use crate::timestamp;

/// What is compared of an instance.
pub(super) struct InstanceView<'a> {
    id: &'a str,
    name: &'a str,
    description: Option<&'a str>,
    created_at_ms: i64,
}

impl<'a> From<&'a Instance> for InstanceView<'a> {
    fn from(instance: &'a Instance) -> Self {
        Self {
            id: &instance.id,
            name: &instance.name,
            description: instance.description.as_deref(),
            created_at_ms: instance.created_at_ms,
        }
    }
}

impl<'a> From<&'a GivenInstance> for InstanceView<'a> {
    fn from(instance: &'a GivenInstance) -> Self {
        Self {
            id: &instance.id,
            name: &instance.name,
            description: instance.description.as_deref(),
            created_at_ms: instance.created_at_ms,
        }
    }
}

/// Fails if a line differs from the event that is there.
pub(super) fn compare_event(
    instance_id: &str,
    event: &StoredEvent,
    line: LineNumber,
    text: &str,
    difference: Option<&str>,
) -> Result<(), Fault> {
    let Some(key) = difference else {
        return Ok(());
    };
    let what = match key {
        "id" | "stream_id" | "sequence_number" => "another event".to_owned(),
        key => format!("one whose {key} differs"),
    };
    Err(Fault::refused(
        Code::ImportConflict,
        format!(
            "{line}: instance {instance_id:?}, stream {:?}, sequence {}: expected the event that \
             the log has in this place, found {what}",
            event.new_event(text).stream_id,
            event.sequence
        ),
    ))
}

/// Fails if a line differs from the instance that is there.
pub(super) fn compare_instance(
    given: &GivenInstance,
    found: &InstanceView<'_>,
    line: LineNumber,
) -> Result<(), Fault> {
    if given.id != found.id {
        return Err(name_taken(given, line, found.id));
    }
    let created_at = timestamp::format(found.created_at_ms);
    let (key, value) = if given.name != found.name {
        ("name", found.name)
    } else if given.description.as_deref() != found.description {
        ("description", found.description.unwrap_or("none"))
    } else if given.created_at_ms != found.created_at_ms {
        ("createdAt", created_at.as_str())
    } else {
        return Ok(());
    };
    Err(Fault::refused(
        Code::ImportConflict,
        format!(
            "{line}: instance {:?}: expected the {key} that it has in the log, {value:?}, found \
             another one",
            given.id
        ),
    ))
}

pub(super) fn name_taken(given: &GivenInstance, line: LineNumber, holder: &str) -> Fault {
    Fault::refused(
        Code::ImportConflict,
        format!(
            "{line}: instance {:?}: expected an id and a name ({:?}) that no other instance has \
             as its id or name, found them with the instance {holder:?}",
            given.id, given.name
        ),
    )
}

/// The tree that an instance has is not the one that a line says.
pub(super) fn other_salts(given: &GivenInstance, line: LineNumber) -> Fault {
    Fault::refused(
        Code::ImportConflict,
        format!(
            "{line}: instance {:?}: expected the salts of the tree that it has in the log, found \
             others: checkpoints were made of both",
            given.id
        ),
    )
}
