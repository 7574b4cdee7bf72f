// Queries that are answered with JSON text.

import test from 'ava';

import { fill, logOf } from './support/reading.mjs';
import { succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

const format = 'json';

const parsed = (text) => JSON.parse(text.toString());

test('queries are answered with the text of what objects are answered with', async (t) => {
  const { log } = await logOf(t);
  const from = { instance: 'log' };
  const where = [{ field: 'event_type', operator: 'eq', value: 'third' }];
  for (const query of [
    { from },
    { from, where, limit: 3 },
    { from, limit: 0 },
    { from, where, orderBy: { field: 'timestamp', direction: 'desc' }, limit: 50, offset: 10 },
    { from, select: ['payload.n', 'event_type'], limit: 4 },
    { from, reduce: { type: 'count' } },
    { from, reduce: { type: 'count', groupBy: 'event_type' } },
    { from, reduce: { type: 'collect', field: 'payload.n' }, where },
    { from, reduce: { type: 'sum', field: 'payload.n' }, select: ['id'] },
    { from: { instance: 'none' } },
    { from, wher: [] },
    {},
    'text',
    undefined,
  ]) {
    const object = await log.queryEvents(query);
    const text = await log.queryEvents(query, { format });
    t.true(Buffer.isBuffer(text));
    const response = parsed(text);
    const settledEvents = ({ requestId: _, timestamp: __, ...rest }) => JSON.stringify(rest);
    t.is(settledEvents(response), settledEvents(object));
    t.is(text.toString(), JSON.stringify(response));
    if (query !== undefined) {
      const { json } = await log.callJson('queryEvents', JSON.stringify(query));
      t.is(settledEvents(parsed(json)), settledEvents(object));
    }
  }
});

test('a query for text is called off as any other, and says what is wrong with its options', async (t) => {
  const { log } = await logOf(t);
  const query = { from: { instance: 'log' } };
  const controller = new AbortController();
  const { signal } = controller;
  const called = [
    log.queryEvents(query, { format, signal }),
    log.callJson('queryEvents', JSON.stringify(query), { signal, requestId: 'mine' }),
  ];
  controller.abort('enough');
  const [text, { json, code }] = await Promise.all(called);
  t.is(parsed(text).code, 'ABORTED');
  t.is(code, 'ABORTED');
  t.is(parsed(json).requestId, 'mine');
  t.is(parsed(await log.queryEvents(query, { format, signal })).code, 'ABORTED');
  const wrong = await log.queryEvents(query, { format: 'jsonl' });
  t.is(wrong.code, 'INVALID_ARGUMENT');
  t.regex(wrong.error, /^options\.format: expected "json", found "jsonl"$/);
  t.regex(
    parsed(await log.queryEvents(query, { format, signl: 1 })).error,
    /unknown option "signl"/,
  );
  t.true((await log.queryEvents(query, { format: null })).success);
  const cyclic = {};
  cyclic.from = cyclic;
  t.regex(parsed(await log.queryEvents(cyclic, { format })).error, /can be JSON/);
  const getter = {
    get format() {
      throw new Error('of the caller');
    },
  };
  t.regex((await log.queryEvents(query, getter)).error, /of the caller/);
  await log.close();
  t.is(parsed(await log.queryEvents(query, { format })).code, 'CLOSED');
  const refused = await log.callJson('appendEvent', '{}', { requestId: 'mine' });
  t.is(refused.code, 'CLOSED');
  t.is(parsed(refused.json).requestId, 'mine');
  t.regex(parsed((await log.callJson('appendEvent', '{}')).json).requestId, /^[0-9a-f-]{36}$/);
});

test('strict gives the text of the data, and rejects with a failure', async (t) => {
  const { log } = await logOf(t, 5);
  const query = { from: { instance: 'log' } };
  const { data } = await log.queryEvents(query);
  const text = await log.strict.queryEvents(query, { format });
  t.is(text.toString(), JSON.stringify(data));
  const error = await t.throwsAsync(
    log.strict.queryEvents({ from: { instance: 'none' } }, { format }),
  );
  t.is(error.code, 'INSTANCE_NOT_FOUND');
  t.regex(error.stack, /46\.json-queries/);
  const { success } = await log.strict.callJson('queryEvents', JSON.stringify(query));
  t.true(success);
});

test('a text of many events is answered in one piece', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 5_000, { bytes: 1_000 });
  const text = await log.queryEvents({ from: { instance: 'log' } }, { format });
  t.true(text.length > 5_000_000);
  const { data } = await log.queryEvents({ from: { instance: 'log' } });
  t.deepEqual(parsed(text).data, data);
  succeeded(t, parsed(text), 'queryEvents');
});
