// Erasing events: what is gone, what stays, and what cannot be erased.

import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';

import test from 'ava';

import { toCloudEvent } from '../index.mjs';
import { REASON, erased, fill, found, instance, ofFirst } from './support/erasing.mjs';
import { all } from './support/reading.mjs';
import { failed, succeeded } from './support/response.mjs';
import {
  inFiles,
  openAt,
  openLog,
  temporaryFolder,
  temporaryPath,
  testOfFiles,
} from './support/temporary.mjs';

testOfFiles(
  'the bytes of what is erased are not in the file, and the events say that',
  async (t) => {
    const path = await temporaryPath(t);
    const log = await openAt(t, path);
    const secrets = await fill(t, log, 5000);
    await log.compact();
    secrets.push(...(await fill(t, log, 100)));
    t.true(found(secrets, await readFile(path)) > 10);
    const before = await all(log.readAll({ instance }));
    const { at, ...rest } = await erased(t, log, { where: ofFirst });
    const none = { erasedBefore: 0, absent: 0, dropped: 0 };
    t.deepEqual(rest, { instanceId: before[0].instanceId, events: 2550, ...none });
    t.is(found(secrets, await readFile(path)), 0);

    const reader = await openAt(t, path, { readOnly: true });
    for (const each of [log, reader]) {
      const after = await all(each.readAll({ instance }));
      t.deepEqual(
        after,
        before.map((event, index) =>
          index % 2 === 1
            ? event
            : { ...event, payload: {}, metadata: {}, erased: { at, reason: REASON } },
        ),
      );
    }
    const report = succeeded(t, await log.verify(), 'verify');
    t.deepEqual([report.intact, report.problems], [true, []]);
    const copy = `${await temporaryFolder(t)}/copy.redb`;
    succeeded(t, await log.backup(copy), 'backup');
    t.is(found(secrets, await readFile(copy)), 0);
  },
);

testOfFiles('every answer says that an event is erased, and none has what was in it', async (t) => {
  const log = await openLog(t);
  const secrets = await fill(t, log, 10);
  const { at } = await erased(t, log, { positions: [1, 3] });
  const gone = { at, reason: REASON };
  const from = { instance };
  const first = { field: 'position', operator: 'eq', value: 3 };

  const queried = async (query) => succeeded(t, await log.queryEvents(query), 'queryEvents').result;
  const { events } = await queried({ from });
  t.deepEqual(events[0].erased, gone);
  t.false('erased' in events[1]);
  const text = await log.queryEvents({ from }, { format: 'json' });
  t.deepEqual(JSON.parse(text).data.result.events, events);
  for (const [select, expected] of [
    [['payload'], { payload: {}, erased: gone }],
    [['payload.n'], { erased: gone }],
    [['metadata', 'event_type'], { event_type: 'signed-up', metadata: {}, erased: gone }],
    [['position'], { position: 3 }],
  ]) {
    const result = await queried({ from, where: [first], select });
    t.deepEqual(result.events, [expected], `${select}`);
  }
  // It has no fields.
  for (const [condition, count] of [
    [{ field: 'payload.customer', operator: 'eq', value: 'c0' }, 3],
    [{ field: 'payload.n', operator: 'exists', value: false }, 2],
    [{ field: 'metadata.by', operator: 'exists', value: true }, 8],
    [{ field: 'event_type', operator: 'eq', value: 'signed-up' }, 10],
  ]) {
    const query = { from, where: [condition], reduce: { type: 'count' } };
    t.is((await queried(query)).aggregation, count);
    t.is((await all(log.readAll({ instance, where: [condition] }))).length, count);
  }
  const [event] = await all(log.readStream({ instance, stream: 's0' }));
  t.deepEqual(event.erased, gone);
  const lines = Buffer.concat(await all(log.readAll({ instance, format: 'jsonl' })));
  t.deepEqual(JSON.parse(lines.toString().split('\n')[0]).erased, gone);
  for await (const followed of log.subscribe({ instance })) {
    t.deepEqual(followed.erased, gone);
    break;
  }
  const cloudEvent = toCloudEvent(events[0]);
  t.deepEqual([cloudEvent.data, cloudEvent.eventlogerased], [{}, at]);
  for (const format of ['cloudevents', 'csv']) {
    const exported = Buffer.concat(await all(log.exportEvents({ format })));
    t.is(found(secrets.slice(0, 4), exported), 0, format);
    if (format === 'cloudevents') t.true(exported.includes(`"eventlogerased":"${at}"`));
  }
});

testOfFiles('erasures are listed, and an event is erased once', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 10);
  const listed = async () =>
    succeeded(t, await log.listErasures({ instance }), 'listErasures').erasures;
  t.deepEqual(await listed(), []);
  const one = await erased(t, log, { positions: [2, 3, 7] });
  const other = await erased(t, log, { positions: [3, 4], reason: 'another' });
  t.deepEqual([one.events, one.erasedBefore], [3, 0]);
  t.deepEqual([other.events, other.erasedBefore], [1, 1]);
  const expected = [
    {
      at: one.at,
      reason: REASON,
      events: 3,
      positions: [
        [2, 3],
        [7, 7],
      ],
    },
    { at: other.at, reason: 'another', events: 1, positions: [[4, 4]] },
  ];
  t.deepEqual(await listed(), expected);
  const again = await erased(t, log, { positions: [2] });
  t.deepEqual([again.events, again.erasedBefore, again.at], [0, 1, null]);
  t.is(
    (await erased(t, log, { where: [{ field: 'payload.n', operator: 'gt', value: 99 }] })).events,
    0,
  );
  t.deepEqual(await listed(), expected);
});

testOfFiles('a repeated call is known, and conditions look past what is erased', async (t) => {
  const log = await openLog(t);
  const call = {
    instanceId: instance,
    eventType: 'made',
    payload: { secret: 'x' },
    idempotencyKey: 'k',
    autoCreateInstance: true,
  };
  succeeded(t, await log.appendEvent(call), 'appendEvent');
  const failIf = [{ where: [{ field: 'payload.secret', operator: 'eq', value: 'x' }] }];
  const next = { instanceId: instance, eventType: 'next', payload: {}, failIf };
  failed(
    t,
    (({ conflict: _, ...rest }) => rest)(await log.appendEvent(next)),
    'appendEvent',
    'CONDITION_FAILED',
  );
  await erased(t, log, { positions: [1] });
  const [{ position: _, ...read }] = await all(log.readAll({ instance }));
  t.deepEqual([read.payload, read.erased.reason], [{}, REASON]);
  // What is given then is not what is stored, and need not be what was.
  for (const given of [call, { ...call, payload: { secret: 'y' } }]) {
    const again = succeeded(t, await log.appendEvent(given), 'appendEvent');
    t.deepEqual(again, { event: read, duplicate: true });
    const text = await log.callJson('appendEvent', JSON.stringify(given));
    t.deepEqual(JSON.parse(text.json).data, again);
  }
  succeeded(t, await log.appendEvent(next), 'appendEvent');
});

testOfFiles('a repeated batch has what is left of its events', async (t) => {
  const log = await openLog(t);
  const events = Array.from({ length: 2100 }, (_, n) => ({
    eventType: 'made',
    payload: { n, secret: 's' },
  }));
  const call = { instanceId: instance, events, idempotencyKey: 'k', autoCreateInstance: true };
  const first = succeeded(t, await log.appendEvents(call), 'appendEvents');
  const { at } = await erased(t, log, { positions: [2], fields: ['payload.secret'] });
  const again = succeeded(t, await log.appendEvents(call), 'appendEvents');
  const gone = { at, reason: REASON, fields: ['payload.secret'] };
  const left = { ...first.events[1], payload: { n: 1 }, erased: gone };
  t.true(
    isDeepStrictEqual(again, {
      events: first.events.with(1, left),
      count: 2100,
      duplicate: true,
    }),
  );
});

testOfFiles('snapshots of projections go with what they were made of', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 10);
  const projection = {
    instance,
    name: 'names',
    initial: [],
    apply: (names, event) => [...names, event.payload.name ?? 'nobody'],
  };
  const { state: before } = await log.project(projection);
  await erased(t, log, { positions: [5] });
  const { state: after } = await log.project(projection);
  t.deepEqual(after, before.with(4, 'nobody'));
});

testOfFiles('a log in memory, and events that were trimmed', async (t) => {
  const log = await openAt(t, ':memory:');
  await fill(t, log, 10);
  succeeded(t, await log.trimEvents({ instance, beforePosition: 4 }), 'trimEvents');
  t.is((await erased(t, log, { positions: [3, 4, 10] })).events, 3);
  const events = await all(log.readAll({ instance }));
  t.deepEqual(
    events.map((event) => 'erased' in event),
    [true, false, false, false, false, false, true],
  );
  t.true(succeeded(t, await log.verify(), 'verify').intact);
});

testOfFiles('what cannot be erased is refused, and nothing is', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(t, log, 3);
  const where = ofFirst;
  for (const [options, code, pattern] of [
    [undefined, 'INVALID_ARGUMENT', /instance/],
    [{ instance, reason: 'r' }, 'INVALID_ARGUMENT', /positions: expected an array of positions/],
    [{ instance, reason: 'r', positions: [1], where }, 'INVALID_ARGUMENT', /either positions or/],
    [{ instance, reason: 'r', where: [] }, 'INVALID_ARGUMENT', /at least one, found none/],
    [{ instance, reason: 'r', where: 'all' }, 'INVALID_ARGUMENT', /where: expected conditions/],
    [
      { instance, reason: 'r', positions: [0] },
      'INVALID_ARGUMENT',
      /positions\[0\]: expected a pos/,
    ],
    [{ instance, reason: 'r', positions: [4] }, 'INVALID_ARGUMENT', /that of the last event, 3/],
    [{ instance, reason: 'r', positions: ['1'] }, 'INVALID_ARGUMENT', /positions\[0\]/],
    [{ instance, positions: [1] }, 'INVALID_ARGUMENT', /reason: expected a string/],
    [{ instance, reason: '', positions: [1] }, 'INVALID_ARGUMENT', /reason/],
    [{ instance, reason: 'x'.repeat(1025), positions: [1] }, 'LIMIT_EXCEEDED', /reason/],
    [{ instance, reason: 'r', positions: [1], fields: [] }, 'INVALID_ARGUMENT', /fields/],
    [{ instance: 'none', reason: 'r', positions: [1] }, 'INSTANCE_NOT_FOUND', /none/],
    [{ instance: 'none', reason: 'r', where }, 'INSTANCE_NOT_FOUND', /none/],
    [{ instance, reason: 'r', positions: [1], signal: AbortSignal.abort() }, 'ABORTED', /abort/],
  ]) {
    failed(t, await log.eraseEvents(options), 'eraseEvents', code, pattern);
  }
  const reader = await openAt(t, path, { readOnly: true });
  failed(
    t,
    await reader.eraseEvents({ instance, reason: 'r', positions: [1] }),
    'eraseEvents',
    'INVALID_ARGUMENT',
    /read/,
  );
  t.deepEqual((await log.listErasures({ instance })).data.erasures, []);
});

if (!inFiles) {
  test('a log in PostgreSQL says why it erases nothing', async (t) => {
    const log = await openLog(t);
    await fill(t, log, 1);
    const response = await log.eraseEvents({ instance, reason: 'r', positions: [1] });
    failed(t, response, 'eraseEvents', 'INVALID_ARGUMENT', /nothing is promised to be gone/);
  });
}
