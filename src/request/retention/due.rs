//! `dueRetention`: what is over the rules of instances, for whoever trims it.

use super::failure;
use super::over::Measured;
use super::policy::Policy;
use crate::arguments::{self, Arguments};
use crate::engine::Fault;
use crate::error::Error;
use crate::json;
use crate::request::listing::{instance_of, options};
use crate::request::named_instance::find_in_snapshot;
use crate::request::response::Answer;
use crate::seam::ReadSnapshot;
use crate::timestamp;

/// How many instances with a rule a page looks at.
const PAGE: usize = 4_096;

/// What is over the rule of one instance, or of each that has one: a page of those after the number `after`. All that is over is meant
/// if `isExact` says so, and what there is to say of instances of which nothing is; otherwise, what is worth a trim. `now` is
/// the time, in milliseconds since the epoch, of a program that has a clock of its own.
pub(in crate::request) fn due(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Answer, Fault> {
    let [instance, now, is_exact, after] =
        options(arguments.get(0), ["instance", "now", "isExact", "after"])?;
    let now_ms = time(now)?;
    let is_exact = match is_exact {
        Some(raw) => arguments::boolean("isExact", raw)?,
        None => false,
    };
    let mut next = None;
    let numbers = match instance {
        Some(raw) => vec![find_in_snapshot(
            "instance",
            &instance_of(Some(raw))?,
            snapshot,
        )?],
        None => {
            let after = match after {
                Some(raw) => arguments::whole_number("after", raw)?,
                None => 0,
            };
            let mut numbers = Policy::holders(snapshot)?;
            numbers.retain(|number| u64::from(*number) > after);
            if numbers.len() > PAGE {
                numbers.truncate(PAGE);
                next = numbers.last().copied();
            }
            numbers
        }
    };
    let mut data = String::from("{\"due\":[");
    let mut policies = 0;
    for number in numbers {
        snapshot.check_wanted()?;
        let Some(policy) = Policy::read(snapshot, number)? else {
            continue;
        };
        policies += 1;
        let over = Measured::new(snapshot, number, &policy, now_ms)?.over(is_exact)?;
        let has_streams = !policy.streams.is_empty();
        if !(is_exact || has_streams) && over.before == over.first {
            continue;
        }
        if !data.ends_with('[') {
            data.push(',');
        }
        data.push_str("{\"instance\":");
        json::write_string(&mut data, &snapshot.instance(number)?.id);
        data.push_str(&format!(
            ",\"number\":{number},\"first\":{},\"before\":{},\"isWhole\":{},\"hasFailed\":{},\"hasStreams\":{has_streams},\"heldBy\":",
            over.first,
            over.before,
            over.is_whole,
            failure::is_noted(snapshot, number)?
        ));
        match over.holder {
            Some(holder) => {
                data.push_str("{\"consumer\":");
                json::write_string(&mut data, &holder.consumer);
                data.push_str(&format!(",\"position\":{}}}", holder.actual));
            }
            None => data.push_str("null"),
        }
        data.push_str(",\"retention\":");
        policy.write(&mut data);
        data.push('}');
    }
    let next = next.map_or_else(|| "null".to_owned(), |next| next.to_string());
    data.push_str(&format!("],\"policies\":{policies},\"next\":{next}}}"));
    Ok(Answer::of_data(data))
}

/// A time in milliseconds since the epoch, which may be before it; that of the system if none is given.
pub(super) fn time(raw: Option<&str>) -> Result<i64, Error> {
    let Some(raw) = raw else {
        return Ok(timestamp::now());
    };
    let time = raw.parse();
    time.map_err(|_| arguments::unexpected("now", "milliseconds since the epoch", raw))
}
