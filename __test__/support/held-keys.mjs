// A service that holds keys of logs, and what tests of it ask of a log and its file.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import { EventLog } from '../../index.mjs';
import { eventsOf, succeeded } from './encrypted.mjs';
import { all } from './reading.mjs';
import { openAt, temporaryPath } from './temporary.mjs';

/** A service with a key of its own, which encrypts with AES-256-GCM. `calls` has what it was asked. */
export class Service {
  #key = randomBytes(32);
  calls = [];

  async wrap(key, { signal }) {
    this.calls.push(`wrap ${key.length} ${signal.aborted}`);
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
  }

  async unwrap(wrapped, { signal }) {
    this.calls.push(`unwrap ${signal.aborted}`);
    const cipher = createDecipheriv('aes-256-gcm', this.#key, wrapped.subarray(0, 12));
    cipher.setAuthTag(wrapped.subarray(-16));
    return Buffer.concat([cipher.update(wrapped.subarray(12, -16)), cipher.final()]);
  }
}

/** The options of a log with that key. */
export const optionsOf = (key) => ({ key, autoCreateInstances: true });

/** The file that has the wrapped keys of the log at a path. */
export const keyFileOf = (path) => `${path}.keyring.key`;

/** The wrapped keys that are in it. */
export const keysIn = async (path) => JSON.parse(await readFile(keyFileOf(path), 'utf8')).keys;

/** All events of the instance `log`. */
export const read = (log) => all(log.readAll({ instance: 'log' }));

/** A log with events of some subjects, which is closed. */
export async function filled(t, service) {
  const path = await temporaryPath(t);
  const log = await openAt(t, path, optionsOf(service));
  succeeded(t, await log.appendEvents({ instanceId: 'log', events: eventsOf(20) }));
  const events = await read(log);
  await log.close();
  return { path, events };
}

/** Expects that a log cannot be opened with that key. */
export const refused = (t, path, key, code, message) =>
  t.throwsAsync(EventLog.open(path, optionsOf(key)), { code, message });

/** What is in the folder of a log, by name. */
export const namesBeside = async (path) => (await readdir(dirname(path))).sort();
