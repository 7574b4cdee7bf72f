//! Which options are read, and what is said of those that are not understood.

use super::*;

fn parse(text: &str) -> Result<Options, Error> {
    parse_options(Some(text), false, Some(false)).map(|options| options.engine)
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
        let options = parse_options(text, default, None).unwrap();
        assert_eq!(options.auto_create_instances, expected, "{text:?}");
    }
}

#[test]
fn options_are_read_and_have_defaults() {
    assert_eq!(
        parse_options(None, false, None).unwrap(),
        LogOptions::default()
    );
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

#[test]
fn options_of_the_other_kind_of_logs_are_refused() {
    let parsed = |path: &str, option: &str| parse_opening(&format!("[{path},{{{option}}},false]"));
    let (file, server) = (r#""log.redb""#, r#""postgres://me:secret@h/d""#);
    for option in [
        "\"schema\":\"s\"",
        "\"durability\":\"disk\"",
        "\"serverWaitMs\":1",
        "\"ca\":\"c\"",
    ] {
        let error = parsed(file, option).unwrap_err();
        let part = "expected it with a path that begins with postgres://, found the path of a file";
        assert!(error.text().contains(part), "{option}: {error}");
        parsed(server, option).unwrap();
    }
    for option in ["\"exclusive\":false", "\"lockWaitMs\":1"] {
        let error = parsed(server, option).unwrap_err();
        let part = "expected it with the path of a file, found one that begins with postgres://";
        assert!(error.text().contains(part), "{option}: {error}");
        parsed(file, option).unwrap();
    }
    let keyring = "\"keyring\":\"/keys\"";
    let error = parsed(server, keyring).unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    assert_eq!(
        error.text(),
        "options.keyring: expected it with the path of a file, since a log in PostgreSQL encrypts no events and has no \
         keys of subjects, found one that begins with postgres://"
    );
    let (_, options) = parsed(file, keyring).unwrap();
    assert_eq!(options.keyring, Some(PathBuf::from("/keys")));
    for option in [
        "\"readOnly\":true",
        "\"cacheBytes\":2000000",
        "\"eventBytesMax\":1",
        "\"queuedBytesMax\":1",
    ] {
        parsed(file, option).unwrap();
        parsed(server, option).unwrap();
    }
}

#[test]
fn no_error_shows_the_url_of_a_server() {
    for (path, option) in [
        (r#""postgres://me:secret@h/\u0000""#, ""),
        (r#""postgres://me:secret@h/""#, "\"exclusive\":true"),
        (r#""postgres://me:secret@h/""#, "\"schemas\":true"),
    ] {
        let error = parse_opening(&format!("[{path},{{{option}}},false]")).unwrap_err();
        assert!(!error.text().contains("secret"), "{error}");
    }
    let error = parse_file_path(Some(r#""postgres://me:secret@h/""#)).unwrap_err();
    assert_eq!(
        error.text(),
        "path: expected the path of a file, found the URL of a server"
    );
}
