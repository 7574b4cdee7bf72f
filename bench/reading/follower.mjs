// Follows a log until so many events have come, and tells the parent when each did.
//
//     node follower.mjs <path> <folder of the product> <events>        with a channel for messages

import { join } from 'node:path';
import { hrtime } from 'node:process';
import { pathToFileURL } from 'node:url';

const [path, product, count] = process.argv.slice(2);

const { EventLog } = await import(pathToFileURL(join(product, 'index.mjs')));
const log = await EventLog.open(path);
const subscription = log.subscribe({ instance: 'bench' });
subscription.untilCaughtUp.then(() => process.send({ caughtUp: true }));
const times = [];
for await (const event of subscription) {
  times.push(String(hrtime.bigint()));
  if (event.position === Number(count)) break;
}
process.send({ times });
await log.close();
process.disconnect();
