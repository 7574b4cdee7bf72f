// WebSockets in Node.js, where a token goes into a header and not into the address.

import { WebSocket } from 'ws';

/**
 * Opens a WebSocket.
 *
 * @param {string} url - The address.
 * @param {string | undefined} token - What the server wants to know.
 * @returns {WebSocket} The socket, which is not open yet.
 */
export function openWebSocket(url, token) {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  return new WebSocket(url, { headers, perMessageDeflate: false, maxPayload: 536_870_888 });
}
