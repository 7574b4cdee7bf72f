//! The log as of one commit.

use super::{EventChain, EventChunks};
use crate::engine::{Fault, Instance, StreamEnd};

/// The log as of one commit. Commits that follow are not seen.
///
/// It should be short-lived. Several threads may read from it at once. Where nothing else is said, what it fails with is a storage fault, or corruption.
#[expect(clippy::missing_errors_doc, reason = "said once, above")]
pub trait ReadSnapshot: Sync {
    /// The number of the commit.
    fn commits(&self) -> u64;

    /// The number of the instance whose id or name is `id_or_name`. A number is never given to another one.
    ///
    /// # Errors
    ///
    /// `INSTANCE_NOT_FOUND` if there is none.
    fn find(&self, id_or_name: &str) -> Result<u32, Fault>;

    /// The instance of that number, which there is.
    fn instance(&self, number: u32) -> Result<Instance, Fault>;

    /// Whether there is an instance of that number: it may have been deleted.
    fn has_instance(&self, number: u32) -> Result<bool, Fault>;

    /// How many instances there are.
    fn instance_count(&self) -> Result<u64, Fault>;

    /// All instances, oldest first.
    fn instances(&self) -> Result<Vec<Instance>, Fault>;

    /// The events of an instance, in the order of their positions.
    fn chunks(&self, number: u32) -> Result<Box<dyn EventChunks + '_>, Fault>;

    /// As [`ReadSnapshot::chunks`], also with events that were trimmed, as far as the engine still has them: for what
    /// rests on them and shows none.
    fn kept_chunks(&self, number: u32) -> Result<Box<dyn EventChunks + '_>, Fault> {
        self.chunks(number)
    }

    /// The events of one stream, which need not exist.
    fn stream(&self, number: u32, stream_id: &str) -> Result<Box<dyn EventChain + '_>, Fault>;

    /// Where streams of an instance end, in the order of the bytes of their ids: the first `limit` of
    /// those whose id begins with `prefix` and comes after `after`.
    fn streams(
        &self,
        number: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StreamEnd>, Fault>;

    /// The state that an instance has under that name.
    fn state(&self, number: u32, name: &str) -> Result<Option<Vec<u8>>, Fault>;

    /// The numbers of the instances that have a state of that name, in ascending order.
    fn numbers_with_state(&self, name: &str) -> Result<Vec<u32>, Fault> {
        let mut numbers = Vec::new();
        for instance in self.instances()? {
            let number = self.find(&instance.id)?;
            if self.state(number, name)?.is_some() {
                numbers.push(number);
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// At most how many states an instance has.
    fn state_count(&self, number: u32) -> Result<u64, Fault>;

    /// The first `limit` states of an instance whose name begins with `prefix` and comes after `after`, with their
    /// names, in the order of the bytes of these.
    fn states(
        &self,
        number: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, Fault>;

    /// The position of the first event of the call with that idempotency key; the record there says how many events the
    /// call has.
    fn position_of_key(&self, number: u32, key: &str) -> Result<Option<u64>, Fault>;

    /// Fails with `CLOSED` once nobody is left to hear what is read. Whatever takes long asks this now and then.
    fn check_wanted(&self) -> Result<(), Fault>;

    /// Makes sure that this is still the log that was opened, for whoever waits for more of it.
    fn check_name(&self) -> Result<(), Fault>;

    /// Whether what keeps the log has gone away while it was read, so that nothing more can be read from it, but perhaps
    /// from another one.
    fn is_lost(&self) -> bool;

    /// Notes a fault that reading from it has met, so that the next one is taken from what works.
    fn note(&self, fault: &Fault);
}
