// codebolt-eventlog, as a program uses it.

import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const instanceId = 'bench';

/** Loads the product, without opening anything. */
export function load({ product }) {
  return require(join(product, 'index.js'));
}

/** Opens a log in a folder. */
export async function open(folder, { product, variant }) {
  const { EventLog } = load({ product });
  const options = variant === 'exclusive' ? { exclusive: true } : undefined;
  const log = await EventLog.open(join(folder, 'log.redb'), options);
  return {
    async append(event) {
      const { data } = succeeded(
        await log.appendEvent({ instanceId, autoCreateInstance: true, ...event }),
      );
      return data.event;
    },
    async appendBatch(events) {
      const { data } = succeeded(
        await log.appendEvents({ instanceId, autoCreateInstance: true, events }),
      );
      return data.events;
    },
    async readStream(stream, from, limit) {
      const where = [{ field: 'sequence_number', operator: 'gte', value: from }];
      const { data } = succeeded(
        await log.queryEvents({ from: { instance: instanceId, stream }, where, limit }),
      );
      return data.result.events;
    },
    close: () => log.close(),
  };
}

function succeeded(response) {
  if (!response.success) throw new Error(`${response.code}: ${response.error}`);
  return response;
}
