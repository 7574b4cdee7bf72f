// The process in which one measurement is made, so that its figures are of nothing else.

import { once } from 'node:events';

import { carryOut } from './task.mjs';

// Without its parent it has nobody to work for.
process.on('disconnect', () => process.exit(1));

const [task] = await once(process, 'message');
let answer;
try {
  answer = { metrics: await carryOut(task) };
} catch (error) {
  answer = { error: error.stack };
}
process.send(answer, () => process.exit(0));
