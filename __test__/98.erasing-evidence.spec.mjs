// Erased events on their way: in checkpoints and proofs, exports and imports, and copies.

import { readProof, verifyCheckpoint, verifyProof, writeProof } from '../evidence.mjs';
import { erased, fill, found, instance, ofFirst } from './support/erasing.mjs';
import { SIGNING_KEY, VERIFIER_KEY } from './support/evidence.mjs';
import { all } from './support/reading.mjs';
import { failed, succeeded } from './support/response.mjs';
import { openLog, testOfFiles } from './support/temporary.mjs';

testOfFiles('every checkpoint and every proof holds when events of it are erased', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 600);
  const sign = async () => {
    const { note } = succeeded(
      t,
      await log.checkpoint({ instance, key: SIGNING_KEY }),
      'checkpoint',
    );
    return { note, ...(await verifyCheckpoint(note, VERIFIER_KEY)) };
  };
  const prove = async (position, size) =>
    succeeded(t, await log.proveInclusion({ instance, position, size }), 'proveInclusion');
  const older = await sign();
  await fill(t, log, 50);
  const before = await prove(3, older.size);
  await erased(t, log, { positions: [3, 601, 602] });
  await fill(t, log, 50);
  const newer = await sign();
  for (const { note, size, root } of [older, newer]) {
    const proof = await prove(3, size);
    t.deepEqual([proof.event.payload, proof.event.metadata, proof.salts], [null, null, null]);
    const event = await verifyProof(proof, { size, root });
    t.like(event, {
      position: 3,
      id: before.event.id,
      payload: null,
      metadata: null,
      erased: true,
    });
    const read = readProof(writeProof(proof, note));
    const { root: _, ...written } = proof;
    t.deepEqual(read, { proof: written, note });
    t.deepEqual(await verifyProof(read.proof, { size, root }), event);
    for (const altered of [
      { ...proof, commitments: { ...proof.commitments, payload: proof.commitments.metadata } },
      { ...proof, event: { ...proof.event, event_type: 'other' } },
      { ...proof, commitments: undefined },
    ]) {
      await t.throwsAsync(verifyProof(altered, { size, root }));
    }
    const neighbour = await verifyProof(await prove(4, size), { size, root });
    t.is(JSON.parse(neighbour.payload).n, 3);
  }
  // What was proven before is what it was.
  t.is((await verifyProof(before, older)).payload, before.event.payload);
  const checkpoints = [older, newer].map(({ note }) => ({ instance, note, key: VERIFIER_KEY }));
  const report = succeeded(t, await log.verify({ checkpoints }), 'verify');
  t.deepEqual([report.intact, report.problems], [true, []]);
});

testOfFiles(
  'a tree that is made of an instance with erased events has them as they are',
  async (t) => {
    const log = await openLog(t);
    await fill(t, log, 5);
    await erased(t, log, { positions: [3] });
    const { note } = succeeded(
      t,
      await log.checkpoint({ instance, key: SIGNING_KEY }),
      'checkpoint',
    );
    const proof = succeeded(
      t,
      await log.proveInclusion({ instance, position: 3 }),
      'proveInclusion',
    );
    const event = await verifyProof(proof, await verifyCheckpoint(note, VERIFIER_KEY));
    t.deepEqual([event.position, event.payload], [3, 'null']);
  },
);

testOfFiles('exports and imports keep that events are erased, and their checkpoints', async (t) => {
  const log = await openLog(t);
  const secrets = await fill(t, log, 20);
  const { note } = succeeded(t, await log.checkpoint({ instance, key: SIGNING_KEY }), 'checkpoint');
  await erased(t, log, { where: ofFirst });
  const exported = Buffer.concat(await all(log.exportEvents()));
  t.is(found(secrets, exported), 0);
  const other = await openLog(t);
  const imported = succeeded(t, await other.importEvents([exported]), 'importEvents');
  t.is(imported.events, 20);
  t.deepEqual(await all(other.readAll({ instance })), await all(log.readAll({ instance })));
  t.is((await other.importEvents([exported])).data.skippedEvents, 20);
  succeeded(t, await other.checkpoint({ instance, key: SIGNING_KEY }), 'checkpoint');
  const checkpoints = [{ instance, note, key: VERIFIER_KEY }];
  t.true(succeeded(t, await other.verify({ checkpoints }), 'verify').intact);
  // The log that has the events still does not take them for erased ones.
  const third = await openLog(t);
  await fill(t, third, 20);
  failed(t, await third.importEvents([exported]), 'importEvents', 'IMPORT_CONFLICT');
  for (const [from, to, pattern] of [
    ['"payload":{}', '"payload":{"a":1}', /payload: expected \{\}, found something else/],
    ['"reason":"', '"raison":"', /raison/],
    ['"commitments":["', '"commitments":["x', /commitments: expected two texts/],
  ]) {
    const altered = exported.toString().replace(from, to);
    const empty = await openLog(t);
    const refused = await empty.importEvents([Buffer.from(altered)]);
    failed(t, refused, 'importEvents', 'INVALID_ARGUMENT', pattern);
  }
});

testOfFiles(
  'a copy is one of what is left, and what was copied before is not gone on with',
  async (t) => {
    const log = await openLog(t);
    await fill(t, log, 20);
    succeeded(t, await log.checkpoint({ instance, key: SIGNING_KEY }), 'checkpoint');
    const early = await openLog(t);
    succeeded(t, await log.copyTo(early), 'copyTo');
    await erased(t, log, { positions: [2, 19] });
    await fill(t, log, 1);
    const late = await openLog(t);
    succeeded(t, await log.copyTo(late), 'copyTo');
    t.deepEqual(await all(late.readAll({ instance })), await all(log.readAll({ instance })));
    t.deepEqual(
      (await late.listErasures({ instance })).data,
      (await log.listErasures({ instance })).data,
    );
    succeeded(t, await log.copyTo(late), 'copyTo');
    failed(t, await log.copyTo(early), 'copyTo', 'IMPORT_CONFLICT', /erased|another one/);
    succeeded(t, await early.deleteInstance(instance), 'deleteInstance');
    succeeded(t, await log.copyTo(early), 'copyTo');
  },
);
