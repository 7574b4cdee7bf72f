// What stays in memory of a module that is loaded again and again, as hot reloading does.

import { createRequire } from 'node:module';
import { join, sep } from 'node:path';

import { done, openLog } from '../log.mjs';

export const title = 'loading the module once more';
export const unit = 'KiB of the heap that stay';
export const atMost = 5;

export async function measure({ EventLog, product, folder, quick }) {
  const log = await openLog(EventLog, folder);
  const load = async () => {
    // A module of Node.js keeps what it has required, so each load has one of its own.
    const require = createRequire(import.meta.url);
    for (const path of Object.keys(require.cache)) {
      const isOwn = path.startsWith(product + sep) && !path.endsWith('.node');
      if (isOwn) delete require.cache[path];
    }
    const { EventLog: Again } = require(join(product, 'index.js'));
    const again = await openLog(Again, folder);
    await done(again.listInstances());
    await again.close();
  };
  const loads = quick ? 50 : 300;
  for (let n = 0; n < 20; n += 1) await load();
  const before = used();
  for (let n = 0; n < loads; n += 1) await load();
  const keptBytes = (used() - before) / loads;
  await log.close();
  return { keptBytes };
}

function used() {
  for (let n = 0; n < 4; n += 1) globalThis.gc();
  return process.memoryUsage().heapUsed;
}

export const figure = ({ keptBytes }) => keptBytes / 1024;
