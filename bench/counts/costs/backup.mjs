// A backup of many instances that have one event each.

import { closeSync, copyFileSync, fsyncSync, openSync } from 'node:fs';
import { join } from 'node:path';

import { done, duration, many, openLog, timed } from '../log.mjs';

export const title = '`backup` of 5,000 small instances';
export const unit = '× (3 × `verify` + a copy of the file)';
export const atMost = 1;

export async function measure({ EventLog, folder, quick }) {
  const log = await openLog(EventLog, folder);
  const append = (n) =>
    done(
      log.appendEvent({
        instanceId: `i${n}`,
        eventType: 'made',
        payload: { n },
        autoCreateInstance: true,
      }),
    );
  await many(quick ? 500 : 5000, append);
  const verifyMs = await timed(() => done(log.verify()));
  const backupMs = await timed(() => done(log.backup(join(folder, 'copy.redb'))));
  const copyMs = await timed(() => copied(join(folder, 'log.redb'), join(folder, 'plain.redb')));
  await log.close();
  return { verifyMs, backupMs, copyMs };
}

function copied(from, to) {
  copyFileSync(from, to);
  const file = openSync(to, 'r+');
  fsyncSync(file);
  closeSync(file);
}

export const figure = ({ verifyMs, backupMs, copyMs }) => backupMs / (3 * verifyMs + copyMs);
export const seen = ({ backupMs }) => duration(backupMs);
