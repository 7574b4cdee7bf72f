//! Logs of many events, made of a few: so that blocks have several groups of events, and columns many different values.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::erased::is_erased;
use crate::testing::Stored;

/// What repeated events have in one place of their payload, in which the first ones have something else.
#[derive(Clone, Copy, Debug)]
pub enum Varied {
    /// What the first ones have.
    Nothing,
    /// Whole numbers, in `b`.
    Whole,
    /// Numbers with quarters, in `b`.
    Quarters,
    /// Texts that are alike but for a number, in `b`.
    Numbered,
    /// Texts of some words, in `b`.
    Words,
    /// Objects in an array, in `a`.
    Elements,
}

/// How many times the events of a story come, and with what.
#[derive(Clone, Copy, Debug)]
pub struct Growth {
    /// So often.
    pub times: u32,
    /// With that.
    pub varied: Varied,
}

impl Growth {
    /// The events, and those that are made of them.
    #[must_use]
    pub fn of(self, events: &[Stored]) -> Vec<Stored> {
        let rounds = 0..u64::from(self.times);
        let grown = rounds.flat_map(|round| {
            let places = (round * events.len() as u64..).zip(events);
            places.map(move |(place, event)| match round {
                0 => event.clone(),
                _ => self.varied.in_payload(place, event),
            })
        });
        grown.collect()
    }
}

/// How logs grow that have many events.
pub fn growth() -> impl Strategy<Value = Growth> {
    let varied = prop::sample::select(vec![
        Varied::Nothing,
        Varied::Whole,
        Varied::Quarters,
        Varied::Numbered,
        Varied::Words,
        Varied::Elements,
    ]);
    (20..70_u32, varied).prop_map(|(times, varied)| Growth { times, varied })
}

impl Varied {
    fn in_payload(self, place: u64, event: &Stored) -> Stored {
        let mut event = event.clone();
        // Knuth's multiplicative hashing, so that neighbours have little in common.
        let number = place.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        // Some have none of these values, and what was erased has no payload.
        if number.is_multiple_of(7) || is_erased(&event.payload) {
            return event;
        }
        let (key, value) = match self {
            Self::Nothing => return event,
            Self::Whole => ("b", json!(whole(number))),
            Self::Quarters => ("b", json!(f64::from(whole(number)) / 4.0)),
            Self::Numbered => ("b", json!(format!("a-{}", number % 3000))),
            Self::Words => ("b", json!(words(number))),
            Self::Elements => ("a", json!([{ "b": whole(number) }, { "b": number % 5 }])),
        };
        let mut payload: Value = serde_json::from_str(&event.payload).unwrap();
        payload[key] = value;
        event.payload = payload.to_string();
        event
    }
}

/// One of 1,201 numbers around 0.
fn whole(number: u64) -> i32 {
    (number % 1201) as i32 - 600
}

fn words(mut number: u64) -> String {
    const WORDS: [&str; 8] = ["a", "ab", "x", "B", "😀", "\"", "the", "\u{e000}"];
    let mut words = Vec::new();
    while number > 0 {
        words.push(WORDS[(number % 8) as usize]);
        number /= 8;
    }
    words.join(" ")
}
