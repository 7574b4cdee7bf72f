//! Columns for queries, as the summaries of blocks give them.

use super::super::column::Stored;
use super::super::content::Content;
use super::super::{Column, ColumnBuilder, ColumnFacts, ColumnKey, Finding, Traits};
use super::block::Block;
use super::column::Own;
use super::path_place::Places;
use super::path_reading::PathReading;
use super::shredder::{METADATAS, PAYLOADS};
use super::symbols::Sought;
use super::writing::summary_room;
use super::{Damaged, Directory, GROUP_ROWS, Source};
use crate::{block, json, timestamp};

impl Directory {
    /// What is known of a column before it is read, by all but the block's summary.
    #[must_use]
    pub fn facts(&self, key: &ColumnKey<'_>) -> ColumnFacts {
        let ColumnKey::Path { metadata, keys } = key else {
            return ColumnFacts::Column(Traits::of(own_content()));
        };
        if self.has_summary && self.is_kept_whole() {
            return ColumnFacts::Unknown;
        }
        self.facts_of_path(*metadata, keys)
    }

    /// What is known of a path by the shapes of the events and by the columns of their values.
    fn facts_of_path(&self, metadata: bool, keys: &[&str]) -> ColumnFacts {
        let places = self.places_of(table_of(metadata), keys);
        let Some(mut content) = self.content_at(&places) else {
            return ColumnFacts::Absent;
        };
        if self.kept_rows() > 0 {
            content.add_unread();
        }
        ColumnFacts::Column(Traits::of(content))
    }

    /// The keys of the columns of paths that the block has, of the metadata or of the payload. Those of the summary of
    /// events that are kept as texts are not among them.
    #[must_use]
    pub fn column_keys(&self) -> Vec<(bool, Vec<Box<str>>)> {
        let mut found: Vec<_> = self.paths.through_objects().collect();
        found.retain(|(metadata, keys)| {
            let keys: Vec<&str> = keys.iter().map(|key| &**key).collect();
            let key = ColumnKey::Path {
                metadata: *metadata,
                keys: &keys,
            };
            !(self.has_summary && self.is_kept_whole()) && key.can_be_stored()
        });
        found
    }
}

/// The table of the records that a path begins with.
const fn table_of(metadata: bool) -> u32 {
    if metadata { METADATAS } else { PAYLOADS }
}

impl<S: Source> Block<S> {
    /// What the block knows of a column before it is read.
    ///
    /// # Errors
    ///
    /// A fault in reading; [`Damaged`].
    pub fn find(&self, key: &ColumnKey<'_>) -> Result<ColumnFacts, S::Fault> {
        self.summary()?;
        Ok(self.loaded().overview().find(key))
    }

    /// Whether the summary in the block, if there is one, is what `builder` makes of the events.
    ///
    /// # Errors
    ///
    /// A fault in reading; [`Damaged`].
    pub fn is_summarised_by(&self, builder: block::Builder) -> Result<bool, S::Fault> {
        let Some((directory, body)) = self.directory.summary_pieces() else {
            return Ok(true);
        };
        let kept = self.directory.like_piece(self.directory.likes)..directory;
        let bytes = |piece| self.directory.place(piece).map_or(0, |range| range.len());
        let encoded = if self.directory.is_kept_whole() {
            let room = summary_room(kept.map(bytes).sum(), &builder);
            builder.finish_within(room)
        } else {
            builder.finish_narrow()
        };
        Ok(*self.piece(directory)? == *encoded.directory && *self.piece(body)? == *encoded.body)
    }

    /// A column; `None` where the block has none, so that the events have to be read.
    ///
    /// # Errors
    ///
    /// A fault in reading; [`Damaged`] where what is needed of the block is not what was written.
    pub fn column(&self, key: &ColumnKey<'_>) -> Result<Option<Stored>, S::Fault> {
        // A summary may have no room for it, or not go where it is.
        let summarised = self.summary_column(key)?;
        if summarised.is_some() {
            return Ok(summarised);
        }
        let column = match key {
            ColumnKey::EventType => self.own_texts(Own::Types)?,
            ColumnKey::StreamId => self.own_texts(Own::Streams)?,
            ColumnKey::Sequence => self.sequences()?,
            ColumnKey::Time => self.time_texts()?,
            ColumnKey::Path { metadata, keys } => return self.path_column(*metadata, keys),
        };
        Ok(Some(Stored::Column(column)))
    }

    /// The timestamps, in milliseconds since the epoch.
    ///
    /// # Errors
    ///
    /// A fault in reading; [`Damaged`].
    pub fn times(&self) -> Result<Vec<i64>, S::Fault> {
        self.integers(Own::Times)
    }

    fn integers(&self, column: Own) -> Result<Vec<i64>, S::Fault> {
        let mut all = Vec::with_capacity(self.directory.len());
        self.each_own(column, |_, values| {
            all.extend(values.integers().ok_or(Damaged("cells"))?);
            Ok(())
        })?;
        Ok(all)
    }

    fn summary_column(&self, key: &ColumnKey<'_>) -> Result<Option<Stored>, S::Fault> {
        let (Some(summary), Some((_, piece))) = (self.summary()?, self.directory.summary_pieces())
        else {
            return Ok(None);
        };
        let place = match summary.find(key) {
            Finding::Unknown => return Ok(None),
            Finding::Absent => return Ok(Some(Stored::Column(summary.absent_column()))),
            Finding::Stored(place) => place,
        };
        // A column in there has a checksum of its own.
        let body = self.directory.place(piece).ok_or(Damaged("summary"))?;
        let own = place.range();
        if own.end > body.len() {
            return Err(Damaged("summary").into());
        }
        let bytes = self.part(body.start + own.start..body.start + own.end)?;
        let stored = summary.read(&place, &bytes);
        stored.map(Some).ok_or_else(|| Damaged("summary").into())
    }

    fn own_texts(&self, column: Own) -> Result<Column, S::Fault> {
        let form = self.forms()?.of(column.number());
        let mut builder = ColumnBuilder::new();
        let (mut text, mut quoted) = (Vec::new(), String::new());
        // By the number in the dictionary, if there is one: the builder's code for the text.
        let mut known: Vec<Option<u16>> = Vec::new();
        self.each_own(column, |number, values| {
            for index in 0..self.directory.rows_in(number) {
                let row = number * GROUP_ROWS + index;
                let code = values.code(index);
                if let Some(Some(known)) = code.and_then(|code| known.get(code)) {
                    builder.push_known(row, *known);
                    continue;
                }
                text.clear();
                let written = values.write_text(form, index, &mut text);
                written.ok_or(Damaged("cells"))?;
                let text = std::str::from_utf8(&text).map_err(|_| Damaged("text"))?;
                quoted.clear();
                json::write_string(&mut quoted, text);
                builder.push_text(row, &quoted);
                if let Some(code) = code {
                    known.resize(known.len().max(code + 1), None);
                    known[code] = builder.last_value();
                }
            }
            Ok(())
        })?;
        Ok(builder.finish(self.directory.len()))
    }

    #[expect(clippy::cast_precision_loss, reason = "larger ones are kept as text")]
    fn sequences(&self) -> Result<Column, S::Fault> {
        let mut builder = ColumnBuilder::new();
        for (row, sequence) in self.integers(Own::Sequences)?.into_iter().enumerate() {
            let sequence = sequence as u64;
            if sequence < 1 << f64::MANTISSA_DIGITS {
                builder.push_number(row, sequence as f64);
            } else {
                builder.push_text(row, &sequence.to_string());
            }
        }
        Ok(builder.finish(self.directory.len()))
    }

    fn time_texts(&self) -> Result<Column, S::Fault> {
        let mut builder = ColumnBuilder::new();
        for (row, time) in self.times()?.into_iter().enumerate() {
            builder.push_text(row, &format!("\"{}\"", timestamp::format(time)));
        }
        Ok(builder.finish(self.directory.len()))
    }

    /// As [`Block::column`] of a column that has texts of symbols, without those that have none of these parts in their
    /// JSON text: their rows are as if they had nothing. `None` where that would be a column of another kind, or where the
    /// parts are too many.
    ///
    /// # Errors
    ///
    /// As [`Block::column`].
    pub fn column_seeking(
        &self,
        key: &ColumnKey<'_>,
        parts: &[&str],
    ) -> Result<Option<Stored>, S::Fault> {
        let ColumnKey::Path { metadata, keys } = key else {
            return Ok(None);
        };
        let is_summarised =
            |summary: &block::Directory| !matches!(summary.find(key), Finding::Unknown);
        if self.summary()?.is_some_and(is_summarised) || self.has_no_paths() {
            return Ok(None);
        }
        let places = self.directory.places_of(table_of(*metadata), keys);
        let (forms, columns) = (self.forms()?, self.directory.columns());
        let has_symbols = |leaf: u32| forms.of(columns.leaf(leaf as usize)).symbols().is_some();
        if !places.columns().any(has_symbols) {
            return Ok(None);
        }
        let Some(sought) = Sought::new(parts) else {
            return Ok(None);
        };
        self.read_path(&places, PathReading::seeking(&places, &sought))
            .map(Some)
    }

    /// Whether no event has values in columns.
    fn has_no_paths(&self) -> bool {
        self.directory.has_summary() && self.directory.is_kept_whole()
    }

    /// The column of a path, made of those of the values; `None` where no event has values in columns.
    fn path_column(&self, metadata: bool, keys: &[&str]) -> Result<Option<Stored>, S::Fault> {
        if self.has_no_paths() {
            return Ok(None);
        }
        let places = self.directory.places_of(table_of(metadata), keys);
        self.read_path(&places, PathReading::new(&places)).map(Some)
    }

    fn read_path(&self, places: &Places, mut reading: PathReading<'_>) -> Result<Stored, S::Fault> {
        let leaves = places.leaves();
        for number in 0..self.directory.groups() {
            let group = match &leaves {
                Some(leaves) => self.part_of_group(number, leaves)?,
                None => self.group(number)?,
            };
            reading.group(&group)?;
        }
        Ok(Stored::Column(reading.builder.finish(self.directory.len())))
    }
}

/// What an event's own fields may be.
fn own_content() -> Content {
    let mut content = Content::default();
    content.add("\"\"");
    content.add_number(0.0);
    content.add_number(f64::MAX);
    content
}
