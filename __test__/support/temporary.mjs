// Logs and folders that live as long as one test.
//
// With a server in CODEBOLT_TEST_POSTGRES, these logs are in PostgreSQL: see `scripts/test-postgres.mjs`.

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import test from 'ava';

import { EventLog } from '../../index.mjs';

/** The URL of the server that keeps the logs; nothing if they are in files. */
const SERVER = process.env.CODEBOLT_TEST_POSTGRES;

/** Whether the logs are in files. */
export const inFiles = SERVER === undefined;

/** The addon that serves these logs, whose calls a test may look at. */
export function addonOfLogs() {
  const { nativeOf } = createRequire(import.meta.url)('../../lib/native-of.js');
  return nativeOf(SERVER ?? '');
}

/** A test of what is so of files alone. */
export const testOfFiles = inFiles ? test : test.skip;

/** Makes an empty folder that is removed when the test ends. */
export async function temporaryFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), 'codebolt-eventlog-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Names a log, not made yet, which is removed after the test. */
export async function temporaryPath(t) {
  // The server goes with all that is in it.
  if (!inFiles) return `${SERVER}?schema=${randomUUID()}`;
  return join(await temporaryFolder(t), 'log.redb');
}

/** Opens `path` and closes it when the test ends. */
export async function openAt(t, path, options) {
  const log = await EventLog.open(path, applying(path, options));
  t.teardown(() => log[Symbol.asyncDispose]());
  return log;
}

/** The options that apply to the log at a path: how a file is shared is nothing to a server. */
function applying(path, options) {
  if (inFiles || !String(path).startsWith(SERVER)) return options;
  const { exclusive: _, lockWaitMs: __, ...others } = options ?? {};
  return others;
}

/** Opens a new log, which is closed and removed when the test ends. */
export async function openLog(t, options) {
  return openAt(t, await temporaryPath(t), options);
}

/**
 * Opens a log before all tests of a file, and closes and removes it after them: for calls that are refused, which leave it as it
 * is. `fill(t, log)` is called once it is open. Returns what gives it.
 */
export function logOfAll(fill) {
  const endings = [];
  let log;
  test.before(async (t) => {
    log = await openLog({ teardown: (end) => endings.unshift(end) });
    await fill(t, log);
  });
  test.after.always(async () => {
    for (const end of endings) await end();
  });
  return () => log;
}
