//! What `project` keeps in the log: the state that a fold of events has come to, and up to which event.

mod kept;

use self::kept::{Kept, SnapshotKey};
use super::consumers::within;
use super::limits::SNAPSHOT_BYTES_MAX;
use super::listing::{instance_of, options};
use super::named_instance::{find_in_batch, find_in_snapshot};
use super::response::Answer;
use super::text::name;
use crate::arguments::{self, Arguments, identifier};
use crate::engine::Fault;
use crate::engine::seeded_bug::{Bug, OfThisThread, Seeded};
use crate::error::{Code, Error};
use crate::seam::{ReadSnapshot, Transaction};

fn projection(raw: &str) -> Result<String, Error> {
    let text = name("name", raw, "a projection")?;
    if text.contains('\0') {
        // It stands between the parts of a key.
        return Err(Error::expected(
            "name",
            "a name without U+0000",
            "one with it",
        ));
    }
    Ok(text)
}

fn stream_of(raw: Option<&str>) -> Result<String, Error> {
    let stream = raw.map(|raw| identifier("stream", raw, "the id of a stream"));
    Ok(stream.transpose()?.unwrap_or_default().into_owned())
}

/// The names of the states that are what is kept of projections of an instance.
///
/// # Errors
///
/// A storage fault.
pub(super) fn snapshot_names(
    snapshot: &dyn ReadSnapshot,
    number: u32,
) -> Result<Vec<String>, Fault> {
    let prefix = SnapshotKey::prefix(None);
    let mut names: Vec<String> = Vec::new();
    loop {
        // One may be long.
        let after = names.last().map(String::as_str);
        let states = snapshot.states(number, &prefix, after, 1)?;
        if states.is_empty() {
            return Ok(names);
        }
        names.extend(states.into_iter().map(|(name, _)| name));
    }
}

/// The value of an internal option, which the package's JavaScript gives.
fn text_of(path: &str, raw: Option<&str>) -> Result<String, Error> {
    let expected = "a string";
    let raw = arguments::required(path, raw, expected)?;
    Ok(arguments::string(path, raw, expected)?.into_owned())
}

fn number_of(path: &str, raw: Option<&str>) -> Result<u64, Error> {
    arguments::whole_number(path, arguments::required(path, raw, "a whole number")?)
}

/// Tells what is kept of a projection for that identity, the number of the instance, and where it ends.
pub(super) fn load(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Answer, Fault> {
    let keys = ["instance", "name", "stream", "identity"];
    let [instance, name, stream, identity] = options(arguments.get(0), keys)?;
    let number = find_in_snapshot("instance", &instance_of(instance)?, snapshot)?;
    let last = snapshot.instance(number)?.head.last_position;
    let mut data = format!("{{\"number\":{number},\"last\":{last},\"snapshot\":");
    let stream = stream_of(stream)?;
    let found = match name {
        None => None,
        Some(name) => {
            let key = SnapshotKey::new(projection(name)?, stream);
            let state = snapshot.state(number, key.state_name())?;
            state.map(|bytes| Kept::decode(&bytes, &key)).transpose()?
        }
    };
    let identity = text_of("identity", identity)?;
    match found.filter(|kept| kept.identity == identity) {
        Some(kept) => {
            let (position, sequence) = (kept.position, kept.sequence);
            data.push_str(&format!(
                "{{\"position\":{position},\"sequence\":{sequence},\"state\":"
            ));
            data.push_str(&kept.state);
            data.push_str("}}");
        }
        None => data.push_str("null}"),
    }
    Ok(Answer::of_data(data))
}

/// Keeps the state of a projection, unless a newer one is kept of the same identity.
pub(super) fn store(
    arguments: &Arguments<'_>,
    batch: &mut dyn Transaction,
) -> Result<Answer, Fault> {
    let keys = [
        "instance", "number", "name", "stream", "identity", "position", "sequence", "state",
    ];
    let [
        instance,
        number,
        name,
        stream,
        identity,
        position,
        sequence,
        state,
    ] = options(arguments.get(0), keys)?;
    let name = arguments::required("name", name, "the name of a projection")?;
    let key = SnapshotKey::new(projection(name)?, stream_of(stream)?);
    // It is always given, and `null`, which counts as not given elsewhere, is a state.
    let state = state.unwrap_or("null");
    if state.len() > SNAPSHOT_BYTES_MAX {
        let (most, found) = (SNAPSHOT_BYTES_MAX, state.len());
        let text = format!("state: expected at most {most} bytes of JSON text, found {found}");
        return Err(Error::new(Code::LimitExceeded, text).into());
    }
    let kept = Kept {
        identity: text_of("identity", identity)?,
        position: number_of("position", position)?,
        sequence: number_of("sequence", sequence)?,
        state: state.to_owned(),
    };
    let instance = instance_of(instance)?;
    let found = find_in_batch("instance", &instance, batch)?;
    if u64::from(found) != number_of("number", number)? {
        let text = format!("the instance {instance:?} was deleted and made anew meanwhile");
        return Err(Fault::refused(Code::InstanceNotFound, text));
    }
    let last = batch.instance(found)?.head.last_position;
    within("position", kept.position, last)?;
    let before = batch.state(found, key.state_name())?;
    let before = before.map(|bytes| Kept::decode(&bytes, &key)).transpose()?;
    let is_older = before
        .is_none_or(|before| before.identity != kept.identity || before.position < kept.position);
    if is_older || OfThisThread.has(Bug::SnapshotGoesBack) {
        batch.put_state(found, key.state_name(), &kept.encode())?;
    }
    Ok(Answer::of_data("null".to_owned()))
}

/// Deletes what is kept of a projection, or of all of them, and tells how much it was.
pub(super) fn delete(
    arguments: &Arguments<'_>,
    batch: &mut dyn Transaction,
) -> Result<Answer, Fault> {
    let [instance, name] = options(arguments.get(0), ["instance", "name"])?;
    let instance = instance_of(instance)?;
    let name = name.map(projection).transpose()?;
    let number = find_in_batch("instance", &instance, batch)?;
    let prefix = SnapshotKey::prefix(name.as_deref());
    // All at once: to look them up page by page would be to pass over those that are deleted again for each page.
    // In the commit, each takes more room than its name.
    let names = batch.state_names(number, &prefix)?;
    for name in &names {
        batch.delete_state(number, name)?;
    }
    Ok(Answer::of_data(format!("{{\"count\":{}}}", names.len())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::effort::steps_of;
    use crate::engine::test::{Site, run};

    /// How many steps it takes to delete so many snapshots, half of which are in the tables.
    fn steps_to_delete(snapshots: u64) -> u64 {
        let site = Site::new(1 << 20, 8);
        let engine = site.open();
        run(&engine, |batch| batch.create("a", "a", None)).unwrap();
        for half in 0..2 {
            run(&engine, move |batch| {
                let number = batch.find("a")?;
                for n in (half..snapshots).step_by(2) {
                    let key = SnapshotKey::new(format!("p{n}"), String::new());
                    batch.put_state(number, key.state_name(), b"kept")?;
                }
                // A change to an instance puts what there is into the tables.
                if half == 0 {
                    batch.create("b", "b", None)?;
                }
                Ok(())
            })
            .unwrap();
        }
        let steps = run(&engine, move |batch| {
            let arguments = Arguments::parse(r#"[{"instance":"a"}]"#)?;
            let (deleted, steps) = steps_of(|| delete(&arguments, batch));
            deleted.map(|_| steps)
        });
        let left = run(&engine, |batch| {
            let number = batch.find("a")?;
            batch.state_names(number, "")
        });
        assert_eq!(left.unwrap(), [""; 0]);
        engine.close().unwrap();
        steps.unwrap()
    }

    #[test]
    fn deleting_snapshots_costs_as_much_for_each_however_many_there_are() {
        let few = steps_to_delete(200);
        assert!(steps_to_delete(20 * 200) <= 20 * few, "few: {few}");
    }
}
