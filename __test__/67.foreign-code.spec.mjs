// Code of the program that the log calls: signals, listeners, sources, folds. What it throws costs nobody else an
// answer, and its own caller hears what became of the call. Where nobody can be told, it goes to where Node.js puts
// uncaught exceptions; so each test runs in a process of its own, which counts them.

import { fileURLToPath } from 'node:url';

import test from 'ava';

import { runForJson } from './support/child.mjs';
import { inFiles, temporaryFolder, temporaryPath } from './support/temporary.mjs';

const entry = fileURLToPath(new URL('../index.mjs', import.meta.url));
const calls = fileURLToPath(new URL('support/foreign-code.mjs', import.meta.url));

/** Runs `source`, which has `log`, `uncaught`, `METHODS` and the others of that module. */
async function outcome(t, source) {
  const cwd = await temporaryFolder(t);
  const text = `
    import { METHODS, among, log, raised, signalThat, uncaught } from ${JSON.stringify(calls)};
    ${source}
    await log.close();`;
  return runForJson(t, text, { cwd, args: [await temporaryPath(t)] });
}

/** For each broken part of a signal: what each method that takes one answers, and what is uncaught. */
const SIGNALS = {
  'aborted throws': { code: 'INVALID_ARGUMENT', uncaught: false },
  'addEventListener throws': { code: 'INVALID_ARGUMENT', uncaught: false },
  'removeEventListener throws': { code: 'success', uncaught: true },
  'addEventListener throws what has no text': { code: 'INVALID_ARGUMENT', uncaught: false },
  'reason throws': { code: 'ABORTED', uncaught: false },
  // What was told is so, whether or not the signal shows it.
  'listener is called at once': { code: 'ABORTED', uncaught: false },
  'listener is called as it is removed': { code: 'success', uncaught: false },
};

for (const [what, expected] of Object.entries(SIGNALS)) {
  test(`a signal whose ${what} costs no other call its answer`, async (t) => {
    const outcomes = await outcome(
      t,
      `
      const outcomes = {};
      for (const [name, call] of Object.entries(METHODS)) {
        uncaught.length = 0;
        const { code, others } = await among(() => call(signalThat(${JSON.stringify(what)})));
        outcomes[name] = { code, others, uncaught: uncaught.length > 0 };
      }
      console.log(JSON.stringify(outcomes));`,
    );
    t.is(Object.keys(outcomes).length, inFiles ? 11 : 9);
    for (const [name, found] of Object.entries(outcomes)) {
      t.deepEqual(found, { ...expected, others: 128 }, name);
    }
  });
}

test('what waits is called off by a signal that tells of it and does not show it', async (t) => {
  const outcomes = await outcome(
    t,
    `
    const apply = (state) => state + 1;
    const waits = {
      subscribe: (signal) => log.subscribe({ instance: 'i', afterPosition: 'end', signal }).next(),
      'subscribe with a consumer': (signal) =>
        log.subscribe({ instance: 'i', consumer: 'c', afterPosition: 'end', signal }).next(),
      'subscribe to none': (signal) =>
        log.subscribe({ instance: 'none', awaitInstance: true, signal }).next(),
      'project of none': (signal) =>
        log.project({ instance: 'none', awaitInstance: true, initial: 0, apply, signal }),
      importEvents: (signal) => {
        const next = () => new Promise(() => {});
        return log.importEvents({ [Symbol.asyncIterator]: () => ({ next }) }, { signal });
      },
    };
    const outcomes = {};
    for (const [name, wait] of Object.entries(waits)) {
      const signal = Object.assign(new EventTarget(), { aborted: false });
      let listens = 0;
      const { addEventListener } = signal;
      signal.addEventListener = (...given) => {
        addEventListener.apply(signal, given);
        listens += 1;
        // By then it waits for what does not come.
        log.getInstance('i').then(() => signal.dispatchEvent(new Event('abort')));
      };
      const { code } = await among(() => wait(signal));
      outcomes[name] = { code, listened: listens > 0 };
    }
    console.log(JSON.stringify(outcomes));`,
  );
  t.is(Object.keys(outcomes).length, 5);
  for (const [name, found] of Object.entries(outcomes)) {
    t.deepEqual(found, { code: 'ABORTED', listened: true }, name);
  }
});

test('a signal that goes bad while it is looked at is told to its caller alone', async (t) => {
  const outcomes = await outcome(
    t,
    `
    const outcomes = {};
    for (const [name, call] of Object.entries(METHODS)) {
      for (let looks = 1; looks < 6; looks += 1) {
        const { code, others } = await among(() => call(signalThat('aborted throws', looks)));
        outcomes[name + ' after ' + looks] = { code, others };
      }
    }
    console.log(JSON.stringify(outcomes));`,
  );
  for (const [name, { code, others }] of Object.entries(outcomes)) {
    t.true(['success', 'INVALID_ARGUMENT'].includes(code), `${name}: ${code}`);
    t.is(others, 128, name);
  }
});

test('what was done is told as done, whenever a listener of progress throws', async (t) => {
  const outcomes = await outcome(
    t,
    `
    import { existsSync } from 'node:fs';
    const text = (await log.exportEvents().toArray()).join('');
    const told = async (call, last) => {
      uncaught.length = 0;
      let calls = 0;
      const onProgress = () => {
        calls += 1;
        throw new Error('no');
      };
      const { success, error } = await call({ onProgress });
      const uncaughtTexts = uncaught.map(({ message }) => message);
      return { success, error, calls, uncaught: uncaughtTexts };
    };
    const stream = async (options) => {
      try {
        const bytes = (await log.exportEvents(options).toArray()).join('');
        return { success: bytes === text };
      } catch ({ message }) {
        return { success: false, error: message };
      }
    };
    const outcomes = {
      exportEvents: await told(stream),
      importEvents: await told((options) => log.importEvents([text], options)),
    };
    const operations = {
      verify: await told((options) => log.verify(options)),
    };
    if (${inFiles}) {
      operations.backup = await told((options) => log.backup('copy.redb', options));
      operations.backup.isThere = existsSync('copy.redb');
    }
    console.log(JSON.stringify({ outcomes, operations }));`,
  );
  // One page and one batch have one report, which is the last one.
  for (const found of Object.values(outcomes.outcomes)) {
    t.deepEqual(found, { success: true, calls: 1, uncaught: ['no'] });
  }
  for (const [name, found] of Object.entries(outcomes.operations)) {
    const { isThere = found.success, ...told } = found;
    t.is(isThere, found.success, name);
    // A machine that is busy may have told of the progress before the end.
    if (found.success) t.deepEqual(told, { success: true, calls: 1, uncaught: ['no'] });
    else
      t.deepEqual(told, {
        success: false,
        error: 'options.onProgress: it threw: no',
        calls: 1,
        uncaught: [],
      });
  }
});

/** Calls of `log`, each of which runs code that closes it. */
const CLOSING = {
  appendEvent: `log.appendEvent({ instanceId: 'i', eventType: 't', get payload() { return close(); } })`,
  appendEvents: `log.appendEvents({ instanceId: 'i', events: [{ eventType: 't', payload: { toJSON: () => [close()] } }] })`,
  createInstance: `log.createInstance({ toJSON: () => 'i' + String(close()) })`,
  queryEvents: `log.queryEvents({ from: { instance: 'i' } }, { get signal() { return close(); } })`,
  listStreams: `log.listStreams({ get instance() { return close(); } })`,
  verify: `log.verify({ get onProgress() { return close(); } })`,
  importEvents: `log.importEvents({ *[Symbol.iterator]() { close(); yield ''; } })`,
};

for (const [method, call] of Object.entries(CLOSING)) {
  test(`${method}: a log that is closed by code which its first call runs is not opened`, async (t) => {
    const source = `
      import { existsSync } from 'node:fs';
      import codebolt from ${JSON.stringify(entry)};
      process.env.CODEBOLT_EVENTLOG_PATH = 'log.redb';
      const log = codebolt.eventLog;
      const close = () => void log.close();
      const { code } = await ${call};
      console.log(JSON.stringify({ code, isOpened: existsSync('log.redb') }));`;
    const found = await runForJson(t, source, { cwd: await temporaryFolder(t) });
    t.deepEqual(found, { code: 'CLOSED', isOpened: false });
  });
}

test('a source that is imported may throw wherever it has code', async (t) => {
  const outcomes = await outcome(
    t,
    `
    const no = () => {
      throw new Error('no');
    };
    const iterator = (next, more = {}) => ({ [Symbol.asyncIterator]: () => ({ next, ...more }) });
    const sources = {
      'no iterator': { [Symbol.asyncIterator]: no },
      'an iterator that is none': { [Symbol.asyncIterator]: () => undefined },
      'a getter for the iterator': { get [Symbol.asyncIterator]() { return no(); } },
      next: iterator(no),
      'a promise that rejects': iterator(() => Promise.reject(new Error('no'))),
      'a thenable that throws': iterator(() => ({ then: no })),
      'a getter for then': iterator(() => ({ get then() { return no(); } })),
      'a getter for done': iterator(async () => ({ get done() { return no(); } })),
      'a getter for value': iterator(async () => ({ done: false, get value() { return no(); } })),
      'bytes with code': iterator(async () => ({
        done: false,
        value: Object.defineProperty(new Uint8Array(9), 'subarray', { value: no }),
      })),
      'return too': iterator(async () => ({ done: false, value: \`\${'x'.repeat(100_000)}\\n\` }), { return: no }),
      'return rejects': iterator(async () => ({ done: false, value: \`\${'x'.repeat(100_000)}\\n\` }), { return: async () => no() }),
      'destroy too': { ...iterator(async () => ({ done: false, value: \`\${'x'.repeat(100_000)}\\n\` })), destroy: no },
    };
    const outcomes = {};
    for (const [name, source] of Object.entries(sources)) {
      uncaught.length = 0;
      const { code, others, error } = await among(() => log.importEvents(source));
      await raised();
      outcomes[name] = { code, others, error, uncaught: uncaught.length };
    }
    console.log(JSON.stringify(outcomes));`,
  );
  t.is(Object.keys(outcomes).length, 13);
  for (const [name, { code, others, error, uncaught }] of Object.entries(outcomes)) {
    t.is(code, 'INVALID_ARGUMENT', `${name}: ${error}`);
    t.regex(error, /^(source|line 1): .*; nothing was stored$/, name);
    t.is(others, 128, name);
    t.is(uncaught, /too|rejects$/.test(name) && !/promise/.test(name) ? 1 : 0, name);
  }
});

test('a fold may throw wherever it has code, and rejects with that', async (t) => {
  const outcomes = await outcome(
    t,
    `
    const no = () => {
      throw new Error('no');
    };
    const folds = {
      apply: { apply: no },
      'apply that rejects': { apply: async () => no() },
      'a thenable that throws': { apply: () => ({ then: no }) },
      'a getter for then': { apply: () => ({ get then() { return no(); } }) },
      initial: { initial: no, apply: (state) => state },
      'a getter in initial': { initial: { get state() { return no(); } }, apply: (state) => state },
      'a getter for an option': { get initial() { return no(); }, apply: (state) => state },
      'a state with toJSON': { apply: () => ({ toJSON: no }), name: 'p', snapshotEvery: 1 },
      'a state with a getter': { apply: () => ({ get a() { return no(); } }), name: 'p', snapshotEvery: 1 },
    };
    const outcomes = {};
    for (const [name, fold] of Object.entries(folds)) {
      const options = Object.defineProperties({ instance: 'i' }, Object.getOwnPropertyDescriptors(fold));
      const { error, others } = await among(() => log.project(options));
      outcomes[name] = { error, others, uncaught: uncaught.length };
    }
    console.log(JSON.stringify(outcomes));`,
  );
  t.is(Object.keys(outcomes).length, 9);
  for (const [name, { error, others, uncaught }] of Object.entries(outcomes)) {
    t.regex(String(error), /(^|: )no$/, name);
    t.is(others, 128, name);
    t.is(uncaught, 0, name);
  }
});

test('calls are answered while a program has put something else into the place of JSON', async (t) => {
  const found = await outcome(
    t,
    `
    const { parse, stringify } = JSON;
    const no = () => {
      throw new Error('no');
    };
    const outcomes = [];
    for (const replaced of [{ parse: no }, { parse: () => ({}) }, { stringify: no }, { stringify: () => '' }]) {
      Object.assign(JSON, replaced);
      const calls = [
        log.appendEvent({ instanceId: 'i', eventType: 't', payload: { list: [1] } }),
        log.appendEvents({ instanceId: 'i', events: [{ eventType: 't', payload: { list: [1] } }] }),
        log.queryEvents({ from: { instance: 'i' }, limit: 1 }),
        log.project({ instance: 'i', initial: 0, apply: () => [1], name: 'p', snapshotEvery: 1 }),
      ];
      const [one, many, query, { state }] = await Promise.all(calls);
      Object.assign(JSON, { parse, stringify });
      outcomes.push([one.data.event.payload, many.data.events[0].payload, query.data.result.events.length, state]);
    }
    console.log(JSON.stringify(outcomes));`,
  );
  t.deepEqual(found, Array(4).fill([{ list: [1] }, { list: [1] }, 1, [1]]));
});

test('a listener for data that throws stops no export', async (t) => {
  const found = await outcome(
    t,
    `
    const events = Array.from({ length: 5000 }, () => ({ eventType: 't', payload: { text: 'x'.repeat(300) } }));
    await log.appendEvents({ instanceId: 'i', events });
    const text = (await log.exportEvents().toArray()).join('');
    const chunks = [];
    const stream = log.exportEvents();
    stream.on('data', (chunk) => {
      chunks.push(chunk);
      throw new Error('no');
    });
    const ended = await new Promise((resolve) => {
      stream.on('end', () => resolve('end'));
      stream.on('error', (error) => resolve(error.message));
    });
    console.log(JSON.stringify({
      ended,
      isWhole: chunks.join('') === text,
      allUncaught: chunks.length > 3 && uncaught.length === chunks.length,
    }));`,
  );
  t.deepEqual(found, { ended: 'end', isWhole: true, allUncaught: true });
});
