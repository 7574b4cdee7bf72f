// Clients that take long for what they are sent: they may, as long as they take something.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { Server } from 'node:https';
import { connect } from 'node:tls';

import test from 'ava';

import { canCertify, certificate } from './support/certificate.js';
import { dial, fill, gaugeOf, openLog, serveLog, start } from './support/server.js';

const EVENTS = 400;
const EVENT_BYTES = 200_000;

/** More than the buffers of the system hold of what two connections have on their way. */
const TAKEN_BYTES = 16_000_000;

/** A limit that nothing else has, and that no test lives to see. */
const STALL_MS = 2_000_000_011;

const QUERY = JSON.stringify({ query: { from: { instance: 'a' } } });
const READER = JSON.stringify({ instance: 'a' });

const postOf = (method, body) =>
  `POST /eventlog/${method} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** What a client without a library sends to be answered with all events. */
const REQUESTS = {
  'a response over HTTP': async (socket) => socket.write(postOf('queryEvents', QUERY)),
  'a response over a WebSocket': async (socket) => {
    socket.write(
      'GET /codebolt HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    await once(socket, 'readable');
    socket.read();
    const request = Buffer.from(`{"type":"eventLog.queryEvents","params":${QUERY}}`);
    // A text frame, whose mask of zeros alters nothing.
    socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | request.length, 0, 0, 0, 0]), request]));
  },
  'a reader over HTTP': async (socket) => socket.write(postOf('readAll', READER)),
  'a subscription over HTTP': async (socket) =>
    socket.write('GET /eventlog/subscribe?instance=a HTTP/1.1\r\nHost: localhost\r\n\r\n'),
};

/** A server of large events, and a client that reads only when it is told to, with the server's end of its connection. */
async function open(t, stallTimeoutMs) {
  const accepted = [];
  const keep = ({ socket }) => accepted.push(socket);
  subscribe('net.server.socket', keep);
  t.teardown(() => unsubscribe('net.server.socket', keep));
  const { log, server, url } = await start(t, { stallTimeoutMs });
  await fill(log, 'a', EVENTS, { text: 'x'.repeat(EVENT_BYTES) });
  const client = await dial(t, server);
  client.pause();
  const servedEnd = () => accepted.find(({ remotePort }) => remotePort === client.localPort);
  while (servedEnd() === undefined) await gaugeOf(url, 'connections');
  return { client, url, served: servedEnd() };
}

/** The same with TLS. */
async function openSecure(t, stallTimeoutMs) {
  const tls = await certificate(t);
  const log = await openLog(t);
  await fill(log, 'a', EVENTS, { text: 'x'.repeat(EVENT_BYTES) });
  const { emit } = Server.prototype;
  t.teardown(() => (Server.prototype.emit = emit));
  const accepted = new Promise((resolve) => {
    Server.prototype.emit = function told(event, ...given) {
      if (event === 'secureConnection') resolve(given[0]);
      return emit.call(this, event, ...given);
    };
  });
  const { port } = await serveLog(t, log, { stallTimeoutMs, tls });
  const client = connect({ host: '127.0.0.1', port, ca: tls.cert });
  t.teardown(() => client.destroy());
  client.on('error', () => {});
  await once(client, 'secureConnect');
  client.pause();
  return { client, served: await accepted };
}

/** Has timers of that length run down when it is called, as if the time had passed. Returns how many there were. */
function timersOf(t, served, length) {
  const { setTimeout: begin, clearTimeout: end } = globalThis;
  const held = new Map();
  globalThis.setTimeout = (call, delay, ...rest) => {
    if (delay !== length) return begin(call, delay, ...rest);
    const timer = { refresh() {}, unref() {} };
    held.set(timer, call);
    return timer;
  };
  globalThis.clearTimeout = (timer) => held.delete(timer) || end(timer);
  t.teardown(() => Object.assign(globalThis, { setTimeout: begin, clearTimeout: end }));
  return () => {
    const found = [...held.values()];
    held.clear();
    // oxlint-disable-next-line no-underscore-dangle -- It is what Node.js has its own timer of a socket call.
    if (served.timeout === length) found.push(() => served._onTimeout());
    for (const call of found) call();
    return found.length;
  };
}

async function take(client, bytes) {
  for (let taken = 0; taken < bytes;) {
    const piece = client.read();
    if (piece === null) await once(client, 'readable');
    else taken += piece.length;
  }
}

const long = ['a response over HTTP', 'a response over a WebSocket'];

for (const [how, connected] of [
  ['', open],
  [', with TLS', openSecure],
]) {
  const declare = connected === open || canCertify ? test.serial : test.serial.skip;
  for (const name of long) {
    declare(`${name} goes on for as long as the client takes something of it${how}`, async (t) => {
      const { client, served } = await connected(t, STALL_MS);
      const runDown = timersOf(t, served, STALL_MS);
      await REQUESTS[name](client);
      await take(client, TAKEN_BYTES);
      for (let round = 0; round < 3; round += 1) {
        t.is(runDown(), 1);
        t.false(served.destroyed);
        await take(client, TAKEN_BYTES);
      }
    });
    declare(`${name} is given up when nothing of it was taken for a time${how}`, async (t) => {
      const { client, served } = await connected(t, 50);
      await REQUESTS[name](client);
      while (!served.destroyed) await new Promise((resolve) => setImmediate(resolve));
      t.true(served.destroyed);
    });
  }
}

for (const [name, request] of Object.entries(REQUESTS)) {
  if (long.includes(name)) continue;
  test.serial(`${name} is given up if the client takes nothing of it`, async (t) => {
    const { client, served, url } = await open(t, 50);
    await request(client);
    while (!served.destroyed) await gaugeOf(url, 'connections');
    t.is(await gaugeOf(url, 'readings'), 0);
  });
}
