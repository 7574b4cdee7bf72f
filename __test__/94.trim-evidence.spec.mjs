// Checkpoints and proofs of an instance whose oldest events were trimmed.

import test from 'ava';

import { verifyConsistency, verifyProof } from '../evidence.mjs';
import { SIGNING_KEY, VERIFIER_KEY, checkpointed } from './support/evidence.mjs';
import { succeeded } from './support/response.mjs';
import { inFiles, openLog } from './support/temporary.mjs';
import { filled, refusedAsTrimmed, trimmed } from './support/trimming.mjs';

test('proofs of sizes that are out go on when the events were dropped', async (t) => {
  const log = await openLog(t);
  const sign = () => checkpointed(t, log, 'log');
  const signed = [];
  for (const count of [300, 10, 4000, 100]) {
    await filled(t, log, count);
    signed.push(await sign());
  }
  await filled(t, log, 4000);
  await trimmed(t, log, 8193);
  // It compacts, by which what is out is dropped.
  if (inFiles) succeeded(t, await log.compact(), 'compact');
  signed.push(await sign());
  const newest = signed.at(-1);
  t.is(newest.size, 8410);
  for (const older of signed) {
    const options = { instance: 'log', oldSize: older.size };
    const proof = succeeded(t, await log.proveConsistency(options), 'proveConsistency');
    await t.notThrowsAsync(async () => verifyConsistency(proof, older, newest));
  }
  const proven = await log.proveInclusion({ instance: 'log', position: 8193 });
  const event = await verifyProof(succeeded(t, proven, 'proveInclusion'), newest);
  t.is(event.position, 8193);
  const checkpoints = signed.map(({ note }) => ({ instance: 'log', note, key: VERIFIER_KEY }));
  const report = succeeded(t, await log.verify({ checkpoints }), 'verify');
  t.deepEqual([report.intact, report.problems], [true, []]);
  // What no checkpoint has said cannot be proven any more, unless the rows of what is out stay.
  const unsigned = await log.proveConsistency({ instance: 'log', oldSize: 5001 });
  if (inFiles) refusedAsTrimmed(t, unsigned, 'proveConsistency', /cannot be proven/);
  else succeeded(t, unsigned, 'proveConsistency');
});

test('what was trimmed before the first checkpoint cannot be hashed', async (t) => {
  const log = await openLog(t);
  await filled(t, log, 4100);
  await trimmed(t, log, 4098);
  if (inFiles) succeeded(t, await log.compact(), 'compact');
  const response = await log.checkpoint({ instance: 'log', key: SIGNING_KEY });
  if (inFiles) t.deepEqual(refusedAsTrimmed(t, response, 'checkpoint'), { firstPosition: 4098 });
  else succeeded(t, response, 'checkpoint');
});

test('checkpoints and proofs of what is left go on', async (t) => {
  const log = await openLog(t);
  await filled(t, log, 300);
  const sign = () => checkpointed(t, log, 'log');
  const older = await sign();
  await trimmed(t, log, 280);
  await filled(t, log, 300);
  const newer = await sign();
  t.is(newer.size, 600);
  const grown = await log.proveConsistency({ instance: 'log', oldSize: 300 });
  const proof = succeeded(t, grown, 'proveConsistency');
  await t.notThrowsAsync(async () => verifyConsistency(proof, older, newer));
  const proven = await log.proveInclusion({ instance: 'log', position: 280 });
  const event = await verifyProof(succeeded(t, proven, 'proveInclusion'), newer);
  t.is(event.position, 280);
  const out = await log.proveInclusion({ instance: 'log', position: 279 });
  t.deepEqual(refusedAsTrimmed(t, out, 'proveInclusion'), { firstPosition: 280 });
  const checkpoints = [older, newer].map(({ note }) => ({
    instance: 'log',
    note,
    key: VERIFIER_KEY,
  }));
  t.true(succeeded(t, await log.verify({ checkpoints }), 'verify').intact);
});
