// The process in which one measurement is made, so that its figures are of nothing else. The module
// that it is started with says what there is to do.

import { once } from 'node:events';

// Without its parent it has nobody to work for.
process.on('disconnect', () => process.exit(1));

const asked = once(process, 'message');
const { carryOut } = await import(process.argv[2]);
const [task] = await asked;
let answer;
try {
  answer = { metrics: await carryOut(task) };
} catch (error) {
  answer = { error: error.stack };
}
process.send(answer, () => process.exit(0));
