//! The lines of an export.

use std::fmt::Write as _;

use super::{FIRST_POSITION, FORMAT, IDEMPOTENCY, IDEMPOTENCY_KEYS, POSITION, SALTS, VERSION};
use crate::engine::{Instance, Record};
use crate::json;
use crate::request::response::write_instance;

/// Appends the first line. The numbers are what is going to follow.
pub(super) fn write_header(out: &mut String, instances: u64, events: u64) {
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "{{\"format\":\"{FORMAT}\",\"version\":{VERSION},\"instances\":{instances},\"events\":{events}}}"
    );
}

/// Appends the line that the events of an instance follow, which begin at the position `first`. `salts` are those of its
/// tree, if it has one.
pub(super) fn write_instance_line(
    out: &mut String,
    instance: &Instance,
    first: u64,
    salts: Option<&str>,
) {
    out.push_str("{\"instance\":");
    write_instance(out, instance);
    if first > 1 {
        out.pop();
        // Writing to a String cannot fail.
        let _ = write!(out, ",\"{FIRST_POSITION}\":{first}}}");
    }
    if let Some(salts) = salts {
        out.pop();
        // Writing to a String cannot fail.
        let _ = write!(out, ",\"{SALTS}\":\"{salts}\"}}");
    }
    out.push_str("}\n");
}

/// Appends the line of an event, which is of the instance with that id. `position` is where it stands, if that does not
/// follow from the line before.
pub(super) fn write_event_line(
    out: &mut String,
    record: &Record<'_>,
    instance_id: &str,
    position: Option<u64>,
) {
    record.event(instance_id, 0).write_whole_json(out);
    if let Some(call) = &record.call {
        let [key, events] = IDEMPOTENCY_KEYS;
        out.pop();
        // Writing to a String cannot fail.
        let _ = write!(out, ",\"{IDEMPOTENCY}\":{{\"{key}\":");
        json::write_string(out, call.text);
        let _ = write!(out, ",\"{events}\":{}}}}}", call.events);
    }
    if let Some(position) = position {
        out.pop();
        // Writing to a String cannot fail.
        let _ = write!(out, ",\"{POSITION}\":{position}}}");
    }
    out.push('\n');
}

/// Appends the last line. The numbers are what has gone before.
pub(super) fn write_end(out: &mut String, instances: u64, events: u64) {
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "{{\"end\":{{\"instances\":{instances},\"events\":{events}}}}}"
    );
}
