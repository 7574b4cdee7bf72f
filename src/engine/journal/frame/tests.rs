//! Tests of frames.

use super::*;

fn frame() -> (Frame, FrameGroup) {
    let mut frame = Frame::default();
    for (number, text) in [(1, "one"), (2, ""), (1, "three")] {
        frame.push(number, |out| out.extend_from_slice(text.as_bytes()));
        let state = frame.push_state(number, |out| out.extend_from_slice(b"state"));
        assert_eq!(frame.entry_bytes()[state], b"state"[..]);
    }
    let log = LogHead {
        commits: 9,
        token: 5,
        next_instance: 3,
    };
    let group = FrameGroup {
        number: 1,
        count: 2,
        head: Head::from_value((u64::MAX - 1, 2, 3, -4, -5, 6)),
    };
    frame.seal(
        &log,
        [
            group,
            FrameGroup {
                number: 2,
                count: 1,
                ..group
            },
        ]
        .into_iter(),
    );
    frame.sign(77);
    (frame, group)
}

#[test]
fn a_frame_is_read_back_as_it_was_made() {
    let (frame, group) = frame();
    let header = frame.header();
    assert_eq!((header.salt, header.commit, header.token), (77, 9, 5));
    assert_eq!(header.frame_bytes(), frame.bytes().len() as u64);
    let read = Frame::decode(frame.bytes().to_vec()).unwrap();
    let texts: Vec<_> = read
        .events()
        .map(|entry| (entry.number, &read.entry_bytes()[entry.record]))
        .collect();
    let states: Vec<_> = (read.states())
        .map(|entry| (entry.number, &read.entry_bytes()[entry.record]))
        .collect();
    assert_eq!(states, [1, 2, 1].map(|number| (number, &b"state"[..])));
    assert_eq!(texts, [(1, &b"one"[..]), (2, b""), (1, b"three")]);
    assert_eq!(read.groups().next(), Some(group));
    assert_eq!(read.groups().count(), 2);
}

#[test]
fn entries_and_groups_that_disagree_are_told_though_the_checksum_is_right() {
    let (frame, _) = frame();
    assert!(frame.is_consistent());
    let groups = frame.entries_end;
    // The length of the first entry's record, the count of the first group, its number.
    for (at, value) in [
        (HEADER_BYTES + 4, 4u32),
        (HEADER_BYTES + 4, u32::MAX),
        (groups + 4, 1),
        (groups, 7),
    ] {
        let mut bytes = frame.bytes().to_vec();
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        let altered = Frame {
            entries_end: groups,
            bytes,
        };
        assert!(!altered.is_consistent(), "{value} at {at}");
    }
    let end_of_numbers = FrameGroup {
        head: Head::from_value((u64::MAX, 1, 1, 1, 1, 1)),
        number: 1,
        count: 0,
    };
    let mut empty = Frame::default();
    empty.seal(&LogHead::NEW, std::iter::once(end_of_numbers));
    assert!(!empty.is_consistent());
}

#[test]
fn every_cut_and_every_flipped_bit_but_the_unused_ones_is_noticed() {
    let (frame, _) = frame();
    for length in 0..frame.bytes().len() {
        assert!(
            Frame::decode(frame.bytes()[..length].to_vec()).is_none(),
            "{length}"
        );
    }
    let mut bytes = frame.bytes().to_vec();
    for bit in (0..bytes.len() * 8).filter(|bit| !(36 * 8..40 * 8).contains(bit)) {
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(Frame::decode(bytes.clone()).is_none(), "bit {bit}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
}
