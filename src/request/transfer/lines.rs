//! The lines of an export.

use std::fmt::Write as _;

use super::{FORMAT, VERSION};
use crate::engine::Instance;
use crate::event::Event;
use crate::request::response::write_instance;

/// Appends the first line. The numbers are what is going to follow.
pub(super) fn write_header(out: &mut String, instances: u64, events: u64) {
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "{{\"format\":\"{FORMAT}\",\"version\":{VERSION},\"instances\":{instances},\"events\":{events}}}"
    );
}

/// Appends the line that the events of an instance follow.
pub(super) fn write_instance_line(out: &mut String, instance: &Instance) {
    out.push_str("{\"instance\":");
    write_instance(out, instance);
    out.push_str("}\n");
}

/// Appends the line of an event.
pub(super) fn write_event_line(out: &mut String, event: &Event<'_>) {
    event.write_json(out);
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
