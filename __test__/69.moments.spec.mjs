// What a call sees is settled when it is made, however busy the threads that read are.

import test from 'ava';

import { created, queried, succeeded } from './support/response.mjs';
import { inFiles, openLog, temporaryPath } from './support/temporary.mjs';
import { exportText, linesOf } from './support/transfer.mjs';

const EVENTS = 10_000;

/** A log with an instance in which a search takes long, and another one that is empty. */
async function logOf(t, options) {
  const log = await openLog(t, options);
  const events = Array.from({ length: EVENTS / 2 }, (_, n) => ({
    eventType: 'filling',
    payload: { n, texts: [`${n} ${'x'.repeat(150)}`] },
  }));
  for (let batch = 0; batch < 2; batch += 1) {
    const given = { instanceId: 'large', autoCreateInstance: true, events };
    succeeded(t, await log.appendEvents(given), 'appendEvents');
  }
  await created(t, log, 'log');
  await append(t, log);
  return log;
}

async function append(t, log, given = {}) {
  const event = { instanceId: 'log', eventType: 'appended', ...given };
  return succeeded(t, await log.appendEvent(event), 'appendEvent').event;
}

/** Keeps all threads of searches at work, with many more that wait, until what this returns is aborted. */
function occupy(log) {
  const controller = new AbortController();
  const where = [{ field: '/payload/texts/0', operator: 'contains', value: 'not in it' }];
  for (let search = 0; search < 200; search += 1) {
    log.queryEvents({ from: { instance: 'large' }, where }, controller.signal);
  }
  return controller;
}

async function all(reader) {
  const found = [];
  for await (const event of reader) found.push(event.position);
  return found;
}

for (const exclusive of [false, true]) {
  test(`a subscription from the end gives what is appended after it was asked, exclusive: ${exclusive}`, async (t) => {
    const log = await logOf(t, { exclusive });
    for (const options of [
      {},
      { stream: 's' },
      { where: [{ field: 'event_type', operator: 'eq', value: 'appended' }] },
      { consumer: 'mailer' },
      { awaitInstance: true },
      { awaitInstance: true, consumer: 'mailer' },
    ]) {
      const searches = occupy(log);
      const asked = { instance: 'log', afterPosition: 'end', ...options };
      const followers = Array.from({ length: 5 }, () => log.subscribe(asked));
      const first = followers.map((follower) => follower.next());
      const { sequence_number: sequence } = await append(t, log, { streamId: 's' });
      for (const { value } of await Promise.all(first)) t.is(value.sequence_number, sequence);
      for (const follower of followers) await follower.return();
      searches.abort();
      if (options.consumer !== undefined) {
        await log.deleteConsumer({ instance: 'log', consumer: options.consumer });
      }
    }
  });
}

for (const options of [{}, { consumer: 'mailer' }, { stream: 's' }]) {
  test(`all events of an instance that was not there come after its end, ${JSON.stringify(options)}`, async (t) => {
    const log = await openLog(t);
    const asked = { instance: 'later', awaitInstance: true, afterPosition: 'end', ...options };
    const follower = log.subscribe(asked);
    const next = [follower.next(), follower.next(), follower.next()];
    for (let n = 1; n <= 3; n += 1) {
      const event = { instanceId: 'later', streamId: 's', eventType: 'appended' };
      succeeded(t, await log.appendEvent({ ...event, autoCreateInstance: true }), 'appendEvent');
    }
    for (const [n, step] of next.entries()) t.is((await step).value.position, n + 1);
    await follower.return();
  });
}

test('whatever reads sees what was acknowledged before it was called, and nothing that is called later', async (t) => {
  const log = await logOf(t);
  const target = await temporaryPath(t);
  const searches = occupy(log);
  const reads = {
    query: async () => (await queried(t, log, { from: { instance: 'log' } })).total,
    // It looks at all events there are, and so waits behind the searches.
    search: async () =>
      (
        await queried(t, log, {
          from: { instance: 'large' },
          where: [{ field: 'event_type', operator: 'eq', value: 'appended' }],
        })
      ).total + 1,
    stats: async () =>
      succeeded(t, await log.getInstanceStats('log'), 'getInstanceStats').eventCount,
    streams: async () =>
      succeeded(t, await log.listStreams({ instance: 'log' }), 'listStreams').streams.length,
    instances: async () =>
      succeeded(t, await log.listInstances(), 'listInstances').instances.length - 1,
    consumers: async () =>
      succeeded(t, await log.listConsumers({ instance: 'log' }), 'listConsumers').consumers.length +
      1,
    readAll: async () => (await all(log.readAll({ instance: 'log' }))).length,
    readStream: async () =>
      (await all(log.readStream({ instance: 'log', stream: 'default' }))).length,
    project: async () =>
      (await log.project({ instance: 'log', initial: 0, apply: (count) => count + 1 })).state,
    // Its other lines are the first one, that of the instance, and the last one.
    export: async () => linesOf(await exportText(log, { instance: 'log' })).length - 3,
    verify: async () => succeeded(t, await log.verify(), 'verify').events - EVENTS,
  };
  if (inFiles) {
    reads.backup = async () => succeeded(t, await log.backup(target), 'backup').events - EVENTS;
  }
  const called = Object.entries(reads).map(([name, read]) => [name, read()]);
  await Promise.all([
    append(t, log),
    append(t, log, { instanceId: 'large' }),
    append(t, log, { streamId: 'other' }),
    created(t, log, 'later'),
    log.subscribe({ instance: 'log', consumer: 'later' }).next(),
  ]);
  searches.abort();
  for (const [name, seen] of called) t.is(await seen, 1, name);
  t.is(await reads.stats(), 3);
  t.is(await reads.search(), 2);
});
