//! Results that come whole, in pieces, too large, and called off.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::delivery::Recipient;
use super::super::response::Response;
use super::*;
use crate::error::Code;
use crate::testing::events_of;

static PACE: Pace = Pace::at_once();

/// Keeps the values of pieces, and of responses without their ids.
#[derive(Default)]
struct Inbox(Mutex<Vec<Vec<Value>>>);

fn values(write: impl FnOnce(&mut String)) -> Vec<Value> {
    let mut text = String::from("[");
    write(&mut text);
    text.push(']');
    serde_json::from_str(&text).unwrap()
}

impl Recipient for Inbox {
    fn receive_piece(&self, _: u32, piece: &Piece, _: &Cancellation) {
        assert!(!piece.is_empty());
        self.0.lock().push(values(|out| piece.write_values(out)));
    }

    fn receive(&self, _: u32, response: &Response) {
        let mut values = values(|out| response.write_values(out));
        values.remove(1);
        let before = self.0.lock().len();
        assert_eq!(response.follows_pieces(), before > 0);
        self.0.lock().push(values);
    }
}

fn event(payload: &str, sequence_number: u64) -> Event<'_> {
    Event {
        id: Uuid::nil(),
        instance_id: "log",
        stream_id: "s",
        event_type: "t",
        payload,
        metadata: "{}",
        timestamp_ms: 0,
        sequence_number,
        position: 1,
    }
}

/// What comes of a query that does `write`, with results of at most `bytes_max`.
fn received(
    bytes_max: usize,
    write: impl FnOnce(ResultWriter<'_>) -> Result<Answer, Error>,
) -> Vec<Vec<Value>> {
    let inbox = Arc::new(Inbox::default());
    let mut delivery = Delivery::new(Arc::<Inbox>::clone(&inbox), 7);
    let cancellation = Cancellation::default();
    let mut writer = ResultWriter::new(&mut delivery, &cancellation, &PACE);
    writer.bytes_max = bytes_max;
    let outcome = write(writer);
    delivery.answer(outcome);
    std::mem::take(&mut inbox.0.lock())
}

const MAX: usize = 10 << 20;

#[test]
fn a_short_result_comes_whole() {
    let came = received(MAX, |mut writer| {
        writer.event(&event("{}", 1))?;
        writer.finish("events", "\"total\":1,\"limit\":5")
    });
    let [response] = &came[..] else {
        panic!("{came:?}")
    };
    let rest = json!({"total": 1, "limit": 5});
    assert_eq!(
        response[..6],
        [
            json!(6),
            Value::Null,
            json!("events"),
            rest,
            json!(4),
            json!(1)
        ]
    );

    let came = received(MAX, |writer| writer.finish("aggregation", "\"total\":0"));
    let rest = json!({"total": 0});
    assert_eq!(
        came,
        [[
            json!(6),
            Value::Null,
            json!("aggregation"),
            rest,
            json!(5),
            json!(0)
        ]]
    );

    let came = received(MAX, |writer| writer.data("{\"aggregation\":3}"));
    let data = json!({"result": {"aggregation": 3}});
    assert_eq!(came, [[json!(1), Value::Null, data]]);
}

#[test]
fn a_long_list_goes_ahead_in_pieces_and_in_order() {
    let payload = format!("[\"{}\"]", "x".repeat(1000));
    let came = received(MAX, |mut writer| {
        for sequence in 0..500 {
            writer.event(&event(&payload, sequence))?;
        }
        for value in 0..200 {
            writer.value(&format!("[{value},{payload}]"))?;
        }
        writer.finish("events", "\"total\":0")
    });
    let (response, pieces) = came.split_last().unwrap();
    assert!(pieces.len() > 5 && response[0] == json!(6));
    let last = response[4..].to_vec();
    let mut numbers = Vec::new();
    for piece in pieces.iter().chain([&last]) {
        let elements: Vec<Value> = match piece[0].as_u64() {
            Some(4) => {
                let events = events_of(piece).into_iter();
                events.map(|event| event[4].clone()).collect()
            }
            _ => {
                let values = piece[2..].iter();
                values.map(|value| value[0].clone()).collect()
            }
        };
        assert_eq!(piece[1], elements.len());
        assert!(elements.len() < 100, "{}", elements.len());
        numbers.extend(elements.iter().map(|number| number.as_u64().unwrap()));
    }
    assert_eq!(numbers, (0..500).chain(0..200).collect::<Vec<u64>>());
}

#[test]
fn a_result_may_have_as_many_bytes_of_json_text_as_its_limit_and_no_more() {
    let mut text = String::from("{\"events\":[");
    event("{}", 1).write_json(&mut text);
    text.push(',');
    event("[5]", 2).write_json(&mut text);
    text.push_str(",true],\"total\":3}");
    let write = |mut writer: ResultWriter<'_>| {
        writer.event(&event("{}", 1))?;
        writer.event(&event("[5]", 2))?;
        writer.value("true")?;
        writer.finish("events", "\"total\":3")
    };
    let limit = json!(Code::LimitExceeded.as_str());
    let came = received(text.len(), write);
    assert_eq!(came.last().unwrap().last(), Some(&json!(true)));
    let came = received(text.len() - 1, write);
    assert_eq!(came.last().unwrap()[2], limit);
    // Not even the list is within it, and the failure follows what went ahead.
    let came = received(300_000, |mut writer| {
        loop {
            writer.value("1")?;
        }
    });
    let (failure, pieces) = came.split_last().unwrap();
    assert!(pieces.len() > 1 && pieces.iter().all(|piece| piece[0] == 5));
    assert_eq!((&failure[0], &failure[2]), (&json!(0), &limit));
}

#[test]
fn a_result_without_a_list_has_the_same_limit() {
    let kind = |bytes_max| {
        let came = received(bytes_max, |writer| writer.data("{\"total\":12}"));
        came[0][0].clone()
    };
    assert_eq!([kind(12), kind(11)], [json!(1), json!(0)]);
}

#[test]
fn a_query_that_was_called_off_sends_nothing_more() {
    let cancellation = Cancellation::default();
    let inbox = Arc::new(Inbox::default());
    let mut delivery = Delivery::new(Arc::<Inbox>::clone(&inbox), 7);
    let mut writer = ResultWriter::new(&mut delivery, &cancellation, &PACE);
    let long = format!("\"{}\"", "x".repeat(100_000));
    writer.value(&long).unwrap();
    writer.value(&long).unwrap();
    assert_eq!(inbox.0.lock().len(), 1);
    cancellation.cancel();
    assert_eq!(writer.value(&long).unwrap_err().code(), Code::Aborted);
    assert_eq!(writer.finish("a", "").unwrap_err().code(), Code::Aborted);
    let writer = ResultWriter::new(&mut delivery, &cancellation, &PACE);
    assert_eq!(writer.data("{}").unwrap_err().code(), Code::Aborted);
    assert_eq!(inbox.0.lock().len(), 1);
}
