// Subscriptions that give the text of events: JSON Lines, in Buffers of whole lines.

import test from 'ava';

import { MANY, all, failsWith, fill, logOf } from './support/reading.mjs';
import { created } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

const format = 'jsonl';

const linesOf = (piece) => piece.toString().trimEnd().split('\n');

/** Takes pieces until there are so many lines. */
async function take(t, following, count) {
  const lines = [];
  while (lines.length < count) {
    const { value, done } = await following.next();
    t.false(done);
    t.true(Buffer.isBuffer(value) && value.at(-1) === 0x0a);
    lines.push(...linesOf(value));
  }
  t.is(lines.length, count);
  return lines;
}

test('a subscription gives the lines that there are, and each that follows', async (t) => {
  const { log } = await logOf(t);
  const following = log.subscribe({ instance: 'log', format });
  t.false(following.caughtUp);
  const lines = await take(t, following, MANY);
  t.true(following.caughtUp);
  await following.untilCaughtUp;
  const next = following.next();
  const { followers } = (await log.metrics()).data;
  t.deepEqual([followers.open, followers.caughtUp, followers.behind], [1, 1, 0]);
  await fill(log, 'log', 3, { first: MANY });
  lines.push(...linesOf((await next).value));
  if (lines.length < MANY + 3) lines.push(...(await take(t, following, MANY + 3 - lines.length)));
  const events = await all(log.readAll({ instance: 'log' }));
  t.deepEqual(
    lines,
    events.map((event) => JSON.stringify(event)),
  );
  await following.return();
  t.true((await following.next()).done);
});

test('conditions, a stream, and where it begins are those of a subscription of objects', async (t) => {
  const { log } = await logOf(t, 1_000);
  const where = [{ field: 'event_type', operator: 'eq', value: 'third' }];
  for (const options of [
    { where },
    { stream: 'stream 3' },
    { stream: 'stream 3', where, afterPosition: 400 },
    { afterPosition: 990 },
  ]) {
    const events = log.subscribe({ instance: 'log', ...options });
    const expected = [];
    do expected.push((await events.next()).value);
    while (!events.caughtUp);
    await events.return();
    const following = log.subscribe({ instance: 'log', format, ...options });
    const lines = await take(t, following, expected.length);
    t.deepEqual(
      lines,
      expected.map((event) => JSON.stringify(event)),
    );
    t.true(following.caughtUp);
    await following.return();
  }
});

test('how far a program is counts by what it has taken', async (t) => {
  const { log } = await logOf(t, 5_000);
  const following = log.subscribe({ instance: 'log', format });
  const behind = async () => (await log.metrics()).data.followers.behind;
  const { value } = await following.next();
  const taken = linesOf(value).length;
  t.true(taken < 5_000);
  t.is(await behind(), 5_000 - taken);
  await take(t, following, 5_000 - taken);
  t.is(await behind(), 0);
  await following.return();
});

test('numbers are those that were stored', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  const following = log.subscribe({ instance: 'log', format });
  const first = following.next();
  const payload = '{"id":12345678901234567890,"price":1.50}';
  await log.callJson('appendEvent', `{"instanceId":"log","eventType":"t","payload":${payload}}`);
  const { value } = await first;
  t.true(value.toString().includes(`"payload":${payload},`), value.toString());
  await following.return();
});

test('an instance that is awaited comes as lines, too', async (t) => {
  const log = await openLog(t, { autoCreateInstances: true });
  const following = log.subscribe({
    instance: 'later',
    awaitInstance: true,
    afterPosition: 'end',
    format,
  });
  const first = following.next();
  await log.appendEvent({ instanceId: 'later', eventType: 't', payload: { n: 1 } });
  t.is(JSON.parse((await first).value.toString()).payload.n, 1);
  const [second] = [following.next(), await log.close()];
  t.true((await second).done);
});

test('a consumer acknowledges event by event, and a log with upcasters needs objects', async (t) => {
  const { log } = await logOf(t, 3);
  const read = (options, of = log) => of.subscribe({ instance: 'log', format, ...options });
  await failsWith(
    t,
    read({ consumer: 'c' }),
    'INVALID_ARGUMENT',
    /^format: expected nothing with a consumer, which acknowledges event by event, found "jsonl"$/,
  );
  t.deepEqual((await log.listConsumers({ instance: 'log' })).data.consumers, []);
  const wrong = /^format: expected "jsonl", found "json"$/;
  await failsWith(t, read({ format: 'json' }), 'INVALID_ARGUMENT', wrong);
  const up = (payload) => payload;
  const typed = log.typed({ upcasters: { other: [{ from: 1, to: 2, up }] } });
  await failsWith(t, read({}, typed), 'INVALID_ARGUMENT', /^format: .*log\.typed\(\{\}\)$/);
  // What is not given counts as not given.
  const objects = read({ format: null });
  t.is((await objects.next()).value.payload.n, 0);
  await objects.return();
});
