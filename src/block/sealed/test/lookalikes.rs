//! Events as the benchmark has them.

use super::rebuilding::Random;
use super::{Given, check};
use crate::block::EVENTS;

#[test]
fn readings_of_a_thousand_sensors_are_rebuilt() {
    let mut random = Random(23);
    let rows: Vec<Given> = (0..EVENTS)
        .map(|number| {
            let (value, sensor) = (random.below(100_000), random.below(1_000));
            let site = ["north", "east", "south", "west"][random.below(4) as usize];
            #[expect(clippy::cast_precision_loss, reason = "any number will do")]
            let value = value as f64 / 1_000.0;
            let mut given = Given::of(number, format!("{{\"value\":{value},\"site\":\"{site}\"}}"));
            given.stream_id = format!("sensor-{sensor}");
            given.metadata = "{}".to_owned();
            // So rare that it is not among those that a form is chosen by.
            given.event_type = if number % 900 == 77 {
                "alarm"
            } else {
                "reading"
            }
            .to_owned();
            given
        })
        .collect();
    let bytes = check(&rows);
    assert!(bytes.len() < 16 * EVENTS, "{}", bytes.len());
}
