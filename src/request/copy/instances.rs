//! Which instances there are to be copied.

use crate::arguments::Arguments;
use crate::engine::Fault;
use crate::json;
use crate::request::extent::Extent;
use crate::request::response::Answer;
use crate::seam::ReadSnapshot;

/// How much there is to be read to list them.
pub(in crate::request) fn extent(
    _: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Extent, Fault> {
    Ok(Extent::of_rows(snapshot.instance_count()?))
}

/// Lists all instances, oldest first: each one's id, when it was made, and the position of its last event.
pub(in crate::request) fn list(
    _: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Answer, Fault> {
    let mut data = String::from("{\"instances\":[");
    for (index, instance) in snapshot.instances()?.iter().enumerate() {
        data.push_str(if index == 0 { "[" } else { ",[" });
        json::write_string(&mut data, &instance.id);
        let (created, last) = (instance.created_at_ms, instance.head.last_position);
        data.push_str(&format!(",\"{created}\",{last}]"));
    }
    data.push_str("]}");
    Ok(Answer::of_data(data))
}
