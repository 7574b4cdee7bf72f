//! What is hashed once more, or asked for and not there.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::{NUMBER, SEED, append, grow_once, log_with, read, store};
use crate::engine::Fault;
use crate::error::Code;
use crate::request::evidence::{consistency, hash_events, inclusion};
use crate::seam::test::Kept;

#[test]
fn what_was_hashed_meanwhile_is_not_kept_twice() {
    let mut kept = log_with(10);
    let options = json!({ "instance": "a", "seed": BASE64.encode(SEED) });
    let hashed = read(&kept, hash_events, &options).unwrap();
    assert!(store(&mut kept, &hashed).unwrap());
    let before = kept.instances[&NUMBER].states.clone();
    // It says that the tree is new, which it is no more.
    assert!(!store(&mut kept, &hashed).unwrap());
    append(&mut kept, 10);
    let hashed = read(&kept, hash_events, &options).unwrap();
    assert!(store(&mut kept, &hashed).unwrap());
    assert!(!store(&mut kept, &hashed).unwrap());
    assert_ne!(kept.instances[&NUMBER].states, before);

    let mut other = hashed;
    other["number"] = json!(2);
    let refused = store(&mut kept, &other);
    assert!(
        matches!(refused, Err(Fault::Refused(error)) if error.code() == Code::InstanceNotFound)
    );
}

#[test]
fn what_is_asked_for_and_is_not_there_is_refused() {
    let mut kept = log_with(10);
    let refused = |kept: &Kept, function, options: Value, expected: &str| match read(
        kept, function, &options,
    ) {
        Err(Fault::Refused(error)) => {
            assert_eq!(error.code(), Code::InvalidArgument, "{error}");
            assert!(error.text().contains(expected), "{error}");
        }
        other => panic!("{options}: {other:?}"),
    };
    let first = json!({ "instance": "a", "position": 1 });
    refused(&kept, inclusion, first, "which has no tree yet");
    grow_once(&mut kept, Some(8));
    for (position, size, expected) in [
        (
            json!(0),
            json!(null),
            "position: expected a position from 1 to 8, found 0",
        ),
        (
            json!(9),
            json!(null),
            "position: expected a position from 1 to 8, found 9",
        ),
        (
            json!(9),
            json!(11),
            "size: expected at most the number of events, 10, found 11",
        ),
        (
            json!(null),
            json!(null),
            "position: expected a position from 1 to 8, found nothing",
        ),
        (json!("1"), json!(null), "position: expected a whole number"),
        (
            json!(1),
            json!(0),
            "position: expected a position from 1 to 0, found 1",
        ),
    ] {
        let options = json!({ "instance": "a", "position": position, "size": size });
        refused(&kept, inclusion, options, expected);
    }
    for (old, new, expected) in [
        (
            json!(9),
            json!(null),
            "oldSize: expected a whole number from 0 to 8, found 9",
        ),
        (
            json!(null),
            json!(5),
            "oldSize: expected a whole number from 0 to 5, found nothing",
        ),
        (json!(1), json!(11), "newSize: expected at most"),
    ] {
        let options = json!({ "instance": "a", "oldSize": old, "newSize": new });
        refused(&kept, consistency, options, expected);
    }
    let unknown = json!({ "instance": "a", "position": 1, "sise": 1 });
    refused(&kept, inclusion, unknown, "did you mean size?");
}
