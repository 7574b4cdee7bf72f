//! The six methods about instances.

use std::borrow::Cow;

use uuid::Uuid;

use super::extent::Extent;
use super::list::List;
use super::named_instance::{find_in_batch, find_in_snapshot};
use super::response::{Answer, write_instance, write_times};
use super::retained::horizon_of;
use super::retention::{self, Policy, write_retention};
use super::text;
use crate::arguments::{self, Arguments, Object, refuse_misspelt};
use crate::engine::{Fault, Instance};
use crate::error::{Code, Error};
use crate::json::{self, Kind};
use crate::misspelling;
use crate::seam::{ReadSnapshot, Transaction};

/// How many streams are looked at together to be counted.
const STREAMS_PAGE: usize = 4_096;

const UPDATE_KEYS: [&str; 3] = ["name", "description", "retention"];

/// How much there is to be read to list all instances.
pub(super) fn extent(_: &Arguments<'_>, snapshot: &dyn ReadSnapshot) -> Result<Extent, Fault> {
    Ok(Extent::of_rows(snapshot.instance_count()?))
}

/// Makes an instance with a new UUID, or gives the one that has the name if the options ask for that.
pub(super) fn create(
    arguments: &Arguments<'_>,
    batch: &mut dyn Transaction,
) -> Result<Answer, Fault> {
    let name = required(arguments.get(0), "name")?;
    let description = arguments
        .get(1)
        .map(|raw| text::description("description", raw))
        .transpose()?;
    let options = Creation::parse(arguments.get(2))?;
    if options.gives_existing
        && let Some(number) = batch.holder(&name)?
    {
        return one_in(batch, number);
    }
    let id = Uuid::new_v4().to_string();
    let number = batch.create(&id, &name, description)?;
    if let Some(policy) = &options.retention {
        retention::set(batch, number, Some(policy))?;
    }
    one_in(batch, number)
}

/// The options of `createInstance`.
#[derive(Default)]
struct Creation {
    /// Whether an instance is given that is there already.
    gives_existing: bool,
    retention: Option<Policy>,
}

impl Creation {
    fn parse(options: Option<&str>) -> Result<Self, Error> {
        let Some(options) = options else {
            return Ok(Self::default());
        };
        let [if_exists, retention] =
            arguments::members("options", options, ["ifExists", "retention"])?;
        let gives_existing = match if_exists {
            None | Some("\"fail\"") => false,
            Some("\"get\"") => true,
            Some(raw) => {
                let path = "options.ifExists";
                return Err(arguments::unexpected(path, "\"fail\" or \"get\"", raw));
            }
        };
        let retention = retention.map(|raw| Policy::parse("options.retention", raw));
        Ok(Self {
            gives_existing,
            retention: retention.transpose()?,
        })
    }
}

/// Changes an instance's name, description or retention.
pub(super) fn update(
    arguments: &Arguments<'_>,
    batch: &mut dyn Transaction,
) -> Result<Answer, Fault> {
    let instance = required(arguments.get(0), "instanceId")?;
    let updates = arguments::required("updates", arguments.get(1), "an object")?;
    let given = Object::parse_with_null_of("updates", updates, &UPDATE_KEYS, "retention")?;
    let [name, description, retention] = given.values;
    let name = name
        .map(|raw| arguments::identifier("updates.name", raw, "a string"))
        .transpose()?;
    let description = description
        .map(|raw| text::description("updates.description", raw))
        .transpose()?;
    let policy = match retention {
        Some(raw) if Kind::of(raw) != Kind::Null => Some(Policy::parse("updates.retention", raw)?),
        _ => None,
    };
    let number = find_in_batch("instanceId", &instance, batch)?;
    if name.is_none() && description.is_none() && retention.is_none() {
        if let Some(key) = given.unknown.first() {
            let likely = misspelling::meant(key, &UPDATE_KEYS);
            let advice = likely.map_or_else(String::new, |key| format!("; did you mean {key}?"));
            let found = format!("only the unknown key {key:?}{advice}");
            let expected = "a retention, a name or a description to change";
            return Err(Error::expected("updates", expected, &found).into());
        }
        return one_in(batch, number);
    }
    refuse_misspelt("updates.", &given.unknown, &UPDATE_KEYS)?;
    batch.update(number, name.as_deref(), description.as_deref())?;
    if retention.is_some() {
        retention::set(batch, number, policy.as_ref())?;
    }
    let mut answer = one_in(batch, number)?;
    answer.remarks.unknown_keys("updates.", &given.unknown);
    Ok(answer)
}

/// Deletes an instance with all its events.
pub(super) fn delete(
    arguments: &Arguments<'_>,
    batch: &mut dyn Transaction,
) -> Result<Answer, Fault> {
    let instance = required(arguments.get(0), "instanceId")?;
    let number = find_in_batch("instanceId", &instance, batch)?;
    let deleted = batch.delete(number)?;
    one(&deleted, |_| Ok(None))
}

/// Reads one instance.
pub(super) fn get(arguments: &Arguments<'_>, snapshot: &dyn ReadSnapshot) -> Result<Answer, Fault> {
    let instance = required(arguments.get(0), "instanceId")?;
    let number = find_in_snapshot("instanceId", &instance, snapshot)?;
    let instance = snapshot.instance(number)?;
    one(&instance, |name| snapshot.state(number, name))
}

/// Reads all instances, oldest first.
pub(super) fn list(_: &Arguments<'_>, snapshot: &dyn ReadSnapshot) -> Result<Answer, Fault> {
    let mut list = List::of_values();
    let mut json = String::new();
    for instance in snapshot.instances()? {
        json.clear();
        write_instance(&mut json, &instance);
        list.value(&json);
    }
    if list.bytes() > crate::query::RESULT_BYTES_MAX {
        return Err(Fault::refused(
            Code::LimitExceeded,
            format!(
                "expected a result of at most {} bytes, found {}: there are too many instances \
                 to list in one response",
                crate::query::RESULT_BYTES_MAX,
                list.bytes()
            ),
        ));
    }
    Ok(list.answer("instances", ""))
}

/// Counts what one instance holds.
pub(super) fn stats(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Answer, Fault> {
    let instance = required(arguments.get(0), "instanceId")?;
    let number = find_in_snapshot("instanceId", &instance, snapshot)?;
    let instance = snapshot.instance(number)?;
    let horizon = horizon_of(snapshot, number)?;
    let mut data = String::from("{\"instanceId\":");
    json::write_string(&mut data, &instance.id);
    data.push_str(",\"name\":");
    json::write_string(&mut data, &instance.name);
    let count = instance.head.last_position - horizon.position - horizon.between;
    data.push_str(&format!(",\"eventCount\":{count}"));
    write_times(&mut data, &instance);
    let streams = match horizon.is_nothing() {
        true => instance.head.stream_count,
        false => streams_left(snapshot, number)?,
    };
    let bytes = instance.head.stored_bytes.saturating_sub(horizon.bytes);
    let first = horizon.first_position();
    data.push_str(&format!(
        ",\"streamCount\":{streams},\"storedBytes\":{bytes},\"firstPosition\":{first}}}"
    ));
    Ok(Answer::of_data(data))
}

/// How much there is to be read to count what an instance holds: where events were trimmed, it is its streams.
pub(super) fn stats_extent(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Extent, Fault> {
    let instance = required(arguments.get(0), "instanceId")?;
    let number = find_in_snapshot("instanceId", &instance, snapshot)?;
    if horizon_of(snapshot, number)?.is_nothing() {
        return Ok(Extent::Small);
    }
    Ok(Extent::of_rows(
        snapshot.instance(number)?.head.stream_count,
    ))
}

/// How many streams have an event that is left.
fn streams_left(snapshot: &dyn ReadSnapshot, number: u32) -> Result<u64, Fault> {
    let mut count = 0;
    let mut after: Option<String> = None;
    loop {
        let page = snapshot.streams(number, "", after.as_deref(), STREAMS_PAGE)?;
        count += page.len() as u64;
        after = match page.last() {
            Some(last) if page.len() == STREAMS_PAGE => Some(last.stream_id.to_string()),
            _ => return Ok(count),
        };
    }
}

/// One instance, with its retention. `state` gives the state of a name.
fn one(
    instance: &Instance,
    state: impl FnMut(&str) -> Result<Option<Vec<u8>>, Fault>,
) -> Result<Answer, Fault> {
    let mut data = String::from("{\"instance\":");
    write_instance(&mut data, instance);
    data.pop();
    write_retention(&mut data, state)?;
    data.push_str("}}");
    Ok(Answer::of_data(data))
}

/// One instance, within a commit in the making.
fn one_in(batch: &mut dyn Transaction, number: u32) -> Result<Answer, Fault> {
    let instance = batch.instance(number)?.clone();
    one(&instance, |name| batch.state(number, name))
}

fn required<'a>(raw: Option<&'a str>, path: &str) -> Result<Cow<'a, str>, Error> {
    let expected = "a string";
    arguments::identifier(path, arguments::required(path, raw, expected)?, expected)
}
