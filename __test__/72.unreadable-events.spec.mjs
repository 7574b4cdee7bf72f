// Events that cannot be made ones of the newest version, and what counts as the first one.

import test from 'ava';

import { all } from './support/reading.mjs';
import { appended, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';
import { Sold, at } from './support/upcasting.mjs';

const broken = new Error('own');
for (const [name, upcasters, message, cause] of [
  [
    'throws',
    [
      {
        from: 1,
        to: 2,
        up: () => {
          throw broken;
        },
      },
    ],
    /the upcaster from 1 to 2 threw: own$/,
    broken,
  ],
  [
    'rejects',
    [
      {
        from: 1,
        to: 2,
        up: async () => {
          throw broken;
        },
      },
    ],
    /the upcaster from 1 to 2 threw: own$/,
    broken,
  ],
  [
    'throws later',
    [
      { from: 1, to: 2, up: async (p) => p },
      {
        from: 2,
        to: 3,
        up: () => {
          throw broken;
        },
      },
    ],
    /from 2 to 3 threw: own$/,
    broken,
  ],
  [
    'gives nothing',
    [{ from: 1, to: 2, up: () => {} }],
    /from 1 to 2: expected an object or an array, found nothing$/,
  ],
  [
    'gives a text',
    [{ from: 1, to: 2, up: async () => 'text' }],
    /from 1 to 2: expected an object or an array, found a string$/,
  ],
]) {
  test(`an upcaster that ${name} fails the reading at that event`, async (t) => {
    const log = await openLog(t, { upcasters: { Sold: upcasters } });
    const events = ['First', 'Sold', 'Last'].map((eventType) => ({ eventType }));
    succeeded(t, await log.typed({}).appendEvents({ ...at, events }), 'appendEvents');
    const fold = { instance: 'shop', initial: 0, apply: (n) => n + 1 };
    for (const read of [
      () => all(log.readAll({ instance: 'shop' })),
      () => all(log.subscribe({ instance: 'shop' })),
      () => all(log.subscribe({ instance: 'shop', consumer: 'c', onFailed: 'skip' })),
      () => log.project(fold),
      () => log.decide({ ...fold, stream: 'default', decide: () => null }),
    ]) {
      const error = await t.throwsAsync(read(), { code: 'INVALID_EVENT', message });
      t.regex(error.message, /^the event at position 2 \("Sold"\): /);
      t.deepEqual([error.position, error.eventType, error.cause], [2, 'Sold', cause]);
    }
    t.is((await all(log.readAll({ instance: 'shop', afterPosition: 2 }))).length, 1);
  });
}

for (const version of [0, 4, -1, 1.5, '2', true, {}, []]) {
  test(`an event of the version ${JSON.stringify(version)} is not one that is known`, async (t) => {
    const log = await openLog(t, { upcasters: { Sold } });
    await appended(t, log.typed({}), {
      ...at,
      eventType: 'Sold',
      metadata: { schemaVersion: version },
    });
    const error = await t.throwsAsync(all(log.readAll({ instance: 'shop' })), {
      code: 'INVALID_EVENT',
    });
    t.is(
      error.message,
      `the event at position 1 ("Sold"): metadata.schemaVersion: expected a version from 1 to 3, found ${JSON.stringify(version)}`,
    );
  });
}

test('metadata that are an array, or whose version is null, are of the first version', async (t) => {
  const log = await openLog(t, { upcasters: { Sold } });
  for (const metadata of [[1], { schemaVersion: null }]) {
    await appended(t, log.typed({}), { ...at, eventType: 'Sold', payload: { price: 1 }, metadata });
  }
  const events = await all(log.readAll({ instance: 'shop' }));
  t.deepEqual(
    events.map(({ payload }) => payload.cents),
    [100, 100],
  );
  t.deepEqual(
    events.map(({ metadata }) => metadata),
    [[1], { schemaVersion: 3 }],
  );
});
