// codebolt-eventlog: `readAll` and `readStream`.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { batches } from '../events.mjs';

async function openLog(folder, product) {
  const { EventLog } = await import(pathToFileURL(join(product, 'index.mjs')));
  return EventLog.open(join(folder, 'log.redb'));
}

export async function load(folder, count, product) {
  const log = await openLog(folder, product);
  for (const events of batches(count)) {
    const call = { instanceId: 'bench', autoCreateInstance: true, events };
    const { success, error } = await log.appendEvents(call);
    if (!success) throw new Error(error);
  }
  await log.close();
}

export async function open(folder, product) {
  const log = await openLog(folder, product);
  return {
    async readAll(visit) {
      for await (const event of log.readAll({ instance: 'bench' })) visit(event);
    },
    async readLines(visit) {
      for await (const lines of log.readAll({ instance: 'bench', format: 'jsonl' })) visit(lines);
    },
    async readStream(stream, visit) {
      for await (const event of log.readStream({ instance: 'bench', stream })) visit(event);
    },
    close: () => log.close(),
  };
}
