// The program of the command line as a process of its own, as a shell starts it.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { startFile } from './child.mjs';
import { openAt, temporaryPath } from './temporary.mjs';
import { imported } from './transfer.mjs';

/** The file that is the program. */
export const program = fileURLToPath(new URL('../../bin/codebolt-eventlog.js', import.meta.url));

const fixtures = new URL('../fixtures/command-line/', import.meta.url);

/**
 * Starts the program with those arguments.
 *
 * @param {object} t - The test.
 * @param {string[]} args - The arguments.
 * @param {{ input?: string | Buffer, stdin?: string, env?: object, cwd?: string }} [options] - What it reads, if it reads
 *   something; or `stdin: 'pipe'`, to write to `child.stdin` oneself.
 */
export function startProgram(t, args, { input, stdin, ...options } = {}) {
  const started = startFile(t, program, {
    args,
    stdin: stdin ?? (input === undefined ? 'ignore' : 'pipe'),
    ...options,
  });
  if (input !== undefined) {
    // A program that fails early does not read all of it.
    started.child.stdin.on('error', () => {}).end(input);
  }
  return started;
}

/** Runs the program to its end. */
export function runProgram(t, args, options) {
  return startProgram(t, args, options).ended;
}

/** Runs the program, which must end well and say nothing on standard error. Returns what it printed. */
export async function printed(t, args, options) {
  const { code, stdout, stderr } = await runProgram(t, args, options);
  t.is(stderr, '');
  t.is(code, 0);
  return stdout;
}

/** Runs the program, which must fail with that exit code, print nothing, and say why. */
export async function refusedBy(t, args, exitCode, pattern, options) {
  const { code, stdout, stderr } = await runProgram(t, args, options);
  t.is(code, exitCode, stderr);
  t.is(stdout, '');
  t.regex(stderr, pattern);
  return stderr;
}

/** Waits until what a started program has printed `isEnough`. Fails if it ends before. */
export async function untilPrinted({ child, ended, printed: soFar }, isEnough) {
  let look;
  const enough = new Promise((resolve) => {
    look = () => isEnough(soFar()) && resolve();
    // This listener comes after the one that gathers the text.
    child.stdout.on('data', look);
    look();
  });
  const early = ended.then(({ code, signal, stdout, stderr }) => {
    if (isEnough(stdout)) return;
    throw new Error(`it ended (${code ?? signal}): ${stdout} ${stderr}`);
  });
  try {
    await Promise.race([enough, early]);
  } finally {
    child.stdout.off('data', look);
  }
}

/** A new log with the instances `shop` and `empty`, whose ids and times are always the same. Returns its path. */
export async function shopLog(t) {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await imported(t, log, [readFileSync(new URL('shop.jsonl', fixtures))]);
  await log.close();
  return path;
}

/**
 * Asserts that a text is that of a file in `fixtures/command-line/golden/`. `UPDATE_GOLDEN=1` writes the file instead, to
 * be looked at.
 */
export function isGolden(t, name, text) {
  const file = fileURLToPath(new URL(`golden/${name}`, fixtures));
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  t.true(existsSync(file), `expected the file ${file}`);
  t.is(text, readFileSync(file, 'utf8'));
}

/** The events of an instance, by the program. */
export async function events(t, path, instance) {
  const text = await printed(t, ['tail', '-n', 'all', path, instance, '-o', 'json']);
  return JSON.parse(text);
}
