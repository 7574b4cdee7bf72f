import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import test from 'ava';

import { EventLog } from '../index.mjs';
import { appended, created } from './support/response.mjs';
import { openAt, temporaryPath } from './support/temporary.mjs';

const require = createRequire(import.meta.url);

/** Asserts that open with these arguments rejects, and returns its error's text. */
async function refused(t, args, pattern) {
  const error = await t.throwsAsync(() => EventLog.open(...args), {
    instanceOf: Error,
    code: 'INVALID_ARGUMENT',
  });
  t.regex(error.message, pattern);
}

test('every option is taken', async (t) => {
  const log = await openAt(t, await temporaryPath(t), {
    exclusive: true,
    readOnly: false,
    cacheBytes: 8 * 1024 * 1024,
    eventBytesMax: 64 * 1024,
    queuedBytesMax: 1024 * 1024,
  });
  await created(t, log, 'orders');
  await appended(t, log, { instanceId: 'orders', eventType: 'made' });
});

test('by default as much may wait for schemas as the engine lets wait for the disk', (t) => {
  const { openingOf } = require('../lib/opening.js');
  const source = readFileSync(new URL('../src/engine/options.rs', import.meta.url), 'utf8');
  const [, number, bits] = /QUEUED_BYTES_MAX_DEFAULT: usize = (\d+) << (\d+);/.exec(source);
  t.is(openingOf(':memory:').queuedBytesMax, Number(number) * 2 ** Number(bits));
});

test('options that are undefined mean the defaults', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path, undefined);
  await created(t, log, 'orders');
  const again = await openAt(t, await temporaryPath(t), {
    exclusive: undefined,
    readOnly: undefined,
    cacheBytes: undefined,
    eventBytesMax: undefined,
    queuedBytesMax: undefined,
  });
  await created(t, again, 'orders');
});

const MISTYPED = {
  exclusive: ['yes', 1, {}],
  readOnly: ['yes', 0, []],
  cacheBytes: ['64', -1, 1.5, NaN, Infinity, true],
  eventBytesMax: ['16', -1, 0.5, NaN, 2 ** 60],
  queuedBytesMax: [{}, -1, 0.5, -Infinity],
};

for (const [option, values] of Object.entries(MISTYPED)) {
  for (const value of values) {
    const shown = Object.is(value, -Infinity) ? '-Infinity' : `${JSON.stringify(value)} ${value}`;
    test(`the option ${option} refuses ${typeof value} ${shown}`, async (t) => {
      const path = await temporaryPath(t);
      await refused(t, [path, { [option]: value }], new RegExp(`${option}.*expected`));
      t.false(existsSync(path));
    });
  }
}

test('an unknown option is named', async (t) => {
  const path = await temporaryPath(t);
  await refused(t, [path, { cacheSize: 1 }], /cacheSize/);
  t.false(existsSync(path));
});

test('a misspelt option is named with its right spelling', async (t) => {
  const path = await temporaryPath(t);
  await refused(t, [path, { readonly: true }], /readonly.*readOnly/);
  t.false(existsSync(path));
});

for (const options of ['exclusive', 1, true, [], () => {}, Symbol('s'), 1n]) {
  test(`options that are ${typeof options} ${String(options)} are refused`, async (t) => {
    const path = await temporaryPath(t);
    await refused(t, [path, options], /expected/);
    t.false(existsSync(path));
  });
}

for (const path of [
  undefined,
  null,
  1,
  '',
  {},
  [],
  'a\0b',
  new URL('https://example.com/log.redb'),
]) {
  test(`a path that is ${path instanceof URL ? path.href : JSON.stringify(path)} is refused`, async (t) => {
    await refused(t, [path], /path/);
  });
}

test('an option whose getter throws is refused', async (t) => {
  const options = {
    get readOnly() {
      throw new TypeError('not today');
    },
  };
  await refused(t, [await temporaryPath(t), options], /not today/);
});
