//! The options of `EventLog.open`.

mod server;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use self::server::SERVER_KEYS;
pub use self::server::{ServerOptions, is_server_path};
use crate::arguments::{self, Arguments, Object};
use crate::encryption::secret::Secret;
use crate::engine::Options;
use crate::error::{Code, Error};
use crate::json::{Kind, Text, WHOLE_NUMBER_MAX};
use crate::misspelling;

/// The file with the keys of subjects.
const KEYRING: &str = "keyring";

/// Why that is not for a log that a server keeps.
const NO_KEYRING: &str =
    ", since a log in PostgreSQL encrypts no events and has no keys of subjects";

/// The names of the options: first those of logs in files, of which some are those of any log.
const OPTION_KEYS: [&str; 14] = [
    "exclusive",
    "lockWaitMs",
    KEYRING,
    "cacheBytes",
    "eventBytesMax",
    "queuedBytesMax",
    "readOnly",
    "autoCreateInstances",
    SERVER_KEYS[0],
    SERVER_KEYS[1],
    SERVER_KEYS[2],
    SERVER_KEYS[3],
    SERVER_KEYS[4],
    SERVER_KEYS[5],
];

/// How many of the names are of logs in files alone.
const FILE_KEYS: usize = 3;

/// How many of the names are not of logs that a server keeps alone. The last one of them is `key`.
const OWN_KEYS: usize = OPTION_KEYS.len() - SERVER_KEYS.len() + 1;

/// The least cache that is of use: a few hundred pages.
const CACHE_BYTES_MIN: usize = 1 << 20;

/// The largest event that any log takes. A call and its response are one string each, and V8 takes
/// none of more than about 512 MiB.
const EVENT_BYTES_LIMIT: usize = 128 << 20;

/// The longest wait for another process, in milliseconds: some 25 days, which is what timers take.
const LOCK_WAIT_MS_MAX: usize = i32::MAX as usize;

/// A size that a JavaScript number holds exactly.
const BYTES_LIMIT: usize = WHOLE_NUMBER_MAX as usize;

/// The names of the options that apply to a log that a server keeps, or else to one in a file.
#[must_use]
pub fn option_keys(of_server: bool) -> &'static [&'static str] {
    if of_server {
        &OPTION_KEYS[FILE_KEYS..]
    } else {
        &OPTION_KEYS[..OWN_KEYS]
    }
}

/// How a log is opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// How its file is, or what is as with one.
    pub engine: Options,
    /// How it is opened if a server keeps it.
    pub server: ServerOptions,
    /// Whether an append that does not say so itself makes an instance that is not there.
    pub auto_create_instances: bool,
    /// The key that the keys of subjects are encrypted with.
    pub key: Option<Secret>,
    /// Where these are, if not beside the log.
    pub keyring: Option<PathBuf>,
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
    let path = arguments.get(0);
    let text = path
        .filter(|raw| Kind::of(raw) == Kind::String)
        .map(Text::decode);
    let of_server = text.as_ref().and_then(Text::as_str).map(is_server_path);
    let options = parse_options(arguments.get(1), creates, of_server)?;
    Ok((parse_path(path)?, options))
}

/// Reads the options, which may be absent. `auto_create_instances` is the default of the option of that name. `of_server`
/// says whether a server keeps the log, unless that is not known.
///
/// # Errors
///
/// `INVALID_ARGUMENT`, naming the option, if one is unknown, mistyped or of other logs, or two contradict.
fn parse_options(
    raw: Option<&str>,
    auto_create_instances: bool,
    of_server: Option<bool>,
) -> Result<LogOptions, Error> {
    let mut log = LogOptions {
        auto_create_instances,
        ..LogOptions::default()
    };
    let Some(raw) = raw else {
        return Ok(log);
    };
    let given = Object::parse("options", raw, &OPTION_KEYS)?;
    if let Some(key) = given.unknown.first() {
        return Err(unknown(key, option_keys(of_server == Some(true))));
    }
    if let Some(of_server) = of_server {
        check_kind(&given.values, of_server)?;
    }
    let [
        exclusive,
        lock_wait,
        keyring,
        cache,
        event,
        queued,
        read_only,
        creates,
        of_servers @ ..,
    ] = given.values;
    if of_server == Some(true) {
        log.server = ServerOptions::parse(of_servers)?;
    } else {
        let [key, ..] = of_servers;
        log.key = key.map(|raw| secret("options.key", raw)).transpose()?;
    }
    log.keyring = keyring
        .map(|raw| path_at("options.keyring", raw).map(PathBuf::from))
        .transpose()?;
    boolean(
        creates,
        "autoCreateInstances",
        &mut log.auto_create_instances,
    )?;
    let of_engine = [exclusive, cache, lock_wait, event, queued, read_only];
    parse_engine_options(of_engine, &mut log.engine)?;
    Ok(log)
}

/// Reads the options that an engine knows, in their order in [`OPTION_KEYS`].
fn parse_engine_options(values: [Option<&str>; 6], options: &mut Options) -> Result<(), Error> {
    let [exclusive, cache, lock_wait, event, queued, read_only] = values;
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
    Ok(())
}

/// Refuses options of the other kind of logs.
fn check_kind(values: &[Option<&str>; OPTION_KEYS.len()], of_server: bool) -> Result<(), Error> {
    let (mut others, expected, found) = if of_server {
        let found = "one that begins with postgres://";
        (0..FILE_KEYS, "it with the path of a file", found)
    } else {
        let expected = "it with a path that begins with postgres://";
        (OWN_KEYS..values.len(), expected, "the path of a file")
    };
    let Some(at) = others.find(|at| values[*at].is_some()) else {
        return Ok(());
    };
    let key = OPTION_KEYS[at];
    // Whoever gives one takes the events for encrypted.
    let reason = if key == KEYRING { NO_KEYRING } else { "" };
    let expected = format!("{expected}{reason}");
    Err(Error::expected(
        format_args!("options.{key}"),
        &expected,
        found,
    ))
}

/// Reads the path of a file.
///
/// # Errors
///
/// As [`parse_path`], and for the URL of a server.
pub(super) fn parse_file_path(raw: Option<&str>) -> Result<String, Error> {
    let path = parse_path(raw)?;
    if is_server_path(&path) {
        return Err(Error::expected(
            "path",
            "the path of a file",
            "the URL of a server",
        ));
    }
    Ok(path)
}

/// Reads the path of a log. No error shows a URL, which may have a password.
///
/// # Errors
///
/// `INVALID_ARGUMENT` if it is not a string, is empty or has a NUL in it.
pub(super) fn parse_path(raw: Option<&str>) -> Result<String, Error> {
    let raw = arguments::required("path", raw, "a string or a file: URL")?;
    let path = arguments::string("path", raw, "a string")?;
    if is_server_path(&path) {
        if path.contains('\0') {
            return Err(Error::expected("path", "a URL without a NUL", "a NUL"));
        }
        return Ok(path.into_owned());
    }
    path_at("path", raw)
}

/// Reads the path of a file, which is given at `place`.
fn path_at(place: &str, raw: &str) -> Result<String, Error> {
    let path = arguments::string(place, raw, "a string")?;
    if path.is_empty() || path.contains('\0') {
        return Err(Error::expected(
            place,
            "a path that is not empty and has no NUL in it",
            &format!("{path:?}"),
        ));
    }
    // Taken as a path, it would make a folder named "file:" under the working directory.
    if path.starts_with("file:") {
        return Err(Error::expected(
            place,
            "a path, or a URL as an object (new URL(text))",
            &format!("the text of a URL, {path:?}"),
        ));
    }
    Ok(path.into_owned())
}

/// Reads a key, whose bytes are given in base64.
///
/// # Errors
///
/// `INVALID_ARGUMENT`, which does not tell what was found.
pub(super) fn secret(path: &str, raw: &str) -> Result<Secret, Error> {
    let text = match Kind::of(raw) {
        Kind::String => arguments::string(path, raw, Secret::EXPECTED)?,
        kind => return Err(Error::expected(path, Secret::EXPECTED, kind.describe())),
    };
    let bytes = BASE64.decode(text.trim()).ok();
    let secret = bytes.and_then(|bytes| Secret::of(&bytes));
    secret.ok_or_else(|| Error::expected(path, Secret::EXPECTED, "another string"))
}

fn unknown(key: &str, known: &[&str]) -> Error {
    let advice = match misspelling::meant(key, known) {
        Some(known) => format!("did you mean {known:?}?"),
        None => format!("expected one of {}", known.join(", ")),
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
