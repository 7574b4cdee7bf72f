// Erased events on their way: in checkpoints and proofs, exports and imports, and copies.

import { readFile } from 'node:fs/promises';

import { readProof, verifyCheckpoint, verifyProof, writeProof } from '../evidence.mjs';
import { erased, fill, found, instance, ofFirst } from './support/erasing.mjs';
import { SIGNING_KEY, VERIFIER_KEY, checkpointed } from './support/evidence.mjs';
import { all } from './support/reading.mjs';
import { failed, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath, testOfFiles } from './support/temporary.mjs';

testOfFiles('every checkpoint and every proof holds when events of it are erased', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 600);
  const sign = () => checkpointed(t, log, instance);
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

testOfFiles('what fields were erased of is not proven, and the other text still is', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 300);
  const { note } = succeeded(t, await log.checkpoint({ instance, key: SIGNING_KEY }), 'checkpoint');
  const checkpoint = await verifyCheckpoint(note, VERIFIER_KEY);
  const prove = async (position) =>
    succeeded(t, await log.proveInclusion({ instance, position }), 'proveInclusion');
  const before = await Promise.all([3, 4, 5].map(prove));
  await erased(t, log, { positions: [3, 4], fields: ['payload.name'] });
  await erased(t, log, { positions: [5], fields: ['metadata.by'] });
  const check = async (at, gone, left) => {
    const proof = await prove(before[at].position);
    t.is(proof.event[gone], null);
    t.is(proof.event[left], before[at].event[left]);
    t.deepEqual(proof.salts, { ...before[at].salts, [gone]: null });
    t.is(proof.commitments[left], null);
    const event = await verifyProof(proof, checkpoint);
    t.like(event, { erased: true, [gone]: null, [left]: before[at].event[left] });
    const { root: _, ...written } = proof;
    const read = readProof(writeProof(proof, note));
    t.deepEqual(read, { proof: written, note });
    t.deepEqual(await verifyProof(read.proof, checkpoint), event);
    const { commitments, salts } = proof;
    for (const altered of [
      { ...proof, event: { ...proof.event, [left]: '{}' } },
      { ...proof, salts: { ...salts, [left]: commitments[gone] } },
      { ...proof, salts: null },
      { ...proof, commitments: { ...commitments, [gone]: salts[left] } },
      { ...proof, commitments: { ...commitments, [gone]: null } },
    ]) {
      await t.throwsAsync(verifyProof(altered, checkpoint), { code: 'NOT_PROVEN' });
    }
    // A text that is put in the place of what is gone is not taken for proven.
    const claimed = { ...proof, event: { ...proof.event, [gone]: '{"name":"x"}' } };
    t.is((await verifyProof(claimed, checkpoint))[gone], null);
  };
  await check(0, 'payload', 'metadata');
  await check(2, 'metadata', 'payload');
  // Other fields, and the rest: the same commitments.
  const { commitments } = await prove(4);
  await erased(t, log, { positions: [4], fields: ['payload.hash', 'metadata.by'] });
  const both = await prove(4);
  t.is(both.salts, null);
  t.is(both.commitments.payload, commitments.payload);
  await erased(t, log, { positions: [4] });
  t.deepEqual(await prove(4), both);
  t.like(await verifyProof(both, checkpoint), { payload: null, metadata: null, erased: true });
  const checkpoints = [{ instance, note, key: VERIFIER_KEY }];
  t.true(succeeded(t, await log.verify({ checkpoints }), 'verify').intact);
});

testOfFiles('a tree that is made after fields were erased has what is left', async (t) => {
  const log = await openLog(t);
  await fill(t, log, 3);
  await erased(t, log, { positions: [2], fields: ['payload.name'] });
  const { note } = succeeded(t, await log.checkpoint({ instance, key: SIGNING_KEY }), 'checkpoint');
  const checkpoint = await verifyCheckpoint(note, VERIFIER_KEY);
  const proven = async () => {
    const response = await log.proveInclusion({ instance, position: 2 });
    return verifyProof(succeeded(t, response, 'proveInclusion'), checkpoint);
  };
  const stored = await proven();
  t.is(stored.payload, 'null');
  t.deepEqual(Object.keys(JSON.parse(stored.metadata)[2]), ['n', 'customer', 'hash']);
  await erased(t, log, { positions: [2], fields: ['payload.hash'] });
  t.like(await proven(), { payload: null, metadata: null, erased: true });
  const checkpoints = [{ instance, note, key: VERIFIER_KEY }];
  t.true(succeeded(t, await log.verify({ checkpoints }), 'verify').intact);
});

testOfFiles('fields that are erased are so in exports, imports, backups and copies', async (t) => {
  const log = await openLog(t);
  const secrets = await fill(t, log, 20);
  const names = secrets.filter((_, index) => index % 2 === 0);
  const { note } = succeeded(t, await log.checkpoint({ instance, key: SIGNING_KEY }), 'checkpoint');
  const early = await openLog(t);
  succeeded(t, await log.copyTo(early), 'copyTo');
  await erased(t, log, { where: ofFirst, fields: ['payload.name', 'metadata.by'] });
  await erased(t, log, { positions: [2, 3], fields: ['payload.hash'] });
  const events = await all(log.readAll({ instance }));
  const exported = Buffer.concat(await all(log.exportEvents()));
  t.false(names.some((name) => exported.includes(name)));
  const checkpoints = [{ instance, note, key: VERIFIER_KEY }];
  const check = async (other) => {
    t.deepEqual(await all(other.readAll({ instance })), events);
    const report = succeeded(t, await other.verify({ checkpoints }), 'verify');
    t.true(report.intact, JSON.stringify(report.problems));
    // The salts of what is whole have come along.
    const proof = succeeded(
      t,
      await other.proveInclusion({ instance, position: 2 }),
      'proveInclusion',
    );
    t.is(JSON.parse(proof.event.metadata).by, events[1].metadata.by);
  };
  const other = await openLog(t);
  t.is(succeeded(t, await other.importEvents([exported]), 'importEvents').events, 20);
  succeeded(t, await other.checkpoint({ instance, key: SIGNING_KEY }), 'checkpoint');
  await check(other);
  t.is((await other.importEvents([exported])).data.skippedEvents, 20);
  t.deepEqual(
    Buffer.concat(await all(other.exportEvents()))
      .toString()
      .split('\n')
      .slice(2),
    exported.toString().split('\n').slice(2),
  );

  const path = await temporaryPath(t);
  succeeded(t, await log.backup(path), 'backup');
  t.is(found(names, await readFile(path)), 0);
  await check(await openAt(t, path));

  const late = await openLog(t);
  succeeded(t, await log.copyTo(late), 'copyTo');
  await check(late);
  const listed = async (of) => (await of.listErasures({ instance })).data;
  t.deepEqual(await listed(late), await listed(log));
  failed(t, await log.copyTo(early), 'copyTo', 'IMPORT_CONFLICT', /erased|another one/);
  // The same events, and one field more.
  await erased(t, log, { positions: [2, 3], fields: ['payload.n'] });
  failed(t, await log.copyTo(late), 'copyTo', 'IMPORT_CONFLICT', /erased|another one/);
});

testOfFiles(
  'a line of an event with erased fields that says something else is refused',
  async (t) => {
    const log = await openLog(t);
    await fill(t, log, 2);
    succeeded(t, await log.checkpoint({ instance, key: SIGNING_KEY }), 'checkpoint');
    await erased(t, log, { positions: [1], fields: ['payload.name'] });
    const exported = Buffer.concat(await all(log.exportEvents())).toString();
    for (const [from, to, pattern] of [
      ['"fields":["payload.name"]', '"fields":[]', /erased\.fields: expected .*, found none/],
      ['"fields":["payload.name"]', '"fields":["id"]', /erased\.fields\[0\]: expected a field of/],
      ['"fields":["payload.name"],', '', /payload: expected \{\}, found something else/],
      ['"salts":[null,', '"salts":["x",', /erased\.salts: expected two texts/],
      [/,"salts":\[null,"[^"]*"\]/, '', /erased\.commitments: expected a commitment or a salt/],
      ['"commitments":["', '"commitments":["x', /commitments: expected two texts/],
    ]) {
      const altered = exported.replace(from, to);
      t.not(altered, exported);
      const refused = await (await openLog(t)).importEvents([altered]);
      failed(t, refused, 'importEvents', 'INVALID_ARGUMENT', pattern);
    }
  },
);

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
