//! The columns of fields.

use super::chunk::{Chunk, Known};
use crate::block::ColumnKey;
use crate::query::grammar::event_key::EventKey;
use crate::query::grammar::field::Field;

impl Field {
    /// The column of the field, as far as the chunk's summary knows it.
    pub(in crate::query) fn column_of<C: Chunk>(&self, chunk: &C) -> Result<Known, C::Fault> {
        self.with_column_key(|key| key.map_or(Ok(Known::Nothing), |key| chunk.column(key)))
    }

    /// The same for a test that no value passes but one that has one of these parts in its JSON text; neither does what has
    /// nothing.
    pub(super) fn column_seeking<C: Chunk>(
        &self,
        chunk: &C,
        parts: &[&str],
    ) -> Result<Known, C::Fault> {
        let seek = |key: &ColumnKey<'_>| chunk.column_seeking(key, parts);
        self.with_column_key(|key| key.map_or(Ok(Known::Nothing), seek))
    }

    /// Calls `then` with what the column of the field is named, if there can be one.
    pub(super) fn with_column_key<T>(&self, then: impl FnOnce(Option<&ColumnKey<'_>>) -> T) -> T {
        let key = match self.key() {
            EventKey::EventType => ColumnKey::EventType,
            EventKey::StreamId => ColumnKey::StreamId,
            EventKey::SequenceNumber => ColumnKey::Sequence,
            EventKey::Timestamp => ColumnKey::Time,
            EventKey::Payload | EventKey::Metadata => {
                let keys: Option<Vec<&str>> =
                    self.path().iter().map(|key| key.text().as_str()).collect();
                let keys = keys.filter(|keys| !keys.is_empty());
                let metadata = self.key() == EventKey::Metadata;
                let key = keys.as_ref().map(|keys| ColumnKey::Path { metadata, keys });
                return then(key.as_ref());
            }
            EventKey::Id | EventKey::InstanceId | EventKey::Position => return then(None),
        };
        then(Some(&key))
    }
}
