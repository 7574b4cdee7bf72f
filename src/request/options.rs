//! The options of `EventLog.open`.

use std::time::Duration;

use crate::arguments::{self, Arguments, Object};
use crate::engine::Options;
use crate::error::{Code, Error};
use crate::json::WHOLE_NUMBER_MAX;
use crate::misspelling;

/// The names of the options.
pub const OPTION_KEYS: [&str; 7] = [
    "exclusive",
    "cacheBytes",
    "eventBytesMax",
    "queuedBytesMax",
    "readOnly",
    "lockWaitMs",
    "autoCreateInstances",
];

/// The least cache that is of use: a few hundred pages.
const CACHE_BYTES_MIN: usize = 1 << 20;

/// The largest event that any log takes. A call and its response are one string each, and V8 takes
/// none of more than about 512 MiB.
const EVENT_BYTES_LIMIT: usize = 128 << 20;

/// The longest wait for another process, in milliseconds: some 25 days, which is what timers take.
const LOCK_WAIT_MS_MAX: usize = i32::MAX as usize;

/// A size that a JavaScript number holds exactly.
const BYTES_LIMIT: usize = WHOLE_NUMBER_MAX as usize;

/// How a log is opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// How its file is.
    pub engine: Options,
    /// Whether an append that does not say so itself makes an instance that is not there.
    pub auto_create_instances: bool,
}

/// Reads the arguments of an opening, the JSON text of an array: the path, the options, which may be `null`, and the
/// default of the option `autoCreateInstances`.
///
/// # Errors
///
/// `INVALID_ARGUMENT`: what is wrong with the options, or else with the path.
pub fn parse_opening(arguments: &str) -> Result<(String, LogOptions), Error> {
    let arguments = Arguments::parse(arguments)?;
    let creates = arguments::required("creates", arguments.get(2), "a boolean")?;
    let creates = arguments::boolean("creates", creates)?;
    let options = parse_options(arguments.get(1), creates)?;
    Ok((parse_path(arguments.get(0))?, options))
}

/// Reads the options, which may be absent. `auto_create_instances` is the default of the option of that name.
///
/// # Errors
///
/// `INVALID_ARGUMENT`, naming the option, if one is unknown or mistyped, or two contradict.
fn parse_options(raw: Option<&str>, auto_create_instances: bool) -> Result<LogOptions, Error> {
    let mut log = LogOptions {
        engine: Options::default(),
        auto_create_instances,
    };
    let Some(raw) = raw else {
        return Ok(log);
    };
    let options = &mut log.engine;
    let given = Object::parse("options", raw, &OPTION_KEYS)?;
    if let Some(key) = given.unknown.first() {
        return Err(unknown(key));
    }
    let [
        exclusive,
        cache,
        event,
        queued,
        read_only,
        lock_wait,
        creates,
    ] = given.values;
    boolean(
        creates,
        "autoCreateInstances",
        &mut log.auto_create_instances,
    )?;
    boolean(exclusive, "exclusive", &mut options.exclusive)?;
    boolean(read_only, "readOnly", &mut options.read_only)?;
    number(
        cache,
        "cacheBytes",
        "bytes",
        CACHE_BYTES_MIN..=BYTES_LIMIT,
        &mut options.cache_bytes,
    )?;
    number(
        event,
        "eventBytesMax",
        "bytes",
        1..=EVENT_BYTES_LIMIT,
        &mut options.event_bytes_max,
    )?;
    number(
        queued,
        "queuedBytesMax",
        "bytes",
        1..=BYTES_LIMIT,
        &mut options.queued_bytes_max,
    )?;
    let mut lock_wait_ms = options.lock_wait.as_millis() as usize;
    number(
        lock_wait,
        "lockWaitMs",
        "milliseconds",
        0..=LOCK_WAIT_MS_MAX,
        &mut lock_wait_ms,
    )?;
    options.lock_wait = Duration::from_millis(lock_wait_ms as u64);
    Ok(log)
}

/// Reads the path of a log.
///
/// # Errors
///
/// `INVALID_ARGUMENT` if it is not a string, is empty or has a NUL in it.
pub(super) fn parse_path(raw: Option<&str>) -> Result<String, Error> {
    let raw = arguments::required("path", raw, "a string or a file: URL")?;
    let path = arguments::string("path", raw, "a string")?;
    if path.is_empty() || path.contains('\0') {
        return Err(Error::expected(
            "path",
            "a path that is not empty and has no NUL in it",
            &format!("{path:?}"),
        ));
    }
    // Taken as a path, it would make a folder named "file:" under the working directory.
    if path.starts_with("file:") {
        return Err(Error::expected(
            "path",
            "a path, or a URL as an object (new URL(text))",
            &format!("the text of a URL, {path:?}"),
        ));
    }
    Ok(path.into_owned())
}

fn unknown(key: &str) -> Error {
    let advice = match misspelling::meant(key, &OPTION_KEYS) {
        Some(known) => format!("did you mean {known:?}?"),
        None => format!("expected one of {}", OPTION_KEYS.join(", ")),
    };
    Error::new(
        Code::InvalidArgument,
        format!("options: unknown option {key:?}: {advice}"),
    )
}

fn boolean(raw: Option<&str>, key: &str, option: &mut bool) -> Result<(), Error> {
    if let Some(raw) = raw {
        *option = arguments::boolean(format_args!("options.{key}"), raw)?;
    }
    Ok(())
}

fn number(
    raw: Option<&str>,
    key: &str,
    unit: &str,
    range: std::ops::RangeInclusive<usize>,
    option: &mut usize,
) -> Result<(), Error> {
    if let Some(raw) = raw {
        let path = format_args!("options.{key}");
        *option = arguments::whole_number_within(path, raw, unit, range)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Options, Error> {
        parse_options(Some(text), false).map(|options| options.engine)
    }

    #[test]
    fn whether_instances_are_made_has_a_default_of_its_own() {
        for (text, default, expected) in [
            (None, true, true),
            (None, false, false),
            (Some("{}"), true, true),
            (Some(r#"{"autoCreateInstances":null}"#), true, true),
            (Some(r#"{"autoCreateInstances":false}"#), true, false),
            (Some(r#"{"autoCreateInstances":true}"#), false, true),
        ] {
            let options = parse_options(text, default).unwrap();
            assert_eq!(options.auto_create_instances, expected, "{text:?}");
        }
    }

    #[test]
    fn options_are_read_and_have_defaults() {
        assert_eq!(parse_options(None, false).unwrap(), LogOptions::default());
        assert_eq!(parse("{}").unwrap(), Options::default());
        let options = parse(
            r#"{"exclusive":true,"readOnly":false,"cacheBytes":2097152,"eventBytesMax":10,"queuedBytesMax":2e1,"lockWaitMs":0}"#,
        )
        .unwrap();
        assert!(options.exclusive && !options.read_only);
        assert_eq!(
            (
                options.cache_bytes,
                options.event_bytes_max,
                options.queued_bytes_max
            ),
            (2_097_152, 10, 20)
        );
        assert_eq!(options.lock_wait, Duration::ZERO);
    }

    #[test]
    fn an_option_that_is_not_understood_is_an_error_that_names_it() {
        for (text, part) in [
            (r#"{"readonly":true}"#, "did you mean \"readOnly\"?"),
            (r#"{"cache_bytes":1}"#, "did you mean \"cacheBytes\"?"),
            (r#"{"fast":true}"#, "unknown option \"fast\""),
            (
                r#"{"autoCreateInstances":"yes"}"#,
                "options.autoCreateInstances: expected a boolean, found \"yes\"",
            ),
            (
                r#"{"exclusive":1}"#,
                "options.exclusive: expected a boolean, found 1",
            ),
            (
                r#"{"cacheBytes":"1"}"#,
                "options.cacheBytes: expected a whole number",
            ),
            (r#"{"cacheBytes":-1}"#, "found -1"),
            (r#"{"eventBytesMax":0}"#, "options.eventBytesMax"),
            (r#"{"queuedBytesMax":1.5}"#, "found 1.5"),
            (
                r#"{"lockWaitMs":-1}"#,
                "options.lockWaitMs: expected a whole number of milliseconds from 0 to 2147483647, found -1",
            ),
            (r#"{"lockWaitMs":"1"}"#, "found \"1\""),
            (r#"{"lockWaitMs":2147483648}"#, "found 2147483648"),
            (r#"{"lock_wait_ms":1}"#, "did you mean \"lockWaitMs\"?"),
            ("[]", "options: expected an object, found an array"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.code(), Code::InvalidArgument);
            assert!(error.text().contains(part), "{text}: {error}");
        }
    }
}
