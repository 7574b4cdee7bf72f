// The runner of `npm test` and `.ci/run`: tasks side by side, in their order, with the log and the exit code of what fails.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import test from 'ava';

const runner = new URL('../scripts/tasks.mjs', import.meta.url).href;

/** A task that runs JavaScript. */
const task = (name, code, needs) => ({ name, command: [process.execPath, '-e', code], needs });

/** What a process prints and ends with that runs these tasks. */
async function outcomeOf(tasks, onLine = () => {}) {
  const code = `import { runTasks } from ${JSON.stringify(runner)};
    process.exitCode = await runTasks(${JSON.stringify(tasks)});`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code]);
  child.stdout.on('data', (chunk) => onLine(String(chunk), child));
  const [out, err, [exitCode, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return {
    out,
    err,
    exitCode,
    signal,
    lines: out
      .replaceAll(/, \d+ s/g, '')
      .trim()
      .split('\n'),
  };
}

test('each task begins after those that it needs, and says no more than that it passed', async (t) => {
  const { lines, exitCode } = await outcomeOf([
    task('last', 'console.log("l")', ['first', 'second']),
    task('second', 'console.error("s")', ['first']),
    task('first', 'console.log("f")'),
  ]);
  t.deepEqual(lines, [
    'begins  first',
    'passed  first',
    'begins  second',
    'passed  second',
    'begins  last',
    'passed  last',
    'All passed',
  ]);
  t.is(exitCode, 0);
});

test('tasks that do not need each other run side by side', async (t) => {
  const { exitCode, lines } = await outcomeOf([task('a', ''), task('b', '')]);
  t.deepEqual(lines.slice(0, 2), ['begins  a', 'begins  b']);
  t.is(exitCode, 0);
});

test('what fails is shown whole and last, its exit code is kept, and what runs beside it is ended', async (t) => {
  const many = Array.from({ length: 20_000 }, (_, n) => `line ${n}`);
  const { out, lines, exitCode } = await outcomeOf([
    task('endless', 'setInterval(() => {}, 1e6)'),
    task(
      'wrong',
      `for (let n = 0; n < 20_000; n += 1) console.log('line ' + n); process.exitCode = 7;`,
    ),
    task('never', '', ['wrong']),
  ]);
  t.is(exitCode, 7);
  t.true(out.includes(`\n##### wrong\n${many.join('\n')}\n`));
  t.true(lines.includes('FAILED  wrong: expected success, found exit code 7'));
  t.is(lines.at(-1), 'ended   endless');
  t.false(out.includes('never'));
});

test('a program that is not there, and one that is killed, are failures', async (t) => {
  const missing = await outcomeOf([{ name: 'missing', command: ['no-such-program'] }]);
  t.is(missing.exitCode, 1);
  t.regex(missing.out, /no-such-program: expected to run, found .*ENOENT/);
  const killed = await outcomeOf([task('killed', 'process.kill(process.pid, "SIGKILL")')]);
  t.is(killed.exitCode, 1);
});

test('tasks that can never begin are a fault', async (t) => {
  const { err, exitCode } = await outcomeOf([task('a', '', ['b']), task('b', '', ['a'])]);
  t.is(exitCode, 1);
  t.regex(err, /nothing leads to a/);
});

if (process.platform !== 'win32') {
  test('what ends the runner ends its tasks', async (t) => {
    const endless = task('endless', 'setInterval(() => {}, 1e6)');
    const { exitCode } = await outcomeOf([endless], (line, child) => child.kill('SIGTERM'));
    // The pipes of the task are closed, or this would not be reached.
    t.is(exitCode, 143);
  });
}
