// One request over HTTP and its response: when the client goes away, or does not read, what answers it is told.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { answerExchange } from '../lib/http/exchange.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** Answers requests as told, and connects a client, which reads only what is asked of it. */
async function open(t, fetch, how = {}) {
  const server = createServer((incoming, outgoing) => {
    answerExchange(incoming, outgoing, { bodyBytesMax: 1024, fetch, ...how }).catch(() =>
      outgoing.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect(server.address().port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  t.teardown(() => {
    socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  return socket;
}

/** A promise, and what resolves it. */
function promised() {
  let resolve;
  const promise = new Promise((resolved) => {
    resolve = resolved;
  });
  return { promise, resolve };
}

/** A body that has nothing to say. */
function silence(cancel) {
  return new Response(new ReadableStream({ cancel }), {
    headers: { 'content-type': 'text/event-stream' },
  });
}

const GET = 'GET /mcp HTTP/1.1\r\nhost: localhost\r\n\r\n';
const POST = 'POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}';

test('who answers hears that the client went away, also after a garbage collection', async (t) => {
  const aborted = promised();
  const socket = await open(t, async (request) => {
    request.signal.addEventListener('abort', aborted.resolve);
    return silence();
  });
  socket.write(GET);
  await once(socket, 'data');
  for (let count = 0; count < 5; count += 1) {
    await turn();
    collectGarbage();
  }
  socket.destroy();
  await t.notThrowsAsync(aborted.promise);
});

test('requests that wait behind another end with the connection too, however many there are', async (t) => {
  const warnings = [];
  const warned = (warning) => warnings.push(warning.name);
  process.on('warning', warned);
  t.teardown(() => process.off('warning', warned));
  const requests = Array.from({ length: 12 }, () => ({
    arrived: promised(),
    aborted: promised(),
    cancelled: promised(),
  }));
  const waiting = [...requests];
  const socket = await open(t, async (request) => {
    const { arrived, aborted, cancelled } = waiting.shift();
    request.signal.addEventListener('abort', aborted.resolve);
    arrived.resolve();
    return silence(cancelled.resolve);
  });
  socket.write(GET.repeat(requests.length));
  await Promise.all(requests.map(({ arrived }) => arrived.promise));
  socket.destroy();
  await Promise.all(requests.map(({ aborted }) => aborted.promise));
  await Promise.all(requests.map(({ cancelled }) => cancelled.promise));
  t.deepEqual(warnings, []);
});

/** A body of pieces of a mebibyte, which do not wait for who reads it. */
const hasty = (pieces, { cancel, hasEnd = false }) =>
  new ReadableStream({
    start(controller) {
      for (let count = 0; count < pieces; count += 1) {
        controller.enqueue(new Uint8Array(1024 * 1024));
      }
      if (hasEnd) controller.close();
    },
    cancel,
  });

for (const [name, request] of Object.entries({ 'a stream': GET, 'an answer': POST })) {
  test(`a client that takes nothing of ${name} for a time is left`, async (t) => {
    const cancelled = promised();
    // In one piece, more than the buffers of the system hold: nothing waits in line behind it.
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(64 * 1024 * 1024)),
      cancel: cancelled.resolve,
    });
    const socket = await open(t, async () => new Response(body), { unreadMsMax: 1 });
    socket.pause();
    socket.write(request);
    await t.notThrowsAsync(cancelled.promise);
  });
}

test('a client that leaves too much of a stream unread is left, whatever the time', async (t) => {
  const cancelled = promised();
  const body = hasty(64, { cancel: cancelled.resolve });
  const socket = await open(t, async () => new Response(body), { unreadMsMax: 2 ** 31 - 1 });
  socket.pause();
  socket.write(GET);
  await t.notThrowsAsync(cancelled.promise);
});

test('a long answer of many pieces waits for the client, however much of it there is', async (t) => {
  const pieces = 64;
  const body = hasty(pieces, { hasEnd: true, cancel: () => t.fail() });
  const socket = await open(t, async () => new Response(body));
  socket.pause();
  socket.write(POST.replace('host', 'connection: close\r\nhost'));
  let read = 0;
  for await (const piece of socket) read += piece.length;
  t.true(read >= pieces * 1024 * 1024);
});

test('a client that reads has all of a long answer', async (t) => {
  const bytes = 8 * 1024 * 1024;
  const socket = await open(t, async () => new Response(new Uint8Array(bytes)));
  socket.write('GET /mcp HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
  let read = 0;
  for await (const chunk of socket) read += chunk.length;
  t.true(read >= bytes);
});

test('a body in chunks that is too large is answered before the connection ends', async (t) => {
  const socket = await open(t, () => t.fail());
  socket.write('POST /mcp HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n');
  socket.write(`800\r\n${'x'.repeat(2048)}\r\n`);
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += chunk;
  t.regex(text, /^HTTP\/1\.1 413 [^]*at most 1024 bytes/);
});
