// One short life: a process that loads a system, opens its log, appends one event and closes it. It prints how long each of
// these took, as JSON. Its argument is JSON: `{ module, variant, product, folder }`.

import { performance } from 'node:perf_hooks';

const { module, variant, product, folder } = JSON.parse(process.argv[2]);
const event = {
  streamId: 'commands',
  eventType: 'command-ran',
  payload: { command: 'deploy', arguments: ['--to', 'production'], exitCode: 0, ms: 1520 },
  metadata: { user: 'ci' },
};

const system = await import(`../systems/${module}`);
const times = [performance.now()];
system.load({ product });
times.push(performance.now());
const log = await system.open(folder, { product, variant });
times.push(performance.now());
await log.append(event);
times.push(performance.now());
await log.close();
times.push(performance.now());

const [load, open, append, close] = times.slice(1).map((time, at) => time - times[at]);
process.stdout.write(JSON.stringify({ load, open, append, close }));
