// What happens between two steps of one call: others append, and the log refuses to hold so much at once.

import test from 'ava';
import { servingOf } from '../lib/server.js';
import { callTool } from '../lib/tools/index.js';
import { openOrders, orders } from './support/logs.js';

/** Calls a tool on a log of which some methods are others. */
function call(log, methods, given) {
  const own = Object.fromEntries(
    ['getInstanceStats', 'queryEvents', 'listStreams', 'readAll', 'readStream'].map((name) => [
      name,
      (...parameters) => log[name](...parameters),
    ]),
  );
  const serving = servingOf({ ...own, ...methods }, {});
  return callTool(serving, 'eventlog_query_events', given, new AbortController().signal);
}

const newest = {
  from: { instance: 'orders' },
  orderBy: { field: 'position', direction: 'desc' },
  select: ['position'],
  limit: 5,
};

test('an event that is appended while a page is read is on none of its pages', async (t) => {
  const { log } = await openOrders(t);
  let asked = 0;
  const queryEvents = async (...parameters) => {
    asked += 1;
    await log.appendEvent({ instanceId: 'orders', eventType: 'late' });
    return log.queryEvents(...parameters);
  };
  const positions = [];
  for (let cursor; positions.length === 0 || cursor !== undefined;) {
    const { structuredContent } = await call(log, { queryEvents }, { query: newest, cursor });
    positions.push(...structuredContent.events.map(({ position }) => position));
    t.is(structuredContent.total, 20);
    cursor = structuredContent.nextCursor;
  }
  t.true(asked > 4);
  t.deepEqual(
    positions,
    Array.from({ length: 20 }, (_, index) => 20 - index),
  );
});

test('where the log cannot hold so many events at once, it is asked for fewer', async (t) => {
  const { log } = await openOrders(t, orders(100));
  const steps = [];
  const queryEvents = async (query, options) => {
    steps.push(query.limit);
    if (query.limit > 10)
      return { success: false, code: 'LIMIT_EXCEEDED', error: 'the result is too large' };
    return log.queryEvents(query, options);
  };
  const query = { ...newest, limit: 70 };
  const { structuredContent } = await call(log, { queryEvents }, { query });
  t.deepEqual(
    structuredContent.events.map(({ position }) => position),
    Array.from({ length: 70 }, (_, index) => 100 - index),
  );
  t.is(steps[0], 71);
  const refused = await call(
    log,
    { queryEvents: async () => ({ success: false, code: 'LIMIT_EXCEEDED', error: 'too large' }) },
    { query },
  );
  t.is(refused.content[0].text, 'Error: too large (LIMIT_EXCEEDED)');
});

test('a call that is called off ends', async (t) => {
  const { log } = await openOrders(t);
  const serving = servingOf(log, {});
  const cancelled = AbortSignal.abort(new Error('not needed any more'));
  for (const [name, given] of [
    ['eventlog_query_events', { query: newest }],
    ['eventlog_list_fields', { instanceId: 'orders' }],
    ['eventlog_get_event', { instanceId: 'orders', position: 1 }],
    ['eventlog_get_correlation', { instanceId: 'orders', correlationId: 'purchase-1' }],
  ]) {
    const { isError, content } = await callTool(serving, name, given, cancelled);
    t.true(isError);
    t.regex(content[0].text, /\(ABORTED\)$/, name);
  }
});

test('a fault of the server is told to who runs it, and the agent gets an answer', async (t) => {
  const fault = new TypeError('x is not a function');
  const told = [];
  const broken = {
    getInstance: () => {
      throw fault;
    },
  };
  const serving = servingOf(broken, { onError: (error) => told.push(error) });
  const { signal } = new AbortController();
  const given = { instanceId: 'orders' };
  const { isError, content } = await callTool(serving, 'eventlog_get_instance', given, signal);
  t.true(isError);
  t.is(content[0].text, 'Error: x is not a function (INTERNAL)');
  t.deepEqual(told, [fault]);
});
