//! One commit in the making.

use std::ops::RangeInclusive;

use uuid::Uuid;

use crate::engine::{Appended, Fault, Instance, NewEvent, NewInstance, Record};

/// One commit in the making: the log as it stands after what was staged, and what can be staged.
///
/// What refuses has changed nothing. Where nothing else is said, what it fails with is a storage fault, or corruption.
#[expect(clippy::missing_errors_doc, reason = "said once, above")]
pub trait Transaction {
    /// Sets the time of what is staged, in milliseconds since the epoch; `None` for when the transaction was begun.
    fn set_now(&mut self, now_ms: Option<i64>);

    /// The time of what is staged, in milliseconds since the epoch.
    fn now_ms(&self) -> i64;

    /// The number of the instance whose id or name is `id_or_name`.
    ///
    /// # Errors
    ///
    /// `INSTANCE_NOT_FOUND` if there is none.
    fn find(&mut self, id_or_name: &str) -> Result<u32, Fault>;

    /// As [`Transaction::find`]; `None` if there is none.
    fn holder(&mut self, id_or_name: &str) -> Result<Option<u32>, Fault>;

    /// The instance of that number, which there is.
    fn instance(&mut self, number: u32) -> Result<&Instance, Fault>;

    /// Makes an instance, and returns its number.
    ///
    /// # Errors
    ///
    /// `INSTANCE_EXISTS` if the id or the name is the id or name of another one.
    fn make(&mut self, new: NewInstance<'_>) -> Result<u32, Fault>;

    /// Makes an instance now, and returns its number.
    ///
    /// # Errors
    ///
    /// `INSTANCE_EXISTS`, as [`Transaction::make`].
    fn create(&mut self, id: &str, name: &str, description: Option<String>) -> Result<u32, Fault> {
        let created_at_ms = self.now_ms();
        self.make(NewInstance {
            id,
            name,
            description,
            created_at_ms,
            updated_at_ms: None,
        })
    }

    /// Changes an instance's name or description; `None` leaves it as it is.
    ///
    /// # Errors
    ///
    /// `INSTANCE_EXISTS` if the name is another instance's id or name.
    fn update(
        &mut self,
        number: u32,
        name: Option<&str>,
        description: Option<&str>,
    ) -> Result<Instance, Fault>;

    /// Notes that an instance was changed at a time, in milliseconds since the epoch, unless it was changed
    /// later than that.
    fn advance(&mut self, number: u32, updated_at_ms: i64) -> Result<(), Fault>;

    /// Deletes an instance with all its events, and returns what it was.
    fn delete(&mut self, number: u32) -> Result<Instance, Fault>;

    /// The number of a stream's last event; 0 if it has none.
    fn last_sequence(&mut self, number: u32, stream_id: &str) -> Result<u64, Fault>;

    /// The position of a stream's last event; 0 if it has none.
    fn last_position(&mut self, number: u32, stream_id: &str) -> Result<u64, Fault>;

    /// The position of the first event of the call with that idempotency key; the record there says how many events the
    /// call has.
    fn position_of_key(&mut self, number: u32, key: &str) -> Result<Option<u64>, Fault>;

    /// Calls `visit` with the events of an instance at these positions, until it fails.
    fn each_record(
        &mut self,
        number: u32,
        positions: RangeInclusive<u64>,
        visit: &mut dyn FnMut(u64, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault>;

    /// Stages an event.
    fn append(&mut self, number: u32, event: &NewEvent<'_>) -> Result<Appended, Fault>;

    /// Stages an event that another log has had under that id and at that time, as the next one of its
    /// stream. When the instance was changed stays as it is.
    fn restore(
        &mut self,
        number: u32,
        event: &NewEvent<'_>,
        id: Uuid,
        timestamp_ms: i64,
    ) -> Result<Appended, Fault>;

    /// The state that an instance has under that name.
    fn state(&mut self, number: u32, name: &str) -> Result<Option<Vec<u8>>, Fault>;

    /// The names of all states of an instance that begin with `prefix`.
    fn state_names(&mut self, number: u32, prefix: &str) -> Result<Vec<String>, Fault>;

    /// Puts a state in the place of the one that the instance has under that name, if it has one. When the instance was
    /// changed stays as it is.
    fn put_state(&mut self, number: u32, name: &str, value: &[u8]) -> Result<(), Fault>;

    /// Removes a state. Returns whether there was one.
    fn delete_state(&mut self, number: u32, name: &str) -> Result<bool, Fault>;
}
