//! What `where` asks for: conditions, and trees of them.

use super::condition::Condition;
use crate::arguments;
use crate::error::{Code, Error};
use crate::json::{self, Kind, Text};
use crate::misspelling;
use crate::query::limits::{CONDITIONS_MAX, TREE_LEVELS_MAX};

/// A condition, or what is made of several. Its depth is at most [`TREE_LEVELS_MAX`], which bounds every recursion over
/// it.
#[derive(Debug)]
pub(in crate::query) enum ConditionTree<C = Condition> {
    Condition(C),
    /// All of them must hold.
    All(Vec<Self>),
    /// One of them must hold, or more.
    Any(Vec<Self>),
    /// It must not hold.
    Not(Box<Self>),
}

/// How trees are written: the key, and which it is.
#[derive(Clone, Copy, Debug)]
enum Branch {
    Any,
    All,
    Not,
}

const BRANCHES: [(&str, Branch); 3] = [
    ("any", Branch::Any),
    ("all", Branch::All),
    ("not", Branch::Not),
];

const EXPECTED_WHERE: &str =
    "an array of conditions { field, operator, value }, or a tree { any }, { all } or { not }";

/// How long the path of a tree may be in an error text, in bytes. What stands in a condition comes after it.
const PATH_BYTES_MAX: usize = 96;

/// What stands in a path for the middle that was left out.
pub(super) const LEFT_OUT: &str = "\u{2026}";

/// The trees of one `where` being read.
pub(in crate::query) struct TreeReading<'r, P> {
    /// Reads one condition at a path.
    pub(in crate::query) condition: P,
    /// What the caller should know of the conditions.
    pub(in crate::query) remarks: &'r mut Vec<String>,
    /// The conditions read so far.
    pub(in crate::query) count: usize,
}

impl ConditionTree {
    /// Reads `where`, which is an array or one tree. What the caller should know of it goes to `remarks`.
    pub(in crate::query) fn parse_where(
        raw: &str,
        remarks: &mut Vec<String>,
    ) -> Result<Vec<Self>, Error> {
        let condition = Condition::parse;
        let mut reading = TreeReading {
            condition,
            remarks,
            count: 0,
        };
        let mut trees = reading.list_or_tree("where", raw)?;
        trees.iter_mut().for_each(Self::unite_equalities);
        Self::put_cheap_first(&mut trees);
        Ok(trees)
    }

    /// Puts what is cheap to test first, in the trees as well.
    fn put_cheap_first(trees: &mut [Self]) {
        for tree in &mut *trees {
            match tree {
                Self::All(inner) | Self::Any(inner) => Self::put_cheap_first(inner),
                Self::Not(inner) => Self::put_cheap_first(std::slice::from_mut(inner)),
                Self::Condition(_) => {}
            }
        }
        // Each tree is gone through once.
        trees.sort_by_cached_key(Self::reads_json);
    }

    /// Adds the conditions `also`, each given as JSON text, and puts what is cheap to test first.
    pub(in crate::query) fn with(
        mut trees: Vec<Self>,
        also: &[String],
    ) -> Result<Vec<Self>, Error> {
        for raw in also {
            // They are of the package's own making, and nothing is to be remarked of them.
            let condition = Condition::parse("where", raw, &mut Vec::new())?;
            trees.push(Self::Condition(condition));
        }
        trees.sort_by_cached_key(Self::reads_json);
        Ok(trees)
    }

    /// That an event is of the stream.
    pub(in crate::query) fn in_stream(stream_id: &str) -> Self {
        Self::Condition(Condition::in_stream(stream_id))
    }
}

impl<C> ConditionTree<C> {
    /// Whether the tree holds where `test` says which of its conditions do.
    pub(in crate::query) fn holds_by(&self, test: &mut dyn FnMut(&C) -> bool) -> bool {
        match self {
            Self::Condition(condition) => test(condition),
            Self::All(trees) => trees.iter().all(|tree| tree.holds_by(test)),
            Self::Any(trees) => trees.iter().any(|tree| tree.holds_by(test)),
            Self::Not(tree) => !tree.holds_by(test),
        }
    }

    /// Whether all conditions are such as `is` says.
    pub(in crate::query) fn is_of(&self, is: &dyn Fn(&C) -> bool) -> bool {
        match self {
            Self::Condition(condition) => is(condition),
            Self::All(trees) | Self::Any(trees) => trees.iter().all(|tree| tree.is_of(is)),
            Self::Not(tree) => tree.is_of(is),
        }
    }
}

impl ConditionTree {
    /// Whether any condition looks into payload or metadata.
    pub(in crate::query) fn reads_json(&self) -> bool {
        !self.is_of(&|condition| !condition.reads_json())
    }

    /// The stream that all events which pass are of, if the tree is a condition that asks for one.
    pub(in crate::query) fn stream(&self) -> Option<&str> {
        match self {
            Self::Condition(condition) => condition.stream(),
            _ => None,
        }
    }

    /// The bounds of what passes all trees. `of` gives those of what a condition holds for, or of what it does not hold
    /// for, if it has some. The bounds may be wider than what passes, and the lower one is above the higher one where
    /// nothing does.
    pub(in crate::query) fn bounds_of_all<T: Bound>(
        trees: &[Self],
        of: impl Fn(&Condition, bool) -> Option<(T, T)> + Copy,
    ) -> (T, T) {
        intersection(trees.iter().map(|tree| tree.bounds(of, true)))
    }

    /// The bounds of what the tree `holds` for, or of what it does not hold for.
    fn bounds<T: Bound>(
        &self,
        of: impl Fn(&Condition, bool) -> Option<(T, T)> + Copy,
        holds: bool,
    ) -> (T, T) {
        match (self, holds) {
            (Self::Condition(condition), _) => {
                of(condition, holds).unwrap_or((T::LOWEST, T::HIGHEST))
            }
            // None of them holds where all of them do not.
            (Self::All(trees), true) | (Self::Any(trees), false) => {
                intersection(trees.iter().map(|tree| tree.bounds(of, holds)))
            }
            (Self::Any(trees), true) | (Self::All(trees), false) => {
                let bounds = trees.iter().map(|tree| tree.bounds(of, holds));
                bounds.fold((T::HIGHEST, T::LOWEST), |(low, high), (from, to)| {
                    (low.min(from), high.max(to))
                })
            }
            (Self::Not(tree), _) => tree.bounds(of, !holds),
        }
    }
}

/// What is within all of the bounds.
fn intersection<T: Bound>(bounds: impl Iterator<Item = (T, T)>) -> (T, T) {
    bounds.fold((T::LOWEST, T::HIGHEST), |(low, high), (from, to)| {
        (low.max(from), high.min(to))
    })
}

/// What has a lowest and a highest value.
pub(in crate::query) trait Bound: Copy + Ord {
    /// The lowest value.
    const LOWEST: Self;
    /// The highest value.
    const HIGHEST: Self;
}

impl Bound for i64 {
    const LOWEST: Self = Self::MIN;
    const HIGHEST: Self = Self::MAX;
}

impl Bound for u64 {
    const LOWEST: Self = 0;
    const HIGHEST: Self = Self::MAX;
}

impl<C, P: FnMut(&str, &str, &mut Vec<String>) -> Result<C, Error>> TreeReading<'_, P> {
    /// Reads what stands at `path`: an array, of which all must hold, or one tree.
    pub(in crate::query) fn list_or_tree(
        &mut self,
        path: &str,
        raw: &str,
    ) -> Result<Vec<ConditionTree<C>>, Error> {
        let mut trees = if Self::branch_of(raw).is_some() {
            vec![self.tree(path, raw, 0)?]
        } else {
            not_a_tree(path, raw)?;
            self.list(path, raw, EXPECTED_WHERE, 0)?
        };
        // What all must hold of may as well stand in the list itself.
        if let [ConditionTree::All(inner)] = &mut trees[..] {
            trees = std::mem::take(inner);
        }
        Ok(trees)
    }

    fn list(
        &mut self,
        path: &str,
        raw: &str,
        expected: &str,
        level: usize,
    ) -> Result<Vec<ConditionTree<C>>, Error> {
        let elements = arguments::list(path, raw, expected, CONDITIONS_MAX, "conditions")?;
        let elements = elements.into_iter().enumerate();
        elements
            .map(|(at, raw)| self.tree(&shortened(format!("{path}[{at}]")), raw, level))
            .collect()
    }

    fn tree(&mut self, path: &str, raw: &str, level: usize) -> Result<ConditionTree<C>, Error> {
        if Kind::of(raw) != Kind::Object {
            let expected = "an object with field, operator and value, or with any, all or not";
            return Err(arguments::unexpected(path, expected, raw));
        }
        let Some((name, branch, inner)) = Self::branch_of(raw) else {
            self.count(path)?;
            let condition = (self.condition)(path, raw, self.remarks)?;
            return Ok(ConditionTree::Condition(condition));
        };
        if let Some(other) = other_key(raw, name) {
            let text = format!("{path}.{other}: expected nothing beside {name}, found another key");
            return Err(Error::new(Code::InvalidArgument, text));
        }
        if level == TREE_LEVELS_MAX {
            let text = format!(
                "{path}: expected at most {TREE_LEVELS_MAX} levels of any, all and not, found more"
            );
            return Err(Error::new(Code::LimitExceeded, text));
        }
        let path = shortened(format!("{path}.{name}"));
        if matches!(branch, Branch::Not) {
            if Kind::of(inner) != Kind::Object {
                let expected = "one condition { field, operator, value }, or a tree { any }, { all } or { not }";
                return Err(arguments::unexpected(&path, expected, inner));
            }
            let tree = self.tree(&path, inner, level + 1)?;
            return Ok(ConditionTree::Not(Box::new(tree)));
        }
        let trees = self.list(&path, inner, "an array of conditions and trees", level + 1)?;
        if trees.is_empty() {
            // Each part of a tree counts, so that their number is bounded.
            self.count(&path)?;
        }
        Ok(match branch {
            Branch::Any => ConditionTree::Any(trees),
            _ => ConditionTree::All(trees),
        })
    }

    /// Counts the condition at `path`.
    fn count(&mut self, path: &str) -> Result<(), Error> {
        self.count += 1;
        if self.count <= CONDITIONS_MAX {
            return Ok(());
        }
        let text = format!(
            "{path}: expected at most {CONDITIONS_MAX} conditions, those of trees included, found more"
        );
        Err(Error::new(Code::LimitExceeded, text))
    }

    /// The key that makes `raw` a tree, and its value, if one does.
    fn branch_of(raw: &str) -> Option<(&'static str, Branch, &str)> {
        if Kind::of(raw) != Kind::Object {
            return None;
        }
        json::members(raw).find_map(|(key, value)| {
            let key = Text::decode(key);
            let branch = BRANCHES.iter().find(|(name, _)| key.as_str() == Some(name));
            branch
                .filter(|_| Kind::of(value) != Kind::Null)
                .map(|(name, branch)| (*name, *branch, value))
        })
    }
}

/// Refuses an object in the place of an array or a tree, where it can be said what it was meant to be.
fn not_a_tree(path: &str, raw: &str) -> Result<(), Error> {
    if Kind::of(raw) != Kind::Object {
        return Ok(());
    }
    let names = BRANCHES.map(|(name, _)| name);
    let given = json::members(raw).filter(|(_, value)| Kind::of(value) != Kind::Null);
    let keys: Vec<Text<'_>> = given.map(|(key, _)| Text::decode(key)).collect();
    if keys.iter().any(|key| key.as_str() == Some("field")) {
        let found = "one condition, which stands in an array";
        return Err(Error::expected(path, EXPECTED_WHERE, found));
    }
    for key in keys {
        if let Some(likely) = misspelling::meant(&key.to_string_lossy(), &names) {
            let (shown, names) = (arguments::shown_key(&key), arguments::listed(&names, "or"));
            let text =
                format!("{path}.{shown}: unknown key, expected {names}; did you mean {likely}?");
            return Err(Error::new(Code::InvalidArgument, text));
        }
    }
    Ok(())
}

/// A path with its middle left out where it is long: of many trees within each other, the outermost and the innermost
/// tell where something is.
fn shortened(path: String) -> String {
    if path.len() <= PATH_BYTES_MAX {
        return path;
    }
    // One that was shortened before keeps its beginning.
    let begin = match path.find(LEFT_OUT) {
        Some(at) => at,
        None => path[..PATH_BYTES_MAX / 3].rfind('.').unwrap_or(0),
    };
    let rest = PATH_BYTES_MAX - begin - LEFT_OUT.len();
    let end = path[path.len() - rest..].find('.');
    let end = end.map_or(path.len(), |at| path.len() - rest + at);
    format!("{}{LEFT_OUT}{}", &path[..begin], &path[end..])
}

/// A key of `raw` that is not `name`, if there is one with a value.
fn other_key(raw: &str, name: &str) -> Option<String> {
    let others = json::members(raw).filter(|(_, value)| Kind::of(value) != Kind::Null);
    let mut others = others.map(|(key, _)| Text::decode(key));
    let other = others.find(|key| key.as_str() != Some(name))?;
    Some(arguments::shown_key(&other))
}
