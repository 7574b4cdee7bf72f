// A process that opens a log that another one has left, and tells its parent how long that took, and
// what is there.
//
//     node opener.mjs <path> <options as JSON>        with a channel for messages

import assert from 'node:assert/strict';

import { EventLog } from '../../index.mjs';

const [path, options] = process.argv.slice(2);

const began = performance.now();
const log = await EventLog.open(path, JSON.parse(options));
const opened = performance.now();
const event = { instanceId: 'events', streamId: 'openings', eventType: 'opened' };
const { success, code, error } = await log.appendEvent(event);
assert.ok(success, `${code}: ${error}`);
const appended = performance.now();
const { eventCount } = (await log.getInstanceStats('events')).data;
process.send({ openMs: opened - began, appendMs: appended - opened, eventCount });
process.disconnect();
await log.close();
