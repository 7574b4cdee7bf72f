//! Finding, making, changing and deleting instances.

use redb::{ReadableTable, WriteTransaction};

use super::{Batch, StagedInstance};
use crate::engine::Fault;
use crate::engine::tables::instance::{Head, Instance};
use crate::engine::tables::{catalog, schema};
use crate::error::Code;

/// An instance to make.
#[derive(Clone, Debug)]
pub struct NewInstance<'a> {
    /// The id that never changes.
    pub id: &'a str,
    /// The name, which may equal the id.
    pub name: &'a str,
    /// A remark for people.
    pub description: Option<String>,
    /// When it was made, in milliseconds since the epoch.
    pub created_at_ms: i64,
    /// When it was last changed, in milliseconds since the epoch; without it, now. It is not before
    /// it was made.
    pub updated_at_ms: Option<i64>,
}

impl Batch<'_> {
    /// The number of the instance whose id or name is `id_or_name`.
    ///
    /// # Errors
    ///
    /// `INSTANCE_NOT_FOUND` if there is none; a storage fault.
    pub fn find(&mut self, id_or_name: &str) -> Result<u32, Fault> {
        if let Some(number) = self.memory.numbers.get(id_or_name) {
            return Ok(*number);
        }
        let found = match &self.writing {
            Some(writing) => number_in(&writing.transaction, id_or_name)?,
            None => self.reading()?.number(id_or_name)?,
        };
        let number = found.ok_or_else(|| catalog::not_found(id_or_name))?;
        self.memory.numbers.insert(id_or_name.to_owned(), number);
        Ok(number)
    }

    /// The instance of that number, as it stands within this commit.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption if there is no such instance.
    pub fn instance(&mut self, number: u32) -> Result<&Instance, Fault> {
        Ok(self.known_instance(number)?)
    }

    /// Makes an instance and returns its number.
    ///
    /// # Errors
    ///
    /// `INSTANCE_EXISTS` if the id or the name is already an instance's id or name.
    pub fn create(
        &mut self,
        id: &str,
        name: &str,
        description: Option<String>,
    ) -> Result<u32, Fault> {
        self.make(NewInstance {
            id,
            name,
            description,
            created_at_ms: self.now_ms,
            updated_at_ms: None,
        })
    }

    /// Makes an instance as given and returns its number.
    ///
    /// # Errors
    ///
    /// As [`Batch::create`].
    pub fn make(&mut self, new: NewInstance<'_>) -> Result<u32, Fault> {
        let NewInstance { id, name, .. } = new;
        for taken in [id, name] {
            if self.holder(taken)?.is_some() {
                return Err(catalog::exists(taken));
            }
        }
        // Numbers are given out by the tables, which this asks.
        self.writing()?;
        let number = u32::try_from(self.log.next_instance).map_err(|_| {
            Fault::refused(Code::LimitExceeded, "the log has no instance number left")
        })?;
        self.changed = true;
        self.log.next_instance += 1;
        let instance = Instance {
            id: id.to_owned(),
            name: name.to_owned(),
            description: new.description,
            created_at_ms: new.created_at_ms,
            head: Head {
                last_position: 0,
                stream_count: 0,
                stored_bytes: 0,
                updated_at_ms: new
                    .updated_at_ms
                    .unwrap_or(self.now_ms)
                    .max(new.created_at_ms),
                latest_ms: i64::MIN,
                late_position: 0,
            },
        };
        let row = instance.encode_row()?;
        let transaction = &self.writing()?.transaction;
        let mut names = transaction.open_table(schema::NAMES)?;
        names.insert(id, number)?;
        names.insert(name, number)?;
        drop(names);
        transaction
            .open_table(schema::INSTANCES)?
            .insert(number, row.as_slice())?;
        schema::create_instance(transaction, number)?;
        let staged = StagedInstance {
            new: true,
            ..StagedInstance::default()
        };
        self.staged.insert(number, staged);
        self.fresh.insert(number);
        self.memory.instances.insert(number, instance);
        Ok(number)
    }

    /// Changes an instance's name or description; `None` leaves it as it is.
    ///
    /// # Errors
    ///
    /// `INSTANCE_EXISTS` if the name is another instance's id or name.
    pub fn update(
        &mut self,
        number: u32,
        name: Option<&str>,
        description: Option<&str>,
    ) -> Result<Instance, Fault> {
        let mut instance = self.known_instance(number)?.clone();
        if let Some(name) = name {
            if self.holder(name)?.is_some_and(|holder| holder != number) {
                return Err(catalog::exists(name));
            }
            self.changed = true;
            let mut names = self.writing()?.transaction.open_table(schema::NAMES)?;
            if instance.name != instance.id {
                names.remove(instance.name.as_str())?;
            }
            names.insert(name, number)?;
            drop(names);
            if instance.name != instance.id {
                self.memory.numbers.remove(&instance.name);
            }
            name.clone_into(&mut instance.name);
        }
        if let Some(description) = description {
            instance.description = Some(description.to_owned());
        }
        self.changed = true;
        instance.head.updated_at_ms = self.now_ms.max(instance.head.updated_at_ms);
        let row = instance.encode_row()?;
        self.writing()?
            .transaction
            .open_table(schema::INSTANCES)?
            .insert(number, row.as_slice())?;
        self.staged.entry(number).or_default();
        self.memory.instances.insert(number, instance.clone());
        Ok(instance)
    }

    /// Notes that an instance was changed at a time, in milliseconds since the epoch, unless it was changed
    /// later than that.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub fn advance(&mut self, number: u32, updated_at_ms: i64) -> Result<(), Fault> {
        let head = &mut self.known_instance(number)?.head;
        if head.updated_at_ms < updated_at_ms {
            head.updated_at_ms = updated_at_ms;
            self.staged.entry(number).or_default();
            self.changed = true;
        }
        Ok(())
    }

    /// Deletes an instance with all its events, and returns what it was.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub fn delete(&mut self, number: u32) -> Result<Instance, Fault> {
        let instance = self.known_instance(number)?.clone();
        self.changed = true;
        let new = self.staged.remove(&number).is_some_and(|staged| staged.new);
        let writing = self.writing()?;
        writing.deleted.insert(number);
        let transaction = &writing.transaction;
        let mut names = transaction.open_table(schema::NAMES)?;
        names.remove(instance.id.as_str())?;
        names.remove(instance.name.as_str())?;
        drop(names);
        transaction.open_table(schema::INSTANCES)?.remove(number)?;
        if !new {
            transaction.open_table(schema::HEADS)?.remove(number)?;
        }
        schema::delete_instance(transaction, number)?;
        self.memory.instances.remove(&number);
        self.memory.numbers.remove(&instance.id);
        self.memory.numbers.remove(&instance.name);
        Ok(instance)
    }

    /// The number of the instance that has the id or name, if there is one.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub fn holder(&mut self, id_or_name: &str) -> Result<Option<u32>, Fault> {
        match self.find(id_or_name) {
            Ok(number) => Ok(Some(number)),
            Err(Fault::Refused(error)) if error.code() == Code::InstanceNotFound => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

fn number_in(transaction: &WriteTransaction, id_or_name: &str) -> Result<Option<u32>, Fault> {
    let names = transaction.open_table(schema::NAMES)?;
    let found = names.get(id_or_name)?.map(|guard| guard.value());
    Ok(found)
}
