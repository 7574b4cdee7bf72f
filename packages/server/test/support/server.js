// Servers and raw clients that live as long as one test.

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';
import { serve } from 'codebolt-eventlog-server';
import { WebSocket } from 'ws';

/** A token for tests. */
export const TOKEN = 'a-token-of-tests-0123456789';

/** Makes an empty folder that is removed when the test ends. */
export async function temporaryFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), 'codebolt-eventlog-server-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens a log in memory. */
export async function openLog(t, options) {
  const log = await EventLog.open(':memory:', { autoCreateInstances: true, ...options });
  t.teardown(() => log.close());
  return log;
}

/** Serves a log, without a token unless the options have one. */
export async function serveLog(t, log, options) {
  const server = await serve(log, { port: 0, token: false, stopTimeoutMs: 0, ...options });
  t.teardown(() => server.close());
  return server;
}

/** A log in memory and its server. */
export async function start(t, options) {
  const log = await openLog(t);
  const server = await serveLog(t, log, options);
  return { log, server, url: server.url };
}

/** The address of a WebSocket of a server. */
export function socketUrl(url, path = 'codebolt') {
  return `${url.replace(/^http/, 'ws')}${path}`;
}

/**
 * A raw client of the protocol.
 *
 * `request` sends a request and resolves with its response; `message` waits for the next message that fits.
 */
export async function talk(t, url, options) {
  const socket = new WebSocket(url, options);
  t.teardown(() => socket.terminate());
  const received = [];
  const waiting = [];
  let closed;
  const look = () => {
    for (const wait of [...waiting]) {
      const place = received.findIndex(wait.fits);
      if (place === -1 && closed === undefined) continue;
      waiting.splice(waiting.indexOf(wait), 1);
      if (place === -1) wait.reject(new Error(`the socket was closed: ${JSON.stringify(closed)}`));
      else wait.resolve(received.splice(place, 1)[0]);
    }
  };
  socket.on('message', (data) => {
    received.push(JSON.parse(data.toString()));
    look();
  });
  const whenClosed = once(socket, 'close').then(([code, reason]) => {
    closed = { code, reason: reason.toString() };
    look();
    return closed;
  });
  await once(socket, 'open');
  let count = 0;
  const message = (fits = () => true) =>
    new Promise((resolve, reject) => {
      waiting.push({ fits, resolve, reject });
      look();
    });
  const send = (value) => socket.send(typeof value === 'string' ? value : JSON.stringify(value));
  const request = (type, params) => {
    count += 1;
    const requestId = `r${count}`;
    send({ type, requestId, params });
    return message((found) => found.requestId === requestId);
  };
  return { socket, send, message, request, received, closed: whenClosed };
}

/** The status and the headers that an upgrade is refused with, and the value of the body. */
export async function refusedUpgrade(url, options) {
  const socket = new WebSocket(url, options);
  socket.on('error', () => {});
  const [, response] = await once(socket, 'unexpected-response');
  const pieces = [];
  for await (const piece of response) pieces.push(piece);
  return { status: response.statusCode, body: JSON.parse(Buffer.concat(pieces).toString()) };
}

/** Posts a method's parameters. Returns the status and the value of the body. */
export async function post(
  url,
  method,
  params,
  { headers = {}, body = JSON.stringify(params) } = {},
) {
  const response = await fetch(`${url}eventlog/${method}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body,
  });
  return { status: response.status, body: await response.json(), headers: response.headers };
}

/** Appends events with the numbers from 1 to `count` to an instance. */
export async function fill(log, instanceId, count, more = {}) {
  const events = Array.from({ length: count }, (_, n) => ({
    eventType: 'counted',
    payload: { n: n + 1, ...more },
  }));
  const { success, error } = await log.appendEvents({
    instanceId,
    autoCreateInstance: true,
    events,
  });
  if (!success) throw new Error(error);
}

/** Opens a plain connection, which ends with the test. */
export async function dial(t, { port }) {
  const socket = connectTcp(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** The value of a gauge, or of a counter without labels. */
export const gaugeOf = async (url, name) => {
  const found = await (await fetch(`${url}metrics`)).text();
  return Number(new RegExp(`^codebolt_eventlog_${name} (\\d+)$`, 'm').exec(found)[1]);
};
