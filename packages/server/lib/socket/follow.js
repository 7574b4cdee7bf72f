// A subscription as a WebSocket of its own: a frame for each event.

import { eachEvent } from '../event-lines.js';
import { asFailure } from '../failures.js';
import { failureText } from '../http/streams.js';
import { Outgoing } from './outgoing.js';

/** The close codes: the subscription has ended, the server stops, it failed. */
const CLOSED = { over: 1000, stopping: 1001, failed: 1011 };

/**
 * Sends the events of a subscription until it ends, or the client leaves. What the client sends is not looked at.
 *
 * @param {import('ws').WebSocket} ws - The socket.
 * @param {import('node:net').Socket} socket - What is under it.
 * @param {import('../reading.js').Reading} reading - The subscription, which has begun.
 * @param {object} server - `metrics`, `options`, `progress`, `corks` and `stopping` of the server.
 */
export async function follow(ws, socket, reading, server) {
  const outgoing = new Outgoing(ws, socket, server);
  const stop = () => reading.end();
  server.stopping.addEventListener('abort', stop);
  if (server.stopping.aborted) stop();
  ws.on('close', () => {
    server.stopping.removeEventListener('abort', stop);
    stop();
  });
  try {
    for (;;) {
      const { lines, count, done } = await reading.page();
      server.metrics.handedOut(count);
      const texts = Array.from(eachEvent(lines), ({ text }) => text);
      await sendAll(outgoing, texts);
      if (done) break;
    }
    ws.close(server.stopping.aborted ? CLOSED.stopping : CLOSED.over);
  } catch (error) {
    await sendAll(outgoing, [failureText(error)]);
    ws.close(CLOSED.failed, asFailure(error).code);
  }
}

/** Sends texts, and resolves when the client has room for more. */
function sendAll(outgoing, texts) {
  if (texts.length === 0) return undefined;
  return new Promise((resolve) => {
    const last = texts.length - 1;
    for (const [n, text] of texts.entries()) outgoing.send(text, n === last ? resolve : undefined);
  });
}
