// Erasing fields of events: what is gone, what is left, and how it is told.

import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';

import { EventLog, toCloudEvent } from '../index.mjs';
import { REASON, erased, fill, found, instance, ofFirst } from './support/erasing.mjs';
import { all } from './support/reading.mjs';
import { failed, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath, testOfFiles } from './support/temporary.mjs';

const FIELDS = ['payload.name', 'metadata.by', 'payload.none'];

testOfFiles('the bytes of fields are not in the file, and the rest is as it was', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  const secrets = await fill(t, log, 5000);
  await log.compact();
  secrets.push(...(await fill(t, log, 100)));
  const isName = (_, index) => index % 2 === 0;
  const [names, hashes] = [secrets.filter(isName), secrets.filter((...of) => !isName(...of))];
  const before = await all(log.readAll({ instance }));
  const { at, ...rest } = await erased(t, log, { where: ofFirst, fields: FIELDS });
  const none = { erasedBefore: 0, absent: 0, dropped: 0 };
  t.deepEqual(rest, { instanceId: before[0].instanceId, events: 2550, ...none });
  const bytes = await readFile(path);
  t.is(found(names, bytes), 0);
  // Those of the others are there, and so is what is left of these: the same bytes would be looked for.
  t.true(found(hashes, bytes) > 10);

  const gone = { at, reason: REASON, fields: ['payload.name', 'metadata.by'] };
  const after = before.map((event) => {
    if (event.payload.customer !== 'c0') return event;
    const { name: _, ...payload } = event.payload;
    return { ...event, payload, metadata: {}, erased: gone };
  });
  const check = async (reader) => {
    const events = await all(reader.readAll({ instance }));
    // What a test would show of a difference takes it a minute to find.
    t.true(isDeepStrictEqual(events, after));
    t.deepEqual(Object.keys(events[0].payload), ['n', 'customer', 'hash']);
    t.true(succeeded(t, await reader.verify(), 'verify').intact);
  };
  await check(log);
  await log.close();
  const reopened = await openAt(t, path);
  await check(reopened);
  await reopened.compact();
  await check(reopened);
  t.is(found(names, await readFile(path)), 0);
});

testOfFiles('what is left is found, and says what is not, wherever it is shown', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 10);
  await log.compact();
  const { at } = await erased(t, log, { where: ofFirst, fields: ['/payload/name'] });
  const gone = { at, reason: REASON, fields: ['payload.name'] };
  const from = { instance };
  const first = { field: 'position', operator: 'eq', value: 3 };
  const queried = async (query) => succeeded(t, await log.queryEvents(query), 'queryEvents').result;
  const { events } = await queried({ from });
  t.deepEqual(events[0].erased, gone);
  t.is(events[0].payload.n, 0);
  t.false('erased' in events[1]);
  const text = await log.queryEvents({ from }, { format: 'json' });
  t.deepEqual(JSON.parse(text).data.result.events, events);
  for (const [select, expected] of [
    [['payload.n'], { payload: { n: 2 }, erased: gone }],
    [['payload.name'], { erased: gone }],
    [['metadata'], { metadata: events[2].metadata, erased: gone }],
    [['metadata.by'], { metadata: events[2].metadata, erased: gone }],
    [['position'], { position: 3 }],
  ]) {
    const result = await queried({ from, where: [first], select });
    t.deepEqual(result.events, [expected], `${select}`);
  }
  for (const [condition, count] of [
    [{ field: 'payload.customer', operator: 'eq', value: 'c0' }, 5],
    [{ field: 'payload.n', operator: 'lt', value: 5 }, 5],
    [{ field: 'payload.name', operator: 'exists', value: false }, 5],
    [{ field: 'metadata.by', operator: 'exists', value: true }, 10],
  ]) {
    const query = { from, where: [condition], reduce: { type: 'count' } };
    t.is((await queried(query)).aggregation, count);
    t.is((await all(log.readAll({ instance, where: [condition] }))).length, count);
  }
  const sum = { type: 'sum', field: 'payload.n', groupBy: 'payload.customer' };
  t.deepEqual((await queried({ from, reduce: sum })).aggregation, [
    { 'payload.customer': 'c0', sum: 20 },
    { 'payload.customer': 'c1', sum: 25 },
  ]);
  const sorted = await queried({ from, orderBy: { field: 'payload.n', direction: 'desc' } });
  t.deepEqual(
    sorted.events.map(({ payload }) => payload.n),
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
  );
  const [event] = await all(log.readStream({ instance, stream: 's0' }));
  t.deepEqual(event.erased, gone);
  const lines = Buffer.concat(await all(log.readAll({ instance, format: 'jsonl' })));
  const line = JSON.parse(lines.toString().split('\n')[0]);
  t.deepEqual([line.erased, line.payload.n, 'name' in line.payload], [gone, 0, false]);
  for await (const followed of log.subscribe({ instance })) {
    t.deepEqual(followed, { ...events[0], position: 1 });
    break;
  }
  const cloudEvent = toCloudEvent(events[0]);
  t.deepEqual([cloudEvent.data, cloudEvent.eventlogerased], [events[0].payload, at]);
});

for (const [name, count, isCompacted] of [
  ['that are in memory', 600, false],
  ['of the tables', 4500, false],
  ['that are sealed', 4500, true],
]) {
  testOfFiles(`what is left is found in blocks ${name}`, async (t) => {
    const log = await openLog(t);
    await fill(t, log, count);
    const positions = [7, 8, 9, 300];
    await erased(t, log, { positions, fields: ['payload.name'] });
    await erased(t, log, { positions: [300] });
    if (isCompacted) succeeded(t, await log.compact(), 'compact');
    const from = { instance };
    const queried = async (query) =>
      succeeded(t, await log.queryEvents(query), 'queryEvents').result;
    for (const [condition, total] of [
      [{ field: 'payload.n', operator: 'eq', value: 6 }, 1],
      [{ field: 'payload.n', operator: 'in', value: [5, 6, 7, 8, 299] }, 4],
      [{ field: 'payload.n', operator: 'lt', value: 9 }, 9],
      [{ field: 'payload.hash', operator: 'exists', value: true }, count - 1],
      [{ field: 'payload.name', operator: 'exists', value: false }, 4],
      [{ field: 'payload.customer', operator: 'contains', value: 'c' }, count - 1],
      [{ field: 'payload.customer', operator: 'startsWith', value: 'c0' }, count / 2],
    ]) {
      const where = [condition];
      t.is((await queried({ from, where, limit: 0 })).total, total, condition.operator);
      t.is((await all(log.readAll({ instance, where }))).length, total, condition.operator);
      const call = { instanceId: instance, eventType: 'again', payload: {}, failIf: { where } };
      t.is((await log.appendEvent(call)).code, 'CONDITION_FAILED', condition.operator);
    }
    const sum = { type: 'sum', field: 'payload.n' };
    const all299 = (count * (count - 1)) / 2 - 299;
    t.is((await queried({ from, reduce: sum })).aggregation, all299);
    const where = [{ field: 'payload.n', operator: 'eq', value: 6 }];
    const again = await erased(t, log, { where, fields: ['payload.hash'] });
    t.is(again.events, 1);
    t.deepEqual((await queried({ from, where })).events[0].payload, { n: 6, customer: 'c0' });
    t.true(succeeded(t, await log.verify(), 'verify').intact);
  });
}

testOfFiles('erasing other fields, and then all, adds up and is listed', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 4);
  const shown = async (position) => {
    const [event] = await all(log.readAll({ instance, afterPosition: position - 1, limit: 1 }));
    return [Object.keys(event.payload), Object.keys(event.metadata), event.erased];
  };
  const one = await erased(t, log, { positions: [1, 2], fields: ['payload.name'] });
  const two = await erased(t, log, { positions: [2, 3], fields: ['hash', 'name'], reason: 'two' });
  t.deepEqual([two.events, two.erasedBefore, two.absent], [2, 0, 0]);
  t.deepEqual(await shown(2), [
    ['n', 'customer'],
    ['by'],
    { at: two.at, reason: 'two', fields: ['payload.name', 'payload.hash'] },
  ]);
  const again = await erased(t, log, { positions: [1, 2, 4], fields: ['name', 'none'] });
  t.deepEqual([again.events, again.erasedBefore, again.absent], [1, 2, 0]);
  const none = await erased(t, log, { positions: [1, 4], fields: ['payload.none'] });
  t.deepEqual([none.events, none.erasedBefore, none.absent, none.at], [0, 0, 2, null]);
  const parts = await erased(t, log, { positions: [3], fields: ['payload', 'metadata.by'] });
  t.deepEqual((await shown(3))[2].fields, [
    'payload.hash',
    'payload.name',
    'payload',
    'metadata.by',
  ]);
  const whole = await erased(t, log, { positions: [2, 3] });
  t.deepEqual(await shown(2), [[], [], { at: whole.at, reason: REASON }]);
  const late = await erased(t, log, { positions: [2], fields: ['payload.n'] });
  t.deepEqual([late.events, late.erasedBefore], [0, 1]);
  const { erasures } = succeeded(t, await log.listErasures({ instance }), 'listErasures');
  const runs = (...positions) => positions.map((position) => [position, position]);
  t.deepEqual(erasures, [
    { at: one.at, reason: REASON, fields: ['payload.name'], events: 2, positions: [[1, 2]] },
    {
      at: two.at,
      reason: 'two',
      fields: ['payload.hash', 'payload.name'],
      events: 2,
      positions: [[2, 3]],
    },
    {
      at: again.at,
      reason: REASON,
      fields: ['payload.name', 'payload.none'],
      events: 1,
      positions: runs(4),
    },
    {
      at: parts.at,
      reason: REASON,
      fields: ['payload', 'metadata.by'],
      events: 1,
      positions: runs(3),
    },
    { at: whole.at, reason: REASON, events: 2, positions: [[2, 3]] },
  ]);
});

testOfFiles('what is left is the text that was stored, to the byte', async (t) => {
  const source = await openLog(t);
  const payload = String.raw`{"z":1.50,"who":"Ada","a":[{"tel":"1","ok":1e400},{"tel":"2"}],"z":9007199254740993,"\u0077ho":"A"}`;
  const given = { instanceId: instance, eventType: 't', autoCreateInstance: true, payload: {} };
  succeeded(t, await source.appendEvent(given), 'appendEvent');
  const lines = Buffer.concat(await all(source.exportEvents())).toString();
  const log = await openLog(t);
  const altered = lines.replace('"payload":{}', `"payload":${payload}`);
  succeeded(t, await log.importEvents([altered]), 'importEvents');
  const fields = ['payload.who', 'payload.a.1', 'payload.a.0.tel'];
  t.is((await erased(t, log, { positions: [1], fields })).events, 1);
  const exported = Buffer.concat(await all(log.exportEvents())).toString();
  const left = '{"z":1.50,"a":[{"ok":1e400},null],"z":9007199254740993}';
  t.true(exported.includes(`"payload":${left},"metadata":{}`), exported);
});

testOfFiles('states and errors that were made of fields go with them', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 3);
  const projection = {
    instance,
    name: 'names',
    initial: [],
    apply: (names, event) => [...names, event.payload.name ?? event.erased.fields[0]],
  };
  const { state: before } = await log.project(projection);
  const parking = { onFailed: 'park', retry: { attempts: 1 } };
  for await (const event of log.subscribe({ instance, consumer: 'c', ...parking })) {
    await event.nack(event.payload.name);
    if (event.position === 3) break;
  }
  const parked = async () => (await log.listParked({ instance, consumer: 'c' })).data.parked;
  t.is((await parked())[1].error, before[1]);
  await erased(t, log, { positions: [2], fields: ['payload.name'] });
  const { state: after } = await log.project(projection);
  t.deepEqual(after, before.with(1, 'payload.name'));
  const errors = (await parked()).map(({ error }) => error);
  t.deepEqual(
    errors.map((error) => error ?? null),
    before.with(1, null),
  );
});

testOfFiles('programs with schemas and upcasters get what is left as it is stored', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(t, log, 2);
  await erased(t, log, { positions: [1], fields: ['payload.name'] });
  const upcasters = {
    'signed-up': [
      {
        from: 1,
        to: 2,
        up: ({ name, ...rest }) => ({ ...rest, initial: name.at(0) }),
      },
    ],
  };
  const typed = await openAt(t, path, { upcasters });
  const events = await all(typed.readAll({ instance }));
  t.deepEqual([events[0].payload.n, 'initial' in events[0].payload], [0, false]);
  t.is(events[1].payload.initial.length, 1);
  // What is looked for to be erased is what is stored.
  const where = [{ field: 'payload.n', operator: 'gte', value: 0 }];
  const response = await typed.eraseEvents({ instance, where, fields: ['hash'], reason: 'r' });
  t.is(succeeded(t, response, 'eraseEvents').events, 2);
});

testOfFiles('fields of encrypted events are not erased, and nothing is', async (t) => {
  const path = await temporaryPath(t);
  const log = await EventLog.open(path, { key: randomBytes(32), autoCreateInstances: true });
  t.teardown(() => log.close());
  await fill(t, log, 2);
  const encrypt = { subject: 'customer-7' };
  const event = { instanceId: instance, eventType: 't', payload: { name: 'x' }, encrypt };
  succeeded(t, await log.appendEvent(event), 'appendEvent');
  const options = { instance, positions: [1, 3], fields: ['payload.name'], reason: 'r' };
  const pattern = /^fields: .*position 3 is encrypted: erase all of it, or forget its subject$/;
  failed(t, await log.eraseEvents(options), 'eraseEvents', 'INVALID_ARGUMENT', pattern);
  succeeded(t, await log.forgetSubject('customer-7'), 'forgetSubject');
  failed(t, await log.eraseEvents(options), 'eraseEvents', 'INVALID_ARGUMENT', pattern);
  t.deepEqual((await log.listErasures({ instance })).data.erasures, []);
  const { fields: _, ...whole } = options;
  t.is(succeeded(t, await log.eraseEvents(whole), 'eraseEvents').events, 2);
});

testOfFiles('what names no field that can be erased is refused, and nothing is', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 1);
  const of = { instance, positions: [1], reason: 'r' };
  for (const [fields, code, pattern] of [
    [[], 'INVALID_ARGUMENT', /^fields: expected .* at least one, found none$/],
    ['payload.name', 'INVALID_ARGUMENT', /^fields: expected an array of fields .* found "payload/],
    [[7], 'INVALID_ARGUMENT', /^fields\[0\]: expected a field such as .*, found 7$/],
    [['name', 'stream_id'], 'INVALID_ARGUMENT', /^fields\[1\]: expected a field of the payload or/],
    [['eventType'], 'INVALID_ARGUMENT', /^fields\[0\]: .* found "eventType"$/],
    [['Payload.name'], 'INVALID_ARGUMENT', /^fields\[0\]: expected payload\.name/],
    [['payload..name'], 'INVALID_ARGUMENT', /^fields\[0\]: .*without empty keys/],
    [Array(101).fill('a'), 'LIMIT_EXCEEDED', /^fields: expected at most 100 fields, found 101$/],
    [['x'.repeat(1025)], 'LIMIT_EXCEEDED', /^fields\[0\]: expected at most 1024 bytes/],
  ]) {
    failed(t, await log.eraseEvents({ ...of, fields }), 'eraseEvents', code, pattern);
  }
  t.deepEqual((await log.listErasures({ instance })).data.erasures, []);
  t.is((await all(log.readAll({ instance })))[0].erased, undefined);
});
