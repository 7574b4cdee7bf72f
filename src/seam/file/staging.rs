//! Batches of the engine.

use std::ops::RangeInclusive;

use uuid::Uuid;

use crate::engine::{Appended, Batch, Fault, Instance, NewEvent, NewInstance, Record};
use crate::seam::Transaction;

impl Transaction for Batch<'_> {
    fn set_now(&mut self, now_ms: Option<i64>) {
        Self::set_now(self, now_ms);
    }

    fn now_ms(&self) -> i64 {
        Self::now_ms(self)
    }

    fn find(&mut self, id_or_name: &str) -> Result<u32, Fault> {
        Self::find(self, id_or_name)
    }

    fn holder(&mut self, id_or_name: &str) -> Result<Option<u32>, Fault> {
        Self::holder(self, id_or_name)
    }

    fn instance(&mut self, number: u32) -> Result<&Instance, Fault> {
        Self::instance(self, number)
    }

    fn make(&mut self, new: NewInstance<'_>) -> Result<u32, Fault> {
        Self::make(self, new)
    }

    fn update(
        &mut self,
        number: u32,
        name: Option<&str>,
        description: Option<&str>,
    ) -> Result<Instance, Fault> {
        Self::update(self, number, name, description)
    }

    fn advance(&mut self, number: u32, updated_at_ms: i64) -> Result<(), Fault> {
        Self::advance(self, number, updated_at_ms)
    }

    fn delete(&mut self, number: u32) -> Result<Instance, Fault> {
        Self::delete(self, number)
    }

    fn last_sequence(&mut self, number: u32, stream_id: &str) -> Result<u64, Fault> {
        Self::last_sequence(self, number, stream_id)
    }

    fn last_position(&mut self, number: u32, stream_id: &str) -> Result<u64, Fault> {
        Self::last_position(self, number, stream_id)
    }

    fn position_of_key(&mut self, number: u32, key: &str) -> Result<Option<u64>, Fault> {
        Self::position_of_key(self, number, key)
    }

    fn each_record(
        &mut self,
        number: u32,
        positions: RangeInclusive<u64>,
        visit: &mut dyn FnMut(u64, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        Self::each_record(self, number, positions, visit)
    }

    fn append(&mut self, number: u32, event: &NewEvent<'_>) -> Result<Appended, Fault> {
        Self::append(self, number, event)
    }

    fn restore(
        &mut self,
        number: u32,
        event: &NewEvent<'_>,
        id: Uuid,
        timestamp_ms: i64,
    ) -> Result<Appended, Fault> {
        Self::restore(self, number, event, id, timestamp_ms)
    }

    fn state(&mut self, number: u32, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        Self::state(self, number, name)
    }

    fn state_names(&mut self, number: u32, prefix: &str) -> Result<Vec<String>, Fault> {
        Self::state_names(self, number, prefix)
    }

    fn put_state(&mut self, number: u32, name: &str, value: &[u8]) -> Result<(), Fault> {
        Self::put_state(self, number, name, value)
    }

    fn delete_state(&mut self, number: u32, name: &str) -> Result<bool, Fault> {
        Self::delete_state(self, number, name)
    }
}
