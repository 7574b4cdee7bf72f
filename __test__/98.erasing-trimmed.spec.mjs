// Erasing events that were trimmed, and are still in the file; and being rid of those that are not.

import { readFile } from 'node:fs/promises';

import { verifyProof } from '../evidence.mjs';
import { erased, fill, found, instance, ofFirst } from './support/erasing.mjs';
import { VERIFIER_KEY, checkpointed } from './support/evidence.mjs';
import { all } from './support/reading.mjs';
import { failed, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath, testOfFiles } from './support/temporary.mjs';

const trimmedStream = async (t, log, stream, beforeSequence) =>
  succeeded(
    t,
    await log.trimStream({ instance, stream, beforeSequence, force: true }),
    'trimStream',
  );

const counts = ({ events, erasedBefore, absent, dropped }) => [
  events,
  erasedBefore,
  absent,
  dropped,
];

testOfFiles(
  'conditions reach what trims of streams have hidden, and it stays hidden',
  async (t) => {
    const path = await temporaryPath(t);
    const log = await openAt(t, path);
    const secrets = await fill(t, log, 5000);
    await log.compact();
    secrets.push(...(await fill(t, log, 300)));
    await trimmedStream(t, log, 's1', 1001);
    const before = await all(log.readAll({ instance }));
    t.is(before.length, 4300);
    t.true(found(secrets, await readFile(path)) > 10);
    const answer = await erased(t, log, { where: ofFirst });
    t.deepEqual(counts(answer), [2650, 0, 0, 0]);
    t.is(found(secrets, await readFile(path)), 0);
    const after = await all(log.readAll({ instance }));
    t.deepEqual(
      after.map(({ position }) => position),
      before.map(({ position }) => position),
    );
    t.is(after.filter((event) => 'erased' in event).length, 2150);
    t.true(succeeded(t, await log.verify(), 'verify').intact);
    // Nothing is left of them that could be looked for again.
    t.deepEqual(counts(await erased(t, log, { where: ofFirst })), [0, 0, 0, 0]);
  },
);

testOfFiles(
  'positions and fields reach what is trimmed, and what was dropped is gone',
  async (t) => {
    const path = await temporaryPath(t);
    const log = await openAt(t, path);
    const secrets = await fill(t, log, 9000);
    await log.compact();
    succeeded(t, await log.trimEvents({ instance, beforePosition: 4501 }), 'trimEvents');
    await log.compact();
    // The first block is not there any more, and a part of the second one is hidden.
    const stored = async () =>
      succeeded(t, await log.getInstanceStats(instance), 'getInstanceStats').storedBytes;
    const before = await stored();
    const answer = await erased(t, log, { positions: [1, 4096, 4097, 4500] });
    t.deepEqual(counts(answer), [2, 0, 0, 2]);
    // What is out does not count.
    t.is(await stored(), before);
    const others = await erased(t, log, { positions: [4501, 9000] });
    t.deepEqual(counts(others), [2, 0, 0, 0]);
    t.true((await stored()) < before);
    const bytes = await readFile(path);
    t.is(found(secrets.slice(0, 4096), bytes), 0);
    const parts = await erased(t, log, { positions: [4098, 4500, 4502], fields: ['hash'] });
    t.deepEqual(counts(parts), [2, 1, 0, 0]);
    const reached = await erased(t, log, { where: ofFirst, fields: ['name', 'metadata', 'hash'] });
    // Positions from 4,097 on: every second one, without those that were erased above.
    t.deepEqual(counts(reached), [2450, 0, 0, 0]);
    t.is(found(secrets, await readFile(path)), 0);
    const [first] = await all(log.readAll({ instance, limit: 1 }));
    t.is(first.position, 4501);
    t.true(succeeded(t, await log.verify(), 'verify').intact);
    failed(
      t,
      await log.eraseEvents({ instance, positions: [9001], reason: 'r' }),
      'eraseEvents',
      'INVALID_ARGUMENT',
      /the last event, 9000, found 9001/,
    );
  },
);

testOfFiles('what a trim has dropped is in no byte after an erasure of nothing', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  const secrets = await fill(t, log, 4200);
  succeeded(t, await log.trimEvents({ instance, beforePosition: 4200 }), 'trimEvents');
  await log.close();
  const reopened = await openAt(t, path);
  t.deepEqual(counts(await erased(t, reopened, { positions: [1, 2, 3] })), [0, 0, 0, 3]);
  t.is(found(secrets.slice(0, 4096), await readFile(path)), 0);
  t.deepEqual((await reopened.listErasures({ instance })).data.erasures, []);
});

testOfFiles('the tree of what is left holds when its hidden neighbours are erased', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 300);
  const sign = () => checkpointed(t, log, instance);
  const signed = await sign();
  await trimmedStream(t, log, 's0', 51);
  await erased(t, log, { positions: [1, 4, 5] });
  await erased(t, log, { positions: [2, 7, 10], fields: ['payload.name'] });
  await fill(t, log, 10);
  const newer = await sign();
  for (const { size, root } of [signed, newer]) {
    for (const [position, isErased] of [
      [2, true],
      [3, false],
      [5, true],
      [153, false],
    ]) {
      const response = await log.proveInclusion({ instance, position, size });
      const proof = succeeded(t, response, 'proveInclusion');
      const event = await verifyProof(proof, { size, root });
      t.is(event.payload === null, isErased, `${position}`);
    }
  }
  const checkpoints = [signed, newer].map(({ note }) => ({ instance, note, key: VERIFIER_KEY }));
  t.true(succeeded(t, await log.verify({ checkpoints }), 'verify').intact);
});
