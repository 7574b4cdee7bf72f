//! What is brought into the tables, and when.

use super::{append, check_invariants, engine_at, run};

#[test]
fn a_full_generation_goes_to_the_tables_before_the_next_one_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    let full = loop {
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
        if let Some(full) = &engine.open_log.view().known().unwrap().previous {
            break full.commits;
        }
    };
    engine.until_idle();
    assert_eq!(
        engine.open_log.storage.log_in_tables().unwrap().commits,
        full
    );
    check_invariants(&engine);
    engine.stop().unwrap();
}

#[test]
fn closing_brings_all_into_the_tables_and_begins_no_generation_if_they_have_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engine = engine_at(&path);
    for _ in 0..30 {
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
    }
    let commits = run(&engine, |batch| Ok(batch.commits())).unwrap();
    engine.stop().unwrap();

    let opened = || {
        let engine = engine_at(&path);
        assert_eq!(
            engine.open_log.storage.log_in_tables().unwrap().commits,
            commits
        );
        let seen = run(&engine, |batch| Ok(batch.commits())).unwrap();
        assert_eq!(seen, commits);
        let header = engine.open_log.view().known().unwrap().header;
        engine.stop().unwrap();
        header.unwrap().generation
    };
    let first = opened();
    assert_eq!([opened(), opened()], [first; 2]);
}
