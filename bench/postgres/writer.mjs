// One of several processes that append to one instance.

import { once } from 'node:events';

import { append } from './task.mjs';

const [task] = await once(process, 'message');
const ready = async () => {
  const begun = once(process, 'message');
  process.send('ready');
  await begun;
};
process.send(await append({ ...task, ready }));
