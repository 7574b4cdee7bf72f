// A process that opens a log, reads from it and ends, in the way that it was told. Whoever keeps it from
// opening is waited for as long as `lockWaitMs` says.
//
//     node ender.mjs '{ "path": …, "options": …, "end": … }'

import { EventLog } from '../../index.mjs';
import { instance } from './payload.mjs';

const { path, options, end } = JSON.parse(process.argv[2]);

/** The ways to end. */
const ways = {
  close: (log) => log.close(),
  exit: () => process.exit(0),
  natural() {},
};

const log = await EventLog.open(path, options).catch((error) => {
  if (error.code !== 'LOCKED') throw error;
});
if (log !== undefined) {
  const { success, code, error } = await log.getInstanceStats(instance);
  if (!success && code !== 'LOCKED') throw new Error(`${code}: ${error}`);
  await ways[end](log);
}
