// What tools that look for open handles see of the package: nothing before a log is opened, and nothing once it is closed.

import test from 'ava';

import { addon, run } from './support/child.mjs';
import { temporaryPath } from './support/temporary.mjs';

/** Counts the resources of the addon that Node.js knows of. `gone()` resolves once there are none. */
const counting = `
  import { createHook } from 'node:async_hooks';
  const open = new Map();
  createHook({
    init: (id, type) => type.startsWith('napi') && open.set(id, type),
    destroy: (id) => open.delete(id),
  }).enable();
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const gone = async () => {
    while (open.size > 0) await turn();
  };
`;

/** Runs a program that counts them, with a path of its own. */
async function counted(t, program) {
  const source = `${counting}
    const { EventLog, eventLog } = await import(${JSON.stringify(addon)});
    ${program}
    console.log('done');`;
  const args = [await temporaryPath(t)];
  const { stdout, stderr } = await run(t, source, { args });
  t.is(stderr, '');
  return stdout.trimEnd().split('\n');
}

test('an import opens nothing', async (t) => {
  t.deepEqual(await counted(t, 'console.log(open.size);'), ['0', 'done']);
});

test('a log that is closed leaves nothing open, and another one can be opened', async (t) => {
  const program = `
    for (let i = 0; i < 3; i += 1) {
      const log = await EventLog.open(process.argv[1]);
      const { success } = await log.createInstance('of round ' + i);
      console.log(success, open.size > 0);
      await log.close();
      await gone();
    }`;
  t.deepEqual(await counted(t, program), ['true true', 'true true', 'true true', 'done']);
});

test('what is answered by a closed log leaves nothing open', async (t) => {
  const program = `
    const log = await EventLog.open(process.argv[1]);
    await log.close();
    await gone();
    const answers = await Promise.all([log.listInstances(), log.listInstances()]);
    console.log(...answers.map(({ code }) => code));
    await log.close();
    await gone();`;
  t.deepEqual(await counted(t, program), ['CLOSED CLOSED', 'done']);
});

test('a log that does not open leaves nothing open', async (t) => {
  const program = `
    await EventLog.open('').catch(({ code }) => console.log(code));
    await gone();
    await EventLog.open(import.meta.dirname ?? '.').catch(({ code }) => console.log(code));
    await gone();`;
  const [first, second, last] = await counted(t, program);
  t.is(first, 'INVALID_ARGUMENT');
  t.truthy(second);
  t.is(last, 'done');
});

test('the last of several logs is what counts, also with calls of all in flight', async (t) => {
  const program = `
    const logs = await Promise.all(
      ['a', 'b', 'c'].map((name) => EventLog.open(process.argv[1] + name)),
    );
    const calls = logs.map((log) => log.createInstance('x'));
    await logs[0].close();
    await turn();
    console.log(open.size > 0);
    await Promise.all(logs.map((log) => log.close()));
    console.log(...(await Promise.all(calls)).map(({ success }) => success));
    await gone();`;
  t.deepEqual(await counted(t, program), ['true', 'true true true', 'done']);
});

test('a log that follows is let go with it', async (t) => {
  const program = `
    const log = await EventLog.open(process.argv[1]);
    await log.createInstance('x');
    const following = log.subscribe({ instance: 'x' });
    const next = following.next();
    await following.untilCaughtUp;
    await log.close();
    console.log((await next).done);
    await gone();`;
  t.deepEqual(await counted(t, program), ['true', 'done']);
});
