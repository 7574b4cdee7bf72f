//! Which events belong to a generation.

use uuid::Uuid;

use super::*;
use crate::engine::journal::FrameGroup;
use crate::engine::tables::instance::Head;
use crate::engine::tables::log_head::LogHead;

/// A frame with one event, after which the instance is said to end at that position.
fn frame(last_position: u64) -> Frame {
    let record = Record {
        id: Uuid::nil(),
        timestamp_ms: 0,
        sequence: 1,
        back: 0,
        stream_id: "s",
        event_type: "t",
        call: None,
        payload: "{}",
        metadata: "{}",
    };
    let mut frame = Frame::default();
    frame.push(1, |out| record.encode(out));
    let group = FrameGroup {
        number: 1,
        count: 1,
        head: Head::from_value((last_position, 1, 1, 0, 0, 0)),
    };
    frame.seal(&LogHead::NEW, std::iter::once(group));
    frame
}

#[test]
fn positions_that_do_not_follow_on_those_before_are_corruption() {
    for second in [1, 5, 7, u64::MAX - 1] {
        let segment = Segment::default();
        let mut learned = Vec::new();
        for last_position in [5, second] {
            let frame = frame(last_position);
            segment.add(&frame);
            learned.push(segment.learn(&frame));
        }
        assert!(learned[0].is_ok());
        assert!(matches!(learned[1], Err(Fault::Corrupted(_))), "{second}");
    }
    let segment = Segment::default();
    for last_position in [5, 6] {
        let frame = frame(last_position);
        segment.add(&frame);
        segment.learn(&frame).unwrap();
    }
    assert_eq!(segment.records().records_from(1, 0).count(), 2);
}
