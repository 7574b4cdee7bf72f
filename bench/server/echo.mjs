// What the sockets cost by themselves: a server that has no log, and answers each message with the response that it would
// have. It parses nothing.

import { WebSocketServer } from 'ws';

const ID = /"requestId":"(\d+)"/;

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
const head =
  '{"type":"eventLog.appendEvent","success":true,"data":{"event":{"id":"01890a5d-ac96-774b-bcce-b302099a8057",';
const tail = '"timestamp":"2026-01-31T12:00:00.000Z"';
server.on('connection', (socket) => {
  let sequence = 0;
  socket.on('message', (data) => {
    sequence += 1;
    const text = data.toString();
    const event = text.slice(text.indexOf('{', 1) + 1, -2);
    const [, id] = ID.exec(text);
    socket.send(
      `${head}${event},${tail},"sequence_number":${sequence}}},${tail},"requestId":"${id}"}`,
    );
  });
});
server.on('listening', () => process.send({ url: `ws://127.0.0.1:${server.address().port}` }));
process.on('disconnect', () => process.exit());
