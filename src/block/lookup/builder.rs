//! Makes the look-up of a block.

use super::super::ROW_BYTES_MAX;
use super::super::sealed::Row;
use super::BLOCK_ROWS;
use super::entry::{Entry, Level, Place, sort};
use super::hash::{HASHES, Note, PathHash, TextsHash};
use super::head::Head;
use super::list::{Form, pieces_of};
use super::reduction::reduce_rows;
use super::span::Span;
use super::walk::Walk;
use crate::event::is_seen_as_stored;
use crate::hashing::TextMap;
use crate::json::{self, Kind, Text, scan};

/// A block with more scalars in its events is not looked up, or with more paths, or with more notes than that.
const VALUES_MAX: usize = 1 << 20;
const PATHS_MAX: usize = 4_096;
const NOTES_MAX: usize = 4_096;

/// How many entries there are for five events, at most, of values that are new in each part of a block. Eight bytes an
/// event have room for as many.
const ENTRIES_OF_FIVE: usize = 12;

/// The same with values that come again and again. Where lists become one, those take next to nothing.
const ALL_ENTRIES_OF_FIVE: usize = 25;

/// So few entries are taken in any case.
const ENTRIES_MIN: usize = 64;

/// Of events whose paths are not known, so many are noted one by one.
const OPAQUE_ROWS_MAX: usize = 64;

/// Whole numbers up to this one are told from all others.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// Whole numbers that are spread over so many times as many as there are of them are looked up.
const SPARSE: f64 = 64.0;

/// A longer text, as JSON and in bytes, is not compared with the next one at its path.
const LAST_BYTES_MAX: usize = 256;

/// Makes the look-up of a block, event by event.
#[derive(Debug, Default)]
pub struct Builder {
    rows: u32,
    span: Span,
    walk: Walk,
    paths: Paths,
    /// How many scalars were taken in.
    values: usize,
    opaque: Vec<u32>,
    is_overfull: bool,
}

/// The values of each path.
#[derive(Debug, Default)]
struct Paths {
    all: Vec<(PathHash, Values)>,
    /// Where each is in `all`.
    places: TextMap<PathHash, usize>,
    /// Where the one is that is likely to come next: events have their values in the same order.
    next: usize,
}

/// The values of a path.
#[derive(Debug)]
struct Values {
    texts_hash: TextsHash,
    texts: Vec<Entry>,
    text_bytes: usize,
    /// The last text, as JSON, unless it is long: many are like the one before.
    last: String,
    /// Whole numbers, each with its event. Most are not looked up, so none has a hash yet.
    numbers: Vec<(f64, u32)>,
    /// The lowest and the highest of the numbers.
    bounds: Option<(f64, f64)>,
    has_other_numbers: bool,
}

/// The entries that values of one kind at one path would take.
struct Candidate {
    entries: Vec<Entry>,
    recurs: bool,
    /// The bytes of a value, on average. Short ones are looked for rather than long ones.
    value_bytes: usize,
    /// What is noted if they are not taken.
    note: u32,
}

/// The look-up of a block.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Lookup {
    span: Span,
    notes: Vec<Entry>,
    entries: Vec<Entry>,
}

impl Builder {
    /// Makes a look-up of no events.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next event of the block.
    pub fn push(&mut self, event: &Row<'_>) {
        let row = self.rows;
        if row >= BLOCK_ROWS {
            return;
        }
        self.rows += 1;
        self.span
            .add(event.timestamp_ms, event.id, event.event_type);
        if self.is_overfull {
            return;
        }
        let (payload, metadata) = (event.payload, event.metadata);
        let is_short = payload.len().max(metadata.len()) <= ROW_BYTES_MAX;
        let is_known = is_short
            && is_seen_as_stored(payload, metadata)
            && self.take(PathHash::root(false), payload, row)
            && self.take(PathHash::root(true), metadata, row);
        if !is_known {
            self.opaque.push(row);
        }
        if self.values > VALUES_MAX || self.paths.all.len() > PATHS_MAX {
            self.is_overfull = true;
            self.paths = Paths::default();
        }
    }

    fn take(&mut self, root: PathHash, text: &str, row: u32) -> bool {
        let (paths, values) = (&mut self.paths, &mut self.values);
        self.walk.scalars(root, text, |path, raw| {
            let kind = Kind::of(raw);
            if kind == Kind::String || kind == Kind::Number {
                *values += 1;
                paths.of(path).take(path, kind, raw, row);
            }
        })
    }

    /// The look-up.
    #[must_use]
    pub fn finish(self) -> Lookup {
        let (rows, span) = (self.rows, self.span);
        if self.is_overfull {
            return Lookup::opaque(span);
        }
        let mut notes = Vec::new();
        let mut candidates = Vec::new();
        for (path, values) in self.paths.all {
            values.finish(path, rows, &mut notes, &mut candidates);
        }
        candidates.sort_by_key(|candidate| (candidate.value_bytes, candidate.note));
        let room = |of_five: usize| (rows as usize * of_five / 5).max(ENTRIES_MIN);
        let (mut room, mut all_room) = (room(ENTRIES_OF_FIVE), room(ALL_ENTRIES_OF_FIVE));
        let mut entries = Vec::new();
        for candidate in candidates {
            let count = candidate.entries.len();
            let cost = if candidate.recurs { 0 } else { count };
            if cost > room || count > all_room {
                notes.push(block_entry(candidate.note));
                continue;
            }
            (room, all_room) = (room - cost, all_room - count);
            entries.extend(candidate.entries);
        }
        if self.opaque.len() > OPAQUE_ROWS_MAX {
            notes.push(block_entry(PathHash::OPAQUE));
        } else {
            let entry = |row| row_entry(PathHash::OPAQUE, row);
            notes.extend(self.opaque.into_iter().map(entry));
        }
        if notes.len() > NOTES_MAX {
            return Lookup::opaque(span);
        }
        for list in [&mut notes, &mut entries] {
            sort(list);
            list.dedup();
        }
        Lookup {
            span,
            notes,
            entries,
        }
    }
}

const fn row_entry(hash: u32, row: u32) -> Entry {
    let place = Level::BLOCK.place(Place::Row { block: 0, row });
    Entry { hash, place }
}

const fn block_entry(hash: u32) -> Entry {
    let place = Level::BLOCK.place(Place::Block(0));
    Entry { hash, place }
}

impl Paths {
    fn of(&mut self, path: PathHash) -> &mut Values {
        let is_next = self.all.get(self.next).is_some_and(|(it, _)| *it == path);
        let at = if is_next {
            self.next
        } else {
            let new = self.all.len();
            let at = *self.places.entry(path).or_insert(new);
            if at == new {
                self.all.push((path, Values::at(path)));
            }
            at
        };
        self.next = if at + 1 < self.all.len() { at + 1 } else { 0 };
        &mut self.all[at].1
    }
}

impl Values {
    fn at(path: PathHash) -> Self {
        Self {
            texts_hash: path.texts(),
            texts: Vec::new(),
            text_bytes: 0,
            last: String::new(),
            numbers: Vec::new(),
            bounds: None,
            has_other_numbers: false,
        }
    }

    fn take(&mut self, path: PathHash, kind: Kind, raw: &str, row: u32) {
        if kind == Kind::String {
            self.take_text(path, raw, row);
        } else if !self.has_other_numbers {
            self.take_number(raw, row);
        }
    }

    fn take_text(&mut self, path: PathHash, raw: &str, row: u32) {
        self.text_bytes += raw.len();
        let hash = match self.texts.last() {
            Some(last) if scan::is_same(self.last.as_bytes(), raw.as_bytes()) => last.hash,
            _ => {
                self.last.clear();
                if raw.len() <= LAST_BYTES_MAX {
                    self.last.push_str(raw);
                }
                match raw.as_bytes() {
                    [b'"', plain @ .., b'"'] if !plain.contains(&b'\\') => {
                        self.texts_hash.of_plain(plain)
                    }
                    _ => path.text(&Text::decode(raw)),
                }
            }
        };
        self.texts.push(row_entry(hash, row));
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "what is not exact is no whole number here"
    )]
    fn take_number(&mut self, raw: &str, row: u32) {
        let number = json::written_number(raw).unwrap_or_else(|| json::number(raw));
        // What is left of others is not whole. What is not finite is beyond all whole numbers.
        if number.abs() > WHOLE_MAX || number as i64 as f64 != number {
            self.has_other_numbers = true;
            self.numbers = Vec::new();
            return;
        }
        self.numbers.push((number, row));
        let (low, high) = self.bounds.unwrap_or((number, number));
        self.bounds = Some((low.min(number), high.max(number)));
    }

    fn finish(
        self,
        path: PathHash,
        rows: u32,
        notes: &mut Vec<Entry>,
        candidates: &mut Vec<Candidate>,
    ) {
        let texts = self.texts.len();
        if let Some(bytes) = self.text_bytes.checked_div(texts) {
            notes.push(block_entry(path.note(Note::Texts)));
            let note = path.note(Note::OtherTexts);
            candidates.push(Candidate::new(self.texts, rows, bytes, note));
        }
        let note = path.note(Note::OtherNumbers);
        if self.has_other_numbers {
            notes.push(block_entry(note));
        } else if let Some((low, high)) = self.bounds {
            if high - low < SPARSE * f64::from(self.numbers.len() as u32) {
                notes.push(block_entry(note));
            } else {
                let numbers = self.numbers.into_iter();
                let entry = |(number, row)| row_entry(path.number(number), row);
                let entries = numbers.map(entry).collect();
                candidates.push(Candidate::new(entries, rows, size_of::<f64>(), note));
            }
        }
    }
}

impl Candidate {
    fn new(mut all: Vec<Entry>, rows: u32, value_bytes: usize, note: u32) -> Self {
        sort(&mut all);
        all.dedup();
        let mut entries = Vec::with_capacity(all.len());
        // How many values the second half of the block has, and how many of those the first half has too.
        let (mut later, mut again) = (0, 0);
        for group in all.chunk_by(|one, other| one.hash == other.hash) {
            let is_in_first = group[0].place < rows / 2;
            let is_in_second = group[group.len() - 1].place >= rows / 2;
            later += usize::from(is_in_second);
            again += usize::from(is_in_first && is_in_second);
            reduce_rows(group, &mut entries);
        }
        Self {
            entries,
            recurs: again * 4 > later,
            value_bytes,
            note,
        }
    }
}

impl Lookup {
    /// That of events of which nothing is known.
    fn opaque(span: Span) -> Self {
        Self {
            span,
            notes: vec![block_entry(PathHash::OPAQUE)],
            entries: Vec::new(),
        }
    }

    /// The bytes of the head, of the list with that `key`.
    #[must_use]
    pub fn head(&self, key: u64) -> Vec<u8> {
        Head::write(Level::BLOCK, key, Form::ByLast, 0, &self.span, &self.notes)
    }

    /// The pieces of the list, each with its last hash.
    #[must_use]
    pub fn pieces(&self, key: u64, bytes_max: usize) -> Vec<(u32, Vec<u8>)> {
        let hashes = 0..HASHES;
        pieces_of(
            Level::BLOCK,
            key,
            Form::ByLast,
            &hashes,
            &self.entries,
            bytes_max,
        )
    }

    /// What is noted beside values.
    #[must_use]
    pub fn notes(&self) -> &[Entry] {
        &self.notes
    }

    /// The values, and where they are.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What the events have in common.
    #[must_use]
    pub const fn span(&self) -> &Span {
        &self.span
    }
}
