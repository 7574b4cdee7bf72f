//! Takes the JSON texts of events apart into columns.

use super::body::NARROW_ROW_BYTES;
use super::path_column::PathColumn;
use super::paths::{METADATA, ObjectPlace, PAYLOAD, PathId, Paths};
use super::{
    CONTAINER_BYTES_MAX, EVENTS, KEYS_MAX, ROW_BYTES_MAX, STRING_BYTES_MAX, VALUES_BYTES_MAX,
};
use crate::event::is_seen_as_stored;
use crate::json::scan;

/// After how many bytes of JSON text what is held is looked at.
const LOOK_AFTER_BYTES: usize = 256 * 1024;

/// The same where columns that become wide are given up.
const LOOK_FOR_WIDE_AFTER_BYTES: usize = 32 * 1024;

/// How many bytes a narrow column takes at most, in a block of any size.
const NARROW_BYTES_MAX: usize = NARROW_ROW_BYTES * EVENTS;

/// Columns for all paths that the events have.
#[derive(Debug)]
pub(super) struct Shredder {
    pub(super) paths: Paths,
    /// Of each path, by its number. The empty paths have one that stays empty.
    pub(super) columns: Vec<PathColumn>,
    bytes_since_look: usize,
    /// Whether it has narrow columns alone.
    is_narrow: bool,
    /// How many bytes of values each of these had when it was looked at last whether it is wide.
    looked_at: Vec<usize>,
}

/// A row whose paths may lead to something else than the columns hold: some object in it has a key
/// with an escape, or a key twice. Or it is too large, or [not seen as it is stored](is_seen_as_stored).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Opaque;

/// The objects around a place in the text, by their number of keys.
#[derive(Debug)]
struct Objects {
    /// Where one stands in each, and where its text begins.
    open: [(ObjectPlace, usize); KEYS_MAX],
    innermost: usize,
}

impl Shredder {
    pub(super) fn new() -> Self {
        let paths = Paths::new();
        let columns = std::iter::repeat_with(PathColumn::default);
        Self {
            columns: columns.take(paths.len()).collect(),
            paths,
            bytes_since_look: 0,
            is_narrow: false,
            looked_at: Vec::new(),
        }
    }

    /// The same, with narrow columns alone.
    pub(super) fn narrow() -> Self {
        Self {
            is_narrow: true,
            ..Self::new()
        }
    }

    /// Pushes what `row` has; of an opaque row some of it, which counts for nothing.
    pub(super) fn push(&mut self, row: u16, payload: &str, metadata: &str) -> Result<(), Opaque> {
        let is_short = payload.len().max(metadata.len()) <= ROW_BYTES_MAX;
        if !is_short || !is_seen_as_stored(payload, metadata) {
            return Err(Opaque);
        }
        let shredded = self
            .shred(PAYLOAD, payload, row)
            .and_then(|()| self.shred(METADATA, metadata, row));
        self.bytes_since_look += payload.len() + metadata.len();
        if self.is_narrow && self.bytes_since_look > LOOK_FOR_WIDE_AFTER_BYTES {
            self.bytes_since_look = 0;
            self.looked_at.resize(self.columns.len(), 0);
            for (column, looked_at) in self.columns.iter_mut().zip(&mut self.looked_at) {
                column.give_up_beyond(NARROW_BYTES_MAX, looked_at);
            }
            self.bound_values();
        } else if self.bytes_since_look > LOOK_AFTER_BYTES {
            self.bytes_since_look = 0;
            self.bound_values();
        }
        shredded
    }

    fn shred(&mut self, root: PathId, text: &str, row: u16) -> Result<(), Opaque> {
        let bytes = text.as_bytes();
        let mut at = scan::whitespace_end(bytes, 0);
        if bytes.get(at) != Some(&b'{') {
            return Ok(());
        }
        let mut objects = Objects {
            open: [(ObjectPlace::first(root), at); KEYS_MAX],
            innermost: 0,
        };
        at += 1;
        loop {
            match bytes.get(at) {
                Some(b'"') => at = self.member(&mut objects, text, at, row)?,
                Some(b'}') => {
                    at += 1;
                    let (place, start) = objects.open[objects.innermost];
                    if objects.innermost == 0 {
                        return Ok(());
                    }
                    self.container(place.object, text.get(start..at), row);
                    objects.innermost -= 1;
                }
                Some(b',' | b' ' | b'\t' | b'\n' | b'\r') => at += 1,
                // No JSON: whoever reads the event may say so.
                _ => return Err(Opaque),
            }
        }
    }

    /// Reads the member whose key begins at `at`: up to its end, or into it where it is an object.
    fn member(
        &mut self,
        objects: &mut Objects,
        text: &str,
        at: usize,
        row: u16,
    ) -> Result<usize, Opaque> {
        let bytes = text.as_bytes();
        let (place, _) = &mut objects.open[objects.innermost];
        let (path, at) = match self.paths.expected(*place, &bytes[at..]) {
            Some((path, length)) => (Some(path), at + length),
            None => {
                let end = scan::string_end(bytes, at);
                let key = text.get(at..end).unwrap_or_default();
                if key.contains('\\') {
                    return Err(Opaque);
                }
                let colon = scan::whitespace_end(bytes, end);
                (self.paths.find(place, key), colon + 1)
            }
        };
        let at = scan::whitespace_end(bytes, at);
        let Some(path) = path else {
            return Ok(scan::value_end(bytes, at));
        };
        if !self.paths.enter(place, path, row) {
            return Err(Opaque);
        }
        if self.columns.len() < self.paths.len() {
            self.columns.push(PathColumn::default());
        }
        if bytes.get(at) == Some(&b'{') && objects.innermost + 1 < KEYS_MAX {
            objects.innermost += 1;
            objects.open[objects.innermost] = (ObjectPlace::first(path), at);
            return Ok(at + 1);
        }
        Ok(self.value(path, text, at, row))
    }

    /// Pushes the value that begins at `at`, and gives where it ends.
    fn value(&mut self, path: PathId, text: &str, at: usize, row: u16) -> usize {
        let bytes = text.as_bytes();
        let column = &mut self.columns[path as usize];
        match bytes.get(at) {
            Some(b'"') => {
                if let Some(length) = column.push_string_again(row, &bytes[at..]) {
                    return at + length;
                }
                let end = scan::string_end(bytes, at);
                match text.get(at..end) {
                    Some(raw) if raw.len() <= STRING_BYTES_MAX => column.push_text(row, raw),
                    _ => column.push_unread(row),
                }
                end
            }
            Some(b'{' | b'[') => {
                let end = scan::value_end(bytes, at);
                self.container(path, text.get(at..end), row);
                end
            }
            _ => {
                let end = scan::value_end(bytes, at);
                column.push(row, text.get(at..end).unwrap_or_default());
                end
            }
        }
    }

    fn container(&mut self, path: PathId, raw: Option<&str>, row: u16) {
        let column = &mut self.columns[path as usize];
        match raw {
            Some(raw) if raw.len() <= CONTAINER_BYTES_MAX => column.push_text(row, raw),
            _ => column.push_unread(row),
        }
    }

    /// Makes prints of the columns that hold most, until what all hold is within bounds.
    fn bound_values(&mut self) {
        let mut held: usize = self.columns.iter().map(PathColumn::held_bytes).sum();
        while held > VALUES_BYTES_MAX {
            let Some(column) = self.columns.iter_mut().max_by_key(|it| it.held_bytes()) else {
                return;
            };
            held -= column.held_bytes();
            column.forget_values();
        }
    }
}
