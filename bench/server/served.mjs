// A server of a log, as a process of its own.

import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';
import { serve } from 'codebolt-eventlog-server';

const { folder } = JSON.parse(process.argv[2]);
const log = await EventLog.open(join(folder, 'log.redb'), { autoCreateInstances: true });
const server = await serve(log, { port: 0, token: false });
process.send({ url: server.url.replace(/^http(.*)$/, 'ws$1codebolt') });
process.on('disconnect', () => process.exit());
