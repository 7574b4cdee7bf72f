// A server of the same protocol and the same promise, as one would write it with `ws` and better-sqlite3: an append is
// answered once it is on disk. `queue`: appends that come in one turn of the event loop share a transaction.

import { WebSocketServer } from 'ws';

import { open } from '../systems/better-sqlite3.mjs';

const { folder, variant } = JSON.parse(process.argv[2]);
const database = open(folder, { variant });
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.on('message', async (data) => {
    const { type, requestId, params } = JSON.parse(data.toString());
    const event = await database.append(params);
    const timestamp = new Date().toISOString();
    socket.send(JSON.stringify({ type, success: true, data: { event }, timestamp, requestId }));
  });
});
server.on('listening', () => process.send({ url: `ws://127.0.0.1:${server.address().port}` }));
process.on('disconnect', () => process.exit());
