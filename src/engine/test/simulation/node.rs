//! A process that uses the log, and what it can be asked for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::super::memory_disk::Process;
use super::model::{Append, Change};
use crate::engine::journal::Layout;
use crate::engine::storage::opening;
use crate::engine::{Appended, Batch, CallKey, Engine, Fault, NewEvent, Options, threads};
use crate::error::Error;

/// After a fault, in so many steps calls may be told of it: of the one that met it, and of the one
/// after a checkpoint that met it beside the calls.
const STEPS_FAILING: usize = 3;

/// One process and its log, if it is open.
pub(super) struct Node {
    pub(super) process: Process,
    pub(super) engine: Option<Engine>,
    pub(super) read_only: bool,
    pub(super) exclusive: bool,
    pub(super) faults: usize,
    pub(super) grace: usize,
}

impl Node {
    pub(super) fn met_faults(&mut self) {
        let faults = self.process.faults();
        if faults != self.faults {
            self.faults = faults;
            self.grace = STEPS_FAILING;
        }
    }

    pub(super) fn may_fail(&self) -> bool {
        self.grace > 0 || self.process.is_dead()
    }
}

pub(in crate::engine::test) fn open(
    process: &Process,
    exclusive: bool,
    read_only: bool,
    layout: Layout,
) -> Result<Engine, Error> {
    open_with(process, exclusive, read_only, layout, threads::IDLE)
}

/// As [`open`], with threads that end once they have been idle for that long.
pub(super) fn open_with(
    process: &Process,
    exclusive: bool,
    read_only: bool,
    layout: Layout,
    idle: Duration,
) -> Result<Engine, Error> {
    let options = Options {
        exclusive,
        read_only,
        cache_bytes: 1 << 20,
        ..Options::default()
    };
    let (process, store_options) = (process.clone(), options.clone());
    let opener = Box::new(move |again| opening::open(&process, &store_options, layout, again));
    Engine::start_with(opener, options, Arc::default(), idle)
}

pub(super) fn stage(
    batch: &mut Batch<'_>,
    appends: &[Append],
    names: &BTreeMap<String, String>,
) -> Result<Vec<Appended>, Fault> {
    let mut appended = Vec::new();
    for append in appends {
        let name = names.get(&append.instance).unwrap_or(&append.instance);
        let number = batch.find(name)?;
        let text = append.number.to_string();
        if append.keyed
            && let Some(position) = batch.position_of_key(number, &text)?
        {
            appended.push(stored(batch, number, position, append)?);
            continue;
        }
        change_state(batch, number, append)?;
        let call = append.keyed.then_some(CallKey {
            text: &text,
            events: 1,
        });
        appended.push(batch.append(
            number,
            &NewEvent {
                stream_id: &append.stream,
                event_type: &text,
                payload: &append.payload,
                metadata: "{}",
                timestamp_ms: None,
                call,
            },
        )?);
    }
    Ok(appended)
}

/// What an event does to the state of its stream's name: nothing, or to put or to remove it.
pub(super) fn state_after(number: u64) -> Option<Option<String>> {
    match number % 5 {
        0 => Some(None),
        1 | 2 => Some(Some(format!(
            "{number}{}",
            "-".repeat((number % 97) as usize)
        ))),
        _ => None,
    }
}

fn change_state(batch: &mut Batch<'_>, number: u32, append: &Append) -> Result<(), Fault> {
    match state_after(append.number) {
        None => Ok(()),
        Some(None) => batch.delete_state(number, &append.stream).map(drop),
        Some(Some(value)) => batch.put_state(number, &append.stream, value.as_bytes()),
    }
}

/// What was stored of an append that is made again.
fn stored(
    batch: &mut Batch<'_>,
    number: u32,
    position: u64,
    append: &Append,
) -> Result<Appended, Fault> {
    let mut found = None;
    batch.each_record(number, position..=position, |_, record| {
        assert_eq!(record.event_type, append.number.to_string());
        found = Some(Appended {
            id: record.id,
            timestamp_ms: record.timestamp_ms,
            sequence_number: record.sequence,
        });
        Ok(())
    })?;
    Ok(found.unwrap())
}

pub(super) fn apply(batch: &mut Batch<'_>, change: &Change) -> Result<(), Fault> {
    match change {
        Change::None => {}
        Change::Make(id) => {
            batch.create(id, id, None)?;
        }
        Change::Rename(id, name) => {
            let number = batch.find(id)?;
            batch.update(number, Some(name), None)?;
        }
        Change::Delete(id) => {
            let number = batch.find(id)?;
            batch.delete(number)?;
        }
    }
    Ok(())
}
