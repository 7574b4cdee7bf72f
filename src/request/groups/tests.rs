//! Groups of responses and pieces, and the turns in which they are taken.

use super::super::response::Answer;
use super::*;
use serde_json::{Value, json};

fn response(follows_pieces: bool) -> Response {
    Response::new(Ok(Answer::of_data("{}".to_owned())), follows_pieces)
}

fn piece(value: &str) -> Piece {
    let mut piece = Piece::of_values();
    piece.add_value(value);
    piece
}

/// The numbers of the calls that the next group has responses of, or `-number` for a piece.
fn next(groups: &mut ResponseGroups) -> Option<Vec<i64>> {
    groups.begin_turn();
    next_of_turn(groups)
}

/// As [`next`], in the turn that was begun.
fn next_of_turn(groups: &mut ResponseGroups) -> Option<Vec<i64>> {
    let group = groups.take()?;
    let responses = group.responses();
    let values: Vec<Value> = serde_json::from_str(&group.into_text()).unwrap();
    if responses == 0 {
        assert_eq!(values[1..3], [json!(5), json!(1)]);
        return Some(vec![-values[0].as_i64().unwrap()]);
    }
    // Each response ends with its data, and the call's number is the first one in it.
    let numbers = values.chunk_by(|value, _| *value != json!({}));
    let numbers: Vec<i64> = numbers
        .filter_map(|values| values.iter().find_map(Value::as_i64))
        .collect();
    assert_eq!(numbers.len(), responses);
    Some(numbers)
}

#[test]
fn responses_are_grouped_and_a_long_one_is_alone() {
    let mut groups = ResponseGroups::default();
    for number in 0..=GROUP_RESPONSES as u32 {
        groups.add(number, &response(false));
    }
    let long = Answer::of_data(format!("[\"{}\"]", "x".repeat(GROUP_BYTES)));
    let long = Response::new(Ok(long), false);
    assert!(ResponseGroup::is_needed_for(&long) && !ResponseGroup::is_needed_for(&response(false)));
    groups.push(ResponseGroup::of(500, &long));
    groups.add(501, &response(false));

    let first: Vec<i64> = (0..GROUP_RESPONSES as i64).collect();
    assert_eq!(next(&mut groups), Some(first));
    assert_eq!(next(&mut groups), Some(vec![GROUP_RESPONSES as i64]));
    assert_eq!(next(&mut groups), Some(vec![500]));
    assert_eq!(next(&mut groups), Some(vec![501]));
    assert_eq!(next(&mut groups), None);
}

#[test]
fn a_turn_has_no_more_than_a_group_may_hold() {
    let mut groups = ResponseGroups::default();
    // What comes while the thread is at work on the group before.
    for number in 0..GROUP_RESPONSES as i64 {
        assert_eq!(next_of_turn(&mut groups), None);
        assert!(!groups.is_turn_over());
        groups.add(number as u32, &response(false));
        assert_eq!(next_of_turn(&mut groups), Some(vec![number]));
    }
    groups.add(500, &response(false));
    assert_eq!(next_of_turn(&mut groups), None);
    assert!(groups.is_turn_over());
    assert_eq!(next(&mut groups), Some(vec![500]));

    let half = Answer::of_data(format!("[\"{}\"]", "x".repeat(GROUP_BYTES * 2 / 3)));
    let half = Response::new(Ok(half), false);
    for number in [1, 2] {
        groups.begin_turn();
        groups.push(ResponseGroup::of(number, &half));
        assert!(groups.take().is_some());
        groups.push(ResponseGroup::of(number, &half));
        assert!(groups.take().is_none() && groups.is_turn_over());
        groups.begin_turn();
        assert!(groups.take().is_some() && !groups.is_turn_over());
    }
}

#[test]
fn a_turn_ends_after_a_few_answers_that_the_thread_has_stayed_for() {
    let mut groups = ResponseGroups::default();
    for _ in 0..3 {
        groups.begin_turn();
        let mut answers = 0;
        while !groups.is_turn_over() {
            groups.note_stay();
            groups.add(answers, &response(false));
            answers += u32::from(groups.take().is_some());
        }
        assert_eq!(answers, 7);
        groups.begin_turn();
        assert!(groups.take().is_some());
    }
}

#[test]
fn a_turn_ends_with_a_piece_and_where_more_waits() {
    let mut groups = ResponseGroups::default();
    let cancellation = Cancellation::default();
    groups.push(ResponseGroup::of_piece(1, &piece("true"), &cancellation));
    assert_eq!(next(&mut groups), Some(vec![-1]));
    assert!(groups.is_turn_over());
    groups.add(2, &response(false));
    assert_eq!(next_of_turn(&mut groups), None);
    groups.push(ResponseGroup::of(1, &response(true)));
    assert_eq!(next(&mut groups), Some(vec![1]));
    assert_eq!(next_of_turn(&mut groups), None);
    assert!(groups.is_turn_over());
    assert_eq!(next(&mut groups), Some(vec![2]));
}

#[test]
fn responses_and_pieces_of_results_take_turns() {
    let cancellation = Cancellation::default();
    let mut groups = ResponseGroups::default();
    for _ in 0..4 {
        groups.push(ResponseGroup::of_piece(1, &piece("true"), &cancellation));
    }
    assert!(ResponseGroup::is_needed_for(&response(true)));
    groups.push(ResponseGroup::of(1, &response(true)));
    assert_eq!(next(&mut groups), Some(vec![-1]));
    groups.add(2, &response(false));
    groups.add(3, &response(false));
    let mut order = Vec::new();
    while let Some(numbers) = next(&mut groups) {
        // Who is answered calls again at once.
        if order.len() < 4 {
            groups.add(4, &response(false));
        }
        order.push(numbers);
    }
    let expected: [&[i64]; 7] = [&[-1], &[2, 3, 4], &[-1], &[4, 4], &[-1], &[4], &[1]];
    assert_eq!(order, expected);
}

#[test]
fn pieces_of_a_query_that_was_called_off_are_dropped_but_not_its_response() {
    let (first, second) = (Cancellation::default(), Cancellation::default());
    let mut groups = ResponseGroups::default();
    for (number, cancellation) in [(1, &first), (2, &second), (1, &first)] {
        groups.push(ResponseGroup::of_piece(number, &piece("1"), cancellation));
    }
    groups.push(ResponseGroup::of(1, &response(true)));
    first.cancel();
    assert_eq!(next(&mut groups), Some(vec![-2]));
    assert_eq!(next(&mut groups), Some(vec![1]));
    assert_eq!(next(&mut groups), None);

    groups.push(ResponseGroup::of_piece(2, &piece("1"), &second));
    groups.add(3, &response(false));
    groups.clear();
    assert_eq!(next(&mut groups), None);
}
