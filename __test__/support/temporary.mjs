// Logs and folders that live as long as one test.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventLog } from '../../index.mjs';

/** Makes an empty folder that is removed when the test ends. */
export async function temporaryFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), 'codebolt-eventlog-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Names a log file, not made yet, in a folder that is removed when the test ends. */
export async function temporaryPath(t) {
  return join(await temporaryFolder(t), 'log.redb');
}

/** Opens `path` and closes it when the test ends. */
export async function openAt(t, path, options) {
  const log = await EventLog.open(path, options);
  t.teardown(() => log[Symbol.asyncDispose]());
  return log;
}

/** Opens a new log, which is closed and removed when the test ends. */
export async function openLog(t, options) {
  return openAt(t, await temporaryPath(t), options);
}
