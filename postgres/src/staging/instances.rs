//! Staging instances, and finding those that are there.

use codebolt_eventlog::engine::{Fault, Head, Instance, NewInstance};
use codebolt_eventlog::error::{Code, Error};

use super::{StagedInstance, Staging};

/// The refusal of a name that no instance has.
pub(crate) fn not_found(id_or_name: &str) -> Fault {
    let text = format!("no instance has the id or name {id_or_name:?}");
    Fault::Refused(Error::new(Code::InstanceNotFound, text))
}

/// The refusal of a name that an instance has. Callers test for the word "exists".
fn exists(id_or_name: &str) -> Fault {
    let text = format!("an instance with the id or name {id_or_name:?} already exists");
    Fault::Refused(Error::new(Code::InstanceExists, text))
}

impl Staging<'_> {
    /// The number of the instance whose id or name that is, within this commit.
    pub(super) fn number_of(&mut self, id_or_name: &str) -> Option<u32> {
        if let Some(staged) = self.staged.names.get(id_or_name) {
            return *staged;
        }
        if let Some(number) = self.memory.number(id_or_name) {
            self.staged.touched.insert(number);
            return Some(number);
        }
        if self.answers.is_absent(id_or_name) {
            return None;
        }
        self.questions.ask_name(id_or_name);
        if !self.answer_now() {
            return None;
        }
        let number = self.memory.number(id_or_name)?;
        self.staged.touched.insert(number);
        Some(number)
    }

    /// The number that the next instance gets.
    fn next_instance(&mut self) -> i64 {
        if let Some(next) = self.staged.next_instance {
            return next;
        }
        if self.memory.log.is_none() {
            self.questions.ask_log();
            self.answer_now();
        }
        self.memory.log.map_or(1, |log| log.next_instance)
    }

    pub(super) fn stage_new(&mut self, new: NewInstance<'_>) -> Result<u32, Fault> {
        for name in [new.id, new.name] {
            if self.number_of(name).is_some() {
                return Err(exists(name));
            }
        }
        let next = self.next_instance();
        let number = u32::try_from(next)
            .ok()
            .filter(|number| i32::try_from(*number).is_ok());
        let number = number.ok_or_else(|| {
            let text = "the log has no instance number left";
            Fault::Refused(Error::new(Code::LimitExceeded, text))
        })?;
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
        let staged = &mut self.staged;
        staged.next_instance = Some(next + 1);
        staged.names.insert(new.id.to_owned(), Some(number));
        staged.names.insert(new.name.to_owned(), Some(number));
        staged
            .instances
            .insert(number, StagedInstance::of(instance, true));
        Ok(number)
    }

    pub(super) fn stage_update(
        &mut self,
        number: u32,
        name: Option<&str>,
        description: Option<&str>,
    ) -> Result<Instance, Fault> {
        if let Some(name) = name
            && self.number_of(name).is_some_and(|holder| holder != number)
        {
            return Err(exists(name));
        }
        let now_ms = self.now_ms;
        let next = self.next_instance();
        let staged = self.changed(number)?;
        staged.is_described = true;
        let instance = &mut staged.instance;
        let before = std::mem::take(&mut instance.name);
        instance.name = name.map_or_else(|| before.clone(), str::to_owned);
        if let Some(description) = description {
            instance.description = Some(description.to_owned());
        }
        instance.head.updated_at_ms = instance.head.updated_at_ms.max(now_ms);
        let after = instance.clone();
        if after.name != before {
            let staged = &mut self.staged;
            staged.next_instance = Some(next);
            if before != after.id {
                staged.names.insert(before, None);
            }
            staged.names.insert(after.name.clone(), Some(number));
        }
        Ok(after)
    }

    pub(super) fn stage_deletion(&mut self, number: u32) -> Result<Instance, Fault> {
        let instance = self.known(number)?.clone();
        let next = self.next_instance();
        let is_stored = self.is_stored(number);
        let staged = &mut self.staged;
        staged.next_instance = Some(next);
        staged.instances.remove(&number);
        if is_stored {
            staged.deleted.insert(number);
        }
        for name in [&instance.id, &instance.name] {
            staged.names.insert(name.clone(), None);
        }
        Ok(instance)
    }
}
