// Many subscriptions at once, and one that falls far behind.

import { Worker } from 'node:worker_threads';

import test from 'ava';

import { addon, runForJson } from './support/child.mjs';
import { appended, created } from './support/response.mjs';
import { openAt, temporaryPath } from './support/temporary.mjs';

const numbers = (first, count) => Array.from({ length: count }, (_, n) => first + n);

/** Appends one event that is numbered `n`, in a stream of its own. */
const append = (t, log, n, streamId = `stream ${n}`) =>
  appended(t, log, { instanceId: 'log', streamId, eventType: 'made', payload: { n } });

test('many follow at once, in threads of their own', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await created(t, log, 'log');
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { EventLog } = require(workerData.addon);
    (async () => {
      const log = await EventLog.open(workerData.path);
      const follow = async () => {
        let position = 0;
        for await (const event of log.subscribe({ instance: 'log' })) {
          position += 1;
          if (event.position !== position) throw new Error(\`\${event.position} \${position}\`);
          if (position === 2000) return position;
        }
      };
      const counts = await Promise.all(Array.from({ length: 10 }, follow));
      const waiting = log.subscribe({ instance: 'log', afterPosition: 'end' });
      waiting.next();
      await waiting.untilCaughtUp;
      // It is terminated while it waits.
      parentPort.postMessage(counts);
    })();
  `;
  const workerData = { path, addon: new URL('../index.js', import.meta.url).pathname };
  const workers = Array.from({ length: 2 }, () => {
    const worker = new Worker(source, { eval: true, workerData });
    return new Promise((resolve, reject) => {
      worker.on('message', (counts) => worker.terminate().then(() => resolve(counts)));
      worker.on('error', reject);
    });
  });
  await Promise.all(numbers(0, 2000).map((n) => append(t, log, n)));
  t.deepEqual(await Promise.all(workers), new Array(2).fill(new Array(10).fill(2000)));
  await append(t, log, 2000);
});

test('memory does not grow while a slow program falls behind', async (t) => {
  const source = `
    import { setFlagsFromString } from 'node:v8';
    import { runInNewContext } from 'node:vm';
    import { EventLog } from ${JSON.stringify(addon)};
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc');
    const log = await EventLog.open(process.argv[1]);
    await log.createInstance('log');
    const text = 'x'.repeat(300);
    const events = Array.from({ length: 5000 }, () => ({ eventType: 't', payload: { text } }));
    const subscription = log.subscribe({ instance: 'log' });
    let least = Infinity;
    let most = 0;
    let count = 0;
    for (let round = 0; round < 20; round += 1) {
      await log.appendEvents({ instanceId: 'log', events });
      // A tenth of what has come.
      for (let n = 0; n < 500; n += 1) {
        count += 1;
        if ((await subscription.next()).value.position !== count) process.exit(2);
      }
      gc();
      const { heapUsed, external } = process.memoryUsage();
      least = Math.min(least, heapUsed + external);
      most = Math.max(most, heapUsed + external);
    }
    console.log(JSON.stringify({ count, grown: most - least }));
  `;
  const { count, grown } = await runForJson(t, source, { args: [await temporaryPath(t)] });
  t.is(count, 10_000);
  t.true(grown < 6_000_000, `grown by ${grown} bytes`);
});
