//! A commit as those make it who take positions from a sequence, for the tests that have to notice it.

use super::columns::EventColumns;
use super::locked;
use crate::failure::Failure;
use crate::session::Session;
use crate::staging::Staged;

const POSITIONS: &str = "SELECT nextval('positions') FROM generate_series(1, $1::bigint)";

const MOVE_HEAD: &str = "UPDATE heads SET commits = commits + 1, token = $2, position = greatest(position, $3) \
     WHERE instance = $1";

/// Stores events at the next positions of a sequence, and then moves the head on to the last of them.
pub(super) fn send(
    session: &mut Session,
    staged: &Staged,
    (number, token): (u32, i64),
) -> Result<bool, Failure> {
    session.run("CREATE SEQUENCE IF NOT EXISTS positions")?;
    let Some(after) = staged.instances.get(&number) else {
        return Ok(false);
    };
    let rows = session.rows(POSITIONS, &[&(after.records.len() as i64)])?;
    let positions = rows.iter().map(|row| row.get::<_, i64>(0));
    let mut events = EventColumns::default();
    for (found, position) in staged.records_of(after).zip(positions.clone()) {
        let (_, record) = found.map_err(|fault| Failure::Told(fault.into()))?;
        events.push(position as u64, &record);
    }
    locked::insert(session, number, &events)?;
    let last = positions.max().unwrap_or_default();
    session.rows(MOVE_HEAD, &[&(number as i32), &token, &last])?;
    Ok(true)
}
