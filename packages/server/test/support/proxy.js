// What stands between a client and a server, and can cut their connections.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * Listens at a port of its own, and hands everything on to another one.
 *
 * @returns {Promise<{ port: number, sever: () => void, refuse: (isRefusing: boolean) => void, mute: (isMute: boolean)
 *   => void }>} `sever` cuts all connections; with `refuse(true)`, new ones are cut at once; with `mute(true)`, the server
 *   is heard no more.
 */
export async function openProxy(t, target) {
  const sockets = new Set();
  let isRefusing = false;
  let isMute = false;
  const server = createServer((near) => {
    if (isRefusing) {
      near.destroy();
      return;
    }
    const far = connect(target, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.on('data', (data) => {
      if (!isMute) near.write(data);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sever = () => {
    for (const socket of sockets) socket.destroy();
  };
  t.teardown(() => {
    sever();
    server.close();
  });
  return {
    port: server.address().port,
    sever,
    refuse: (value) => (isRefusing = value),
    mute: (value) => (isMute = value),
  };
}
