//! Whether the paths of values are those that the texts around them say.
//!
//! An event is put together without its paths. So what queries are told by them can be wrong where no event is.

use serde::de::IgnoredAny;

use super::Directory;
use super::paths::{METADATA, PAYLOAD, PathId, Step};
use super::shredder::{KEPT, METADATAS, PAYLOADS};
use super::template::Template;
use crate::json::{self, Kind};

impl Directory {
    /// Whether each value, array and element has the path that the literals before it lead to.
    pub(super) fn has_right_paths(&self) -> bool {
        (0..).zip(&self.templates.tables).all(|(number, table)| {
            let is_own = match number {
                PAYLOADS => table.path == PAYLOAD,
                METADATAS => table.path == METADATA,
                _ => matches!(self.paths.step(table.path), Some((_, Step::Element))),
            };
            let mut shapes = table.shapes.iter().skip(KEPT as usize + 1);
            is_own && shapes.all(|shape| self.is_at(shape, table.path))
        })
    }

    /// Whether the literals of a shape are JSON, but for the values, and its parts have the paths that they lead to from
    /// `path`.
    fn is_at(&self, template: &Template, path: PathId) -> bool {
        let mut text = Vec::new();
        for part in &template.parts {
            text.extend_from_slice(self.templates.literal(&part.literal));
            // In the place of the value.
            text.push(b'0');
        }
        text.extend_from_slice(self.templates.literal(&template.end));
        let Ok(text) = std::str::from_utf8(&text) else {
            return false;
        };
        if serde_json::from_str::<IgnoredAny>(text).is_err() {
            return false;
        }
        let mut parts = template.parts.iter().map(|part| self.path_of_part(part));
        self.leads(path, text, &mut parts) && parts.next().is_none()
    }

    /// Whether the values in `raw`, which is at a path, are at those that come next.
    fn leads(
        &self,
        path: PathId,
        raw: &str,
        next: &mut impl Iterator<Item = Option<PathId>>,
    ) -> bool {
        if Kind::of(raw) != Kind::Object {
            return next.next() == Some(Some(path));
        }
        json::members(raw).all(|(key, value)| {
            let key = key.get(1..key.len().saturating_sub(1)).unwrap_or_default();
            let inner = self.paths.find(path, Step::Key(key.into()));
            inner.is_some_and(|inner| self.leads(inner, value, next))
        })
    }
}
