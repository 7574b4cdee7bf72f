// This package.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { logUrl } from '../server.mjs';

const instanceId = 'bench';

/** Opens a log in a database, which is made ready if it is empty. */
export async function open({ server, database, product }) {
  const { EventLog } = await import(pathToFileURL(join(product, 'index.mjs')).href);
  const log = await EventLog.open(logUrl(server, database), { autoCreateInstances: true });
  return {
    append: async (event) => log.strict.appendEvent({ instanceId, ...event }),
    appendBatch: async (events) => log.strict.appendEvents({ instanceId, events }),
    /** Calls `seen` with the number of each event, in order, until the signal. */
    async follow(seen, signal) {
      await log.createInstance(instanceId);
      const subscription = log.subscribe({ instance: instanceId, signal });
      try {
        for await (const { metadata } of subscription) seen(metadata.n);
      } catch (error) {
        if (error.code !== 'ABORTED') throw error;
      }
    },
    close: () => log.close(),
  };
}
