//! How large a query may be, and its result.

/// How many conditions `where` may have, those in its trees included.
pub const CONDITIONS_MAX: usize = 100;

/// How many levels of `any`, `all` and `not` there may be in `where`.
pub const TREE_LEVELS_MAX: usize = 64;

/// How long the pattern of a `matches` may be, in bytes of UTF-8.
pub const PATTERN_BYTES_MAX: usize = 1_024;

/// How much memory a compiled pattern may take, in bytes. It also bounds the time for each character of a text.
pub const COMPILED_PATTERN_BYTES_MAX: usize = 256 * 1024;

/// How many fields `select` and `reduce.groupBy` may each have.
pub const FIELDS_MAX: usize = 100;

/// How many values the list of an `in` may have.
pub const IN_VALUES_MAX: usize = 10_000;

/// How long a field's name may be, in bytes of UTF-8.
pub const FIELD_BYTES_MAX: usize = 1_024;

/// How many keys a field's name may have, `payload` or `metadata` included where it is written.
pub const FIELD_SEGMENTS_MAX: usize = 64;

/// How many levels of arrays and objects a value in `where` may have.
pub const NESTING_MAX: usize = 64;

/// How many aggregates `reduce` may have.
pub const AGGREGATES_MAX: usize = 100;

/// How many values a `topK` may keep.
pub const TOP_VALUES_MAX: usize = 1_000;

/// Of how many numbers a `percentile` is exact. Of more, it is within half a percent.
pub const EXACT_PERCENTILE_MAX: usize = 16_384;

/// How many bins a field of `reduce.groupBy` may have.
pub const BINS_MAX: usize = 1_000;

/// How many groups `reduce.groupBy` may make.
pub const GROUPS_MAX: usize = 1_000_000;

/// How long a result may be, in bytes of JSON text: 256 MiB.
///
/// It bounds memory as well: what is held while the query runs (the events of the page, those
/// before the page where it is sorted, sort keys, groups) counts towards it.
pub const RESULT_BYTES_MAX: usize = 256 * 1024 * 1024;
