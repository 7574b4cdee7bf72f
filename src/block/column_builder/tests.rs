//! What is pushed is what the column has.

use super::super::column::Cell;
use super::*;

fn cells(column: &Column) -> Vec<Cell<'_>> {
    (0..column.rows()).map(|row| column.cell(row)).collect()
}

#[test]
fn rows_read_as_they_were_pushed() {
    let mut builder = ColumnBuilder::new();
    builder.push(1, "\"a\"");
    builder.push_unread(2);
    builder.push(3, "1.0");
    builder.push(4, "\"a\"");
    builder.push(6, "[1]");
    builder.push(7, "12");
    let column = builder.finish(9);
    let wanted = [
        Cell::Absent,
        Cell::Json("\"a\""),
        Cell::Unread,
        Cell::Json("1.0"),
        Cell::Json("\"a\""),
        Cell::Absent,
        Cell::Json("[1]"),
        Cell::Json("12"),
        Cell::Absent,
    ];
    assert_eq!(cells(&column), wanted);
    assert_eq!(column.values().len(), 4);
    assert!(column.numbers().is_empty());
}

#[test]
fn many_numbers_are_kept_as_numbers() {
    for (different, as_values) in [(256, true), (257, false)] {
        let mut builder = ColumnBuilder::new();
        for row in 0..1_000 {
            builder.push(row, &format!("{}.5", row % different));
        }
        builder.push(1_001, "1e3");
        builder.push(1_002, "null");
        let column = builder.finish(1_004);
        assert_eq!(column.numbers().is_empty(), as_values);
        assert_eq!(column.values().len(), if as_values { 258 } else { 2 });
        for row in 0..1_000 {
            let text = format!("{}.5", row % different);
            match column.cell(row) {
                Cell::Number(number) => assert_eq!(Some(number), json::written_number(&text)),
                cell => assert_eq!(cell, Cell::Json(&text)),
            }
        }
        let rest: Vec<Cell<'_>> = (1_000..1_004).map(|row| column.cell(row)).collect();
        let wanted = [
            Cell::Absent,
            Cell::Json("1e3"),
            Cell::Json("null"),
            Cell::Absent,
        ];
        assert_eq!(rest, wanted);
    }
}

#[test]
fn what_codes_cannot_tell_apart_is_unread() {
    let mut builder = ColumnBuilder::new();
    for row in 0..=VALUES_MAX {
        builder.push(row, &format!("\"{row}\""));
    }
    builder.push(VALUES_MAX + 1, "5");
    builder.push(ROWS_MAX, "true");
    let column = builder.finish(ROWS_MAX + 1);
    assert_eq!(column.cell(VALUES_MAX - 1), Cell::Json("\"65532\""));
    assert_eq!(column.cell(VALUES_MAX), Cell::Unread);
    assert_eq!(column.cell(VALUES_MAX + 1), Cell::Number(5.0));
    assert_eq!(column.cell(ROWS_MAX - 1), Cell::Absent);
    assert_eq!(column.cell(ROWS_MAX), Cell::Unread);
}

#[test]
fn values_that_are_pushed_apart_are_not_compared() {
    let mut builder = ColumnBuilder::new();
    builder.push_apart(0, "\"a\"");
    builder.push(1, "\"b\"");
    builder.push_apart(2, "\"b\"");
    builder.push_apart(3, "\"a\"");
    builder.push(4, "\"b\"");
    let column = builder.finish(5);
    let wanted = ["\"a\"", "\"b\"", "\"b\"", "\"a\"", "\"b\""].map(Cell::Json);
    assert_eq!(cells(&column), wanted);
    assert_eq!(column.codes(), [3, 4, 5, 6, 4]);

    let mut builder = ColumnBuilder::new();
    for row in 0..=VALUES_MAX {
        builder.push_apart(row, "\"a\"");
    }
    builder.push(VALUES_MAX + 1, "\"b\"");
    let column = builder.finish(VALUES_MAX + 2);
    assert_eq!(column.cell(VALUES_MAX - 1), Cell::Json("\"a\""));
    assert_eq!(column.cell(VALUES_MAX), Cell::Unread);
    assert_eq!(column.cell(VALUES_MAX + 1), Cell::Unread);
}

#[test]
fn a_string_is_known_again_by_its_beginning() {
    let mut builder = ColumnBuilder::new();
    assert_eq!(builder.push_string_again(0, b"\"a\""), None);
    builder.push(1, "\"a\"");
    assert_eq!(builder.push_string_again(2, b"\"a\",\"b\":1}"), Some(3));
    assert_eq!(builder.push_string_again(3, b"\"ab\""), None);
    assert_eq!(builder.push_string_again(3, b"\"a"), None);
    for raw in ["12", "true", "[1]", "1.0"] {
        builder.push(3, raw);
        assert_eq!(builder.push_string_again(4, raw.as_bytes()), None, "{raw}");
    }
    assert_eq!(builder.finish(3).cell(2), Cell::Json("\"a\""));
}

#[test]
fn prints_are_those_of_the_values() {
    let mut builder = ColumnBuilder::new();
    builder.push(0, "\"a\"");
    builder.push_unread(1);
    builder.push(2, "1.5");
    builder.push(4, "1.50");
    builder.push(5, "[]");
    let print = |raw| print_of(raw).unwrap();
    let wanted = [
        (0, print("\"a\"")),
        (1, PRINT_UNREAD),
        (2, print("1.5")),
        (4, print("1.5")),
        (5, PRINT_UNREAD),
    ];
    assert_eq!(builder.prints(), wanted);
}
