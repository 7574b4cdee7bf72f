//! What a keyring says of its keys, and to whom.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::super::{FoundKey, Keyring, KeyringPlace};
use crate::encryption::secret::Secret;
use crate::error::{Code, Error};

fn open(path: &Path, secret: Option<[u8; 32]>) -> Result<Keyring, Error> {
    let place = KeyringPlace::File(path.to_owned());
    Keyring::open(place, secret.map(Secret::from), Duration::from_secs(60))
}

#[test]
fn nothing_is_made_before_a_key_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.keyring");
    let keyring = open(&path, Some([1; 32])).unwrap();
    keyring.refresh().unwrap();
    // Somebody who looks for the wrong keyring is not to take the subject for forgotten.
    let error = keyring.forget("a", 1).unwrap_err();
    assert_eq!(error.code(), Code::KeyUnavailable);
    assert_eq!(keyring.rotate(Secret::from([2; 32])).unwrap(), 0);
    assert_eq!(
        fs::read_dir(folder.path())
            .unwrap()
            .filter(|entry| { entry.as_ref().unwrap().file_name() == "log.keyring" })
            .count(),
        0
    );
}

#[test]
fn who_has_another_key_or_none_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.keyring");
    let keyring = open(&path, Some([1; 32])).unwrap();
    let (id, secret) = keyring.keys_of(&["a"], 1).unwrap().remove(0);
    let other = open(&path, Some([2; 32])).unwrap_err();
    assert_eq!(other.code(), Code::KeyUnavailable);
    assert!(other.text().contains("another one"), "{other}");

    let without = open(&path, None).unwrap();
    without.refresh().unwrap();
    let refused = without.find(&id).unwrap_err();
    assert_eq!(refused.code(), Code::KeyUnavailable);
    assert!(refused.text().contains("without `key`"), "{refused}");
    assert_eq!(
        without.keys_of(&["b"], 1).unwrap_err().code(),
        Code::KeyUnavailable
    );
    assert_eq!(
        without.rotate(Secret::from([3; 32])).unwrap_err().code(),
        Code::KeyUnavailable
    );
    // To forget takes no key, and who has none hears of it.
    assert_eq!(without.forget("a", 7).unwrap(), Some(7));
    assert_eq!(without.find(&id).unwrap(), FoundKey::Forgotten("a".into()));
    // The other one hears of it when it looks again.
    assert_eq!(
        keyring.find(&id).unwrap(),
        FoundKey::Secret(secret, "a".into())
    );
    keyring.refresh().unwrap();
    assert_eq!(keyring.find(&id).unwrap(), FoundKey::Forgotten("a".into()));
    assert_eq!(
        keyring.find(&[9; 16]).unwrap_err().code(),
        Code::KeyUnavailable
    );
}

#[test]
fn a_subject_that_comes_back_has_another_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.keyring");
    let keyring = open(&path, Some([1; 32])).unwrap();
    let first = keyring.keys_of(&["a"], 1).unwrap().remove(0);
    assert_eq!(keyring.keys_of(&["a"], 2).unwrap().remove(0), first);
    assert_eq!(keyring.forget("a", 3).unwrap(), Some(3));
    assert_eq!(keyring.forget("b", 4).unwrap(), None);
    // Told again, and not done again.
    assert_eq!(keyring.forget("a", 4).unwrap(), Some(3));
    let second = keyring.keys_of(&["a"], 5).unwrap().remove(0);
    assert_ne!(second, first);
    let again = open(&path, Some([1; 32])).unwrap();
    assert_eq!(
        again.find(&first.0).unwrap(),
        FoundKey::Forgotten("a".into())
    );
    assert_eq!(again.keys_of(&["a"], 6).unwrap().remove(0), second);
}

#[test]
fn two_who_use_a_keyring_have_the_same_keys() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.keyring");
    let one = open(&path, Some([1; 32])).unwrap();
    let other = open(&path, Some([1; 32])).unwrap();
    for round in 0..10 {
        let subjects = [format!("x{round}"), format!("y{round}")];
        let [x, y] = [&*subjects[0], &*subjects[1]];
        let of_one = one.keys_of(&[x], 1).unwrap();
        let of_other = other.keys_of(&[y, x], 1).unwrap();
        assert_eq!(of_other[1], of_one[0]);
        assert_eq!(one.keys_of(&[y], 1).unwrap()[0], of_other[0]);
    }
    one.rotate(Secret::from([2; 32])).unwrap();
    let refused = other.keys_of(&["z"], 1).unwrap_err();
    assert_eq!(refused.code(), Code::KeyUnavailable);
    let keys = one.keys_of(&["x3"], 1).unwrap();
    let again = open(&path, Some([2; 32])).unwrap();
    assert_eq!(again.keys_of(&["x3"], 1).unwrap(), keys);
}

#[test]
fn no_key_is_in_the_file_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.keyring");
    let keyring = open(&path, Some([7; 32])).unwrap();
    let keys = keyring.keys_of(&["a", "b"], 1).unwrap();
    let bytes = fs::read(&path).unwrap();
    let secrets = keys.iter().map(|(_, secret)| *secret.bytes());
    for secret in secrets.chain([[7; 32]]) {
        assert!(
            !bytes
                .windows(16)
                .any(|bytes| secret.windows(16).any(|part| part == bytes))
        );
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
    }
}

#[test]
fn a_file_that_is_no_keyring_is_not_used_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.keyring");
    for content in ["", "not a keyring", &"x".repeat(200)] {
        fs::write(&path, content).unwrap();
        let keyring = open(&path, None).unwrap();
        assert_eq!(keyring.forget("a", 1).unwrap_err().code(), Code::Corrupted);
        assert_eq!(
            open(&path, Some([1; 32])).unwrap_err().code(),
            Code::Corrupted
        );
        assert_eq!(fs::read(&path).unwrap(), content.as_bytes());
    }
}
