// The doors of the server over HTTP: who is let in, and what is too much.

import { request } from 'node:http';
import { connect as connectSocket } from 'node:net';
import { once } from 'node:events';
import test from 'ava';
import { EventLog } from 'codebolt-eventlog';
import { serveHttp } from 'codebolt-eventlog-mcp';
import { openOrders } from './support/logs.js';
import { startHttp, token, run } from './support/clients.js';

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

/** Serves a log in this process. */
async function serve(t, options) {
  const { log } = await openOrders(t);
  const service = await serveHttp(log, { port: 0, token, ...options });
  t.teardown(() => service.close());
  return new URL(service.url);
}

/** Sends one request, with exactly these headers, and returns its status, its headers and its body. */
async function send(url, { method = 'POST', headers = {}, body = initialize, path } = {}) {
  const sent = request(url, {
    method,
    path: path ?? url.pathname,
    agent: false,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
      ...headers,
    },
  });
  sent.end(typeof body === 'string' ? body : JSON.stringify(body));
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode, headers: response.headers, text };
}

test('who knows the token is let in', async (t) => {
  const url = await serve(t);
  const { status, text } = await send(url);
  t.is(status, 200);
  t.regex(text, /codebolt-eventlog/);
  t.is((await send(url, { headers: { authorization: `bearer ${token}` } })).status, 200);
});

test('who does not know the token is not', async (t) => {
  const url = await serve(t);
  const wrong = [
    '',
    'Bearer',
    'Bearer ',
    `Basic ${token}`,
    token,
    `Bearer ${token}x`,
    `Bearer ${token.slice(0, -1)}`,
    `Bearer ${token.toUpperCase()}`,
    `Bearer x, Bearer ${token}`,
  ];
  for (const authorization of wrong) {
    const { status, headers, text } = await send(url, { headers: { authorization } });
    t.is(status, 401, authorization);
    t.is(headers['www-authenticate'], 'Bearer');
    t.false(text.includes(token));
  }
  for (const path of [
    '/',
    `/mcp?token=${token}x`,
    '/mcp?token=',
    `/mcp?Token=${token}`,
    '/other',
    '/mcp/../mcp',
  ]) {
    t.is((await send(url, { path, headers: { authorization: '' } })).status, 401, path);
  }
  for (const method of ['GET', 'DELETE', 'PUT']) {
    t.is(
      (await send(url, { method, body: '', headers: { authorization: '' } })).status,
      401,
      method,
    );
  }
});

test('a request that was sent under another name is not let in', async (t) => {
  const url = await serve(t, { token: false });
  const { port } = url;
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    `127.0.0.1.evil.example`,
    'localhost.evil.example',
    `[::2]:${port}`,
    `10.0.0.1:${port}`,
  ]) {
    t.is((await send(url, { headers: { host } })).status, 403, host);
  }
  for (const host of [
    `127.0.0.1:${port}`,
    `localhost:${port}`,
    `LOCALHOST:${port}`,
    `[::1]:${port}`,
  ]) {
    t.is((await send(url, { headers: { host } })).status, 200, host);
  }
});

test('a request without a name is not let in', async (t) => {
  const url = await serve(t, { token: false });
  const socket = connectSocket(Number(url.port), '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.write('GET /mcp HTTP/1.0\r\n\r\n');
  const [answer] = await once(socket.setEncoding('utf8'), 'data');
  t.regex(answer, /^HTTP\/1\.1 403 /);
});

test('a page of another site is not let in, even without a token', async (t) => {
  const url = await serve(t, { token: false, origins: ['http://localhost:6274'] });
  for (const origin of [
    'https://evil.example',
    'null',
    `http://127.0.0.1:${url.port}`,
    'http://localhost:6275',
    'http://localhost:6274.evil.example',
    '',
  ]) {
    const { status, headers } = await send(url, { headers: { origin } });
    t.is(status, 403, origin);
    t.is(headers['access-control-allow-origin'], undefined);
    t.is((await send(url, { method: 'OPTIONS', body: '', headers: { origin } })).status, 403);
  }
});

test('a page of a named origin is let in, with the token', async (t) => {
  const origin = 'http://localhost:6274';
  const url = await serve(t, { origins: [origin] });
  const preflight = await send(url, {
    method: 'OPTIONS',
    body: '',
    headers: { origin, authorization: '', 'access-control-request-method': 'POST' },
  });
  t.is(preflight.status, 204);
  t.is(preflight.headers['access-control-allow-origin'], origin);
  t.regex(preflight.headers['access-control-allow-headers'], /authorization/);
  const answered = await send(url, { headers: { origin } });
  t.is(answered.status, 200);
  t.is(answered.headers['access-control-allow-origin'], origin);
  t.is((await send(url, { headers: { origin, authorization: '' } })).status, 401);
});

test('a request that is too large is refused before it is read', async (t) => {
  const url = await serve(t);
  const body = JSON.stringify({ ...initialize, padding: 'x'.repeat(4 * 1024 * 1024) });
  const socket = connectSocket(Number(url.port), '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.on('error', () => {});
  socket.write(
    `POST /mcp HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n` +
      `accept: application/json, text/event-stream\r\ncontent-length: ${body.length}\r\n\r\n`,
  );
  socket.write(body);
  const [answer] = await once(socket.setEncoding('utf8'), 'data');
  t.regex(answer, /^HTTP\/1\.1 413 /);
});

test('what is no request of the protocol is refused', async (t) => {
  const url = await serve(t);
  const tools = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  t.is((await send(url, { body: '{' })).status, 400);
  t.is((await send(url, { body: tools })).status, 400);
  t.is((await send(url, { body: tools, headers: { 'mcp-session-id': 'unknown' } })).status, 404);
  t.is((await send(url, { headers: { 'content-type': 'text/plain' } })).status, 415);
  for (const path of ['/other', '/', '//mcp', '/mcp/', 'http://%/mcp', '*', '/%zz']) {
    t.is((await send(url, { path })).status, 404, path);
  }
  for (const method of ['PUT', 'PATCH', 'TRACE', 'HEAD']) {
    t.is((await send(url, { method, body: '' })).status, 405, method);
  }
  t.is((await send(url)).status, 200);
});

test('there are so many sessions and no more, until one has ended', async (t) => {
  const url = await serve(t);
  const opened = [];
  for (let count = 0; count < 64; count += 1)
    opened.push((await send(url)).headers['mcp-session-id']);
  t.is(new Set(opened).size, 64);
  const { status, text } = await send(url);
  t.is(status, 503);
  t.regex(text, /at most 64 sessions/);
  const ended = await send(url, {
    method: 'DELETE',
    body: '',
    headers: { 'mcp-session-id': opened[0], 'mcp-protocol-version': '2025-11-25' },
  });
  t.is(ended.status, 200);
  t.is((await send(url)).status, 200);
});

test('only this machine is served', async (t) => {
  const log = await EventLog.open(':memory:');
  t.teardown(() => log.close());
  for (const host of ['0.0.0.0', '::', '192.168.1.1', 'example.com', '']) {
    await t.throwsAsync(serveHttp(log, { port: 0, token, host }), { message: /loopback/ }, host);
    const { code, stderr } = await run(t, ['--log', 'x', '--http', '0', '--host', host]);
    t.is(code, 2);
    t.regex(stderr, /--host: expected a loopback address/);
  }
  await t.throwsAsync(serveHttp(log, { port: 0, token: 'short' }), {
    message: /token: expected false, or 16 to 1024/,
  });
});

test('without a token of its own, the server makes one and says it', async (t) => {
  const { path } = await openOrders(t);
  const { url, line } = await startHttp(t, ['--log', path]);
  t.regex(
    line,
    /^codebolt-eventlog-mcp listens at http:\/\/127\.0\.0\.1:\d+\/mcp\?token=[\w-]{32}\n$/,
  );
  const made = url.searchParams.get('token');
  const headers = { authorization: '' };
  t.is((await send(url, { headers: { authorization: `Bearer ${made}` } })).status, 200);
  t.is((await send(url, { path: `/mcp?token=${made}`, headers })).status, 200);
  t.is((await send(url, { path: `/mcp?CODEBOLT_EVENTLOG_TOKEN=${made}`, headers })).status, 200);
  t.is((await send(url)).status, 401);
  const other = await startHttp(t, ['--log', path, '--token', token]);
  t.false(other.line.includes(token));
  t.is((await send(other.url)).status, 200);
  const open = await startHttp(t, ['--log', path, '--no-token']);
  t.is((await send(open.url, { headers: { authorization: '' } })).status, 200);
});
