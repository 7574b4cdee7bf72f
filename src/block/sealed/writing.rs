//! Writes the pieces of a block of what its builder has taken in.

use std::ops::Range;

use super::bounds::Bounds;
use super::builder::{Builder, BuildingWay, Mark};
use super::column::{Columns, Own};
use super::content::content_of;
use super::directory::Parts;
use super::form::{Form, choose};
use super::kept::EVENTS_IN_PIECE;
use super::pieces::{ColumnPieces, PieceWriter};
use super::shredder::METADATAS;
use super::texts::Texts;
use super::{GROUP_ROWS, cell_writing, identity, series};
use crate::block;

/// The columns of rows that are kept as texts take one part in so many of the compressed texts,
const KEPT_SHARE: usize = 4;

/// or of the texts themselves, whichever is more. Texts that compress well have as many paths as others, and reading all
/// of them for want of a column costs as much.
const TEXT_SHARE: usize = 16;

/// How many bytes the columns of rows take at most that are kept as texts, of which `kept` are left once compressed.
pub(super) fn summary_room(kept: usize, summary: &block::Builder) -> usize {
    (kept / KEPT_SHARE).max(summary.bytes() / TEXT_SHARE)
}

impl Builder {
    /// The block as bytes.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.settle();
        let mut columns = ColumnPieces::default();
        self.write_own(&mut columns);
        self.write_outline(&mut columns);
        let mut contents = Vec::new();
        for leaf in 0..self.shredder.leaves.len() {
            let texts = std::mem::take(&mut self.shredder.leaves[leaf].texts);
            let groups = self.groups_of(texts.len(), |mark| mark.leaves.get(leaf).copied());
            contents.push(write_texts(&mut columns, &texts, &groups));
        }
        let mut pieces = columns.by_group(self.groups.len());
        let likes = pieces.len();
        for like in self.kept.like_pieces() {
            pieces.push(&like);
        }
        let likes = pieces.len() - likes;
        self.write_kept(&mut pieces);
        let way = std::mem::replace(&mut self.way, BuildingWay::Shredding);
        let encoded = match (way, self.columns.take()) {
            (BuildingWay::Keeping(summary), _) => {
                let room = summary_room(self.kept.bytes.len(), &summary);
                Some(summary.finish_within(room))
            }
            (_, columns) => columns.map(|columns| columns.finish_narrow()),
        };
        let has_summary = encoded.is_some();
        if let Some(encoded) = encoded {
            pieces.push(&encoded.directory);
            pieces.push(&encoded.body);
        }
        let kept = self.groups_of(self.kept.len(), |mark| Some(mark.kept));
        let parts = Parts {
            bounds: Bounds::of(&self.ids, &self.times, &self.types),
            shredder: &self.shredder,
            contents: &contents,
            likes,
            kept: kept.into_iter().map(|group| group.len()).collect(),
            has_summary,
        };
        parts.write(&pieces)
    }

    /// Where the things of each group are, of which there are so many in all.
    fn groups_of(&self, all: usize, at: impl Fn(&Mark) -> Option<usize>) -> Vec<Range<usize>> {
        let starts: Vec<usize> = self
            .groups
            .iter()
            .map(|mark| at(mark).unwrap_or(0))
            .collect();
        let ends = starts.iter().skip(1).copied().chain([all]);
        starts
            .iter()
            .zip(ends)
            .map(|(start, end)| *start..end)
            .collect()
    }

    fn write_own(&self, pieces: &mut ColumnPieces) {
        let rows = self.len();
        let row_of = |group: usize| group * GROUP_ROWS;
        let groups: Vec<Range<usize>> = (0..self.groups.len())
            .map(|group| row_of(group)..row_of(group + 1).min(rows))
            .collect();
        let calls = self.groups_of(self.call_events.len(), |mark| Some(mark.calls));
        let kept = self.groups_of(self.kept.len(), |mark| Some(mark.kept));
        let mut own = 0;
        let mut is_next = |column: Own| {
            debug_assert_eq!(column.number(), own);
            own += 1;
        };
        is_next(Own::Ids);
        write_head(pieces, &Form::Ids);
        for group in &groups {
            let mut piece = Vec::new();
            identity::write(&mut piece, &self.ids[group.clone()]);
            pieces.push(piece);
        }
        is_next(Own::Times);
        write_integers(pieces, &self.times, &groups);
        is_next(Own::Sequences);
        write_integers(pieces, &self.sequences, &groups);
        is_next(Own::Backs);
        write_integers(pieces, &self.backs, &groups);
        is_next(Own::Streams);
        write_texts(pieces, &self.streams, &groups);
        is_next(Own::Types);
        write_texts(pieces, &self.types, &groups);
        is_next(Own::Calls);
        write_integers(pieces, &self.has_call, &groups);
        is_next(Own::CallEvents);
        write_integers(pieces, &self.call_events, &calls);
        is_next(Own::CallKeys);
        write_texts(pieces, &self.call_keys, &calls);
        is_next(Own::Likes);
        write_integers(pieces, &self.kept.like, &kept);
        is_next(Own::PayloadBytes);
        write_integers(pieces, &self.kept.payload_bytes, &kept);
        is_next(Own::MetadataBytes);
        write_integers(pieces, &self.kept.metadata_bytes, &kept);
        is_next(Own::KeptEnds);
        let mut ends = Vec::new();
        for group in &kept {
            let start = group
                .start
                .checked_sub(1)
                .map_or(0, |before| self.kept.ends[before]);
            let of_group = self.kept.ends[group.clone()].iter();
            ends.extend(of_group.map(|end| (end - start) as i64));
        }
        write_integers(pieces, &ends, &kept);
    }

    fn write_outline(&self, pieces: &mut ColumnPieces) {
        let tables = &self.shredder.tables;
        for (at, table) in tables.iter().enumerate() {
            let shapes: Vec<i64> = table.records.iter().map(|it| i64::from(*it)).collect();
            let groups = self.groups_of(shapes.len(), |mark| mark.records.get(at).copied());
            write_integers(pieces, &shapes, &groups);
        }
        for (at, table) in tables.iter().enumerate() {
            let groups = self.groups_of(table.ends.len(), |mark| mark.ends.get(at).copied());
            let records = self.groups_of(table.records.len(), |mark| mark.records.get(at).copied());
            let mut ends = Vec::with_capacity(table.ends.len());
            for (group, records) in groups.iter().zip(&records) {
                let of_group = table.ends[group.clone()].iter();
                ends.extend(of_group.map(|end| i64::from(*end) - records.start as i64));
            }
            write_integers(pieces, &ends, &groups);
        }
        debug_assert_eq!(tables[METADATAS as usize].ends.len(), 0);
        debug_assert_eq!(
            Columns {
                tables: tables.len(),
                leaves: 0
            }
            .all()
            .end,
            Own::COUNT + 2 * tables.len()
        );
    }

    fn write_kept(&self, pieces: &mut PieceWriter) {
        for group in self.groups_of(self.kept.len(), |mark| Some(mark.kept)) {
            let first = group.start;
            for start in (first..group.end).step_by(EVENTS_IN_PIECE) {
                let end = (start + EVENTS_IN_PIECE).min(group.end);
                let at = |index: usize| index.checked_sub(1).map_or(0, |it| self.kept.ends[it]);
                pieces.push(&self.kept.bytes[at(start)..at(end)]);
            }
        }
    }
}

fn write_head(pieces: &mut ColumnPieces, form: &Form) {
    let mut head = Vec::new();
    form.write(&mut head);
    pieces.push(head);
}

/// Puts in a column of integers, of which each group has those in its range.
fn write_integers(pieces: &mut ColumnPieces, integers: &[i64], groups: &[Range<usize>]) {
    let first = integers.first().copied().unwrap_or_default();
    if integers.iter().all(|integer| *integer == first) {
        write_head(pieces, &Form::Integer(first));
        return groups.iter().for_each(|_| pieces.push(Vec::new()));
    }
    write_head(pieces, &Form::Integers);
    for group in groups {
        let mut piece = Vec::new();
        series::write(&mut piece, &integers[group.clone()]);
        pieces.push(piece);
    }
}

/// Puts in a column of texts, of which each group has those in its range, and tells what they are.
fn write_texts(
    pieces: &mut ColumnPieces,
    texts: &Texts,
    groups: &[Range<usize>],
) -> block::content::Content {
    let choice = choose(texts);
    write_head(pieces, &choice.form);
    let matcher = match &choice.form {
        Form::Texts(symbols) if !symbols.is_empty() => Some(symbols.matcher()),
        _ => None,
    };
    let mut compress = |text: &[u8], out: &mut Vec<u8>| match &matcher {
        Some(matcher) => matcher.compress(text, out),
        None => out.extend_from_slice(text),
    };
    for group in groups {
        pieces.push(cell_writing::write(
            &choice,
            texts,
            group.clone(),
            &mut compress,
        ));
    }
    content_of(&choice, texts)
}
