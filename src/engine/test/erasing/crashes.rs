//! Events are erased while the power goes, the process is killed or the disk fails, at each operation in turn.

use super::*;
use crate::engine::test::memory_disk::Process;

/// The events that are erased of those that there are: fewer, since it is done so often.
const SOME: [u64; 5] = [2, 5, 6, 11, 14];
const EVENTS: u64 = 14;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disaster {
    PowerLoss,
    Kill,
    Fault,
}

/// Whether that has come.
fn has_come(disaster: Disaster, disk: &MemoryDisk, process: &Process) -> bool {
    match disaster {
        Disaster::PowerLoss => disk.has_lost_power(),
        Disaster::Kill => process.is_dead(),
        Disaster::Fault => process.faults() > 0,
    }
}

/// A log before anything is erased.
struct Before {
    image: Vec<u8>,
    payloads: Vec<String>,
    had: Windows,
}

impl Before {
    fn new() -> Self {
        let disk = MemoryDisk::holding(Vec::new(), Random::of(9));
        let engine = open(&disk.process(), false, false, LAYOUT).unwrap();
        fill_up_to(&engine, &mut Random::of(9), EVENTS);
        let (payloads, had) = (payloads(&engine), had(&engine));
        // Its last events are in the journal.
        let image = disk.lose_power();
        let _ = engine.stop();
        Self {
            image,
            payloads,
            had,
        }
    }

    /// Erases events with a disaster after so many operations. Returns whether that came.
    fn survives(&self, disaster: Disaster, operations: usize) -> bool {
        let what = format!("{disaster:?} after {operations} operations");
        let random = Random::of(operations as u64);
        let mut disk = MemoryDisk::holding(self.image.clone(), random);
        let process = disk.process();
        let mut engine = open(&process, false, false, LAYOUT).unwrap();
        match disaster {
            Disaster::PowerLoss => disk.lose_power_after(operations),
            Disaster::Kill => process.kill_after(operations),
            Disaster::Fault => process.fail_after(operations, 1),
        }
        let erased = erase(&engine, &SOME);
        let came = has_come(disaster, &disk, &process);
        assert!(came || erased.is_ok(), "{what}: {erased:?}");
        process.heal();
        if disaster != Disaster::Fault {
            if disaster == Disaster::PowerLoss {
                let image = disk.lose_power();
                let _ = engine.stop();
                disk = MemoryDisk::holding(image, Random::of(1));
            } else {
                process.kill_now();
                let _ = engine.stop();
            }
            engine = open(&disk.process(), false, false, LAYOUT)
                .unwrap_or_else(|error| panic!("{what}: {error}"));
        }
        let is_erased = payloads(&engine)[SOME[0] as usize - 1] == PAYLOAD;
        assert!(is_erased || erased.is_err(), "{what}: it is not erased");
        check(&engine, &self.payloads, if is_erased { &SOME } else { &[] });
        if is_erased && (disaster != Disaster::Fault || erased.is_ok()) {
            // Whoever has opened it is done with that.
            assert_eq!(left_of(&self.had, &engine, &disk.image()), 0, "{what}");
        }
        if !is_erased || erased.is_err() {
            erase(&engine, &SOME).unwrap_or_else(|error| panic!("{what}: {error}"));
            check(&engine, &self.payloads, &SOME);
            let left = left_of(&self.had, &engine, &disk.image());
            assert_eq!(left, 0, "{what}, again");
        }
        engine.stop().unwrap();
        came
    }
}

fn at_each_operation(disaster: Disaster) {
    let before = Before::new();
    let mut operations = 0;
    while before.survives(disaster, operations) {
        operations += 1;
    }
    assert!(operations > 50, "only {operations} operations were reached");
}

#[test]
fn a_loss_of_power_at_any_operation_leaves_all_or_nothing_erased() {
    at_each_operation(Disaster::PowerLoss);
}

#[test]
fn a_kill_at_any_operation_leaves_all_or_nothing_erased() {
    at_each_operation(Disaster::Kill);
}

#[test]
fn a_fault_at_any_operation_leaves_all_or_nothing_erased() {
    at_each_operation(Disaster::Fault);
}
