// The streams of an instance, a page at a time.

import test from 'ava';

import { fill } from './support/reading.mjs';
import { appended, created, eventsOf, failed, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';

async function listed(t, log, options) {
  return succeeded(t, await log.listStreams(options), 'listStreams');
}

const idsOf = ({ streams }) => streams.map((stream) => stream.stream_id);

test('a stream is listed with what its last event has', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  t.deepEqual(await listed(t, log, { instance: 'log' }), { streams: [], hasMore: false });
  for (const streamId of ['b', 'a', 'b', 'é', '😀', 'Z']) {
    await appended(t, log, { instanceId: 'log', streamId, eventType: 'made' });
  }
  const events = await eventsOf(t, log, 'log');
  const expected = [5, 1, 2, 3, 4].map((index) => {
    const { stream_id, sequence_number, timestamp } = events[index];
    return { stream_id, sequence_number, position: index + 1, firstSequence: 1, timestamp };
  });
  t.deepEqual(await listed(t, log, { instance: 'log' }), { streams: expected, hasMore: false });
});

test('streams are listed page by page, wherever their events are', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(log, 'log', 60_000, { streams: 2500, bytes: 400 });
  const other = await openAt(t, path, { readOnly: true });
  const ids = Array.from({ length: 2500 }, (_, n) => `stream ${n}`).sort();
  for (const options of [{}, { limit: 1 + 2500 / 7 }, { limit: 2500 }, { limit: 10_000 }]) {
    const limit = Math.floor(options.limit ?? 1000);
    const found = [];
    let page;
    let after;
    do {
      page = await listed(t, other, { instance: 'log', limit, ...(after && { after }) });
      t.true(page.streams.length === limit || !page.hasMore);
      found.push(...page.streams);
      after = page.streams.at(-1).stream_id;
    } while (page.hasMore);
    t.deepEqual(
      found.map(({ stream_id }) => stream_id),
      ids,
    );
    t.true(found.every(({ sequence_number }) => sequence_number === 24));
  }
  const first = await listed(t, log, { instance: 'log' });
  t.is(first.streams.length, 1000);
  t.true(first.hasMore);
  const some = await listed(t, log, { instance: 'log', prefix: 'stream 24', limit: 3 });
  t.deepEqual(idsOf(some), ['stream 24', 'stream 240', 'stream 2400']);
  t.true(some.hasMore);
  const rest = await listed(t, log, {
    instance: 'log',
    prefix: 'stream 249',
    after: 'stream 2497',
  });
  t.deepEqual(idsOf(rest), ['stream 2498', 'stream 2499']);
  t.deepEqual(idsOf(await listed(t, log, { instance: 'log', limit: 0 })), []);
});

test('what is not understood is refused, with its place', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  for (const [options, code, pattern] of [
    [undefined, 'INVALID_ARGUMENT', /^options: expected an object, found nothing/],
    ['log', 'INVALID_ARGUMENT', /^options: expected an object, found "log"/],
    [{}, 'INVALID_ARGUMENT', /^instance: expected the id or name of an instance, found nothing/],
    [{ instance: 'none' }, 'INSTANCE_NOT_FOUND', /none/],
    [{ instance: 'log', prefix: 5 }, 'INVALID_ARGUMENT', /^prefix: expected a string, found 5/],
    [{ instance: 'log', after: 7 }, 'INVALID_ARGUMENT', /^after: expected a string, found 7/],
    [
      { instance: 'log', limit: 10_001 },
      'LIMIT_EXCEEDED',
      /^limit: expected at most 10000 streams/,
    ],
    [{ instance: 'log', limit: -1 }, 'INVALID_ARGUMENT', /^limit: expected a whole number/],
    [{ instance: 'log', offset: 1 }, 'INVALID_ARGUMENT', /^offset: unknown key, expected instance/],
    [{ instance: 'log', prefix: 'x'.repeat(1025) }, 'LIMIT_EXCEEDED', /^prefix: expected at most/],
  ]) {
    failed(t, await log.listStreams(options), 'listStreams', code, pattern);
  }
  await log.close();
  failed(t, await log.listStreams({ instance: 'log' }), 'listStreams', 'CLOSED');
});
