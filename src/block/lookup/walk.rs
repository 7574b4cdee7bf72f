//! The scalars of a JSON text, with the paths that lead to them.

use super::hash::PathHash;
use crate::json::{Text, scan};

/// How many objects and arrays stand within each other at most.
const DEPTH_MAX: usize = 16;

/// An object or an array around a place in the text.
#[derive(Clone, Copy)]
struct Container {
    /// The path of an object, or of the elements of an array.
    path: PathHash,
    is_array: bool,
}

/// Calls `visit` with each scalar and its path, as the text has them. Says whether those are all: a text can be too deep.
#[must_use]
pub(super) fn scalars(root: PathHash, text: &str, mut visit: impl FnMut(PathHash, &str)) -> bool {
    let bytes = text.as_bytes();
    let mut around: Vec<Container> = Vec::with_capacity(DEPTH_MAX);
    let mut path = root;
    let mut at = scan::whitespace_end(bytes, 0);
    loop {
        match bytes.get(at) {
            Some(b'{' | b'[') => {
                if around.len() == DEPTH_MAX {
                    return false;
                }
                let is_array = bytes[at] == b'[';
                around.push(Container {
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
        let Some(next) = next_value(text, at, &mut around) else {
            return false;
        };
        let Some((next_path, next_at)) = next else {
            return true;
        };
        (path, at) = (next_path, next_at);
    }
}

/// The value that comes next, with its path; `Some(None)` after the last one, and `None` where the text is no JSON.
fn next_value(
    text: &str,
    mut at: usize,
    around: &mut Vec<Container>,
) -> Option<Option<(PathHash, usize)>> {
    let bytes = text.as_bytes();
    while let Some(container) = around.last() {
        at = scan::whitespace_end(bytes, at);
        match bytes.get(at)? {
            b',' => at += 1,
            b'}' | b']' => {
                around.pop();
                at += 1;
            }
            _ if container.is_array => return Some(Some((container.path, at))),
            b'"' => {
                let end = scan::string_end(bytes, at);
                let path = container.path.key(&Text::decode(text.get(at..end)?));
                let colon = scan::whitespace_end(bytes, end);
                let at = scan::whitespace_end(bytes, colon + 1);
                return (bytes.get(colon) == Some(&b':')).then_some(Some((path, at)));
            }
            _ => return None,
        }
    }
    Some(None)
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
        let mut found = Vec::new();
        scalars(path(&[]), text, |path, raw| {
            found.push((path, raw.to_owned()));
        })
        .then_some(found)
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
