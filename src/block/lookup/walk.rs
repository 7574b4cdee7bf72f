//! The scalars of a JSON text, with the paths that lead to them.

use std::hash::BuildHasher;

use hashbrown::HashTable;

use super::hash::PathHash;
use crate::hashing::TextHash;
use crate::json::{Text, scan};

/// How many objects and arrays stand within each other at most.
const DEPTH_MAX: usize = 16;

/// How many keys are remembered with their paths at most.
const KEYS_KNOWN: usize = 4_096;

/// A longer key, in bytes with its quotes and its colon, is not remembered.
const KNOWN_BYTES_MAX: usize = 64;

/// The number that stands for no key.
const NO_KEY: usize = 0;

/// An object or an array around a place in the text.
#[derive(Clone, Copy, Debug)]
struct Container {
    /// The path of an object, or of the elements of an array.
    path: PathHash,
    is_array: bool,
}

/// Walks through texts, one after the other.
#[derive(Debug, Default)]
pub(super) struct Walk {
    around: Vec<Container>,
    keys: KnownKeys,
}

/// Keys that were met, and where they lead. Events are alike: the key that comes next is most often the one that came next
/// before, and to see that takes less time than to make its path.
#[derive(Debug)]
struct KnownKeys {
    /// The first one is none: it stands before the first key of a text.
    all: Vec<KnownKey>,
    index: HashTable<usize>,
    hash: TextHash,
    /// The number of the key that was met last.
    before: usize,
}

/// A key, as most texts have it: with its quotes and its colon, and no space between them.
#[derive(Debug)]
struct KnownKey {
    around: PathHash,
    text: Box<[u8]>,
    path: PathHash,
    /// The number of the key that came after it.
    next: usize,
}

impl Default for KnownKeys {
    fn default() -> Self {
        let none = PathHash::root(false);
        Self {
            all: vec![KnownKey::new(none, &[], none)],
            index: HashTable::new(),
            hash: TextHash::default(),
            before: NO_KEY,
        }
    }
}

impl KnownKey {
    fn new(around: PathHash, text: &[u8], path: PathHash) -> Self {
        Self {
            around,
            text: text.into(),
            path,
            next: NO_KEY,
        }
    }
}

impl KnownKeys {
    /// The path of the key that `rest` begins with, and how long the key is, if it is the one that is expected.
    fn expected(&mut self, around: PathHash, rest: &[u8]) -> Option<(PathHash, usize)> {
        let next = self.all[self.before].next;
        let known = &self.all[next];
        let is_it =
            next != NO_KEY && known.around == around && scan::begins_with(rest, &known.text);
        if is_it {
            self.before = next;
        }
        is_it.then_some((known.path, known.text.len()))
    }

    /// The path of a key, which `make` makes unless it is known.
    fn path(&mut self, around: PathHash, text: &[u8], make: impl FnOnce() -> PathHash) -> PathHash {
        let hash = self.hash.hash_one((around, text));
        let all = &self.all;
        let found = self.index.find(hash, |key| {
            let known = &all[*key];
            known.around == around && *known.text == *text
        });
        let key = match found {
            Some(key) => *key,
            None => {
                let path = make();
                let key = self.all.len();
                if key == KEYS_KNOWN || text.len() > KNOWN_BYTES_MAX {
                    return path;
                }
                self.all.push(KnownKey::new(around, text, path));
                let (all, hasher) = (&self.all, &self.hash);
                let hash_of = |key: &usize| hasher.hash_one((all[*key].around, &*all[*key].text));
                self.index.insert_unique(hash, key, hash_of);
                key
            }
        };
        self.all[self.before].next = key;
        self.before = key;
        self.all[key].path
    }
}

impl Walk {
    /// Calls `visit` with each scalar and its path, as the text has them. Says whether those are all: a text can be too deep.
    #[must_use]
    pub(super) fn scalars(
        &mut self,
        root: PathHash,
        text: &str,
        mut visit: impl FnMut(PathHash, &str),
    ) -> bool {
        let bytes = text.as_bytes();
        self.around.clear();
        self.keys.before = NO_KEY;
        let mut path = root;
        let mut at = scan::whitespace_end(bytes, 0);
        loop {
            match bytes.get(at) {
                Some(b'{' | b'[') => {
                    if self.around.len() == DEPTH_MAX {
                        return false;
                    }
                    let is_array = bytes[at] == b'[';
                    self.around.push(Container {
                        path: if is_array { path.element() } else { path },
                        is_array,
                    });
                    at += 1;
                }
                _ => {
                    let end = scan::value_end(bytes, at);
                    match text.get(at..end) {
                        Some(raw) if !raw.is_empty() => visit(path, raw),
                        // No JSON: whoever reads the event may say so.
                        _ => return false,
                    }
                    at = end;
                }
            }
            let Some(next) = self.next_value(text, at) else {
                return false;
            };
            let Some((next_path, next_at)) = next else {
                return true;
            };
            (path, at) = (next_path, next_at);
        }
    }

    /// The value that comes next, with its path; `Some(None)` after the last one, and `None` where the text is no JSON.
    fn next_value(&mut self, text: &str, mut at: usize) -> Option<Option<(PathHash, usize)>> {
        let bytes = text.as_bytes();
        while let Some(container) = self.around.last() {
            at = scan::whitespace_end(bytes, at);
            match bytes.get(at)? {
                b',' => at += 1,
                b'}' | b']' => {
                    self.around.pop();
                    at += 1;
                }
                _ if container.is_array => return Some(Some((container.path, at))),
                b'"' => return self.member(container.path, text, at).map(Some),
                _ => return None,
            }
        }
        Some(None)
    }

    /// The path of the member whose key begins at `at`, and where its value begins; `None` where there is none.
    fn member(&mut self, around: PathHash, text: &str, at: usize) -> Option<(PathHash, usize)> {
        let bytes = text.as_bytes();
        if let Some((path, length)) = self.keys.expected(around, &bytes[at..]) {
            return Some((path, scan::whitespace_end(bytes, at + length)));
        }
        let end = scan::string_end(bytes, at);
        let key = text.get(at..end)?;
        let make = || around.key(&Text::decode(key));
        let colon = scan::whitespace_end(bytes, end);
        if bytes.get(colon) != Some(&b':') {
            return None;
        }
        let path = if colon == end {
            self.keys.path(around, &bytes[at..=colon], make)
        } else {
            make()
        };
        Some((path, scan::whitespace_end(bytes, colon + 1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(keys: &[&str]) -> PathHash {
        keys.iter().fold(PathHash::root(false), |path, key| {
            path.key(&Text::from((*key).to_owned()))
        })
    }

    fn found(text: &str) -> Option<Vec<(PathHash, String)>> {
        found_by(&mut Walk::default(), text)
    }

    fn found_by(walk: &mut Walk, text: &str) -> Option<Vec<(PathHash, String)>> {
        let mut found = Vec::new();
        walk.scalars(path(&[]), text, |path, raw| {
            found.push((path, raw.to_owned()));
        })
        .then_some(found)
    }

    #[test]
    fn a_key_that_was_met_leads_where_it_did() {
        let mut walk = Walk::default();
        let long = "k".repeat(KNOWN_BYTES_MAX);
        let texts = [
            r#"{"a":{"a":1,"ab":2},"ab":3}"#.to_owned(),
            r#"{"ab":{"ab":1,"a":2},"a" : 3,"a":[{"a":4}]}"#.to_owned(),
            format!(r#"{{"{long}":1,"{long}a":{{"{long}":2}},"\u0061b":3}}"#),
            r#"{"a":{"b":1}}"#.to_owned(),
            r#"{"a":1,"b":2}"#.to_owned(),
            r#"{"a\":1}"#.to_owned(),
            r#"{"a""#.to_owned(),
            // More keys than there is room for.
            format!(
                "{{{}}}",
                (0..KEYS_KNOWN + 9)
                    .map(|n| format!(r#""key{n}":{n}"#))
                    .collect::<Vec<_>>()
                    .join(",")
            ),
        ];
        let few = &texts[..texts.len() - 1];
        for text in few.iter().chain(few.iter().rev()).chain(&texts).chain(few) {
            assert_eq!(found_by(&mut walk, text), found(text), "{text}");
        }
    }

    #[test]
    fn each_scalar_has_the_path_that_queries_name() {
        let text = r#" { "a" : 1 , "b":{"c":"x\"}","d":[true,{"e":null},[2,[]],{}]},"\u0061":"y","7":[] , "":{} } "#;
        let wanted = [
            (path(&["a"]), "1"),
            (path(&["b", "c"]), r#""x\"}""#),
            (path(&["b", "d", "0"]), "true"),
            (path(&["b", "d", "1", "e"]), "null"),
            (path(&["b", "d", "2", "0"]), "2"),
            (path(&["a"]), r#""y""#),
        ];
        let wanted = wanted.map(|(path, raw)| (path, raw.to_owned()));
        assert_eq!(found(text).unwrap(), wanted);
        assert_eq!(found("\"a\"").unwrap(), [(path(&[]), "\"a\"".to_owned())]);
        assert_eq!(found("[]").unwrap(), []);
    }

    #[test]
    fn what_is_too_deep_or_no_json_is_told() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(found(&nested(DEPTH_MAX)).is_some());
        for text in [
            &*nested(DEPTH_MAX + 1),
            "",
            "{",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1",
            "[1,",
            "{\"a\" 1}",
        ] {
            assert!(found(text).is_none(), "{text}");
        }
    }
}
