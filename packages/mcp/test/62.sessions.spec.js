// Sessions of clients of the older protocol: each takes one place, and leaves nothing behind when it ends.

import { mock } from 'node:test';
import test from 'ava';
import { EventLog } from 'codebolt-eventlog';
import { Sessions, SESSIONS_MAX } from '../lib/http/sessions.js';
import { servingOf } from '../lib/server.js';

const IDLE_MS_MAX = 30 * 60_000;

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'tests', version: '1' },
  },
};

async function openSessions(t) {
  const log = await EventLog.open(':memory:');
  const sessions = new Sessions(servingOf(log, {}), 1024 * 1024);
  t.teardown(async () => {
    await sessions.close();
    await log.close();
  });
  return sessions;
}

/** Sends one request; its answer is not read. */
function send(sessions, { method = 'POST', headers = {}, body, signal } = {}) {
  const request = new Request('http://localhost/mcp', {
    method,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
    signal,
  });
  return sessions.fetch(request, { parsedBody: body });
}

/** Holds the timers that would end a session, in the place of starting them. */
function holdIdleTimers(t) {
  const held = new Set();
  const { setTimeout: start, clearTimeout: stop } = globalThis;
  mock.method(globalThis, 'setTimeout', (callback, ms, ...rest) => {
    if (ms !== IDLE_MS_MAX) return start(callback, ms, ...rest);
    const timer = { unref() {} };
    held.add(timer);
    return timer;
  });
  mock.method(globalThis, 'clearTimeout', (timer) => {
    if (!held.delete(timer)) stop(timer);
  });
  t.teardown(() => mock.restoreAll());
  return held;
}

test.serial(
  'a session that has opened waits for requests, and one that was ended does not',
  async (t) => {
    const sessions = await openSessions(t);
    const held = holdIdleTimers(t);
    const opened = await send(sessions, { body: initialize });
    t.is(opened.status, 200);
    t.is(held.size, 1);
    const headers = { 'mcp-session-id': opened.headers.get('mcp-session-id') };
    t.is((await send(sessions, { method: 'DELETE', headers })).status, 200);
    t.is(held.size, 0);
    t.is((await send(sessions, { method: 'DELETE', headers })).status, 404);
  },
);

test.serial('what did not become a session is not kept', async (t) => {
  const sessions = await openSessions(t);
  const held = holdIdleTimers(t);
  for (let count = 0; count < SESSIONS_MAX; count += 1) {
    const refused = await send(sessions, { body: initialize, headers: { accept: 'text/plain' } });
    t.is(refused.status, 406);
  }
  const headers = { 'content-type': 'text/plain' };
  t.is((await send(sessions, { body: initialize, headers })).status, 415);
  t.is(held.size, 0);
  t.is((await send(sessions, { body: initialize })).status, 200);
});

test.serial('sessions that are opened at one time take a place each', async (t) => {
  const sessions = await openSessions(t);
  const answers = await Promise.all(
    Array.from({ length: SESSIONS_MAX + 2 }, () => send(sessions, { body: initialize })),
  );
  const count = (status) => answers.filter((answer) => answer.status === status).length;
  t.is(count(200), SESSIONS_MAX);
  t.is(count(503), 2);
});

test.serial('a session whose stream has ended waits for requests again', async (t) => {
  const sessions = await openSessions(t);
  const held = holdIdleTimers(t);
  const opened = await send(sessions, { body: initialize });
  const headers = { 'mcp-session-id': opened.headers.get('mcp-session-id') };
  const gone = new AbortController();
  const stream = await send(sessions, { method: 'GET', headers, signal: gone.signal });
  t.is(stream.status, 200);
  t.is(held.size, 0);
  gone.abort();
  t.is(held.size, 1);
  await stream.body.cancel();
  const early = await send(sessions, { method: 'GET', headers, signal: AbortSignal.abort() });
  t.is(early.status, 200);
  t.is(held.size, 1);
});
