// A process that follows, and notes when it has each event.

import { once } from 'node:events';
import { hrtime } from 'node:process';

import { moduleOf } from './systems/index.mjs';

const [task] = await once(process, 'message');
const { open } = await moduleOf(task.system);
const log = await open(task);
const end = new AbortController();
const arrived = new Map();
const following = log.follow((n) => {
  arrived.set(n, String(hrtime.bigint()));
  if (arrived.size === task.count) end.abort();
}, end.signal);
process.send('follows');
await following;
await log.close();
process.send(Array.from({ length: task.count }, (_, n) => arrived.get(n)));
process.disconnect();
