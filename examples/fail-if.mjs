// Decides by a query over all streams, and stores what was decided only if the query would still find
// the same: several processes sell the seats of a hall, none of them twice.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { EventLog } from 'codebolt-eventlog';

const SEATS = 40;
const booked = [{ field: 'event_type', operator: 'eq', value: 'booked' }];

function unwrap({ success, data, error }) {
  assert.equal(success, true, error);
  return data;
}

/** Books a seat for a customer. Returns which, or `undefined` if none is left. */
async function book(log, customer) {
  for (;;) {
    // The position first: what comes after it is found by `failIf`, whether or not the query sees it.
    const { eventCount } = unwrap(await log.getInstanceStats('hall'));
    const query = { from: { instance: 'hall' }, where: booked, reduce: { type: 'count' } };
    const seat = unwrap(await log.queryEvents(query)).result.aggregation + 1;
    if (seat > SEATS) return undefined;
    const response = await log.appendEvent({
      instanceId: 'hall',
      streamId: customer,
      eventType: 'booked',
      payload: { seat },
      failIf: { where: booked, afterPosition: eventCount },
    });
    if (response.success) return seat;
    assert.equal(response.code, 'CONDITION_FAILED', response.error);
  }
}

async function sell(path) {
  const log = await EventLog.open(path);
  let sold = 0;
  while ((await book(log, `customer-${process.pid}-${sold}`)) !== undefined) sold += 1;
  await log.close();
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'eventlog-fail-if-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'log.redb');
  const log = await EventLog.open(path);
  unwrap(await log.createInstance('hall'));

  const program = fileURLToPath(import.meta.url);
  const sellers = Array.from({ length: 3 }, () =>
    spawn(process.execPath, [program, path], { stdio: 'inherit' }),
  );
  const ends = await Promise.all(sellers.map((seller) => once(seller, 'exit')));
  for (const [code] of ends) assert.equal(code, 0);

  const { events } = unwrap(await log.queryEvents({ from: { instance: 'hall' } })).result;
  const seats = events.map(({ payload }) => payload.seat);
  assert.deepEqual(
    seats,
    Array.from({ length: SEATS }, (_, index) => index + 1),
  );
  console.log(`${seats.length} seats were sold, each of them once`);
  await log.close();
}

const [path] = process.argv.slice(2);
await (path === undefined ? main() : sell(path));
