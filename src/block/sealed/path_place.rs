//! Where the records of a block have what a path leads to.

use super::super::content::Content;
use super::Directory;
use super::outline::Slot;
use super::paths::{PathId, Step};
use super::template::{Template, TemplatePart};
use crate::json::{Key, Kind, Text};

/// What records of a shape have at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Nothing,
    /// A value of a column, or an array; and which of the table's slots it is.
    Slot(Slot, usize),
    /// An object.
    Object,
    /// Something within a value of a column that is not taken apart, where that is an array or an object; which of the
    /// table's slots it is, and the first of the keys that lead on from there.
    Within {
        leaf: u32,
        place: usize,
        from: usize,
    },
    /// What the element with that number, from 0, of an array has, which is a record of a table; and which slot of the
    /// table with the array that is.
    Element {
        table: u32,
        place: usize,
        number: usize,
    },
}

/// What the records of a table have at a path.
#[derive(Debug)]
pub(super) struct TablePlaces {
    table: u32,
    /// The first of the path's keys that lead on from the records.
    pub(super) from: usize,
    /// By shape.
    pub(super) places: Vec<Place>,
}

/// What the records of a block have at a path: those that the path begins with, and those of the arrays that it goes
/// through.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) keys: Box<[Key]>,
    /// The first is the table that the path begins with.
    tables: Vec<TablePlaces>,
}

impl Places {
    /// The table that the path begins with.
    pub(super) fn first(&self) -> u32 {
        self.tables.first().map_or(0, |it| it.table)
    }

    pub(super) fn of(&self, table: u32) -> Option<&TablePlaces> {
        self.tables.iter().find(|it| it.table == table)
    }

    /// The columns whose values the path leads to.
    pub(super) fn columns(&self) -> impl Iterator<Item = u32> {
        let places = self.tables.iter().flat_map(|it| &it.places);
        places.filter_map(|place| match place {
            Place::Slot(Slot::Leaf(leaf), _) => Some(*leaf),
            _ => None,
        })
    }

    /// The columns of values that are read for the path; `None` where all may be.
    pub(super) fn leaves(&self) -> Option<Vec<u32>> {
        let mut leaves = Vec::new();
        for place in self.tables.iter().flat_map(|it| &it.places) {
            match place {
                Place::Slot(Slot::Leaf(leaf), _) | Place::Within { leaf, .. } => leaves.push(*leaf),
                Place::Slot(..) | Place::Object => return None,
                Place::Nothing | Place::Element { .. } => {}
            }
        }
        Some(leaves)
    }
}

/// The keys that go on from the records of a table.
struct Rest<'k> {
    keys: &'k [Key],
    /// How many keys come before.
    from: usize,
    /// The paths that the keys lead to through objects alone, from that of the records on; as many as there are.
    through: Vec<PathId>,
}

impl Directory {
    /// What records have where these keys lead to from those of a table, payloads or metadata.
    pub(super) fn places_of(&self, table: u32, keys: &[&str]) -> Places {
        let key = |key: &&str| Key::new(Text::from((*key).to_owned()));
        let keys: Box<[Key]> = keys.iter().map(key).collect();
        let mut tables = vec![TablePlaces {
            table,
            from: 0,
            places: Vec::new(),
        }];
        let mut at = 0;
        while let Some(TablePlaces { table, from, .. }) = tables.get(at) {
            let (table, from) = (*table, *from);
            let rest = self.rest_of(table, &keys[from..], from);
            let shapes = &self.templates.tables[table as usize].shapes;
            let mut places = Vec::with_capacity(shapes.len());
            for shape in shapes {
                let (place, keys) = self.place_in(shape, &rest);
                places.push(place);
                if let Place::Element { table, .. } = place
                    && !tables.iter().any(|it| it.table == table)
                {
                    tables.push(TablePlaces {
                        table,
                        from: from + keys,
                        places: Vec::new(),
                    });
                }
            }
            tables[at].places = places;
            at += 1;
        }
        Places { keys, tables }
    }

    fn rest_of<'k>(&self, table: u32, keys: &'k [Key], from: usize) -> Rest<'k> {
        let mut path = self.templates.tables[table as usize].path;
        let mut through = vec![path];
        for key in keys {
            let key = key.text().as_str();
            let next = key.and_then(|key| self.paths.find(path, Step::Key(key.into())));
            let Some(next) = next else { break };
            path = next;
            through.push(path);
        }
        Rest {
            keys,
            from,
            through,
        }
    }

    /// What records of a shape have at the rest of a path, and how many of its keys lead to that.
    fn place_in(&self, template: &Template, rest: &Rest<'_>) -> (Place, usize) {
        for (used, path) in rest.through.iter().enumerate() {
            let mut parts = template.parts.iter();
            let Some(part) = parts.find(|part| self.path_of_part(part) == Some(*path)) else {
                continue;
            };
            let Some(key) = rest.keys.get(used) else {
                return (Place::Slot(part.slot, part.place), used);
            };
            return match part.slot {
                Slot::Leaf(leaf) => {
                    let (place, from) = (part.place, rest.from + used);
                    (Place::Within { leaf, place, from }, used)
                }
                Slot::Array(table) => match key.index() {
                    Some(number) => {
                        let place = part.place;
                        let element = Place::Element {
                            table,
                            place,
                            number,
                        };
                        (element, used + 1)
                    }
                    None => (Place::Nothing, used),
                },
                Slot::End(_) => (Place::Nothing, used),
            };
        }
        let place = match rest.through.get(rest.keys.len()) {
            Some(path) if self.has_within(template, *path) => Place::Object,
            _ => Place::Nothing,
        };
        (place, rest.keys.len())
    }

    /// Whether records of a shape have something within a path.
    fn has_within(&self, template: &Template, path: PathId) -> bool {
        let mut own = template.parts.iter().map(|part| self.path_of_part(part));
        own.any(|own| own.is_some_and(|own| self.paths.is_within(own, path)))
    }

    /// The path of the value or the array that a part of a shape has.
    pub(super) fn path_of_part(&self, part: &TemplatePart) -> Option<PathId> {
        match part.slot {
            Slot::Leaf(leaf) => Some(self.leaves[leaf as usize].path),
            Slot::Array(table) => {
                let element = self.templates.tables[table as usize].path;
                self.paths.step(element).map(|(array, _)| *array)
            }
            Slot::End(_) => None,
        }
    }

    /// Whether a column may have arrays or objects in it.
    fn has_containers(&self, leaf: u32) -> bool {
        let content = self.leaves[leaf as usize].content;
        content.has(Kind::Array) || content.has(Kind::Object)
    }

    /// What there may be at the places; `None` where there is nothing.
    pub(super) fn content_at(&self, places: &Places) -> Option<Content> {
        let mut content = Content::default();
        let mut is_anywhere = false;
        // The first shape is that of what is kept as text.
        for place in places.tables.iter().flat_map(|it| &it.places[1..]) {
            is_anywhere |= match place {
                Place::Nothing | Place::Element { .. } => false,
                Place::Within { leaf, .. } => self.has_containers(*leaf),
                Place::Slot(..) | Place::Object => true,
            };
            match place {
                // An array may be shorter.
                Place::Nothing | Place::Element { .. } => content.add_absent(),
                Place::Slot(Slot::Leaf(leaf), _) => {
                    content.add_all(self.leaves[*leaf as usize].content);
                }
                Place::Slot(..) => {
                    content.add("[]");
                    content.add_unread();
                }
                Place::Object => {
                    content.add("{}");
                    content.add_unread();
                }
                Place::Within { leaf, .. } => {
                    content.add_absent();
                    if self.has_containers(*leaf) {
                        content.add_anything();
                    }
                }
            }
        }
        is_anywhere.then_some(content)
    }
}
