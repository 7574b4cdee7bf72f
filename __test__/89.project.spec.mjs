// State computed from events, with and without what was kept of it.

import test from 'ava';
import fc from 'fast-check';

import { addon, runForJson } from './support/child.mjs';
import { rejects } from './support/deciding.mjs';
import { counting, deleted, initial } from './support/projecting.mjs';
import { fill } from './support/reading.mjs';
import { created, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath, testOfFiles } from './support/temporary.mjs';

test('a state is what all events make of it', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 10_000, { streams: 7 });
  const { apply, calls } = counting();
  const whole = await log.project({ instance: 'log', initial, apply });
  const sum = (10_000 * 9_999) / 2;
  t.deepEqual(whole, { state: { sum, events: 10_000, last: 10_000 }, position: 10_000 });
  t.deepEqual(initial, { sum: 0, events: 0, last: 0 });
  t.is(calls.count, 10_000);

  const ofStream = { instance: 'log', stream: 'stream 3', initial, apply };
  const stream = await log.project(ofStream);
  t.deepEqual([stream.state.events, stream.sequence, stream.position], [1429, 1429, 10_000]);
  const where = [{ field: 'event_type', operator: 'eq', value: 'third' }];
  const third = await log.project({ instance: 'log', where, initial, apply });
  t.deepEqual([third.state.events, third.position], [3334, 10_000]);
  const both = await log.project({ ...ofStream, where });
  t.is(both.state.events, Math.ceil(1429 / 3));
  t.false('sequence' in both);
  const none = await log.project({ ...ofStream, stream: 'none' });
  t.deepEqual(none, { state: initial, position: 10_000, sequence: 0 });
});

test('initial may be a function, apply may wait, and neither run sees the state of another', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 50);
  const apply = async (seen, { payload }) => {
    await null;
    return seen.add(payload.n);
  };
  const options = { instance: 'log', initial: () => new Set(), apply };
  const promised = { ...options, initial: async () => new Set() };
  const runs = await Promise.all([options, options, promised].map(log.project));
  for (const { state } of runs) t.is(state.size, 50);
  const push = (list, { payload }) => {
    list.push(payload.n);
    return list;
  };
  const list = { instance: 'log', initial: [], apply: push };
  for (let run = 0; run < 2; run += 1) t.is((await log.project(list)).state.length, 50);
});

test('a run goes on from what the one before has kept, after the log was opened again', async (t) => {
  const path = await temporaryPath(t);
  let log = await openAt(t, path);
  await fill(log, 'log', 100);
  const { apply, calls } = counting();
  const options = { instance: 'log', initial, apply, name: 'sum', snapshotEvery: 50 };
  await log.project(options);
  t.is(calls.count, 100);
  await fill(log, 'log', 49, { first: 100 });
  await log.project(options);
  t.is(calls.count, 149);
  // Too few to be kept.
  await fill(log, 'log', 1, { first: 149 });
  await log.close();
  log = await openAt(t, path);
  const { state, position } = await log.project(options);
  t.is(calls.count, 199);
  t.deepEqual([state.sum, state.events, position], [(150 * 149) / 2, 150, 150]);
  await log.project(options);
  t.is(calls.count, 199);
  // A program that keeps none uses what is there.
  const { snapshotEvery, ...others } = options;
  t.is(snapshotEvery, 50);
  t.deepEqual((await log.project(others)).state, state);
  t.is(calls.count, 199);
  t.is(await deleted(t, log), 1);
  await log.project(others);
  t.is(calls.count, 349);
  t.is(await deleted(t, log), 0);
});

test('wherever it was cut, the state is that of all events', async (t) => {
  const log = await openLog(t);
  let run = 0;
  const cuts = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 6 });
  const every = fc.integer({ min: 1, max: 60 });
  await fc.assert(
    fc.asyncProperty(cuts, every, fc.constantFrom(undefined, 's0'), async (counts, n, stream) => {
      run += 1;
      const instance = `log ${run}`;
      const where = run % 3 === 0 ? [{ field: 'payload.n', operator: 'gt', value: 7 }] : undefined;
      await log.createInstance(instance);
      let total = 0;
      for (const count of counts) {
        const events = Array.from({ length: count }, (_, i) => ({
          streamId: `s${(total + i) % 2}`,
          eventType: 'made',
          payload: { n: total + i },
        }));
        const stored = await log.appendEvents({ instanceId: instance, events });
        if (!stored.success) throw new Error(stored.error);
        total += count;
        const options = { instance, stream, where, initial: [] };
        const apply = (list, { payload }) => [...list, payload.n];
        const kept = { ...options, apply, name: 'list', version: 1, snapshotEvery: n };
        const projection = await log.project(kept);
        const wanted = Array.from({ length: total }, (_, i) => i)
          .filter((i) => stream === undefined || i % 2 === 0)
          .filter((i) => where === undefined || i > 7);
        t.deepEqual(projection.state, wanted);
        t.is(projection.position, total);
        const all = stream !== undefined && where === undefined;
        t.is(projection.sequence, all ? wanted.length : undefined);
      }
    }),
    { numRuns: 40 },
  );
});

test('a snapshot of another version, other conditions or another stream is not taken', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 100, { streams: 2 });
  const { apply, calls } = counting();
  const options = { instance: 'log', initial, apply, name: 'sum', snapshotEvery: 1 };
  const where = [{ field: 'event_type', operator: 'eq', value: 'third' }];
  const runs = [
    [{}, 100],
    [{}, 0],
    [{ version: 2 }, 100],
    [{ version: '2' }, 100],
    [{ version: '2' }, 0],
    [{ version: '2', where }, 34],
    [{ version: '2', where }, 0],
    [{ name: 'other' }, 100],
    [{ stream: 'stream 0' }, 50],
    [{ stream: 'stream 1' }, 50],
    [{ stream: 'stream 0' }, 0],
    // It has taken the place of the others.
    [{}, 100],
  ];
  for (const [change, count] of runs) {
    calls.count = 0;
    await log.project({ ...options, ...change });
    t.is(calls.count, count, JSON.stringify(change));
  }
  t.is(await deleted(t, log, { instance: 'log', name: 'su' }), 0);
  t.is(await deleted(t, log, { instance: 'log', name: 'sum' }), 3);
  t.is(await deleted(t, log), 1);
});

test('a snapshot does not move back', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 10);
  const { apply, calls } = counting();
  const options = { instance: 'log', initial, name: 'sum', snapshotEvery: 1 };
  // One run is held at its last event, while another one comes further.
  let go;
  let reach;
  const held = new Promise((resolve) => (go = resolve));
  const reached = new Promise((resolve) => (reach = resolve));
  const slow = log.project({
    ...options,
    apply: async (state, event) => {
      if (event.position === 10) {
        reach();
        await held;
      }
      return apply(state, event);
    },
  });
  await reached;
  await fill(log, 'log', 10, { first: 10 });
  await log.project({ ...options, apply });
  go();
  t.is((await slow).state.events, 10);
  calls.count = 0;
  t.is((await log.project({ ...options, apply })).state.events, 20);
  t.is(calls.count, 0);
});

for (const [what, fail] of Object.entries({
  throws: () => {
    throw new Error('a mistake of the program');
  },
  rejects: () => Promise.reject(new Error('a mistake of the program')),
})) {
  test(`what an apply that ${what} gives is passed on, and what was kept on the way stays`, async (t) => {
    const log = await openLog(t);
    await fill(log, 'log', 1_000, { streams: 3 });
    const where = [{ field: 'event_type', operator: 'neq', value: 'third' }];
    for (const of of [{}, { stream: 'stream 1' }, { where }, { stream: 'stream 1', where }]) {
      for (const snapshotEvery of [1, 10, 70]) {
        const { apply, calls } = counting();
        const options = {
          instance: 'log',
          initial,
          name: `${snapshotEvery}`,
          snapshotEvery,
          ...of,
        };
        const expected = await log.project({ instance: 'log', initial, apply, ...of });
        const { count } = calls;
        let kept = 0;
        for (const end of [80, 160, 240]) {
          calls.count = 0;
          const failing = (state, event) => (state.events === end ? fail() : apply(state, event));
          const error = await t.throwsAsync(log.project({ ...options, apply: failing }));
          t.is(error.message, 'a mistake of the program');
          t.false('projection' in error);
          t.is(calls.count, end - kept);
          // The last state that was due.
          kept = end - ((end - kept) % snapshotEvery);
        }
        calls.count = 0;
        t.deepEqual(await log.project({ ...options, apply }), expected);
        t.is(calls.count, count - kept);
      }
    }
  });
}

test('a state on the way that JSON does not keep is left out, and the last one that it keeps is kept', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 100);
  const { apply, calls } = counting();
  const options = { instance: 'log', initial, name: 'sum', snapshotEvery: 10 };
  const odd = (state, event) => ({ ...apply(state, event), odd: event.position < 100 ? NaN : 0 });
  t.is((await log.project({ ...options, apply: odd })).state.odd, 0);
  calls.count = 0;
  t.is((await log.project({ ...options, apply })).state.events, 100);
  t.is(calls.count, 0);

  // What was not kept on the way does not take the place of what apply throws.
  const failing = (state, { position }) => {
    if (position === 95) throw new Error('a mistake');
    return new Map();
  };
  const other = { ...options, name: 'other' };
  const error = await t.throwsAsync(log.project({ ...other, apply: failing }));
  t.is(error.message, 'a mistake');
  t.is(await deleted(t, log, { instance: 'log', name: 'other' }), 0);
});

test('what is appended after the call is no part of the state', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 5);
  for (const of of [{}, { stream: 'stream 0' }]) {
    const options = { instance: 'log', initial, apply: counting().apply, ...of };
    const before = await log.project(options);
    const projected = log.project(options);
    await fill(log, 'log', 5, { first: before.position, streams: 1 });
    t.deepEqual(await projected, before);
  }
});

test('a state that JSON does not keep is refused with its place, and the result is not lost', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 3);
  const options = { instance: 'log', initial: {}, name: 'state', snapshotEvery: 1 };
  class Total {
    sum = 0;
  }
  for (const [state, path] of [
    [{ a: { b: [1, new Map()] } }, String.raw`\.a\.b\[1\]`],
    [{ when: new Date(0) }, String.raw`\.when`],
    [{ gone: undefined }, String.raw`\.gone`],
    [{ n: NaN }, String.raw`\.n`],
    [new Total(), ''],
    [undefined, ''],
    [[-0], String.raw`\[0\]`],
  ]) {
    const pattern = new RegExp(`^state${path}: expected a state that JSON keeps`);
    const refused = log.project({ ...options, apply: () => state });
    const { projection } = await rejects(t, refused, 'INVALID_ARGUMENT', pattern);
    t.is(projection.state, state);
    t.is(projection.position, 3);
  }
  const big = { text: 'x'.repeat(16 << 20) };
  const large = log.project({ ...options, apply: () => big });
  const { projection } = await rejects(t, large, 'LIMIT_EXCEEDED', /^state: .* 16777216 bytes/);
  t.is(projection.state, big);
  t.is(await deleted(t, log), 0);
  const largest = { text: 'x'.repeat((16 << 20) - 11) };
  await log.project({ ...options, apply: () => largest });
  t.deepEqual((await log.project({ ...options, apply: () => ({}) })).state, largest);
  // Without a snapshot, anything can be a state.
  const { state } = await log.project({ instance: 'log', initial: 0, apply: () => new Total() });
  t.true(state instanceof Total);
});

testOfFiles(
  'snapshots go with their instance, and are in a backup and not in an export',
  async (t) => {
    const path = await temporaryPath(t);
    const log = await openAt(t, path);
    await fill(log, 'log', 20);
    const { apply, calls } = counting();
    const options = { instance: 'log', initial, apply, name: 'sum', snapshotEvery: 1 };
    await log.project(options);
    succeeded(t, await log.backup(`${path}.copy`), 'backup');
    const copy = await openAt(t, `${path}.copy`);
    await copy.project(options);
    t.is(calls.count, 20);
    t.true(succeeded(t, await copy.verify(), 'verify').intact);
    const imported = await openLog(t);
    succeeded(t, await imported.importEvents(log.exportEvents()), 'importEvents');
    t.is(await deleted(t, imported), 0);
    succeeded(t, await log.deleteInstance('log'), 'deleteInstance');
    await fill(log, 'log', 30);
    t.is((await log.project(options)).state.events, 30);
    t.is(calls.count, 50);
  },
);

test('two processes that keep snapshots of one projection come to the same', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'log');
  const source = `
    import { EventLog } from ${JSON.stringify(addon)};
    const log = await EventLog.open(process.argv[1]);
    const apply = (sum, { payload }) => sum + payload.n;
    const wrong = [];
    for (let n = 0; n < 150; n += 1) {
      const stored = await log.appendEvent({ instanceId: 'log', eventType: 'made', payload: { n: 1 } });
      if (!stored.success) throw new Error(stored.error);
      const { state, position } = await log.project({ instance: 'log', initial: 0, apply, name: 'sum', snapshotEvery: 3 });
      if (state !== position) wrong.push([state, position]);
    }
    await log.close();
    console.log(JSON.stringify(wrong));
  `;
  const runs = [1, 2].map(() => runForJson(t, source, { args: [path] }));
  t.deepEqual(await Promise.all(runs), [[], []]);
  const options = { instance: 'log', initial: 0, name: 'sum' };
  const { state, position } = await log.project({ ...options, apply: (sum) => sum + 1 });
  t.deepEqual([state, position], [300, 300]);
});
