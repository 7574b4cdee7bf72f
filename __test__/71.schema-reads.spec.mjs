// Stored events that are checked as they are read.

import test from 'ava';
import { type } from 'arktype';

import { all } from './support/reading.mjs';
import { appended, eventsOf, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';
import { accepting, schema } from './support/schemas.mjs';

const at = { instanceId: 'shop', autoCreateInstance: true };

test('stored events that do not fit are told by those who read, if they are to be checked', async (t) => {
  const path = await temporaryPath(t);
  const other = await openAt(t, path);
  for (const total of [1, 'x', 3])
    await appended(t, other, { ...at, eventType: 'Sold', payload: { total } });
  const events = { Sold: type({ total: 'number' }) };
  const unchecked = await openAt(t, path, { events });
  t.is((await all(unchecked.readAll({ instance: 'shop' }))).length, 3);
  const expected = {
    name: 'EventLogError',
    code: 'INVALID_EVENT',
    message: /^the event at position 2 \("Sold"\): payload\.total: /,
  };
  for (const make of [
    (schemas) => schemas,
    ({ Sold }) => ({ Sold: schema(async (value) => Sold['~standard'].validate(value)) }),
  ]) {
    const log = await openAt(t, path, { events: make(events), validateReads: true });
    const fold = { instance: 'shop', stream: 'default', initial: 0, apply: (n) => n + 1 };
    for (const read of [
      () => all(log.readAll({ instance: 'shop' })),
      () => all(log.readStream({ instance: 'shop', stream: 'default', direction: 'backward' })),
      () => all(log.subscribe({ instance: 'shop' })),
      () =>
        all(
          log.subscribe({
            instance: 'shop',
            consumer: 'c',
            onFailed: 'park',
            retry: { attempts: 3 },
          }),
        ),
      () => log.project(fold),
      () => log.decide({ ...fold, decide: () => null }),
    ]) {
      const error = await t.throwsAsync(read(), expected);
      t.is(error.position, 2);
      t.is(error.eventType, 'Sold');
      t.true(error.stack.includes('71.schema-reads.spec'));
    }
    const seen = [];
    const reader = log.readAll({ instance: 'shop' });
    await t.throwsAsync(async () => {
      for await (const event of reader) seen.push(event.position);
    });
    t.deepEqual(seen, [1]);
    t.deepEqual(await reader.next(), { done: true, value: undefined });
    t.is((await all(log.readAll({ instance: 'shop', afterPosition: 2 }))).length, 1);
    t.is((await eventsOf(t, log, 'shop')).length, 3);
  }
  const { consumers } = succeeded(
    t,
    await other.listConsumers({ instance: 'shop' }),
    'listConsumers',
  );
  t.deepEqual(
    consumers.map(({ position, parked }) => [position, parked]),
    [[0, 0]],
  );
});

test('a schema that is waited for ends with the reading', async (t) => {
  const log = await openLog(t, { events: { Made: accepting } });
  await appended(t, log, { ...at, eventType: 'Made' });
  const silent = log.typed({
    events: { Made: schema(() => new Promise(() => {})) },
    validateReads: true,
  });
  const reader = silent.readAll({ instance: 'shop' });
  const step = reader.next();
  await reader.return();
  t.deepEqual(await step, { done: true, value: undefined });
  const controller = new AbortController();
  const following = silent.subscribe({ instance: 'shop', signal: controller.signal });
  const waiting = following.next();
  controller.abort();
  await t.throwsAsync(waiting, { code: 'ABORTED' });
  t.false(following.caughtUp);
});
