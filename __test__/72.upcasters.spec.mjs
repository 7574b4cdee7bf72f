// Events of earlier versions are given to the program as those of the newest one. What is stored never changes.

import test from 'ava';
import fc from 'fast-check';
import { z } from 'zod';
import { all } from './support/reading.mjs';
import { appended, eventsOf, failed, queried, succeeded } from './support/response.mjs';
import { openAt, openLog } from './support/temporary.mjs';
import { Sold, at, grown } from './support/upcasting.mjs';

const sales = [
  [{ cents: 150, currency: 'EUR' }, { schemaVersion: 3 }],
  [
    { cents: 20, currency: 'EUR' },
    { schemaVersion: 3, by: 'Ada' },
  ],
  [{ price: 7 }, { schemaVersion: 'any' }],
  [{ cents: 30, currency: 'USD' }, { schemaVersion: 3 }],
];

const shown = (events) => events.map(({ payload, metadata }) => [payload, metadata]);

async function taken(reader, count) {
  const events = [];
  for await (const event of reader) {
    events.push(event);
    if (events.length === count) break;
  }
  return events;
}

for (const [name, upcasters] of Object.entries({
  'by values': { Sold },
  'by promises': {
    Sold: Sold.map(({ up, ...step }) => ({
      ...step,
      up: async (payload, event) => up(payload, event),
    })),
  },
})) {
  test(`every way to read in order gives the newest version, ${name}`, async (t) => {
    const { log, before } = await grown(t, { upcasters });
    const stored = await all(before.readAll({ instance: 'shop' }));
    t.deepEqual(shown(await all(log.readAll({ instance: 'shop' }))), sales);
    const stream = { instance: 'shop', stream: 'default' };
    t.deepEqual(shown(await all(log.readStream(stream))), sales);
    t.deepEqual(
      shown(await all(log.readStream({ ...stream, direction: 'backward' }))),
      sales.toReversed(),
    );
    t.deepEqual(shown(await taken(log.subscribe({ instance: 'shop' }), 4)), sales);
    const consumed = await taken(log.subscribe({ instance: 'shop', consumer: 'c' }), 4);
    t.deepEqual(shown(consumed), sales);
    await consumed[3].ack();
    const fold = { initial: [], apply: (list, { payload }) => [...list, payload] };
    const payloads = sales.map(([payload]) => payload);
    t.deepEqual((await log.project({ ...fold, ...stream })).state, payloads);
    t.deepEqual((await log.project({ ...fold, instance: 'shop' })).state, payloads);
    const { state } = await log.decide({
      ...fold,
      ...stream,
      decide: () => ({ eventType: 'Sold', payload: { cents: 1, currency: 'EUR' } }),
    });
    t.deepEqual(state, [...payloads, { cents: 1, currency: 'EUR' }]);
    // Queries and exports have what is stored.
    t.deepEqual(shown(await eventsOf(t, log, 'shop')).slice(0, 4), shown(stored));
    const priced = [{ field: 'payload.price', operator: 'gt', value: 0 }];
    const { total } = await queried(t, log, { from: { instance: 'shop' }, where: priced });
    t.is(total, 2);
    t.deepEqual((await all(before.readAll({ instance: 'shop' }))).slice(0, 4), stored);
    const lines = Buffer.concat(await all(log.exportEvents())).toString();
    t.true(lines.includes('"price":1.5') && !lines.includes('"cents":150'));
  });
}

test('an upcaster gets the event as it is stored', async (t) => {
  const seen = [];
  const note = (payload, event) => {
    seen.push(structuredClone({ payload, event: { ...event } }));
    payload.steps = (payload.steps ?? 0) + 1;
    return payload;
  };
  const upcasters = {
    Sold: [
      { from: 1, to: 2, up: note },
      { from: 2, to: 5, up: note },
      { from: 3, to: 4, up: note },
      { from: 4, to: 5, up: note },
    ],
  };
  const log = await openLog(t, { upcasters });
  const { id } = await appended(t, log.typed({}), {
    ...at,
    eventType: 'Sold',
    payload: { n: 1 },
    metadata: { by: 'Ada' },
  });
  const [event] = await all(log.readAll({ instance: 'shop' }));
  t.deepEqual(
    [event.payload, event.metadata],
    [
      { n: 1, steps: 2 },
      { by: 'Ada', schemaVersion: 5 },
    ],
  );
  t.deepEqual(
    seen.map((call) => [call.payload, call.event.id, call.event.position, call.event.metadata]),
    [
      [{ n: 1 }, id, 1, { by: 'Ada' }],
      [{ n: 1, steps: 1 }, id, 1, { by: 'Ada' }],
    ],
  );
});

test('an event that comes again after it has failed is of the newest version', async (t) => {
  const { log } = await grown(t, { upcasters: { Sold } });
  const retry = { attempts: 2 };
  const attempts = [];
  for await (const event of log.subscribe({
    instance: 'shop',
    consumer: 'c',
    retry,
    onFailed: 'park',
  })) {
    attempts.push([event.position, event.attempt, event.payload]);
    if (event.position === 2) break;
    await event.nack('not yet');
  }
  t.deepEqual(attempts, [
    [1, 1, sales[0][0]],
    [1, 2, sales[0][0]],
    [2, 1, sales[1][0]],
  ]);
  succeeded(t, await log.retryParked({ instance: 'shop', consumer: 'c' }), 'retryParked');
  const [again] = await taken(log.subscribe({ instance: 'shop', consumer: 'c' }), 1);
  t.deepEqual([again.position, again.payload], [1, sales[0][0]]);
});

test('an append notes the newest version of a type that has upcasters', async (t) => {
  const log = await openLog(t, { upcasters: { Sold } });
  const payload = { cents: 1, currency: 'EUR' };
  const versions = [];
  for (const metadata of [
    undefined,
    null,
    {},
    { by: 'a,]}"\\' },
    { schemaVersion: 3 },
    { schemaVersion: 3, by: 1 },
  ]) {
    const event = await appended(t, log, { ...at, eventType: 'Sold', payload, metadata });
    t.deepEqual(event.metadata, { ...metadata, schemaVersion: 3 });
    versions.push(event.metadata);
  }
  t.deepEqual((await appended(t, log, { ...at, eventType: 'Other' })).metadata, {});
  const events = [
    { eventType: 'Other', metadata: { a: 1 } },
    { metadata: { b: [2] }, event_type: 'Sold', payload },
    { eventType: 'Sold' },
  ];
  const { events: stored } = succeeded(
    t,
    await log.appendEvents({ ...at, events }),
    'appendEvents',
  );
  t.deepEqual(
    stored.map(({ metadata }) => metadata),
    [{ a: 1 }, { b: [2], schemaVersion: 3 }, { schemaVersion: 3 }],
  );
  const decision = await log.decide({
    instance: 'shop',
    stream: 's',
    initial: 0,
    apply: (n) => n,
    decide: () => ({ eventType: 'Sold', payload }),
  });
  t.deepEqual(decision.events[0].metadata, { schemaVersion: 3 });
  const kept = (await all(log.typed({}).readAll({ instance: 'shop' }))).map(
    ({ metadata }) => metadata,
  );
  t.deepEqual(kept, [
    ...versions,
    {},
    { a: 1 },
    { b: [2], schemaVersion: 3 },
    { schemaVersion: 3 },
    { schemaVersion: 3 },
  ]);
});

test('an append of another version, or with metadata that cannot have one, is refused', async (t) => {
  const log = await openLog(t, { upcasters: { Sold } });
  for (const [metadata, message] of [
    [
      { schemaVersion: 2 },
      /^metadata\.schemaVersion: expected 3, the newest version of "Sold", found 2$/,
    ],
    [{ schemaVersion: '3' }, /found "3"$/],
    [{ schemaVersion: null }, /found null$/],
    [[1], /^metadata: expected an object, which gets the schemaVersion of "Sold", found an array$/],
  ]) {
    failed(
      t,
      await log.appendEvent({ ...at, eventType: 'Sold', metadata }),
      'appendEvent',
      'INVALID_ARGUMENT',
      message,
    );
    const batch = await log.appendEvents({
      ...at,
      events: [
        { eventType: 'Other', metadata },
        { eventType: 'Sold', metadata },
      ],
    });
    failed(t, batch, 'appendEvents', 'INVALID_ARGUMENT', /^events\[1\]\.metadata/);
  }
  t.is((await log.getInstance('shop')).code, 'INSTANCE_NOT_FOUND');
});

test('what is stored beside the version is what was given, to the letter', async (t) => {
  const log = await openAt(t, ':memory:', {
    upcasters: { Sold: [{ from: 1, to: 2, up: (payload) => payload }] },
  });
  const plain = log.typed({});
  let streams = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record(
          {
            payload: fc.dictionary(fc.string(), fc.jsonValue()),
            metadata: fc.dictionary(
              fc.string().filter((key) => key !== 'schemaVersion'),
              fc.jsonValue(),
            ),
          },
          { requiredKeys: [] },
        ),
        { minLength: 1, maxLength: 4 },
      ),
      async (events) => {
        const sent = events.map((event, n) => ({
          ...event,
          eventType: n % 2 === 0 ? 'Sold' : 'Other',
        }));
        streams += 1;
        const streamId = String(streams);
        const batch = await log.appendEvents({
          ...at,
          events: sent.map((event) => ({ ...event, streamId })),
        });
        for (const event of sent) await log.appendEvent({ ...at, ...event, streamId });
        t.true(batch.success, batch.error);
        const stored = await all(plain.readStream({ instance: 'shop', stream: streamId }));
        const expected = sent.map(({ payload = {}, metadata = {}, eventType }) => [
          payload,
          eventType === 'Sold' ? { ...metadata, schemaVersion: 2 } : metadata,
        ]);
        t.deepEqual(shown(stored), JSON.parse(JSON.stringify([...expected, ...expected])));
        t.deepEqual(shown(batch.data.events), JSON.parse(JSON.stringify(expected)));
      },
    ),
    { numRuns: 60 },
  );
});

test('numbers that JavaScript cannot hold stay exact', async (t) => {
  if (typeof JSON.rawJSON !== 'function') {
    t.pass('this Node.js has no JSON.rawJSON');
    return;
  }
  const log = await openLog(t, { upcasters: { Sold }, events: { Sold: z.looseObject({}) } });
  await appended(t, log, {
    ...at,
    eventType: 'Sold',
    payload: { n: JSON.rawJSON('12345678901234567890') },
  });
  const lines = Buffer.concat(await all(log.exportEvents())).toString();
  t.true(lines.includes('12345678901234567890') && lines.includes('"schemaVersion":3'));
});

test('the schema is that of the newest version', async (t) => {
  const events = { Sold: z.strictObject({ cents: z.number(), currency: z.string() }) };
  const { log } = await grown(t, { upcasters: { Sold }, events, validateReads: true });
  t.deepEqual(shown(await all(log.readAll({ instance: 'shop' }))), sales);
  const old = await log.appendEvent({ ...at, eventType: 'Sold', payload: { price: 1 } });
  failed(t, old, 'appendEvent', 'INVALID_ARGUMENT', /^payload\.cents: /);
});

test('a snapshot that was made with earlier upcasters is not used', async (t) => {
  const { log, path } = await grown(t, { upcasters: { Sold: Sold.slice(1) } });
  let applied = 0;
  const projection = {
    instance: 'shop',
    name: 'cents',
    snapshotEvery: 1,
    initial: 0,
    where: [{ field: 'event_type', operator: 'eq', value: 'Sold' }],
    apply: (sum, { payload }) => {
      applied += 1;
      return sum + (payload.cents ?? 0);
    },
  };
  await t.throwsAsync(log.project(projection), {
    code: 'INVALID_EVENT',
    message: /from 1 to 2, found 3/,
  });
  const newer = await openAt(t, path, { upcasters: { Sold } });
  applied = 0;
  t.is((await newer.project(projection)).state, 200);
  t.is(applied, 3);
  t.is((await newer.project(projection)).state, 200);
  t.is(applied, 3);
  // The order in which types are named is not what makes them another set.
  const same = { Other: [{ from: 1, to: 2, up: (p) => p }] };
  await newer.typed({ upcasters: { ...same, Sold } }).project(projection);
  t.is(applied, 6);
  await newer.typed({ upcasters: { Sold, ...same } }).project(projection);
  t.is(applied, 6);
});

test('a snapshot that was made without upcasters is kept by those who have none', async (t) => {
  const { before, path } = await grown(t);
  let applied = 0;
  const projection = {
    instance: 'shop',
    name: 'count',
    snapshotEvery: 1,
    initial: 0,
    apply: (n) => {
      applied += 1;
      return n + 1;
    },
  };
  await before.project(projection);
  const later = await openAt(t, path, { events: { Sold: z.looseObject({}) }, validateReads: true });
  await later.project(projection);
  t.is(applied, 4);
});
