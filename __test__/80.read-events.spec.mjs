// Events read in a row: `readStream` and `readAll`.

import test from 'ava';

import { MANY, all, failsWith, fill, logOf, numbers, numbersOf } from './support/reading.mjs';
import { appended, created, eventsOf, queried, succeeded } from './support/response.mjs';
import { openAt, openLog } from './support/temporary.mjs';

test('an instance is read in the order of its positions, in both directions', async (t) => {
  const { log } = await logOf(t);
  const events = await all(log.readAll({ instance: 'log' }));
  const queries = await eventsOf(t, log, 'log');
  t.deepEqual(
    events,
    queries.map((event, index) => Object.assign(event, { position: index + 1 })),
  );
  t.deepEqual(Object.keys(events[0]), [
    'id',
    'instanceId',
    'stream_id',
    'event_type',
    'payload',
    'metadata',
    'timestamp',
    'sequence_number',
    'position',
  ]);
  const backward = await all(log.readAll({ instance: 'log', direction: 'backward' }));
  t.deepEqual(backward, events.toReversed());
});

test('reading goes on after a position in the direction of reading', async (t) => {
  const { log } = await logOf(t);
  const read = async (options) =>
    numbersOf(await all(log.readAll({ instance: 'log', ...options })));
  t.deepEqual(await read({ afterPosition: 0, limit: 3 }), [0, 1, 2]);
  t.deepEqual(await read({ afterPosition: MANY - 2 }), [MANY - 2, MANY - 1]);
  t.deepEqual(await read({ afterPosition: MANY }), []);
  const direction = 'backward';
  t.deepEqual(await read({ direction, limit: 2 }), [MANY - 1, MANY - 2]);
  t.deepEqual(await read({ direction, afterPosition: MANY - 1, limit: 2 }), [MANY - 3, MANY - 4]);
  t.deepEqual(await read({ direction, afterPosition: 2 }), [0]);
  t.deepEqual(await read({ direction, afterPosition: 1 }), []);
  t.deepEqual(await read({ direction, afterPosition: 0 }), []);
  t.deepEqual(await read({ limit: 0 }), []);
});

test('a stream is read by its numbers, in both directions', async (t) => {
  const { log } = await logOf(t, MANY, { streams: 5 });
  const read = (options) =>
    all(log.readStream({ instance: 'log', stream: 'stream 2', ...options }));
  const events = await read();
  t.deepEqual(
    events.map(({ payload, sequence_number, position, stream_id }) => [
      payload.n,
      sequence_number,
      position,
      stream_id,
    ]),
    numbers(MANY / 5).map((n) => [5 * n + 2, n + 1, 5 * n + 3, 'stream 2']),
  );
  t.deepEqual(await read({ direction: 'backward' }), events.toReversed());
  t.deepEqual(await read({ fromSequence: 1999 }), events.slice(1998));
  t.deepEqual(await read({ fromSequence: 7, limit: 3 }), events.slice(6, 9));
  t.deepEqual(await read({ fromSequence: 2001 }), []);
  const backward = await read({ direction: 'backward', fromSequence: 3 });
  t.deepEqual(backward, events.slice(0, 3).toReversed());
  t.deepEqual(await read({ stream: 'another' }), []);
});

test('a short stream in a long log comes whole', async (t) => {
  const { log } = await logOf(t, MANY, { streams: 1000 });
  const events = await all(log.readStream({ instance: 'log', stream: 'stream 77' }));
  t.deepEqual(
    numbersOf(events),
    numbers(10, 1000).map((n) => n + 77),
  );
});

test('conditions select events as those of a query do', async (t) => {
  const { log } = await logOf(t);
  const id = (await all(log.readAll({ instance: 'log', limit: 1 })))[0].id;
  for (const where of [
    [{ field: 'event_type', operator: 'eq', value: 'third' }],
    [{ field: 'payload.n', operator: 'between', value: [4000, 4200] }],
    [{ field: 'stream_id', operator: 'in', value: ['stream 1', 'stream 6'] }],
    [{ field: 'timestamp', operator: 'gte', value: new Date(0) }],
    [{ field: 'id', operator: 'eq', value: id }],
    [
      { field: 'event_type', operator: 'neq', value: 'third' },
      { field: 'metadata.causationId', operator: 'eq', value: 'cause 3' },
    ],
    [{ field: 'n', operator: 'lt', value: 0 }],
    [],
  ]) {
    const { events } = await queried(t, log, { from: { instance: 'log' }, where });
    const options = { instance: 'log', where };
    t.deepEqual(numbersOf(await all(log.readAll(options))), numbersOf(events));
    const backward = await all(log.readAll({ ...options, direction: 'backward', limit: 9 }));
    t.deepEqual(numbersOf(backward), numbersOf(events).toReversed().slice(0, 9));
    const later = await all(log.readAll({ ...options, afterPosition: 5000 }));
    t.deepEqual(
      numbersOf(later),
      numbersOf(events).filter((n) => n >= 5000),
    );
  }
});

test('events are found by what they have in common', async (t) => {
  const { log } = await logOf(t);
  const read = async (options) =>
    numbersOf(await all(log.readAll({ instance: 'log', ...options })));
  t.deepEqual(await read({ correlationId: 'correlation 1234' }), [3702, 3703, 3704]);
  t.deepEqual(await read({ causationId: 'cause 2', limit: 3 }), [2, 6, 10]);
  t.deepEqual(await read({ correlationId: 'correlation 10', causationId: 'cause 3' }), [31]);
  const where = [{ field: 'event_type', operator: 'eq', value: 'third' }];
  t.deepEqual(await read({ correlationId: 'correlation 7', where }), [21]);
  t.deepEqual(await read({ correlationId: 'correlation' }), []);
});

test('what is appended after the first step is not read', async (t) => {
  const { log, path } = await logOf(t);
  const other = await openAt(t, path);
  for (const read of [
    () => log.readAll({ instance: 'log' }),
    () => log.readAll({ instance: 'log', causationId: 'cause 1' }),
    () => log.readAll({ instance: 'log', direction: 'backward' }),
    () => log.readStream({ instance: 'log', stream: 'stream 3' }),
  ]) {
    const expected = await all(read());
    const reader = read();
    const events = [(await reader.next()).value];
    for await (const event of reader) {
      events.push(event);
      if (events.length % 1000 === 0) {
        await fill(other, 'log', 50, { first: MANY });
      }
    }
    t.deepEqual(events, expected);
  }
});

test('nothing is read before the first step', async (t) => {
  const { log } = await logOf(t, 3);
  const reader = log.readAll({ instance: 'log' });
  await fill(log, 'log', 2, { first: 3 });
  t.deepEqual(numbersOf(await all(reader)), [0, 1, 2, 3, 4]);
});

test('an event that is larger than a page is read', async (t) => {
  const log = await openLog(t);
  const text = 'é'.repeat(3 << 20);
  for (let n = 0; n < 3; n += 1) {
    const payload = { n, text };
    await appended(t, log, {
      instanceId: 'log',
      eventType: 't',
      payload,
      autoCreateInstance: true,
    });
  }
  const events = await all(log.readAll({ instance: 'log' }));
  t.deepEqual(numbersOf(events), [0, 1, 2]);
  t.true(events.every((event) => event.payload.text === text));
});

test('an instance that has no events, or is named by its name, is read', async (t) => {
  const log = await openLog(t);
  const { id } = await created(t, log, 'named');
  t.deepEqual(await all(log.readAll({ instance: 'named' })), []);
  t.deepEqual(await all(log.readStream({ instance: id, stream: 'none' })), []);
  await fill(log, 'named', 2);
  const [event] = await all(log.readAll({ instance: 'named' }));
  t.is(event.instanceId, id);
});

test('an instance that is deleted while it is read ends the reading', async (t) => {
  for (const again of [false, true]) {
    const { log } = await logOf(t);
    const reader = log.readAll({ instance: 'log' });
    await reader.next();
    succeeded(t, await log.deleteInstance('log'), 'deleteInstance');
    if (again) await fill(log, 'log', MANY);
    const error = await t.throwsAsync(() => all(reader));
    t.is(error.code, 'INSTANCE_NOT_FOUND');
    t.regex(error.message, /"log" was deleted while it was read$/);
  }
});

const BAD = [
  [undefined, 'INVALID_ARGUMENT', /^options: expected an object, found nothing$/],
  [null, 'INVALID_ARGUMENT', /^options: expected an object, found null$/],
  ['log', 'INVALID_ARGUMENT', /^options: expected an object, found a string$/],
  [[], 'INVALID_ARGUMENT', /^options: expected an object, found an array$/],
  [{}, 'INVALID_ARGUMENT', /^instance: expected the id or name of an instance, found nothing$/],
  [{ instance: 5 }, 'INVALID_ARGUMENT', /^instance: expected .*, found 5$/],
  [{ instance: 'other' }, 'INSTANCE_NOT_FOUND', /"other"/],
  [{ instance: 'x'.repeat(1025) }, 'LIMIT_EXCEEDED', /^instance: expected at most 1024 bytes/],
  [{ instance: 'log', limit: 1.5 }, 'INVALID_ARGUMENT', /^limit: expected a whole number/],
  [{ instance: 'log', limit: NaN }, 'INVALID_ARGUMENT', /^limit: expected JSON, found NaN$/],
  [{ instance: 'log', limit: 1n }, 'INVALID_ARGUMENT', /^limit: expected a value that can be JSON/],
  [{ instance: 'log', direction: 'up' }, 'INVALID_ARGUMENT', /^direction: expected "forward" or/],
  [{ instance: 'log', signal: {} }, 'INVALID_ARGUMENT', /^signal: expected an AbortSignal/],
  [
    {
      instance: 'log',
      get limit() {
        throw new Error('no limit');
      },
    },
    'INVALID_ARGUMENT',
    /no limit$/,
  ],
];

test('what is not understood is thrown by the first step', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 1);
  for (const [options, code, pattern] of [
    ...BAD,
    [{ instance: 'log', where: {} }, 'INVALID_ARGUMENT', /^where: expected an array/],
    [{ instance: 'log', where: [{}] }, 'INVALID_ARGUMENT', /^where\[0\]\.field: expected/],
    [
      { instance: 'log', after: 1 },
      'INVALID_ARGUMENT',
      /^after: unknown key, expected instance, .*, format or signal/,
    ],
    [
      { instance: 'log', formt: 'jsonl' },
      'INVALID_ARGUMENT',
      /^formt: unknown key; did you mean format\?|^formt: .*did you mean format\?/,
    ],
    [{ instance: 'log', afterPosition: -1 }, 'INVALID_ARGUMENT', /^afterPosition: expected/],
    [
      { instance: 'log', correlationId: 5 },
      'INVALID_ARGUMENT',
      /^correlationId: expected a string/,
    ],
  ]) {
    await failsWith(t, log.readAll(options), code, pattern);
  }
  for (const [options, code, pattern] of BAD) {
    const stream = { stream: 's' };
    const isObject = typeof options === 'object' && options !== null && !Array.isArray(options);
    const given = isObject
      ? Object.defineProperties(stream, Object.getOwnPropertyDescriptors(options))
      : options;
    await failsWith(t, log.readStream(given), code, pattern);
  }
  await failsWith(
    t,
    log.readStream({ instance: 'log' }),
    'INVALID_ARGUMENT',
    /^stream: expected the id of a stream, found nothing$/,
  );
});
