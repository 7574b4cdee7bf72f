//! Sorting out rows by what a column says of them.

use super::chunk::{Chunk, Known};
use super::places::Places;
use super::rows::Rows;
use super::values::RowValues;
use crate::block::{
    ABSENT, Column, FIRST_VALUE, NUMBER, PRINT_ABSENT, PRINT_UNREAD, Stored, UNREAD, Values,
};
use crate::query::grammar::condition::Condition;
use crate::query::grammar::event_key::EventKey;
use crate::query::grammar::field::Field;
use crate::query::grammar::field_comparison::FieldComparison;
use crate::query::grammar::time_test::TimeTest;
use crate::query::grammar::value_test::ValueTest;
use crate::query::value::Value;
use crate::query::value::found::Found;

/// What escapes in JSON texts begin with.
const ESCAPE: &str = "\\";

/// What a condition has made of some rows.
#[derive(Debug)]
pub(in crate::query) struct Sifted {
    /// The rows that pass, or may.
    pub(in crate::query) rows: Rows,
    /// Those of them that only their events can tell about.
    pub(in crate::query) doubtful: Rows,
}

impl Condition {
    /// Tests some rows of a chunk by its columns; `None` where their events have to be read.
    pub(in crate::query) fn sift<C: Chunk>(
        &self,
        chunk: &C,
        among: &Rows,
    ) -> Result<Option<Sifted>, C::Fault> {
        let (field, test) = match self {
            Self::Time(test) => {
                let times = chunk.times()?;
                return Ok(times.map(|times| by_times(&times, test, among)));
            }
            Self::Exists(field, wanted) => return field.sift_existence(*wanted, chunk, among),
            Self::Fields(comparison) => return comparison.sift(chunk, among),
            Self::Value(field, test) => (field, test),
        };
        if field.key() == EventKey::Position {
            return Ok(Some(by_places(&Places::of_chunk(chunk), test, among)));
        }
        let known = match test.plain_texts() {
            Some(mut texts) => {
                // What has an escape may be one of the texts, written otherwise.
                texts.push(ESCAPE);
                field.column_seeking(chunk, &texts)?
            }
            None => field.column_of(chunk)?,
        };
        Ok(match known {
            Known::Stored(Stored::Column(column)) => Some(by_column(&column, test, among)),
            Known::Stored(Stored::Prints(prints)) => by_prints(&prints, test, among),
            Known::Nothing => None,
        })
    }
}

impl Field {
    /// Tests whether there is something at the field.
    fn sift_existence<C: Chunk>(
        &self,
        wanted: bool,
        chunk: &C,
        among: &Rows,
    ) -> Result<Option<Sifted>, C::Fault> {
        let answer = |exists: bool| CodeAnswer::of(exists == wanted);
        let column = self.column_of(chunk)?;
        Ok(match column {
            Known::Stored(Stored::Column(column)) => {
                let codes = column.codes();
                Some(
                    Sifted::new(among).sift(|row| match codes.get(row).copied() {
                        None | Some(UNREAD) => CodeAnswer::Doubtful,
                        Some(code) => answer(code != ABSENT),
                    }),
                )
            }
            Known::Stored(Stored::Prints(prints)) => {
                Some(
                    Sifted::new(among).sift(|row| match prints.get(row).copied() {
                        None | Some(PRINT_UNREAD) => CodeAnswer::Doubtful,
                        Some(print) => answer(print != PRINT_ABSENT),
                    }),
                )
            }
            Known::Nothing => None,
        })
    }
}

impl FieldComparison {
    /// Tests rows by the columns of both fields.
    fn sift<C: Chunk>(&self, chunk: &C, among: &Rows) -> Result<Option<Sifted>, C::Fault> {
        let of = |field| RowValues::of_chunk(field, chunk);
        let (Some(values), Some(others)) = (of(&self.field)?, of(&self.other)?) else {
            return Ok(None);
        };
        Ok(Some(Sifted::new(among).sift(|row| {
            match (values.found(row), others.found(row)) {
                (Some(found), Some(other)) => CodeAnswer::of(self.holds(found, other)),
                _ => CodeAnswer::Doubtful,
            }
        })))
    }
}

/// Tests rows by the places of their events.
pub(in crate::query) fn by_places(places: &Places, test: &ValueTest, among: &Rows) -> Sifted {
    let mut rows = among.clone();
    rows.retain(|row| test.holds(&Found::Whole(places.of(row)).value()));
    Sifted {
        rows,
        doubtful: Rows::none(among.capacity()),
    }
}

/// What is known of the rows with one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CodeAnswer {
    Fails,
    Passes,
    Doubtful,
    ByNumber,
}

impl CodeAnswer {
    const fn of(holds: bool) -> Self {
        if holds { Self::Passes } else { Self::Fails }
    }
}

impl Sifted {
    fn new(among: &Rows) -> Self {
        Self {
            rows: among.clone(),
            doubtful: Rows::none(among.capacity()),
        }
    }

    fn sift(mut self, answer: impl Fn(usize) -> CodeAnswer) -> Self {
        let doubtful = &mut self.doubtful;
        self.rows.retain(|row| match answer(row) {
            CodeAnswer::Passes => true,
            CodeAnswer::Doubtful => {
                doubtful.insert(row);
                true
            }
            CodeAnswer::Fails | CodeAnswer::ByNumber => false,
        });
        self
    }
}

/// Tests rows by their column.
pub(in crate::query) fn by_column(column: &Column, test: &ValueTest, among: &Rows) -> Sifted {
    let answer = CodeAnswer::of;
    let mut answers = vec![CodeAnswer::Fails; usize::from(FIRST_VALUE)];
    answers[usize::from(ABSENT)] = answer(test.holds(&Value::Null));
    answers[usize::from(UNREAD)] = CodeAnswer::Doubtful;
    answers[usize::from(NUMBER)] = CodeAnswer::ByNumber;
    match test.plain_texts() {
        Some(texts) => answers.extend(by_texts(column.values(), test, &texts)),
        None => {
            let holds = |raw: &str| test.holds(&Found::Json(raw).value());
            answers.extend(column.values().iter().map(|raw| answer(holds(raw))));
        }
    }
    let (codes, numbers) = (column.codes(), column.numbers());
    // Without a way out of the loop, it looks at several codes at once.
    let is_plain = |plain, code: &u16| plain & (*code != UNREAD) & (*code != NUMBER);
    if codes.len() == among.capacity() && codes.iter().fold(true, is_plain) {
        let passes = |answer: &CodeAnswer| u8::from(*answer == CodeAnswer::Passes);
        let mut sifted = Sifted::new(among);
        let passing: Vec<u8> = answers.iter().map(passes).collect();
        sifted.rows.retain_coded(codes, &passing);
        return sifted;
    }
    let of = |row: usize| {
        let code = codes.get(row).copied().unwrap_or(UNREAD);
        let by_code = answers.get(usize::from(code)).copied();
        match by_code.unwrap_or(CodeAnswer::Doubtful) {
            CodeAnswer::ByNumber => numbers.get(row).map_or(CodeAnswer::Doubtful, |number| {
                answer(test.holds(&Value::Number(*number)))
            }),
            known => known,
        }
    };
    Sifted::new(among).sift(of)
}

/// Tests the values of a column where only those can pass that have one of the `texts` in their JSON text, unless
/// that is escaped.
fn by_texts(values: &Values, test: &ValueTest, texts: &[&str]) -> Vec<CodeAnswer> {
    let mut answers = vec![CodeAnswer::Fails; values.len()];
    let mut take = |number: usize| {
        let holds = |raw: &str| test.holds(&Found::Json(raw).value());
        if let (Some(answer), Some(raw)) = (answers.get_mut(number), values.get(number))
            && holds(raw)
        {
            *answer = CodeAnswer::Passes;
        }
    };
    for text in texts {
        values.containing(text).for_each(&mut take);
    }
    values.containing(ESCAPE).for_each(&mut take);
    answers
}

/// Tests rows by the prints of their values, or not at all: prints tell only what is not equal.
pub(in crate::query) fn by_prints(
    prints: &[u16],
    test: &ValueTest,
    among: &Rows,
) -> Option<Sifted> {
    let (wanted, other) = match test {
        ValueTest::Eq(literal) => (literal.prints()?, CodeAnswer::Fails),
        ValueTest::Neq(literal) => (literal.prints()?, CodeAnswer::Passes),
        ValueTest::In(set) => (set.prints()?, CodeAnswer::Fails),
        ValueTest::NotIn(set) => (set.prints()?, CodeAnswer::Passes),
        _ => return None,
    };
    let of_absent = CodeAnswer::of(test.holds(&Value::Null));
    let of = |row: usize| match prints.get(row).copied().unwrap_or(PRINT_UNREAD) {
        PRINT_ABSENT => of_absent,
        PRINT_UNREAD => CodeAnswer::Doubtful,
        print if wanted.contains(&print) => CodeAnswer::Doubtful,
        _ => other,
    };
    Some(Sifted::new(among).sift(of))
}

/// Tests rows by their times.
pub(in crate::query) fn by_times(times: &[i64], test: &TimeTest, among: &Rows) -> Sifted {
    Sifted::new(among).sift(|row| match times.get(row) {
        Some(ms) if test.holds(*ms) => CodeAnswer::Passes,
        Some(_) => CodeAnswer::Fails,
        None => CodeAnswer::Doubtful,
    })
}
