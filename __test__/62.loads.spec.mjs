// A package that is loaded again and again, as hot reloading does, is given back each time.

import test from 'ava';

import { run } from './support/child.mjs';
import { eventsOf } from './support/response.mjs';
import { openAt, temporaryPath } from './support/temporary.mjs';

const root = new URL('..', import.meta.url).pathname;

/** `load()` loads the package's JavaScript anew; the addon stays, as Node.js keeps it. */
const LOAD = `
  import { createRequire } from 'node:module';
  const load = () => {
    // What is required by one of its own is known to it for ever.
    const require = createRequire(${JSON.stringify(`${root}index.js`)});
    for (const file of Object.keys(require.cache)) {
      const isOfPackage = file.startsWith(${JSON.stringify(root)});
      if (isOfPackage && !file.endsWith('.node')) delete require.cache[file];
    }
    return require('./index.js');
  };
`;

const options = (path) => ({ args: [path], flags: ['--expose-gc'] });

test('nothing of an earlier load stays', async (t) => {
  const source = `
    ${LOAD}
    const before = process.listenerCount('exit');
    const loads = [];
    const use = async () => {
      const { EventLog } = load();
      const log = await EventLog.open(':memory:');
      await log.appendEvent({ instanceId: 'orders', eventType: 'made', autoCreateInstance: true });
      await log.close();
      loads.push(new WeakRef(EventLog));
    };
    for (let n = 0; n < 200; n += 1) await use();
    const alive = () => loads.filter((load) => load.deref() !== undefined).length;
    // What has just ended is let go in turns of the event loop to come.
    for (let n = 0; n < 100 && alive() > 1; n += 1) {
      await new Promise(setImmediate);
      gc();
    }
    const drained = process[Symbol.for('codebolt-eventlog.drains')];
    load();
    console.log(JSON.stringify([alive(), drained.size, process.listenerCount('exit') - before]));
  `;
  const ended = await run(t, source, options(await temporaryPath(t)));
  t.is(ended.stderr, '');
  const [alive, drained, listeners] = JSON.parse(ended.stdout);
  t.true(alive <= 1, `${alive} loads stay`);
  t.true(drained <= 2, `${drained} loads are drained`);
  t.is(listeners, 1);
});

test('a log of an earlier load goes on, and what it appends last is stored', async (t) => {
  const path = await temporaryPath(t);
  const source = `
    ${LOAD}
    const log = await load().EventLog.open(process.argv[1]);
    await log.createInstance('orders');
    for (let n = 0; n < 20; n += 1) load();
    gc();
    const append = () => log.appendEvent({ instanceId: 'orders', eventType: 'made' });
    console.log((await append()).success);
    process.on('exit', append);
    append();
    gc();
    process.exit(3);
  `;
  const ended = await run(t, source, options(path));
  t.deepEqual(ended, { code: 3, signal: null, stdout: 'true\n', stderr: '' });
  t.is((await eventsOf(t, await openAt(t, path), 'orders')).length, 3);
});
