//! Arrays and objects within each other, none of which is gone through twice to find its end.

use super::members::Items;
use super::scan;

/// A JSON text, and where each array and object in it ends.
#[derive(Debug)]
pub struct Nesting<'a> {
    text: &'a str,
    /// The position of each opening bracket, ascending, and the one after the bracket that closes it.
    ends: Vec<(usize, usize)>,
}

/// A value of a [`Nesting`].
#[derive(Clone, Copy, Debug)]
pub struct Nested<'a> {
    /// Its text.
    pub raw: &'a str,
    at: usize,
}

impl<'a> Nesting<'a> {
    /// How much is held for each opening bracket while it is made, in bytes.
    pub const BRACKET_BYTES: usize = size_of::<(usize, usize)>() + size_of::<usize>();

    /// That of the value `text`.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut ends: Vec<(usize, usize)> = Vec::new();
        let mut open = Vec::new();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' => {
                    at = scan::string_end(bytes, at);
                    continue;
                }
                b'{' | b'[' => {
                    open.push(ends.len());
                    ends.push((at, bytes.len()));
                }
                b'}' | b']' => {
                    if let Some((_, end)) = open.pop().and_then(|number| ends.get_mut(number)) {
                        *end = at + 1;
                    }
                }
                _ => {}
            }
            at += 1;
        }
        Self { text, ends }
    }

    /// The whole value.
    #[must_use]
    pub fn root(&self) -> Nested<'a> {
        let at = scan::whitespace_end(self.text.as_bytes(), 0);
        let raw = self.text.get(at..).unwrap_or_default();
        Nested { raw, at }
    }

    /// The elements of an array.
    #[must_use]
    pub fn elements<'n>(&'n self, array: Nested<'a>) -> NestedElements<'n, 'a> {
        NestedElements(self.items(array))
    }

    /// The members of an object, as raw key (quotes included) and value, in the order written and with repeated keys.
    pub fn members(&self, object: Nested<'a>) -> impl Iterator<Item = (&'a str, Nested<'a>)> {
        let mut items = self.items(object);
        std::iter::from_fn(move || {
            let key = items.next()?;
            items.items.skip(b':');
            Some((key.raw, items.next()?))
        })
    }

    fn items<'n>(&'n self, container: Nested<'a>) -> NestedItems<'n, 'a> {
        NestedItems {
            nesting: self,
            items: Items {
                text: self.text,
                at: container.at + 1,
            },
        }
    }

    fn value_end(&self, bytes: &[u8], start: usize) -> usize {
        let known = self.ends.binary_search_by_key(&start, |(start, _)| *start);
        match known.ok().and_then(|number| self.ends.get(number)) {
            Some((_, end)) => *end,
            None => scan::value_end(bytes, start),
        }
    }
}

/// Iterates over an array's elements. Made by [`Nesting::elements`].
#[derive(Debug)]
pub struct NestedElements<'n, 'a>(NestedItems<'n, 'a>);

impl<'a> Iterator for NestedElements<'_, 'a> {
    type Item = Nested<'a>;

    fn next(&mut self) -> Option<Nested<'a>> {
        self.0.next()
    }
}

#[derive(Debug)]
struct NestedItems<'n, 'a> {
    nesting: &'n Nesting<'a>,
    items: Items<'a>,
}

impl<'a> NestedItems<'_, 'a> {
    fn next(&mut self) -> Option<Nested<'a>> {
        let nesting = self.nesting;
        let end = |bytes: &[u8], start| nesting.value_end(bytes, start);
        let raw = self.items.next_value(end)?;
        let at = self.items.at - raw.len();
        Some(Nested { raw, at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Kind, elements, members};

    /// All values of a text, those that contain others before these.
    fn all<'a>(nesting: &Nesting<'a>, value: Nested<'a>, out: &mut Vec<&'a str>) {
        out.push(value.raw.trim());
        match Kind::of(value.raw) {
            Kind::Array => {
                let found: Vec<_> = nesting.elements(value).collect();
                assert!(found.iter().map(|it| it.raw).eq(elements(value.raw)));
                for it in found {
                    all(nesting, it, out);
                }
            }
            Kind::Object => {
                let found: Vec<_> = nesting.members(value).collect();
                assert!(
                    found
                        .iter()
                        .map(|(key, it)| (*key, it.raw))
                        .eq(members(value.raw))
                );
                for (_, it) in found {
                    all(nesting, it, out);
                }
            }
            _ => {}
        }
    }

    #[test]
    fn values_are_those_that_are_found_one_by_one() {
        for (text, count) in [
            ("[]", 1),
            (" [ 1 , [ ] , {\"a]\" : [2, \"}\"], \"b\":{ }} ] ", 8),
            ("{\"a\":{\"b\":[[[1],2],3]},\"a\":null}", 9),
        ] {
            let nesting = Nesting::of(text);
            let mut found = Vec::new();
            all(&nesting, nesting.root(), &mut found);
            assert_eq!(found.len(), count, "{found:?}");
        }
    }

    #[test]
    fn no_text_makes_it_panic() {
        for text in ["", "[", "]", "[[", "{\"a\"", "{\"a\":", "\"", "[1,}", "x"] {
            let nesting = Nesting::of(text);
            assert!(nesting.elements(nesting.root()).count() <= text.len());
            assert!(nesting.members(nesting.root()).count() <= text.len());
        }
    }
}
