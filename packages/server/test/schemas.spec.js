// A log whose program has declared its types of events: what clients append is checked, and what they read is raised.

import test from 'ava';
import { connect } from 'codebolt-eventlog-server/client';
import { z } from 'zod';

import { fill, openLog, post, serveLog, socketUrl, talk } from './support/server.js';

const events = { Sold: z.object({ cents: z.number() }) };
const upcasters = {
  Sold: [{ from: 1, to: 2, up: async ({ price }) => ({ cents: Math.round(price * 100) }) }],
};

test('what clients append is checked, and what they read is of the newest version', async (t) => {
  const log = await openLog(t, { events, upcasters });
  const { url } = await serveLog(t, log);
  const sold = { instanceId: 'shop', eventType: 'Sold' };
  await log.typed({}).appendEvent({ ...sold, payload: { price: 1.5 } });

  const batch = { instanceId: 'shop', events: [{ ...sold, payload: { cents: 1 } }, sold] };
  delete batch.events[0].instanceId;
  batch.events[1] = { eventType: 'Sold', payload: { cents: 'all' } };
  const refused = await post(url, 'appendEvents', batch);
  t.is(refused.status, 400);
  t.is(refused.body.code, 'INVALID_ARGUMENT');
  t.regex(refused.body.error, /^events\[1\]\.payload\.cents: /);

  const client = await connect(url);
  t.teardown(() => client.close());
  const appended = await client.appendEvent({ ...sold, payload: { cents: 200 } });
  t.deepEqual(appended.data.event.metadata, { schemaVersion: 2 });
  const read = [];
  for await (const { payload } of client.readAll({ instance: 'shop' })) read.push(payload.cents);
  t.deepEqual(read, [150, 200]);
  const followed = [];
  for await (const { payload } of client.subscribe({ instance: 'shop' })) {
    followed.push(payload.cents);
    if (followed.length === 2) break;
  }
  t.deepEqual(followed, [150, 200]);
  const { data } = await client.queryEvents({ from: { instance: 'shop' } });
  t.deepEqual(
    data.result.events.map(({ payload }) => payload),
    [{ price: 1.5 }, { cents: 200 }],
  );
});

test('an event that cannot be read fails the reading of a client with its code', async (t) => {
  const log = await openLog(t, { events, validateReads: true });
  const { url } = await serveLog(t, log);
  await fill(log, 'shop', 1);
  await log.typed({}).appendEvent({ instanceId: 'shop', eventType: 'Sold' });
  const client = await connect(url);
  t.teardown(() => client.close());
  const seen = [];
  const reading = async () => {
    for await (const { position } of client.readAll({ instance: 'shop' })) seen.push(position);
  };
  await t.throwsAsync(reading, { code: 'INVALID_EVENT', message: /position 2 \("Sold"\)/ });
  t.deepEqual(seen, [1]);
  const { request } = await talk(t, socketUrl(url));
  const { data } = await request('eventLog.readAll', { instance: 'shop', afterPosition: 1 });
  const next = await request('eventLog.next', { reading: data.reading });
  t.deepEqual([next.success, next.code], [false, 'INVALID_EVENT']);
});
