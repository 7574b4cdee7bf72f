import { existsSync } from 'node:fs';

import test from 'ava';

import { addon, runForJson } from './support/child.mjs';
import { created } from './support/response.mjs';
import { openLog, temporaryPath, testOfFiles } from './support/temporary.mjs';

const CALLS = {
  createInstance: (log) => log.createInstance('other'),
  getInstance: (log) => log.getInstance('orders'),
  listInstances: (log) => log.listInstances(),
  updateInstance: (log) => log.updateInstance('orders', { description: 'new' }),
  appendEvent: (log) => log.appendEvent({ instanceId: 'orders', eventType: 'made' }),
  appendEvents: (log) =>
    log.appendEvents({ instanceId: 'orders', events: [{ eventType: 'made' }] }),
  queryEvents: (log) => log.queryEvents({ from: { instance: 'orders' } }),
  getInstanceStats: (log) => log.getInstanceStats('orders'),
  deleteInstance: (log) => log.deleteInstance('orders'),
};

for (const [method, call] of Object.entries(CALLS)) {
  test(`${method} answers from outside of the call that made it`, async (t) => {
    const log = await openLog(t);
    await created(t, log, 'orders');
    let settled = false;
    const promise = call(log).then((response) => {
      settled = true;
      return response;
    });
    // Microtasks alone cannot settle it: the answer comes through the event loop.
    for (let turn = 0; turn < 1000; turn += 1) await null;
    t.false(settled);
    t.true((await promise).success);
  });
}

/**
 * Bytes that went through read and write calls of one thread. In a child process the JavaScript
 * thread is the one whose number is the process's.
 */
const COUNTERS = `
  import { readFileSync } from 'node:fs';
  const bytes = (path) => {
    const text = readFileSync(path, 'utf8');
    const counter = (name) => Number(new RegExp('^' + name + ': (\\\\d+)$', 'm').exec(text)[1]);
    return { read: counter('rchar'), written: counter('wchar') };
  };
  const own = () => bytes('/proc/self/task/' + process.pid + '/io');
  const all = () => bytes('/proc/self/io');
`;

const withCounters =
  existsSync('/proc/self/task') && existsSync('/proc/self/io') ? testOfFiles : test.skip;

withCounters('the JavaScript thread reads and writes no file', async (t) => {
  const source = `
    ${COUNTERS}
    import { randomBytes } from 'node:crypto';
    import { EventLog } from '${addon}';
    const before = { own: own(), all: all() };
    const log = await EventLog.open(process.argv[1]);
    await log.createInstance('orders');
    const payload = { text: randomBytes(75_000).toString('base64') };
    const append = () => log.appendEvent({ instanceId: 'orders', eventType: 'made', payload });
    await Promise.all(Array.from({ length: 50 }, append));
    await log.close();
    const again = await EventLog.open(process.argv[1]);
    const { data } = await again.queryEvents({ from: { instance: 'orders' } });
    await again.close();
    const after = { own: own(), all: all() };
    const difference = (which) => ({
      read: after[which].read - before[which].read,
      written: after[which].written - before[which].written,
    });
    console.log(JSON.stringify({ own: difference('own'), all: difference('all'), count: data.result.total }));
  `;
  const { own, all, count } = await runForJson(t, source, { args: [await temporaryPath(t)] });
  t.is(count, 50);
  // 5 MB that cannot be packed were stored, and read after the reopening; wake-ups of the event loop are 8 bytes each.
  t.true(all.written > 5_000_000, `${all.written}`);
  t.true(all.read > 5_000_000, `${all.read}`);
  t.true(own.written < 100_000, `${own.written}`);
  t.true(own.read < 100_000, `${own.read}`);
});
