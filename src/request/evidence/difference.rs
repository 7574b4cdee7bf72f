//! Which events are not those that were hashed: changed, removed, put in, or in another order.

use std::ops::Range;

use crate::evidence::print::Print;

/// How far away an event is looked for that is not in its place.
const WINDOW: usize = 256;

/// So many events in a row, none of which is known again, are a part of the log that is another one.
const UNKNOWN_MAX: usize = 256;

/// Compares events with what is kept of them, from one index up to another. The event of index 0 is at position `first`. Returns what differs, and whether the comparison ended there: once an event is missing, or was
/// put in, no event after it is where it was.
pub(super) fn differences(
    kept: &[Print],
    found: &[Print],
    compared: Range<usize>,
    first: u64,
) -> (Vec<(u64, String)>, bool) {
    let mut differences = Vec::new();
    let mut unknown = 0;
    for at in compared.start..compared.end.min(kept.len()).min(found.len()) {
        let position = first + at as u64;
        let (expected, is) = (kept[at], found[at]);
        if expected == is {
            unknown = 0;
            continue;
        }
        if expected.id == is.id {
            let text = "the event was changed after it was hashed".to_owned();
            differences.push((position, text));
            continue;
        }
        let was_at = near(kept, at, is);
        let is_at = near(found, at, expected);
        match (was_at, is_at) {
            (Some(was_at), Some(_)) => {
                let was = first + was_at as u64;
                let text = format!("events are in another order: this one was at position {was}");
                differences.push((position, text));
            }
            (Some(was_at), None) if was_at > at => {
                let count = was_at - at;
                let text = format!(
                    "{} removed before the event that is here",
                    events_were(count)
                );
                differences.push((position, text));
                return (differences, true);
            }
            (None, Some(is_at)) if is_at > at => {
                let count = is_at - at;
                let text = format!("{} put in here", events_were(count));
                differences.push((position, text));
                return (differences, true);
            }
            _ => {
                unknown += 1;
                if unknown > UNKNOWN_MAX {
                    let text = "from here on no event is the one that was hashed".to_owned();
                    differences.push((position, text));
                    return (differences, true);
                }
                let text = "another event is in the place of the one that was hashed".to_owned();
                differences.push((position, text));
            }
        }
    }
    (differences, false)
}

fn events_were(count: usize) -> String {
    match count {
        1 => "one event was".to_owned(),
        count => format!("{count} events were"),
    }
}

/// Where an event with that id is, not far from a place.
fn near(prints: &[Print], at: usize, event: Print) -> Option<usize> {
    let from = at.saturating_sub(WINDOW);
    let near = prints.get(from..prints.len().min(at + WINDOW))?;
    // First after the place: what was removed or put in moves events that way.
    let after = (at - from..near.len()).find(|index| near[*index].id == event.id);
    let before = || (0..(at - from).min(near.len())).find(|index| near[*index].id == event.id);
    after.or_else(before).map(|index| from + index)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The prints of events with these ids, as they are at their positions.
    fn prints(ids: &[u32]) -> Vec<Print> {
        let print = |(at, id): (usize, &u32)| Print {
            id: id.to_le_bytes(),
            leaf: (id * 1_000 + at as u32).to_le_bytes(),
        };
        ids.iter().enumerate().map(print).collect()
    }

    fn told(ids: &[u32]) -> (Vec<(u64, String)>, bool) {
        let kept = prints(&(0..20).collect::<Vec<u32>>());
        differences(&kept, &prints(ids), 0..20, 101)
    }

    fn ids_without(removed: std::ops::Range<u32>) -> Vec<u32> {
        (0..20).filter(|id| !removed.contains(id)).collect()
    }

    #[test]
    fn events_that_are_as_they_were_do_not_differ() {
        assert_eq!(told(&ids_without(0..0)), (vec![], false));
    }

    #[test]
    fn an_event_that_was_changed_is_named_and_so_is_the_next_one() {
        let mut found = prints(&ids_without(0..0));
        found[3].leaf = [9; 4];
        found[19].leaf = [9; 4];
        let kept = prints(&ids_without(0..0));
        let (told, is_lost) = differences(&kept, &found, 0..20, 101);
        let positions: Vec<u64> = told.iter().map(|(position, _)| *position).collect();
        assert_eq!((positions, is_lost), (vec![104, 120], false));
        assert!(told[0].1.contains("was changed"), "{told:?}");
    }

    #[test]
    fn events_that_were_removed_or_put_in_are_counted() {
        let (told_one, is_lost) = told(&ids_without(5..6));
        assert_eq!((told_one.len(), told_one[0].0, is_lost), (1, 106, true));
        assert!(
            told_one[0].1.starts_with("one event was removed"),
            "{told_one:?}"
        );
        let (several, _) = told(&ids_without(5..8));
        assert!(
            several[0].1.starts_with("3 events were removed"),
            "{several:?}"
        );

        let mut ids = ids_without(0..0);
        ids.insert(7, 77);
        let (put_in, is_lost) = told(&ids);
        assert_eq!((put_in.len(), put_in[0].0, is_lost), (1, 108, true));
        assert!(
            put_in[0].1.starts_with("one event was put in"),
            "{put_in:?}"
        );
    }

    #[test]
    fn events_in_another_order_say_where_they_were() {
        let mut ids = ids_without(0..0);
        ids.swap(4, 9);
        let (told, is_lost) = told(&ids);
        let positions: Vec<u64> = told.iter().map(|(position, _)| *position).collect();
        assert_eq!((positions, is_lost), (vec![105, 110], false));
        assert!(told[0].1.ends_with("was at position 110"), "{told:?}");
        assert!(told[1].1.ends_with("was at position 105"), "{told:?}");
    }

    #[test]
    fn an_event_in_the_place_of_another_one_is_named() {
        let mut ids = ids_without(0..0);
        ids[6] = 66;
        let (told, is_lost) = told(&ids);
        assert_eq!((told.len(), told[0].0, is_lost), (1, 107, false));
        assert!(told[0].1.starts_with("another event"), "{told:?}");
    }

    #[test]
    fn a_log_that_is_another_one_from_some_event_on_is_told_once() {
        let kept = prints(&(0..2_000).collect::<Vec<u32>>());
        let found: Vec<u32> = (0..2_000)
            .map(|id| if id < 5 { id } else { id + 5_000 })
            .collect();
        let (told, is_lost) = differences(&kept, &prints(&found), 0..2_000, 1);
        assert_eq!((told.len(), is_lost), (UNKNOWN_MAX + 1, true));
        let (position, text) = told.last().unwrap();
        assert_eq!(*position, 6 + UNKNOWN_MAX as u64);
        assert!(text.starts_with("from here on"), "{text}");
    }
}
