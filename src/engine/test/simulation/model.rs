//! What may be in the log, and what must be.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{each_event, random::Random};
use super::node::state_after;
use crate::engine::{Fault, Snapshot};

/// Whether what a call asked for is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    Yes,
    No,
    /// Its process died, or said that it cannot know.
    Unknown,
}

/// One append as it was asked for.
#[derive(Clone, Debug)]
pub(super) struct Append {
    pub(super) instance: String,
    pub(super) stream: String,
    pub(super) number: u64,
    pub(super) payload: String,
    /// Whether it has an idempotency key, so that it may be made again.
    pub(super) keyed: bool,
}

/// A call that has been made.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) appends: Vec<Append>,
    /// What was answered, if anything was.
    pub(super) sequences: Vec<u64>,
    pub(super) truth: Truth,
    /// When it was made and when it was answered, counted in calls and answers.
    pub(super) made: u64,
    pub(super) answered: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Made {
    /// The names that it may have.
    pub(super) names: BTreeSet<String>,
    pub(super) exists: Truth,
}

/// What may be in the log, and what must be.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) calls: Vec<Call>,
    pub(super) instances: BTreeMap<String, Made>,
    time: u64,
    pub(super) numbers: u64,
}

/// An event that a reader has seen: its number, stream, sequence and payload.
pub(super) type SeenEvent = (u64, String, u64, String);

/// An event that a reader has seen, and where.
struct Found<'s> {
    instance: &'s String,
    stream: &'s String,
    sequence: u64,
    payload: &'s String,
    /// How many events of its instance were seen before it.
    at: usize,
}

/// The instances that a reader has seen, by id, each with its name and its events.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) instances: BTreeMap<String, (String, Vec<SeenEvent>)>,
}

/// A change to an instance.
#[derive(Clone, Debug)]
pub(super) enum Change {
    None,
    Make(String),
    Rename(String, String),
    Delete(String),
}

pub(super) fn look(snapshot: &Snapshot) -> Result<Seen, Fault> {
    let mut seen = Seen::default();
    for instance in snapshot.instances()? {
        let number = snapshot.find(&instance.id)?;
        let mut events = Vec::new();
        each_event(snapshot, number, |record| {
            let number = record.event_type.parse().unwrap();
            events.push((
                number,
                record.stream_id.to_owned(),
                record.sequence,
                record.payload.to_owned(),
            ));
        })?;
        assert_eq!(instance.head.last_position, events.len() as u64);
        check_states(snapshot, number, &events)?;
        seen.instances.insert(instance.id, (instance.name, events));
    }
    Ok(seen)
}

/// Checks that the states of an instance are those that its events have left.
fn check_states(snapshot: &Snapshot, number: u32, events: &[SeenEvent]) -> Result<(), Fault> {
    let mut expected = BTreeMap::new();
    for (event, stream, ..) in events {
        match state_after(*event) {
            None => {}
            Some(None) => drop(expected.remove(stream)),
            Some(Some(value)) => drop(expected.insert(stream.clone(), value.into_bytes())),
        }
    }
    let states = snapshot.states(number, "", None, usize::MAX)?;
    assert_eq!(states, expected.into_iter().collect::<Vec<_>>());
    Ok(())
}

impl Call {
    /// How many of its events were found, each as it was asked for.
    fn count_in(&self, found: &BTreeMap<u64, Found<'_>>) -> usize {
        let mut count = 0;
        for append in &self.appends {
            let Some(event) = found.get(&append.number) else {
                continue;
            };
            assert_eq!(
                (event.instance, event.stream),
                (&append.instance, &append.stream)
            );
            assert_eq!(event.payload, &append.payload);
            count += 1;
        }
        count
    }

    /// Compares how many of its events are `here`, and how many were `deleted` with their instances, with what it was
    /// answered.
    fn check(&self, here: usize, deleted: usize, found: &BTreeMap<u64, Found<'_>>, since: u64) {
        let all = self.appends.len();
        assert!(here == 0 || here + deleted == all, "part of {self:?}");
        let is_answered = self.answered <= since;
        if self.truth == Truth::Yes && is_answered {
            assert_eq!(here + deleted, all, "lost: {self:?}");
            for (append, sequence) in self.appends.iter().zip(&self.sequences) {
                if let Some(event) = found.get(&append.number) {
                    assert_eq!(event.sequence, *sequence, "{self:?}");
                }
            }
        }
        if self.truth == Truth::No && is_answered {
            assert_eq!(here, 0, "refused, and there: {self:?}");
        }
    }
}

impl Model {
    pub(super) fn tick(&mut self) -> u64 {
        self.time += 1;
        self.time
    }

    /// Compares what a reader has seen that began at `since`.
    pub(super) fn check(&self, seen: &Seen, since: u64) {
        self.check_instances(seen);
        let found = self.found_in(seen);
        let mut count = 0;
        for call in &self.calls {
            let here = call.count_in(&found);
            count += here;
            let is_gone = |append: &&Append| !seen.instances.contains_key(&append.instance);
            let deleted = call.appends.iter().filter(is_gone).count();
            call.check(here, deleted, &found, since);
        }
        assert_eq!(count, found.len(), "there are events that nobody appended");
        self.check_order(&found);
    }

    /// Compares which instances there are, and their names.
    fn check_instances(&self, seen: &Seen) {
        for (id, made) in &self.instances {
            match (seen.instances.get(id), made.exists) {
                (None, Truth::Yes) => panic!("the instance {id} is lost"),
                (Some(_), Truth::No) => panic!("the instance {id} is there"),
                (Some((name, _)), _) => assert!(
                    made.names.contains(name),
                    "{id} is named {name}, expected one of {:?}",
                    made.names
                ),
                (None, _) => {}
            }
        }
    }

    /// The events that were seen. The numbers of a stream have no gap, and no event is there twice.
    fn found_in<'s>(&self, seen: &'s Seen) -> BTreeMap<u64, Found<'s>> {
        let mut found = BTreeMap::new();
        for (instance, (_, events)) in &seen.instances {
            assert!(
                self.instances.contains_key(instance),
                "nobody has made {instance}"
            );
            let mut sequences = BTreeMap::<&str, u64>::new();
            for (at, (number, stream, sequence, payload)) in events.iter().enumerate() {
                let last = sequences.entry(stream).or_default();
                *last += 1;
                assert_eq!(sequence, last, "{stream} of {instance}: {events:?}");
                let event = Found {
                    instance,
                    stream,
                    sequence: *sequence,
                    payload,
                    at,
                };
                assert!(found.insert(*number, event).is_none(), "{number} twice");
            }
        }
        found
    }

    /// What was answered before another call was made stands before it.
    fn check_order(&self, found: &BTreeMap<u64, Found<'_>>) {
        let mut latest = BTreeMap::<&str, Vec<(usize, u64, u64)>>::new();
        for call in &self.calls {
            let answered = match call.truth {
                Truth::Yes => call.answered,
                Truth::No | Truth::Unknown => u64::MAX,
            };
            for append in &call.appends {
                if let Some(event) = found.get(&append.number) {
                    let events = latest.entry(event.instance).or_default();
                    events.push((event.at, call.made, answered));
                }
            }
        }
        for events in latest.values_mut() {
            events.sort_unstable();
            let mut made_max = 0;
            for (at, made, answered) in events {
                assert!(*answered > made_max, "out of order at {at}");
                made_max = made_max.max(*made);
            }
        }
    }

    /// Learns what has become of that of which nothing was known.
    pub(super) fn resolve(&mut self, seen: &Seen) {
        let mut found = BTreeSet::new();
        for (_, events) in seen.instances.values() {
            found.extend(events.iter().map(|event| event.0));
        }
        for (id, made) in &mut self.instances {
            match seen.instances.get(id) {
                Some((name, _)) => {
                    made.names = BTreeSet::from([name.clone()]);
                    made.exists = Truth::Yes;
                }
                None => made.exists = Truth::No,
            }
        }
        for call in &mut self.calls {
            if call.truth == Truth::Unknown {
                let here = |append: &Append| found.contains(&append.number);
                call.truth = if call.appends.iter().any(here) {
                    call.sequences.clear();
                    call.answered = self.time;
                    Truth::Yes
                } else {
                    Truth::No
                };
            }
        }
        // What is gone with its instance need not be looked for any more.
        let instances = &self.instances;
        self.calls.retain(|call| {
            let there = |append: &Append| {
                instances
                    .get(&append.instance)
                    .is_some_and(|made| made.exists != Truth::No)
            };
            call.appends.iter().any(there)
        });
    }

    /// The instances that are surely there, by id, each with its name.
    pub(super) fn certain(&self) -> Vec<(String, String)> {
        let certain = self
            .instances
            .iter()
            .filter(|(_, made)| made.exists == Truth::Yes && made.names.len() == 1);
        certain
            .filter_map(|(id, made)| Some((id.clone(), made.names.first()?.clone())))
            .collect()
    }

    pub(super) fn appends(
        &mut self,
        random: &mut Random,
        instance: &str,
        streams: usize,
    ) -> Vec<Append> {
        let count = if random.one_in(3) {
            1 + random.below(20)
        } else {
            1
        };
        let bytes = match random.below(12) {
            0 => 1 + random.below(4000),
            1..=5 => random.below(200),
            _ => 3,
        };
        let keyed = random.one_in(2);
        let appends = (0..count).map(|_| {
            self.numbers += 1;
            Append {
                instance: instance.to_owned(),
                stream: format!("s{}", random.below(streams)),
                number: self.numbers,
                payload: format!("[\"{}\"]", "x".repeat(bytes)),
                keyed,
            }
        });
        appends.collect()
    }

    pub(super) fn learn(&mut self, change: Change, truth: Truth) {
        match change {
            Change::None => {}
            Change::Make(id) => {
                let names = BTreeSet::from([id.clone()]);
                let made = Made {
                    names,
                    exists: truth,
                };
                self.instances.insert(id, made);
            }
            Change::Rename(id, name) => {
                if let Some(made) = self.instances.get_mut(&id) {
                    if truth == Truth::Yes {
                        made.names.clear();
                    }
                    if truth != Truth::No {
                        made.names.insert(name);
                    }
                }
            }
            Change::Delete(id) => {
                if let Some(made) = self.instances.get_mut(&id) {
                    made.exists = match truth {
                        Truth::Yes => Truth::No,
                        Truth::No => Truth::Yes,
                        Truth::Unknown => Truth::Unknown,
                    };
                }
            }
        }
    }
}
