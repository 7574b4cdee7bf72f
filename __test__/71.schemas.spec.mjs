// Payloads are checked against the schemas of their types before anything is stored.

import { runInNewContext } from 'node:vm';

import test from 'ava';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';

import { eventLog } from '../index.mjs';
import { all } from './support/reading.mjs';
import { appended, eventsOf, failed, succeeded } from './support/response.mjs';
import { schema } from './support/schemas.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

/** The same schema by each of the libraries, and what each says of a total that is a text. */
const LIBRARIES = {
  zod: [z.object({ total: z.number() }), /^payload\.total: Invalid input: expected number/],
  valibot: [v.object({ total: v.number() }), /^payload\.total: Invalid type: Expected number/],
  arktype: [type({ total: 'number' }), /^payload\.total: total must be a number/],
};

const at = { instanceId: 'shop', autoCreateInstance: true };
const opened = (t, events, options) => openLog(t, { events, ...options });

for (const [name, [Sold, pattern]] of Object.entries(LIBRARIES)) {
  test(`a payload that a schema of ${name} does not take is refused`, async (t) => {
    const log = await opened(t, { Sold });
    const good = await appended(t, log, { ...at, eventType: 'Sold', payload: { total: 1 } });
    t.deepEqual(good.payload, { total: 1 });
    const bad = { eventType: 'Sold', payload: { total: '1' } };
    const text = failed(
      t,
      await log.appendEvent({ ...at, ...bad }),
      'appendEvent',
      'INVALID_ARGUMENT',
      pattern,
    );
    t.regex(text, /\(by the schema of "Sold"\)$/);
    t.is((await eventsOf(t, log, 'shop')).length, 1);
  });
}

test('a batch is stored as a whole or not at all, and the error says which event', async (t) => {
  const log = await opened(t, { Sold: LIBRARIES.zod[0] });
  const sold = (total) => ({ event_type: 'Sold', payload: { total } });
  const events = [sold(1), { eventType: 'Other', payload: { total: 'any' } }, sold(2), sold(null)];
  const refused = await log.appendEvents({ ...at, events });
  failed(t, refused, 'appendEvents', 'INVALID_ARGUMENT', /^events\[3\]\.payload\.total: /);
  t.is((await log.getInstance('shop')).code, 'INSTANCE_NOT_FOUND');
  const { events: stored } = succeeded(
    t,
    await log.appendEvents({ ...at, events: events.slice(0, 3) }),
    'appendEvents',
  );
  t.deepEqual(
    stored.map(({ payload }) => payload.total),
    [1, 'any', 2],
  );
});

test('a decision that does not fit is refused and is not tried again', async (t) => {
  const log = await opened(t, { Sold: LIBRARIES.zod[0] });
  let calls = 0;
  const decide = () => {
    calls += 1;
    return [
      { eventType: 'Sold', payload: { total: 1 } },
      { eventType: 'Sold', payload: {} },
    ];
  };
  const options = {
    instance: 'shop',
    stream: 's',
    initial: 0,
    apply: (n) => n + 1,
    autoCreateInstance: true,
  };
  const error = await t.throwsAsync(log.decide({ ...options, decide }), {
    code: 'INVALID_ARGUMENT',
  });
  t.regex(error.message, /^events\[1\]\.payload\.total: /);
  t.is(calls, 1);
  const { state } = await log.decide({
    ...options,
    decide: () => ({ eventType: 'Sold', payload: { total: 1 } }),
  });
  t.is(state, 1);
});

test('`strict` rejects', async (t) => {
  const log = await opened(t, { Sold: LIBRARIES.valibot[0] });
  await t.throwsAsync(log.strict.appendEvent({ ...at, eventType: 'Sold' }), {
    name: 'EventLogError',
    code: 'INVALID_ARGUMENT',
    message: /^payload\.total: /,
  });
});

test('what is stored is what was checked, whatever the payload is made of', async (t) => {
  const checked = [];
  const log = await opened(t, {
    Made: schema((value) => (checked.push(structuredClone(value)), { value })),
  });
  let reads = 0;
  const payload = {
    get counted() {
      reads += 1;
      return reads;
    },
    at: new Date(0),
    dropped: undefined,
    own: { toJSON: () => ({ by: 'toJSON' }) },
    error: new TypeError('broken'),
    __proto__: { inherited: true },
  };
  const { payload: stored } = await appended(t, log, { ...at, eventType: 'Made', payload });
  t.deepEqual(checked, [stored]);
  t.is(stored.at, '1970-01-01T00:00:00.000Z');
  t.deepEqual(stored.own, { by: 'toJSON' });
  t.is(stored.error.message, 'broken');
});

test('a payload that is changed while its schema is waited for is stored as it was', async (t) => {
  let answer;
  const log = await opened(t, { Made: schema(() => new Promise((resolve) => (answer = resolve))) });
  const payload = { n: 1 };
  const call = log.appendEvent({ ...at, eventType: 'Made', payload });
  payload.n = 'changed';
  answer({ value: payload });
  t.deepEqual((await call).data.event.payload, { n: 1 });
});

test('what a schema makes of a payload is not stored', async (t) => {
  const Dated = z.object({
    at: z.string().transform((text) => new Date(text)),
    currency: z.string().default('EUR'),
  });
  const changing = schema((value) => {
    value.added = true;
    return { value: 'something else' };
  });
  const log = await opened(t, { Dated, Changed: changing }, { validateReads: true });
  const given = { at: '2026-01-31', other: [1] };
  await appended(t, log, { ...at, eventType: 'Dated', payload: given });
  await appended(t, log, { ...at, eventType: 'Changed', payload: { n: 1 } });
  const read = await all(log.readAll({ instance: 'shop' }));
  t.deepEqual(
    read.map(({ payload }) => payload),
    [given, { n: 1 }],
  );
});

test('a payload that is left out is checked as the empty one that is stored', async (t) => {
  const log = await opened(t, { Left: z.strictObject({}), Came: z.object({ by: z.string() }) });
  for (const payload of [undefined, null]) {
    t.deepEqual((await appended(t, log, { ...at, eventType: 'Left', payload })).payload, {});
    const refused = await log.appendEvent({ ...at, eventType: 'Came', payload });
    failed(t, refused, 'appendEvent', 'INVALID_ARGUMENT', /^payload\.by: /);
  }
});

test('arrays, and types with any name, have schemas', async (t) => {
  const events = { list: z.array(z.number()) };
  for (const name of ['__proto__', 'constructor', 'to string']) {
    Object.defineProperty(events, name, { value: z.object({ n: z.number() }), enumerable: true });
  }
  const log = await opened(t, events);
  await appended(t, log, { ...at, eventType: 'list', payload: [1, 2] });
  const bad = await log.appendEvent({ ...at, eventType: 'list', payload: [1, 'x'] });
  failed(t, bad, 'appendEvent', 'INVALID_ARGUMENT', /^payload\[1\]: /);
  for (const eventType of ['__proto__', 'constructor', 'to string']) {
    const refused = await log.appendEvent({ ...at, eventType, payload: { n: 'x' } });
    failed(t, refused, 'appendEvent', 'INVALID_ARGUMENT', /^payload\.n: /);
  }
  await appended(t, log, { ...at, eventType: 'toString', payload: { n: 'x' } });
});

test('what is no event is told as without schemas', async (t) => {
  const plain = await openLog(t);
  const log = await opened(t, { Sold: LIBRARIES.zod[0] }, { unknownEvents: 'refuse' });
  for (const params of [
    undefined,
    7,
    {},
    at,
    { ...at, eventType: 5 },
    { ...at, eventType: '' },
    { ...at, eventType: 'Sold', event_type: 'Other' },
    { ...at, eventType: 'Sold', payload: 'text' },
    { ...at, eventType: 'Sold', payload: () => {} },
    { ...at, eventType: 'Sold', payload: { total: 1 }, metadata: 'text' },
    { ...at, eventType: 'Sold', payload: { total: 1n } },
  ]) {
    const expected = await plain.appendEvent(params);
    t.is((await log.appendEvent(params)).error, expected.error);
    t.false(expected.success);
  }
  for (const events of [undefined, 'text', [7], [null], [{}]]) {
    t.is(
      (await log.appendEvents({ ...at, events })).error,
      (await plain.appendEvents({ ...at, events })).error,
    );
  }
});

test('a schema that throws, or answers nothing that can be understood, refuses the event', async (t) => {
  const thrown = new Error('no network');
  const answers = {
    throws: schema(() => {
      throw thrown;
    }),
    rejects: schema(async () => {
      throw thrown;
    }),
    nothing: schema(() => undefined),
    later: schema(async () => 'text'),
    numbers: schema(() => ({ issues: 7 })),
    text: schema(() => ({ issues: 'ab' })),
    hole: schema(() => ({ issues: [null] })),
    getter: schema(() => ({
      issues: [
        {
          get message() {
            throw thrown;
          },
        },
      ],
    })),
  };
  const log = await opened(t, answers);
  for (const eventType of Object.keys(answers)) {
    const response = await log.appendEvent({ ...at, eventType });
    failed(t, response, 'appendEvent', 'INVALID_ARGUMENT', /^payload: its schema threw: /);
  }
  const error = await t.throwsAsync(
    log.decide({
      instance: 'shop',
      stream: 's',
      initial: 0,
      apply: () => 0,
      autoCreateInstance: true,
      decide: () => ({ eventType: 'throws' }),
    }),
  );
  t.regex(error.message, /^events\[0\]\.payload: its schema threw: no network$/);
  t.is((await log.getInstance('shop')).code, 'INSTANCE_NOT_FOUND');
});

test('issues are told by their paths, the first of them, and not at any length', async (t) => {
  const issue = (...path) => ({ message: 'no', path });
  const issues = [
    issue('a', { key: 0 }, 'b c', Symbol('s'), '7', 'é'),
    { message: 'bare' },
    { message: 'x'.repeat(10_000), path: [] },
    ...Array.from({ length: 20 }, (_, n) => issue('list', n)),
  ];
  const log = await opened(t, {
    Many: schema(() => ({ issues })),
    None: schema(() => ({ issues: [] })),
    Texts: schema(() => ({ issues: ['items.1.sku', ''].map((path) => ({ message: 'no', path })) })),
  });
  const { error } = await log.appendEvent({ ...at, eventType: 'Many' });
  const [first, second, third, ...rest] = error.split('; ');
  t.is(first, 'payload.a[0]["b c"][Symbol(s)][7].é: no');
  t.is(second, 'payload: bare');
  t.true(third.startsWith('payload: xxx') && third.length < 600);
  t.is(rest.at(-1), 'and 13 more (by the schema of "Many")');
  t.is(rest.length, 8);
  const none = await log.appendEvent({ ...at, eventType: 'None' });
  failed(t, none, 'appendEvent', 'INVALID_ARGUMENT', /^payload: it does not fit \(by/);
  const texts = await log.appendEvent({ ...at, eventType: 'Texts' });
  t.true(texts.error.startsWith('payload.items.1.sku: no; payload: no (by'), texts.error);
});

test('events of other types are stored, or refused if that is asked for', async (t) => {
  const Sold = LIBRARIES.zod[0];
  const open = await opened(t, { Sold });
  await appended(t, open, { ...at, eventType: 'sold', payload: { any: 1 } });
  const upcasters = { Old: [{ from: 1, to: 2, up: (payload) => payload }] };
  const log = await opened(t, { Sold }, { unknownEvents: 'refuse', upcasters });
  await appended(t, log, { ...at, eventType: 'Old' });
  const refused = await log.appendEvents({
    ...at,
    events: [{ eventType: 'Old' }, { event_type: 'sold' }],
  });
  failed(
    t,
    refused,
    'appendEvents',
    'INVALID_ARGUMENT',
    /^events\[1\]\.eventType: .*found "sold"; did you mean "Sold"\?$/,
  );
  t.is((await eventsOf(t, log, 'shop')).length, 1);
});

test('an import is not checked', async (t) => {
  const source = await openLog(t);
  await appended(t, source, { ...at, eventType: 'Sold', payload: { total: 'old' } });
  const log = await opened(t, { Sold: LIBRARIES.zod[0] }, { unknownEvents: 'refuse' });
  const { events } = succeeded(t, await log.importEvents(source.exportEvents()), 'importEvents');
  t.is(events, 1);
});

test('a log of another program has schemas of its own', async (t) => {
  const path = await temporaryPath(t);
  const strict = await openAt(t, path, { events: { Sold: z.object({ total: z.number() }) } });
  const loose = await openAt(t, path, { events: { Sold: z.object({ total: z.string() }) } });
  const [first, second, third] = await Promise.all([
    strict.appendEvent({ ...at, eventType: 'Sold', payload: { total: 1 } }),
    loose.appendEvent({ ...at, eventType: 'Sold', payload: { total: '1' } }),
    loose.appendEvent({ ...at, eventType: 'Sold', payload: { total: 1 } }),
  ]);
  t.deepEqual([first.success, second.success, third.code], [true, true, 'INVALID_ARGUMENT']);
});

test('`typed` with options is another object for the same log, also for the default one', async (t) => {
  const log = await openLog(t, { events: { Sold: LIBRARIES.zod[0] } });
  t.is(log.typed(), log);
  t.is(log.typed(null), log);
  const plain = log.typed({});
  await appended(t, plain, { ...at, eventType: 'Sold', payload: { total: 'x' } });
  t.false((await log.appendEvent({ ...at, eventType: 'Sold', payload: { total: 'x' } })).success);
  await plain.close();
  t.is((await log.listInstances()).code, 'CLOSED');
  const checked = eventLog.typed({ events: { Sold: LIBRARIES.zod[0] }, unknownEvents: 'refuse' });
  failed(
    t,
    await checked.appendEvent({ ...at, eventType: 'Sold' }),
    'appendEvent',
    'INVALID_ARGUMENT',
    /^payload\.total/,
  );
  t.throws(() => eventLog.typed({ event: {} }), {
    code: 'INVALID_ARGUMENT',
    message: /unknown option "event".*did you mean "events"/,
  });
  t.throws(() => eventLog.typed(7), {
    code: 'INVALID_ARGUMENT',
    message: /^options: expected an object, found a number/,
  });
});

test('an option that is null was not given', async (t) => {
  const none = { events: null, validateReads: null, unknownEvents: null, upcasters: null };
  const log = await openLog(t, none);
  await appended(t, log, { ...at, eventType: 'Sold', payload: { any: 1 } });
});

test('schemas may be what a module exports, or of another context', async (t) => {
  const { Sold } = { Sold: LIBRARIES.zod[0] };
  const exported = Object.assign(Object.create(null), { Sold });
  const foreign = Object.assign(runInNewContext('({})'), { Sold });
  for (const events of [exported, foreign]) {
    const log = await openLog(t, { events });
    const refused = await log.appendEvent({ ...at, eventType: 'Sold', payload: {} });
    failed(t, refused, 'appendEvent', 'INVALID_ARGUMENT', /^payload\.total: /);
  }
});
