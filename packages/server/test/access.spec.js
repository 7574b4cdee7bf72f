// Who gets in: each door of a server is tried without a key, with a wrong one and with the right one.

import { Agent, request as httpRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { text } from 'node:stream/consumers';

import test from 'ava';
import { serve } from 'codebolt-eventlog-server';

import { canCertify, certificate } from './support/certificate.js';
import {
  TOKEN,
  openLog,
  post,
  refusedUpgrade,
  serveLog,
  socketUrl,
  start,
  talk,
} from './support/server.js';

/** Every path that answers a request. */
const REQUESTS = [
  ['POST', 'eventlog/appendEvent'],
  ['POST', 'eventlog/listInstances'],
  ['POST', 'eventlog/readAll'],
  ['POST', 'eventlog/explode'],
  ['GET', 'eventlog/subscribe?instance=a'],
  ['GET', 'healthz'],
  ['GET', 'metrics'],
  ['GET', 'openapi.json'],
  ['GET', ''],
  ['GET', 'index.html'],
  ['GET', 'nothing'],
  ['DELETE', 'healthz'],
  ['OPTIONS', 'healthz'],
  ['HEAD', ''],
];

const SOCKETS = ['codebolt', 'plugin', 'eventlog/subscribe?instance=a', 'nothing'];

/** Sends a request with headers that `fetch` does not let a program set. Ends it once its head has come. */
function raw(url, { method = 'GET', headers = {}, body, send = httpRequest, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const request = send(url, { method, headers, agent: new Agent(), ...options });
    request.on('error', reject);
    request.on('response', async (response) => {
      const { statusCode: status, headers: found } = response;
      const isStream = found['content-type']?.startsWith('text/event-stream');
      const answer = isStream ? '' : await text(response);
      request.destroy();
      resolve({
        status,
        headers: found,
        text: answer,
        ...(/^\{/.test(answer) && { body: JSON.parse(answer) }),
      });
    });
    request.end(body);
  });
}

test('without the token, no request and no upgrade gets in', async (t) => {
  const { log, url } = await start(t, { token: TOKEN });
  for (const [given, headers, query] of [
    ['nothing', {}, ''],
    ['another token', { Authorization: 'Bearer another-token-of-tests-1' }, ''],
    ['a part of it', { Authorization: `Bearer ${TOKEN.slice(0, -1)}` }, ''],
    ['another scheme', { Authorization: `Basic ${TOKEN}` }, ''],
    ['an empty one', { Authorization: 'Bearer ' }, ''],
    ['another cookie', { Cookie: `codebolt_eventlog=${TOKEN}; other=${TOKEN}` }, ''],
    ['another query', {}, `other=${TOKEN}`],
    ['a wrong query', {}, 'token=another-token-of-tests-1'],
  ]) {
    for (const [method, path] of REQUESTS) {
      const address = `${url}${path}${query && (path.includes('?') ? '&' : '?')}${query}`;
      const { status, headers: found, body } = await raw(address, { method, headers });
      t.is(status, 401, `${given}: ${method} /${path}`);
      t.is(found['www-authenticate'], 'Bearer');
      if (method !== 'HEAD') t.is(body.code, 'UNAUTHORIZED');
    }
    for (const path of SOCKETS) {
      const address = `${socketUrl(url, path)}${path.includes('?') ? '&' : '?'}${query}`;
      const { status, body } = await refusedUpgrade(address, { headers });
      t.deepEqual([status, body.code], [401, 'UNAUTHORIZED'], `${given}: /${path}`);
    }
  }
  t.deepEqual((await log.listInstances()).data.instances, []);
});

test('the token opens each door: as a header, a cookie, and in the query string', async (t) => {
  const { server, url } = await start(t, { token: TOKEN });
  const name = `codebolt_eventlog_${server.port}`;
  for (const [headers, query] of [
    [{ Authorization: `Bearer ${TOKEN}` }, ''],
    [{ authorization: `bearer   ${TOKEN}` }, ''],
    [{ Cookie: `a=b; ${name}=${TOKEN}; c=d` }, ''],
    [{}, `CODEBOLT_EVENTLOG_TOKEN=${TOKEN}`],
    [{}, `token=${TOKEN}`],
    [{}, `HOME=%2Froot&CODEBOLT_EVENTLOG_TOKEN=${TOKEN}&PATH=%2Fbin`],
  ]) {
    t.is((await raw(`${url}healthz?${query}`, { headers })).status, 200);
    t.is((await raw(`${url}metrics?${query}`, { headers })).status, 200);
    const client = await talk(t, `${socketUrl(url)}?${query}`, { headers });
    t.true((await client.request('eventLog.listInstances')).success);
  }
  t.is(server.link, `${url}?token=${TOKEN}`);
});

test('a link signs a browser in, and its address no longer has the token then', async (t) => {
  const { server, url } = await start(t, { token: TOKEN });
  const { status, headers } = await raw(`${url}?token=${TOKEN}&view=1`);
  t.is(status, 303);
  t.is(headers.location, '/?view=1');
  t.is(headers['referrer-policy'], 'no-referrer');
  const [cookie] = headers['set-cookie'];
  t.is(cookie, `codebolt_eventlog_${server.port}=${TOKEN}; Path=/; HttpOnly; SameSite=Strict`);
  const page = await raw(url, { headers: { Cookie: cookie.split(';')[0] } });
  t.is(page.status, 200);
  t.is((await raw(`${url}?token=another-token-of-tests-1`)).status, 401);
});

test('a server makes a token of its own if it is given none', async (t) => {
  const log = await openLog(t);
  const tokens = new Set();
  for (let n = 0; n < 3; n += 1) {
    const server = await serveLog(t, log, { token: undefined });
    t.regex(server.token, /^[\w-]{32}$/);
    t.is((await raw(server.url)).status, 401);
    t.is((await raw(server.link)).status, 303);
    tokens.add(server.token);
  }
  t.is(tokens.size, 3);
});

test('a server without a token listens only at a loopback address', async (t) => {
  const log = await openLog(t);
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.com', '127.0.0.1.example.com']) {
    const { code, message } = await t.throwsAsync(serve(log, { host, port: 0, token: false }));
    t.is(code, 'INVALID_ARGUMENT');
    t.regex(message, /^token: /);
  }
  for (const host of ['127.0.0.1', 'localhost', '127.0.0.2']) {
    t.truthy(await serveLog(t, log, { host }));
  }
});

test('a name that leads to this machine is not enough: Host is checked', async (t) => {
  const { url, server } = await start(t, { allowedHosts: ['log.example.com'] });
  const { port } = server;
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    'localhost.evil.example',
    'a@127.0.0.1',
    '127.0.0.1:x',
    'example.com',
  ]) {
    for (const [method, path] of REQUESTS) {
      const { status, body } = await raw(`${url}${path}`, { method, headers: { Host: host } });
      t.is(status, 403, `${host}: ${method} /${path}`);
      if (method !== 'HEAD') t.is(body.code, 'FORBIDDEN');
    }
    for (const path of SOCKETS) {
      const { status } = await refusedUpgrade(socketUrl(url, path), { headers: { Host: host } });
      t.is(status, 403, `${host}: /${path}`);
    }
  }
  for (const host of [
    'localhost',
    `LocalHost:${port}`,
    '127.0.0.1',
    `[::1]:${port}`,
    'log.example.com',
    'LOG.example.com:443',
  ]) {
    t.is((await raw(`${url}healthz`, { headers: { Host: host } })).status, 200, host);
  }
});

test('pages of other sites are kept out, with and without the cookie of the browser', async (t) => {
  const { url, server } = await start(t, {
    token: TOKEN,
    allowedOrigins: ['https://app.example.com'],
  });
  const Cookie = `codebolt_eventlog_${server.port}=${TOKEN}`;
  for (const foreign of [
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { Origin: `http://127.0.0.1:${server.port + 1}` },
    { Origin: 'http://127.0.0.1' },
    { Origin: `http://127.0.0.1:${server.port}.evil.example` },
    { Origin: 'http://app.example.com' },
    { Origin: 'file://' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' },
  ]) {
    const headers = { Cookie, ...foreign };
    for (const [method, path] of REQUESTS) {
      const { status, headers: found } = await raw(`${url}${path}`, { method, headers });
      t.is(status, 403, `${JSON.stringify(foreign)}: ${method} /${path}`);
      t.is(found['access-control-allow-origin'], undefined);
    }
    for (const path of SOCKETS) {
      const { status } = await refusedUpgrade(socketUrl(url, path), { headers });
      t.is(status, 403, `${JSON.stringify(foreign)}: /${path}`);
    }
  }
  for (const own of [
    {},
    { Origin: `http://127.0.0.1:${server.port}` },
    { 'Sec-Fetch-Site': 'same-origin' },
    { 'Sec-Fetch-Site': 'none' },
    { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' },
    { Origin: 'https://app.example.com', 'Sec-Fetch-Site': 'cross-site' },
  ]) {
    const { status } = await raw(`${url}healthz`, { headers: { Cookie, ...own } });
    t.is(status, 200, JSON.stringify(own));
  }
  const page = { Cookie, Origin: 'https://app.example.com' };
  await talk(t, socketUrl(url), { headers: page });
});

test('a browser learns what pages of an allowed origin may do, and a token is still needed', async (t) => {
  const Origin = 'https://app.example.com';
  const { url } = await start(t, { token: TOKEN, allowedOrigins: [Origin] });
  const ask = { Origin, 'Access-Control-Request-Method': 'POST' };
  const preflight = await raw(`${url}eventlog/listInstances`, { method: 'OPTIONS', headers: ask });
  t.is(preflight.status, 204);
  t.is(preflight.headers['access-control-allow-origin'], Origin);
  t.regex(preflight.headers['access-control-allow-headers'], /Authorization/);
  const foreign = { ...ask, Origin: 'https://evil.example' };
  const refused = await raw(`${url}eventlog/listInstances`, {
    method: 'OPTIONS',
    headers: foreign,
  });
  t.is(refused.status, 403);
  const headers = { Origin, 'Content-Type': 'application/json' };
  const list = (more) =>
    raw(`${url}eventlog/listInstances`, {
      method: 'POST',
      headers: { ...headers, ...more },
      body: '{}',
    });
  t.is((await list({})).status, 401);
  const answered = await list({ Authorization: `Bearer ${TOKEN}` });
  t.is(answered.status, 200);
  t.is(answered.headers['access-control-allow-origin'], Origin);
  t.is(answered.headers.vary, 'Origin');
});

test('a read-only server refuses each change, over HTTP and over WebSockets', async (t) => {
  const { log, url } = await start(t, { readOnly: true });
  await log.appendEvent({ instanceId: 'a', eventType: 't' });
  const before = (await log.getInstanceStats('a')).data;
  const client = await talk(t, socketUrl(url));
  for (const [method, params] of [
    ['createInstance', { name: 'b' }],
    ['updateInstance', { instanceId: 'a', name: 'b' }],
    ['deleteInstance', { instanceId: 'a' }],
    ['appendEvent', { instanceId: 'a', eventType: 't' }],
    ['appendEvents', { instanceId: 'a', events: [{ eventType: 't' }] }],
    ['resetConsumer', { instance: 'a', consumer: 'c', position: 0 }],
    ['deleteConsumer', { instance: 'a', consumer: 'c' }],
    ['retryParked', { instance: 'a', consumer: 'c' }],
    ['discardParked', { instance: 'a', consumer: 'c' }],
    ['deleteSnapshots', { instance: 'a' }],
    ['trimEvents', { instance: 'a', beforePosition: 1 }],
    ['trimStream', { instance: 'a', stream: 's', beforeSequence: 1 }],
    ['eraseEvents', { instance: 'a', positions: [1], reason: 'r' }],
    ['applyRetention', { instance: 'a' }],
    ['checkpoint', { instance: 'a' }],
  ]) {
    const { status, body } = await post(url, method, params);
    t.deepEqual([status, body.code], [403, 'FORBIDDEN'], method);
    t.is((await client.request(`eventLog.${method}`, params)).code, 'FORBIDDEN', method);
  }
  for (const [method, params] of [
    ['getInstance', { instanceId: 'a' }],
    ['listInstances', {}],
    ['getInstanceStats', { instanceId: 'a' }],
    ['queryEvents', { query: { from: { instance: 'a' } } }],
    ['listStreams', { instance: 'a' }],
    ['listConsumers', { instance: 'a' }],
    ['readAll', { instance: 'a' }],
    ['subscribe', { instance: 'a' }],
  ]) {
    t.true((await client.request(`eventLog.${method}`, params)).success, method);
  }
  t.deepEqual((await log.getInstanceStats('a')).data, before);
});

(canCertify ? test : test.skip)(
  'TLS is spoken with a certificate, and then cookies are kept to it',
  async (t) => {
    const tls = await certificate(t);
    const { url, server } = await start(t, { token: TOKEN, tls });
    t.regex(url, /^https:/);
    const trusting = { send: secureRequest, agent: undefined, ca: tls.cert };
    const { status, headers } = await raw(server.link, trusting);
    t.is(status, 303);
    t.regex(headers['set-cookie'][0], /; Secure$/);
    const client = await talk(t, `${socketUrl(url)}?token=${TOKEN}`, { ca: tls.cert });
    t.true((await client.request('eventLog.listInstances')).success);
  },
);
