//! A change of a log that is nothing but lists: made on a copy of them.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use uuid::Uuid;

use super::kept::{Kept, KeptInstance};
use crate::engine::{Appended, Fault, Head, Instance, NewEvent, NewInstance, Record};
use crate::error::Code;
use crate::seam::Transaction;

/// A copy that takes the place of the log if the change is granted.
pub(crate) struct Staged {
    pub(crate) kept: Kept,
    began_ms: i64,
    now_ms: i64,
    pub(super) changed: bool,
}

impl Staged {
    pub(crate) fn of(kept: &Kept, now_ms: i64) -> Self {
        Self {
            kept: kept.clone(),
            began_ms: now_ms,
            now_ms,
            changed: false,
        }
    }

    fn change(&mut self, number: u32) -> Result<&mut KeptInstance, Fault> {
        self.changed = true;
        let kept = self.kept.instances.get_mut(&number);
        kept.ok_or_else(|| Fault::Corrupted(format!("there is no instance {number}")))
    }

    fn end(&self, number: u32, stream_id: &str) -> Result<(u64, u64), Fault> {
        let ends = self.kept.of(number)?.ends()?;
        Ok(ends.get(stream_id).copied().unwrap_or_default())
    }

    fn check_free(&self, id_or_name: &str, number: Option<u32>) -> Result<(), Fault> {
        match self.kept.holder(id_or_name) {
            Some(holder) if Some(holder) != number => {
                let text = format!("an instance with the id or name {id_or_name:?} already exists");
                Err(Fault::refused(Code::InstanceExists, text))
            }
            _ => Ok(()),
        }
    }
}

impl Transaction for Staged {
    fn set_now(&mut self, now_ms: Option<i64>) {
        self.now_ms = now_ms.unwrap_or(self.began_ms);
    }

    fn now_ms(&self) -> i64 {
        self.now_ms
    }

    fn find(&mut self, id_or_name: &str) -> Result<u32, Fault> {
        self.kept.number_of(id_or_name)
    }

    fn holder(&mut self, id_or_name: &str) -> Result<Option<u32>, Fault> {
        Ok(self.kept.holder(id_or_name))
    }

    fn instance(&mut self, number: u32) -> Result<&Instance, Fault> {
        Ok(&self.kept.of(number)?.instance)
    }

    fn make(&mut self, new: NewInstance<'_>) -> Result<u32, Fault> {
        self.check_free(new.id, None)?;
        self.check_free(new.name, None)?;
        let updated_at_ms = new.updated_at_ms.unwrap_or(self.now_ms);
        let instance = Instance {
            id: new.id.to_owned(),
            name: new.name.to_owned(),
            description: new.description,
            created_at_ms: new.created_at_ms,
            head: Head {
                last_position: 0,
                stream_count: 0,
                stored_bytes: 0,
                updated_at_ms: updated_at_ms.max(new.created_at_ms),
                latest_ms: i64::MIN,
                late_position: 0,
            },
        };
        self.kept.made += 1;
        let kept = KeptInstance {
            instance,
            events: Vec::new(),
            states: BTreeMap::new(),
        };
        self.kept.instances.insert(self.kept.made, kept);
        self.changed = true;
        Ok(self.kept.made)
    }

    fn update(
        &mut self,
        number: u32,
        name: Option<&str>,
        description: Option<&str>,
    ) -> Result<Instance, Fault> {
        if let Some(name) = name {
            self.check_free(name, Some(number))?;
        }
        let now_ms = self.now_ms;
        let instance = &mut self.change(number)?.instance;
        if let Some(name) = name {
            name.clone_into(&mut instance.name);
        }
        if let Some(description) = description {
            instance.description = Some(description.to_owned());
        }
        instance.head.updated_at_ms = instance.head.updated_at_ms.max(now_ms);
        Ok(instance.clone())
    }

    fn advance(&mut self, number: u32, updated_at_ms: i64) -> Result<(), Fault> {
        let head = &mut self.change(number)?.instance.head;
        head.updated_at_ms = head.updated_at_ms.max(updated_at_ms);
        Ok(())
    }

    fn delete(&mut self, number: u32) -> Result<Instance, Fault> {
        let instance = self.change(number)?.instance.clone();
        self.kept.instances.remove(&number);
        Ok(instance)
    }

    fn last_sequence(&mut self, number: u32, stream_id: &str) -> Result<u64, Fault> {
        Ok(self.end(number, stream_id)?.0)
    }

    fn last_position(&mut self, number: u32, stream_id: &str) -> Result<u64, Fault> {
        Ok(self.end(number, stream_id)?.1)
    }

    fn position_of_key(&mut self, number: u32, key: &str) -> Result<Option<u64>, Fault> {
        self.kept.of(number)?.position_of_key(key)
    }

    fn each_record(
        &mut self,
        number: u32,
        positions: RangeInclusive<u64>,
        visit: &mut dyn FnMut(u64, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let kept = self.kept.of(number)?;
        for position in positions {
            let bytes = &kept.events[position as usize - 1];
            visit(position, &Record::decode(bytes, position)?)?;
        }
        Ok(())
    }

    fn append(&mut self, number: u32, event: &NewEvent<'_>) -> Result<Appended, Fault> {
        let now_ms = self.now_ms;
        let head = &mut self.change(number)?.instance.head;
        head.updated_at_ms = head.updated_at_ms.max(now_ms);
        let timestamp_ms = event.timestamp_ms.unwrap_or(head.updated_at_ms);
        self.restore(number, event, Uuid::now_v7(), timestamp_ms)
    }

    fn restore(
        &mut self,
        number: u32,
        event: &NewEvent<'_>,
        id: Uuid,
        timestamp_ms: i64,
    ) -> Result<Appended, Fault> {
        let (sequence, last) = self.end(number, event.stream_id)?;
        let kept = self.change(number)?;
        let head = &mut kept.instance.head;
        head.last_position += 1;
        head.stream_count += u64::from(sequence == 0);
        if timestamp_ms < head.latest_ms {
            head.late_position = head.last_position;
        }
        head.latest_ms = head.latest_ms.max(timestamp_ms);
        let record = Record {
            id,
            timestamp_ms,
            sequence: sequence + 1,
            back: if sequence == 0 {
                0
            } else {
                head.last_position - last
            },
            stream_id: event.stream_id,
            event_type: event.event_type,
            call: event.call,
            payload: event.payload,
            metadata: event.metadata,
        };
        let mut bytes = Vec::new();
        record.encode(&mut bytes);
        head.stored_bytes += bytes.len() as u64;
        kept.events.push(bytes.into());
        Ok(Appended {
            id,
            timestamp_ms,
            sequence_number: sequence + 1,
        })
    }

    fn state(&mut self, number: u32, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.kept.of(number)?.states.get(name).cloned())
    }

    fn state_names(&mut self, number: u32, prefix: &str) -> Result<Vec<String>, Fault> {
        let names = self.kept.of(number)?.states.keys();
        let names = names.filter(|name| name.starts_with(prefix));
        Ok(names.cloned().collect())
    }

    fn put_state(&mut self, number: u32, name: &str, value: &[u8]) -> Result<(), Fault> {
        let states = &mut self.change(number)?.states;
        states.insert(name.to_owned(), value.to_vec());
        Ok(())
    }

    fn delete_state(&mut self, number: u32, name: &str) -> Result<bool, Fault> {
        let is_there = self.kept.of(number)?.states.contains_key(name);
        if is_there {
            self.change(number)?.states.remove(name);
        }
        Ok(is_there)
    }
}
