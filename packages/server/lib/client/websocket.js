// WebSockets in browsers, which cannot set headers: a token goes into the address.

/**
 * Opens a WebSocket.
 *
 * @param {string} url - The address.
 * @param {string | undefined} token - What the server wants to know. Without it, the browser sends its cookie.
 * @returns {WebSocket} The socket, which is not open yet.
 */
export function openWebSocket(url, token) {
  const address = new URL(url);
  if (token !== undefined) address.searchParams.set('token', token);
  return new globalThis.WebSocket(address);
}
