// Tests put functions of their own in the place of those that tell the time or defer work, before the package is
// loaded or after that. Every call is answered all the same.

import { fileURLToPath } from 'node:url';

import test from 'ava';

import { run } from './support/child.mjs';
import { inFiles, temporaryFolder, temporaryPath } from './support/temporary.mjs';

const path = JSON.stringify(fileURLToPath(new URL('../index.js', import.meta.url)));

/** Calls whose answers come by each of the ways that there are. */
const CALLS = `
  async function calls({ EventLog }, streams) {
    const sure = (response) => {
      if (!response.success) throw new Error(response.error);
      return response.data;
    };
    const log = await EventLog.open(process.argv[1]);
    sure(await log.createInstance('i'));
    const event = { instanceId: 'i', eventType: 't' };
    for (const response of await Promise.all(Array.from({ length: 1000 }, () => log.appendEvent(event)))) {
      sure(response);
    }
    sure(await log.appendEvents({ instanceId: 'i', events: [{ eventType: 't', payload: { n: 1 } }] }));
    const query = { from: { instance: 'i' } };
    if (sure(await log.queryEvents(query)).result.total !== 1001) throw new Error('total');
    const aborted = await log.queryEvents(query, { signal: AbortSignal.abort() });
    if (aborted.code !== 'ABORTED' || Math.abs(Date.parse(aborted.timestamp) - NOW) > 600_000) {
      throw new Error(JSON.stringify(aborted));
    }
    let count = 0;
    for await (const _ of log.readAll({ instance: 'i' })) count += 1;
    for await (const event of log.subscribe({ instance: 'i', consumer: 'c' })) {
      count += 1;
      await event.ack();
      if (event.position === 10) break;
    }
    const live = log.subscribe({ instance: 'i', afterPosition: 1001 });
    const next = live.next();
    sure(await log.appendEvent(event));
    if ((await next).value.position !== 1002) throw new Error('live');
    await live.return();
    const projection = await log.project({ instance: 'i', initial: 0, apply: (state) => state + 1 });
    if (projection.state + count !== 1002 + 1011) throw new Error('state ' + projection.state + ' ' + count);
    const told = [];
    const onProgress = ({ done }) => told.push(done);
    sure(await log.verify({ onProgress }));
    if (IN_FILES) sure(await log.backup('copy.redb', { onProgress }));
    else sure(await log.verify({ onProgress }));
    if (told.length < 2) throw new Error('progress');
    const other = await EventLog.open(process.argv[2]);
    const header = '{"format":"codebolt-eventlog","version":1}\\n{"end":{"instances":0,"events":0}}';
    sure(await other.importEvents([header], { onProgress }));
    await other.close();
    if (streams && (await log.exportEvents().toArray()).length === 0) throw new Error('export');
    await log.close();
    require('node:fs').writeSync(1, 'all were answered');
  }
  calls(await_package, STREAMS).catch((error) => {
    require('node:fs').writeSync(2, String(error.stack));
    process.exit(1);
  });`;

/** What is replaced, as source text. Of \`process.nextTick\` the streams of Node.js are in need themselves. */
const MOCKS = {
  'the mock timers of node:test': `require('node:test').mock.timers.enable();`,
  'timers that never come': `
    const never = () => ({ unref() {}, ref() {} });
    for (const holder of [globalThis, require('node:timers'), require('node:timers/promises')]) {
      for (const name of ['setTimeout', 'setInterval', 'setImmediate']) holder[name] = never;
    }`,
  'timers that throw': `
    const no = () => {
      throw new Error('a timer was asked for');
    };
    for (const holder of [globalThis, require('node:timers'), require('node:timers/promises')]) {
      for (const name of Object.keys(holder).filter((key) => /^(set|clear)[TI]/.test(key))) holder[name] = no;
      for (const name of ['setTimeout', 'setInterval', 'setImmediate']) holder[name] = no;
    }`,
  'microtasks that never come': `
    globalThis.queueMicrotask = () => {};`,
  'ticks that never come': `
    process.nextTick = () => {};`,
  'a clock that stands still': `
    const now = () => 0;
    Date.now = now;
    performance.now = now;
    require('node:perf_hooks').performance.now = now;
    process.hrtime = Object.assign(() => [0, 0], { bigint: () => 0n });
    const Real = Date;
    globalThis.Date = class extends Real {
      constructor(...given) {
        super(...(given.length === 0 ? [0] : given));
      }
    };`,
  'a clock that throws': `
    const no = () => {
      throw new Error('the time was asked for');
    };
    performance.now = no;
    globalThis.Date = Object.assign(no, { now: no, parse: Date.parse });`,
  'promises that never settle': `
    const Real = Promise;
    globalThis.Promise = class {
      static all = (all) => Real.all(all);
      then() {}
    };`,
};

for (const [what, mock] of Object.entries(MOCKS)) {
  for (const when of ['before', 'after']) {
    test(`${what}, put in ${when} the package is loaded, stop no answer`, async (t) => {
      const load = `const await_package = require(${path});`;
      const source = [
        `const NOW = Date.now();`,
        `const IN_FILES = ${inFiles};`,
        ...(when === 'before' ? [mock, load] : [load, mock]),
        CALLS.replace('STREAMS', String(!what.startsWith('ticks'))),
      ].join('\n');
      const cwd = await temporaryFolder(t);
      const args = [await temporaryPath(t), await temporaryPath(t)];
      const ended = await run(t, source, { cwd, args, type: 'commonjs' });
      t.is(ended.stdout, 'all were answered', ended.stderr);
      t.is(ended.code, 0);
    });
  }
}
