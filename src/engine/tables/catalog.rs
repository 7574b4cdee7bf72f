//! Reading instances from their tables, for the writer and for snapshots.

use redb::{ReadableTable, WriteTransaction};

use super::instance::{Head, Instance};
use super::schema::{self, HeadValue};
use crate::engine::Fault;
use crate::error::Code;

/// Reads the instance of that number.
pub(in crate::engine) fn read(
    instances: &impl ReadableTable<u32, &'static [u8]>,
    heads: &impl ReadableTable<u32, HeadValue>,
    number: u32,
) -> Result<Instance, Fault> {
    let row = instances.get(number)?.ok_or_else(|| missing_row(number))?;
    let head = heads.get(number)?.ok_or_else(|| missing_row(number))?;
    Instance::decode(number, row.value(), Head::from_value(head.value()))
}

/// Reads the instance of that number within a write transaction: one table after the other, as
/// [`tables`](crate::engine::commit::into_tables) says.
pub(in crate::engine) fn read_within(
    transaction: &WriteTransaction,
    number: u32,
) -> Result<Instance, Fault> {
    let row = {
        let instances = transaction.open_table(schema::INSTANCES)?;
        let row = instances.get(number)?.map(|row| row.value().to_vec());
        row.ok_or_else(|| missing_row(number))?
    };
    let heads = transaction.open_table(schema::HEADS)?;
    let head = heads.get(number)?.ok_or_else(|| missing_row(number))?;
    Instance::decode(number, &row, Head::from_value(head.value()))
}

/// A name leads to an instance that is not there.
pub(in crate::engine) fn missing_row(number: u32) -> Fault {
    Fault::Corrupted(format!("instances: row {number} is missing"))
}

/// The refusal of a name that no instance has.
pub(in crate::engine) fn not_found(id_or_name: &str) -> Fault {
    Fault::refused(
        Code::InstanceNotFound,
        format!("no instance has the id or name {id_or_name:?}"),
    )
}

/// The refusal of a name that an instance has. Callers test for the word "exists".
pub(in crate::engine) fn exists(id_or_name: &str) -> Fault {
    Fault::refused(
        Code::InstanceExists,
        format!("an instance with the id or name {id_or_name:?} already exists"),
    )
}
