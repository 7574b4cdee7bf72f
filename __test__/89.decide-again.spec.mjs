// What is decided where others append to the stream.

import test from 'ava';

import { addon, start } from './support/child.mjs';
import { counter, event, one, opened, rejects, stored } from './support/deciding.mjs';
import { created, eventsOf } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

test('who was too late decides again, on what was appended meanwhile', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  const other = await openAt(t, path);
  await created(t, log, 'log');
  for (let n = 0; n < 3; n += 1) await log.appendEvent(event);
  const seen = [];
  let applied = 0;
  const decision = await log.decide({
    ...counter,
    apply: (state, entry) => {
      applied += 1;
      return counter.apply(state, entry);
    },
    decide: async (state) => {
      seen.push(state.count);
      // What is appended to another stream does not matter.
      await other.appendEvent({ ...event, streamId: 'another' });
      if (seen.length < 3) await other.appendEvent(event);
      return { eventType: 'doubled', payload: { by: state.count } };
    },
  });
  t.deepEqual(seen, [3, 4, 5]);
  t.is(decision.attempts, 3);
  t.is(decision.state.count, 10);
  t.deepEqual([decision.sequence, decision.events.length], [6, 1]);
  // Each event once: those of others are not read again.
  t.is(applied, 6);
  t.is((await stored(log)).at(-1).payload.by, 5);
});

test('another process is noticed as well', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'log');
  const source = `
    import { EventLog } from ${JSON.stringify(addon)};
    const log = await EventLog.open(${JSON.stringify(path)});
    process.on('message', async (event) => {
      if (event === 'end') {
        await log.close();
        process.disconnect();
      } else process.send(await log.appendEvent(event));
    });
    process.send('open');`;
  const { child, message, ended } = start(t, source);
  t.is(await message(), 'open');
  const seen = [];
  const decide = async ({ count }) => {
    seen.push(count);
    if (seen.length <= 2) {
      child.send(event);
      t.true((await message()).success);
    }
    return { eventType: 'counted', payload: { by: 10 } };
  };
  const { state, attempts } = await log.decide({ ...counter, decide });
  t.deepEqual(seen, [0, 1, 2]);
  t.deepEqual([state.count, attempts], [12, 3]);
  child.send('end');
  t.is((await ended).code, 0);
});

test('a call gives up after its retries, and says where the stream stands', async (t) => {
  const log = await opened(t);
  for (const [retries, attempts] of [
    [0, 1],
    [2, 3],
    [undefined, 101],
    [null, 101],
  ]) {
    const before = (await stored(log)).length;
    let calls = 0;
    const decide = async () => {
      calls += 1;
      await log.appendEvent(event);
      return { eventType: 'late' };
    };
    const pattern = new RegExp(`^stream: expected the stream "counter" .*${attempts} attempts`);
    const call = log.decide({ ...counter, decide, retries });
    const error = await rejects(t, call, 'SEQUENCE_CONFLICT', pattern);
    t.is(calls, attempts);
    const actual = before + attempts;
    t.deepEqual(error.conflict, { streamId: 'counter', expected: actual - 1, actual });
    t.regex(error.stack, /89\.decide-again\.spec/);
  }
  t.true((await stored(log)).every(({ event_type }) => event_type === 'counted'));
});

test('a hundred that decide at once count to a hundred', async (t) => {
  const path = await temporaryPath(t);
  const logs = [await openAt(t, path), await openAt(t, path)];
  await created(t, logs[0], 'log');
  const decide = ({ count }) => ({ eventType: 'counted', payload: { by: 1, to: count + 1 } });
  const calls = Array.from({ length: 100 }, (_, n) => logs[n % 2].decide({ ...counter, decide }));
  const decisions = await Promise.all(calls);
  const hundred = Array.from({ length: 100 }, (_, n) => n + 1);
  const sorted = (numbers) => numbers.toSorted((a, b) => a - b);
  t.deepEqual(sorted(decisions.map(({ state }) => state.count)), hundred);
  t.deepEqual(
    (await stored(logs[0])).map(({ payload }) => payload.to),
    hundred,
  );
  for (const { attempts, state } of decisions) t.true(attempts <= state.count);
});

test('processes that decide at once lose nothing and count nothing twice', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'log');
  const source = `
    import { EventLog } from ${JSON.stringify(addon)};
    import { counter } from ${JSON.stringify(new URL('support/counter.mjs', import.meta.url).href)};
    const log = await EventLog.open(${JSON.stringify(path)});
    process.once('message', async () => {
      const decide = ({ count }) => ({ eventType: 'counted', payload: { by: 1, to: count + 1 } });
      const options = { ...counter, decide, name: 'count', snapshotEvery: 7 };
      for (let n = 0; n < 10; n += 1) {
        await Promise.all([log.decide(options), log.decide(options)]);
      }
      await log.close();
      process.disconnect();
    });
    process.send('open');`;
  const children = [1, 2].map(() => start(t, source));
  for (const { message } of children) t.is(await message(), 'open');
  for (const { child } of children) child.send('go');
  for (const { ended } of children) t.is((await ended).code, 0, (await ended).stderr);
  t.deepEqual(
    (await stored(log)).map(({ payload }) => payload.to),
    Array.from({ length: 40 }, (_, n) => n + 1),
  );
});

test('an instance that comes into being meanwhile is taken in', async (t) => {
  const log = await openLog(t);
  const seen = [];
  const decide = async ({ count }) => {
    seen.push(count);
    if (seen.length === 1) await log.appendEvent({ ...event, autoCreateInstance: true });
    return one();
  };
  const { state } = await log.decide({ ...counter, decide, autoCreateInstance: true });
  t.deepEqual([seen, state.count], [[0, 1], 2]);
  // Without events, it is as it was.
  const decision = await log.decide({
    ...counter,
    instance: 'other',
    autoCreateInstance: true,
    decide: async () => {
      await log.createInstance('other');
      return one();
    },
  });
  t.deepEqual([decision.state.count, decision.attempts], [1, 1]);
});

test('nothing is stored in another instance that has got the name', async (t) => {
  const log = await opened(t, { autoCreateInstances: true });
  const anew = async () => {
    await log.deleteInstance('log');
    await log.createInstance('log');
    // Its stream ends where the state does.
    await log.appendEvent(event);
    return one();
  };
  const away = async () => {
    await log.deleteInstance('log');
    return one();
  };
  await log.appendEvent(event);
  const call = log.decide({ ...counter, decide: anew });
  await rejects(t, call, 'INSTANCE_NOT_FOUND', /"log" was deleted/);
  t.is((await eventsOf(t, log, 'log')).length, 1);
  await rejects(
    t,
    log.decide({ ...counter, decide: away }),
    'INSTANCE_NOT_FOUND',
    /"log" was deleted/,
  );
  t.deepEqual((await log.listInstances()).data.instances, []);
});
