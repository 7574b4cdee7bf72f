// Stands for the SDK: a client that knows nothing but the documented protocol, and behaves as the SDK's does. It finds the
// server by the environment, sends all of it in the query string, and has no time-outs.

import { randomUUID } from 'node:crypto';

import { WebSocket } from 'ws';

const port = process.env.SOCKET_PORT ?? '12345';
const environment = new URLSearchParams({ id: randomUUID(), ...process.env });
const socket = new WebSocket(`ws://localhost:${port}/codebolt?${environment}`);
const waiting = new Map();

const opened = new Promise((resolve, reject) => {
  socket.on('open', resolve);
  socket.on('error', reject);
});
let under;
socket.on('upgrade', (response) => (under = response.socket));
socket.on('message', (data) => {
  const message = JSON.parse(data.toString());
  const call = waiting.get(message.requestId);
  if (call === undefined || call.type !== message.type) return;
  waiting.delete(message.requestId);
  // So that a program ends when it is done.
  if (waiting.size === 0) under.unref();
  call.resolve(message);
});

async function request(method, params) {
  await opened;
  const requestId = randomUUID();
  const type = `eventLog.${method}`;
  under.ref();
  return new Promise((resolve) => {
    waiting.set(requestId, { type, resolve });
    socket.send(JSON.stringify({ type, requestId, params }));
  });
}

const eventLog = {
  createInstance: (name, description) => request('createInstance', { name, description }),
  getInstance: (instanceId) => request('getInstance', { instanceId }),
  listInstances: () => request('listInstances', {}),
  updateInstance: (instanceId, updates) => request('updateInstance', { instanceId, ...updates }),
  deleteInstance: (instanceId) => request('deleteInstance', { instanceId }),
  appendEvent: (params) => request('appendEvent', params),
  appendEvents: (params) => request('appendEvents', params),
  queryEvents: (query) => request('queryEvents', { query }),
  getInstanceStats: (instanceId) => request('getInstanceStats', { instanceId }),
};

const waitForConnection = async () => {
  await opened;
};

class Codebolt {
  eventLog = eventLog;
  waitForConnection = waitForConnection;
  waitForReady = waitForConnection;
  get ready() {
    return socket.readyState === WebSocket.OPEN;
  }
  async onReady(callback) {
    await opened;
    callback();
  }
}

export { Codebolt, eventLog, waitForConnection, waitForConnection as waitForReady };
export default new Codebolt();
