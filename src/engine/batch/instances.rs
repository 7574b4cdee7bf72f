//! Finding, making, changing and deleting instances.

use redb::{ReadableTable, TableDefinition, TableHandle};

use super::Batch;
use crate::engine::cache::CachedInstance;
use crate::engine::instance::{Head, Instance};
use crate::engine::schema::{self, StreamValue};
use crate::engine::{Fault, catalog};
use crate::error::Code;

impl Batch<'_> {
    /// The number of the instance whose id or name is `id_or_name`.
    ///
    /// # Errors
    ///
    /// `INSTANCE_NOT_FOUND` if there is none; a storage fault.
    pub fn find(&mut self, id_or_name: &str) -> Result<u32, Fault> {
        if let Some(number) = self.cache.numbers.get(id_or_name) {
            return Ok(*number);
        }
        let found = self.names.get(id_or_name)?.map(|guard| guard.value());
        let number = found.ok_or_else(|| catalog::not_found(id_or_name))?;
        self.cache.numbers.insert(id_or_name.to_owned(), number);
        Ok(number)
    }

    /// The instance of that number, as it stands within this commit.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption if there is no such instance.
    pub fn instance(&mut self, number: u32) -> Result<&Instance, Fault> {
        Ok(&self.cached(number)?.instance)
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
        for taken in [id, name] {
            if self.names.get(taken)?.is_some() {
                return Err(catalog::exists(taken));
            }
        }
        let number = u32::try_from(self.log.next_instance).map_err(|_| {
            Fault::refused(Code::LimitExceeded, "the log has no instance number left")
        })?;
        self.changed = true;
        self.log.next_instance += 1;
        let instance = Instance {
            id: id.to_owned(),
            name: name.to_owned(),
            description,
            created_at_ms: self.now_ms,
            head: Head {
                last_position: 0,
                stream_count: 0,
                stored_bytes: 0,
                updated_at_ms: self.now_ms,
            },
        };
        self.names.insert(id, number)?;
        self.names.insert(name, number)?;
        self.instances
            .insert(number, instance.encode_row()?.as_slice())?;
        self.heads.insert(number, instance.head.to_value())?;
        let (events, streams) = (schema::events_table(number), schema::streams_table(number));
        self.transaction
            .open_table(TableDefinition::<u64, &[u8]>::new(&events))?;
        self.transaction
            .open_table(TableDefinition::<&str, StreamValue>::new(&streams))?;
        self.cache
            .instances
            .insert(number, CachedInstance::new(instance));
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
        let mut instance = self.cached(number)?.instance.clone();
        if let Some(name) = name {
            let holder = self.names.get(name)?.map(|guard| guard.value());
            if holder.is_some_and(|holder| holder != number) {
                return Err(catalog::exists(name));
            }
            self.changed = true;
            if instance.name != instance.id {
                self.names.remove(instance.name.as_str())?;
                self.cache.numbers.remove(&instance.name);
            }
            self.names.insert(name, number)?;
            name.clone_into(&mut instance.name);
        }
        if let Some(description) = description {
            instance.description = Some(description.to_owned());
        }
        self.changed = true;
        instance.head.updated_at_ms = self.now_ms.max(instance.head.updated_at_ms);
        self.instances
            .insert(number, instance.encode_row()?.as_slice())?;
        let cached = Self::dirty(self.cache, number)?;
        cached.instance = instance.clone();
        Ok(instance)
    }

    /// Deletes an instance with all its events, and returns what it was.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub fn delete(&mut self, number: u32) -> Result<Instance, Fault> {
        let instance = self.cached(number)?.instance.clone();
        self.changed = true;
        self.streams.remove(&number);
        self.names.remove(instance.id.as_str())?;
        self.names.remove(instance.name.as_str())?;
        self.instances.remove(number)?;
        self.heads.remove(number)?;
        let (events, streams) = (schema::events_table(number), schema::streams_table(number));
        self.delete_table(TableDefinition::<u64, &[u8]>::new(&events))?;
        self.delete_table(TableDefinition::<&str, StreamValue>::new(&streams))?;
        self.cache.instances.remove(&number);
        self.cache.numbers.remove(&instance.id);
        self.cache.numbers.remove(&instance.name);
        Ok(instance)
    }

    fn delete_table(&self, table: impl TableHandle) -> Result<(), Fault> {
        let name = table.name().to_owned();
        if self.transaction.delete_table(table)? {
            Ok(())
        } else {
            Err(Fault::Corrupted(format!("the table {name} is missing")))
        }
    }
}
