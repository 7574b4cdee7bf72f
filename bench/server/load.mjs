// A process full of clients: each appends to a stream of its own, over a WebSocket of its own. It is told what to do in its
// first parameter, says when its clients are connected, and ends with what they have measured.
//
// At a steady rate, a client has at most `unansweredMax` requests without an answer. What is due beyond that is not sent,
// and counted: a server that is slower than its clients would otherwise fill this process.

import { once } from 'node:events';
import { createHistogram, performance } from 'node:perf_hooks';

import { WebSocket } from 'ws';

import { EventSource } from '../events.mjs';

const task = JSON.parse(process.argv[2]);
const source = new EventSource({ size: '300 B', streams: 1 });
const latencies = createHistogram();
const clients = await Promise.all(Array.from({ length: task.clients }, connect));
let isOver = false;
let sent = 0;
let answered = 0;
let warm = 0;
let refused = 0;
let unsent = 0;

process.send({ connected: clients.length });
await once(process, 'message');
const cpu = process.cpuUsage();
const started = performance.now();
const end = started + task.seconds * 1000;
await (task.rate === undefined ? asFastAsAnswered() : atRate());
isOver = true;
const seconds = (performance.now() - started) / 1000;
const used = process.cpuUsage(cpu);
process.send({
  sent,
  answered,
  refused,
  unsent,
  perSecond: Math.round((answered - warm) / (seconds - task.warmUp)),
  p50: latencies.percentile(50) / 1e6,
  p99: latencies.percentile(99) / 1e6,
  max: latencies.max / 1e6,
  clientCores: (used.user + used.system) / 1e6 / seconds,
  // Each client's acknowledged events: the numbers from 1 to this one.
  acknowledged: clients.map(({ acknowledged }) => acknowledged),
});
process.disconnect();
for (const { socket } of clients) socket.terminate();

async function connect(_, number) {
  const socket = new WebSocket(task.url, { perMessageDeflate: false });
  const client = { socket, stream: `client-${number}`, sent: 0, acknowledged: 0, times: new Map() };
  socket.on('message', (data) => receive(client, data));
  await once(socket, 'open');
  return client;
}

/** Sends an append. `time` is when it was due. */
function send(client, time) {
  client.sent += 1;
  sent += 1;
  const { eventType, payload, metadata } = source.next();
  const params = { instanceId: 'bench', streamId: client.stream, eventType, payload, metadata };
  const requestId = String(client.sent);
  client.times.set(requestId, time);
  client.socket.send(JSON.stringify({ type: 'eventLog.appendEvent', requestId, params }));
}

function receive(client, data) {
  if (isOver) return;
  const response = JSON.parse(data.toString());
  const time = client.times.get(response.requestId);
  client.times.delete(response.requestId);
  if (response.code === 'OVERLOADED') {
    refused += 1;
    return;
  }
  if (!response.success) throw new Error(response.error);
  // Appends of one client are stored in the order of its requests, and a refused one takes no number.
  client.acknowledged += 1;
  const { sequence_number: found } = response.data.event;
  if (found !== client.acknowledged) {
    throw new Error(`expected event ${client.acknowledged}, found ${found}`);
  }
  answered += 1;
  const now = performance.now();
  if (now - started < task.warmUp * 1000) warm += 1;
  else latencies.record(Math.max(1, Math.round((now - time) * 1e6)));
  client.answered?.();
}

/** Each client sends its next request when it has the response to the last one. */
async function asFastAsAnswered() {
  for (const client of clients) {
    client.answered = () => {
      if (performance.now() < end) send(client, performance.now());
      else client.finished();
    };
  }
  const finished = clients.map(
    (client) =>
      new Promise((resolve) => {
        client.finished = resolve;
        send(client, performance.now());
      }),
  );
  await Promise.all(finished);
}

/** Each client sends so many requests a second, whether or not the others were answered. A late one is late from when it was due. */
async function atRate() {
  const interval = 1000 / (task.rate * clients.length);
  let next = 0;
  while (performance.now() < end) {
    const now = performance.now();
    for (let due = started + next * interval; due <= now; due = started + next * interval) {
      const client = clients[next % clients.length];
      next += 1;
      if (client.times.size < task.unansweredMax) send(client, due);
      else unsent += 1;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
