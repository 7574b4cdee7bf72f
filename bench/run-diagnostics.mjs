// What it costs that a program could listen to diagnostics_channel: the package as it is, beside itself without that, and
// with listeners. All three run in turns in one process, on logs in memory, so that no disk hides it.
//
//     node bench/run-diagnostics.mjs [--windows <number>] [--listen append,query]

import diagnostics from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const NAMES = ['append', 'commit', 'query', 'read', 'subscribe', 'checkpoint'];
const { values } = parseArgs({
  options: {
    windows: { type: 'string', default: '300' },
    listen: { type: 'string', default: NAMES.join(',') },
  },
});
const windows = Number(values.windows);
if (!(Number.isSafeInteger(windows) && windows > 0)) {
  throw new Error(`--windows: expected a whole number from 1, found ${values.windows}`);
}

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
const modulePath = require.resolve('../lib/diagnostics.js');

/** Loads the package anew, with `replacement` in the place of what tells listeners. */
function load(replacement) {
  for (const path of Object.keys(require.cache)) {
    if (path.startsWith(root) && path.endsWith('.js')) delete require.cache[path];
  }
  if (replacement !== undefined) {
    const module = { id: modulePath, filename: modulePath, loaded: true, exports: replacement };
    require.cache[modulePath] = /** @type {any} */ (module);
  }
  return require('../index.js').EventLog;
}

const silent = {
  contextOf: () => ({}),
  isTimed: () => false,
  tellTimed() {},
  traced: (_, __, make) => make(undefined),
};

const MESSAGES = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];
const channels = values.listen
  .split(',')
  .flatMap((name) => MESSAGES.map((message) => `tracing:codebolt-eventlog:${name}:${message}`));
let heard = 0;
const listener = () => (heard += 1);

/** How many calls a window has. */
const CALLS = 256;

/** What is measured: a window of each. */
const WORK = {
  'append, one at a time': async (log) => {
    for (let n = 0; n < CALLS; n += 1) await append(log, n);
  },
  'append, 256 at a time': (log) =>
    Promise.all(Array.from({ length: CALLS }, (_, n) => append(log, n))),
  'query, the newest event': async (log) => {
    const query = { from: { instance: 'bench' }, limit: 1 };
    for (let n = 0; n < CALLS; n += 1) await log.queryEvents(query);
  },
};

function append(log, n) {
  const payload = { n, text: 'some text of an event', ok: true };
  return log.appendEvent({ instanceId: 'bench', eventType: 'measured', payload });
}

const variants = [
  { name: 'without', EventLog: load(silent), listens: false },
  { name: 'nobody listens', EventLog: load(), listens: false },
  { name: `${values.listen} heard`, EventLog: load(), listens: true },
];
const opened = await Promise.all(
  variants.map(async (variant) => {
    const log = await variant.EventLog.open(':memory:', { autoCreateInstances: true });
    await append(log, 0);
    return { ...variant, log };
  }),
);

/** The fastest window of each: what others do on the machine makes windows slower, and never faster. */
const fastest = new Map();
for (let window = 0; window < windows; window += 1) {
  for (const [name, work] of Object.entries(WORK)) {
    // Each variant is first as often as any other.
    for (let turn = 0; turn < opened.length; turn += 1) {
      const { name: variant, log, listens } = opened[(window + turn) % opened.length];
      if (listens) for (const channel of channels) diagnostics.subscribe(channel, listener);
      const began = performance.now();
      await work(log);
      const ms = performance.now() - began;
      if (listens) for (const channel of channels) diagnostics.unsubscribe(channel, listener);
      const key = `${name}|${variant}`;
      fastest.set(key, Math.min(fastest.get(key) ?? Infinity, ms));
    }
  }
}
for (const { log } of opened) await log.close();
if (heard === 0) throw new Error('expected listeners that hear something, found none that did');

console.log(`The fastest of ${windows} windows, as a multiple of that without it:\n`);
console.log(`| | ${variants.map(({ name }) => name).join(' | ')} |`);
console.log(`| --- | ${variants.map(() => '---').join(' | ')} |`);
for (const name of Object.keys(WORK)) {
  const of = (variant) => fastest.get(`${name}|${variant}`);
  const ratios = variants.map(({ name: variant }) => (of(variant) / of('without')).toFixed(2));
  console.log(`| ${name} | ${ratios.join(' | ')} |`);
}
