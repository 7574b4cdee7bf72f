// What a program finds where the SDK's object was: every name, by every way of import.

import { createRequire } from 'node:module';

import test from 'ava';

import codebolt, * as namespace from '../index.mjs';
import { addon, run, runForJson } from './support/child.mjs';
import { temporaryFolder } from './support/temporary.mjs';

const require = createRequire(import.meta.url);
const required = require('../index.js');
const exported = { ...namespace };

const NAMES = [
  'eventLog',
  'getMessage',
  'onMessage',
  'onReady',
  'ready',
  'waitForConnection',
  'waitForReady',
];

test('what the SDK has is on the default export, a named export, and in CommonJS', (t) => {
  for (const name of NAMES) {
    t.true(name in codebolt, name);
    t.is(exported[name], codebolt[name], name);
    t.is(required[name], codebolt[name], name);
    t.is(required.default[name], codebolt[name], name);
  }
  for (const name of ['EventLog', 'attach', 'Codebolt']) {
    t.is(typeof exported[name], 'function', name);
    t.is(required[name], exported[name], name);
  }
  t.is(required.default, codebolt);
});

test('the default export is a Codebolt, and each further one has the same log', (t) => {
  t.true(codebolt instanceof exported.Codebolt);
  t.is(new exported.Codebolt().eventLog, exported.eventLog);
});

test('methods work without their object', async (t) => {
  const cwd = await temporaryFolder(t);
  const source = `
    import codebolt from '${addon}';
    const { eventLog: { createInstance }, waitForReady, onReady } = codebolt;
    await waitForReady();
    await new Promise((resolve) => onReady(resolve));
    console.log(JSON.stringify(await createInstance('orders')));
  `;
  t.true((await runForJson(t, source, { cwd })).success);
});

test('ready says whether the default log is open, wherever it is read', async (t) => {
  const cwd = await temporaryFolder(t);
  const source = `
    import { createRequire } from 'node:module';
    import codebolt, { ready, waitForReady, Codebolt } from '${addon}';
    const required = createRequire('${addon}')('./index.js');
    const read = () => [ready, codebolt.ready, required.ready, new Codebolt().ready];
    const before = read();
    const opening = waitForReady();
    const meanwhile = read();
    await opening;
    const open = read();
    await codebolt.eventLog.close();
    console.log(JSON.stringify({ before, meanwhile, open, closed: read() }));
  `;
  t.deepEqual(await runForJson(t, source, { cwd }), {
    before: [false, false, false, false],
    meanwhile: [false, false, false, false],
    open: [true, true, true, true],
    closed: [false, false, false, false],
  });
});

test('the default log is ready once any call has opened it', async (t) => {
  const cwd = await temporaryFolder(t);
  const source = `
    import codebolt from '${addon}';
    await codebolt.eventLog.listInstances();
    console.log(JSON.stringify(codebolt.ready));
  `;
  t.true(await runForJson(t, source, { cwd }));
});

test('onReady opens the default log, and calls back once it is open', async (t) => {
  const cwd = await temporaryFolder(t);
  const source = `
    import codebolt, { onReady } from '${addon}';
    const told = [];
    codebolt.onReady(async (...given) => {
      told.push([codebolt.ready, given.length]);
      const made = await codebolt.eventLog.createInstance('orders');
      onReady(() => console.log(JSON.stringify({ told, success: made.success })));
    });
    told.push('first');
  `;
  const { told, success } = await runForJson(t, source, { cwd });
  t.deepEqual(told, ['first', [true, 0]]);
  t.true(success);
});

test('what onReady cannot open, and what its callback throws, ends the program with the reason', async (t) => {
  const cwd = await temporaryFolder(t);
  const program = (callback) => `
    import codebolt from '${addon}';
    codebolt.onReady(${callback});
  `;
  const env = { CODEBOLT_EVENTLOG_PATH: cwd };
  const unopened = await run(t, program('() => console.log("called")'), { cwd, env });
  t.is(unopened.code, 1);
  t.is(unopened.stdout, '');
  t.regex(unopened.stderr, /EventLogError/);
  for (const callback of ['() => { throw new Error("mine"); }', 'async () => { throw "mine"; }']) {
    const thrown = await run(t, program(callback), { cwd });
    t.is(thrown.code, 1);
    t.regex(thrown.stderr, /mine/);
  }
});

test('what is no callback is refused where it is given', (t) => {
  for (const method of ['onReady', 'onMessage']) {
    for (const wrong of [undefined, null, 'now', {}]) {
      const error = t.throws(() => codebolt[method](wrong), { name: 'EventLogError' });
      t.is(error.code, 'INVALID_ARGUMENT');
      t.regex(error.message, new RegExp(`^${method}: expected a function, found `));
    }
  }
});

test('messages never come, which the first call of each method warns of', async (t) => {
  const cwd = await temporaryFolder(t);
  const source = `
    import codebolt, { getMessage } from '${addon}';
    const warnings = [];
    process.on('warning', ({ message, code, detail }) => warnings.push({ message, code, detail }));
    let heard = 0;
    for (let n = 0; n < 3; n += 1) {
      codebolt.onMessage(async () => (heard += 1));
      getMessage().then(() => (heard += 1));
    }
    await codebolt.eventLog.createInstance('orders');
    process.on('exit', () => console.log(JSON.stringify({ heard, warnings })));
  `;
  const { heard, warnings } = await runForJson(t, source, { cwd });
  t.is(heard, 0);
  t.deepEqual(
    warnings.map(({ message }) => message.split(' ')[0]),
    ['codebolt.onMessage', 'codebolt.getMessage'],
  );
  for (const { code, detail } of warnings) {
    t.is(code, 'CODEBOLT_EVENTLOG_NO_MESSAGES');
    t.regex(detail, /attach/);
  }
});
