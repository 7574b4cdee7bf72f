// Proofs for agents, verified against notes that they were given.

import test from 'ava';
import {
  generateKeys,
  verifyCheckpoint,
  verifyConsistency,
  verifyProof,
} from 'codebolt-eventlog/evidence';
import { connect, usual } from './support/clients.js';
import { openOrders, orders } from './support/logs.js';

/** A log with two checkpoints of it, and an agent. */
async function signedOrders(t, parameters) {
  const { path, log } = await openOrders(t, orders(10));
  const { signingKey: key, verifierKey } = await generateKeys('example.com/shop');
  const sign = async () => (await log.checkpoint({ instance: 'orders', key })).data.note;
  const oldNote = await sign();
  await log.appendEvents({ instanceId: 'orders', events: orders(5) });
  const newNote = await sign();
  const { call } = await connect(t, usual, path, parameters);
  const text = async (name, given) => {
    const { isError, content } = await call(name, given);
    return `${isError ? '' : 'ok: '}${content[0].text}`;
  };
  return { log, call, text, oldNote, newNote, verifierKey };
}

test('an event is proven, against a note or for somebody else', async (t) => {
  const { log, call, oldNote, newNote, verifierKey } = await signedOrders(t);
  const events = (await log.queryEvents({ from: { instance: 'orders' } })).data.result.events;
  const [, , , { id, stream_id: streamId, sequence_number: sequenceNumber }] = events;
  for (const which of [{ position: 4 }, { eventId: id }, { streamId, sequenceNumber }]) {
    const given = { instanceId: 'orders', ...which, note: oldNote.trim(), verifierKey };
    const { isError, content, structuredContent } = await call('eventlog_prove_event', given);
    t.is(isError, undefined, content[0].text);
    const { origin, size } = await verifyCheckpoint(oldNote, verifierKey);
    const said = `Event ${id} is event 4 of 10 in the tree, as the checkpoint "${origin}" says`;
    t.is(content[0].text, said);
    t.like(structuredContent, { origin, proof: { position: 4, size, event: { id } } });
    t.true(content[1].text.includes(JSON.stringify(structuredContent.proof)));
  }
  const given = { instance_id: 'orders', position: 12 };
  const { structuredContent } = await call('eventlog_prove_event', given);
  t.false('origin' in structuredContent);
  const newer = await verifyCheckpoint(newNote, verifierKey);
  t.is((await verifyProof(structuredContent.proof, newer)).id, events[11].id);
  const smaller = await call('eventlog_prove_event', { ...given, position: 2, size: 10 });
  t.is(smaller.structuredContent.proof.size, 10);
});

test('one checkpoint is proven to continue the other', async (t) => {
  const { call, text, oldNote, newNote, verifierKey } = await signedOrders(t);
  const notes = { instanceId: 'orders', oldNote, newNote, verifierKey };
  t.regex(
    await text('eventlog_prove_consistency', notes),
    /^ok: The tree of 15 event\(s\) begins with that of 10, as the checkpoint "example\.com\/shop\//,
  );
  const sizes = { instanceId: 'orders', oldSize: 10 };
  const { proof } = (await call('eventlog_prove_consistency', sizes)).structuredContent;
  const [older, newer] = await Promise.all(
    [oldNote, newNote].map((note) => verifyCheckpoint(note, verifierKey)),
  );
  await t.notThrowsAsync(async () => verifyConsistency(proof, older, newer));
});

test('what is not proven is no answer, and says why', async (t) => {
  const { log, text, oldNote, newNote, verifierKey } = await signedOrders(t);
  const { signingKey: key, verifierKey: other } = await generateKeys('example.com/shop');
  await log.createInstance('second');
  await log.appendEvents({ instanceId: 'second', events: orders(12) });
  const { note } = (await log.checkpoint({ instance: 'second', key })).data;
  const event = { instanceId: 'orders', position: 4, note: oldNote, verifierKey };
  const trees = { instanceId: 'orders', oldNote, newNote, verifierKey };
  const sizes = { instanceId: 'orders', oldSize: 1 };
  for (const [tool, given, pattern] of [
    ['event', { ...event, verifierKey: other }, /note: expected a signature of .*\(NOT_PROVEN\)$/],
    ['event', { ...event, note, verifierKey: other }, /root.*\(NOT_PROVEN\)$/],
    ['event', { ...event, note: oldNote.replace('\n10\n', '\n9\n') }, /\(NOT_PROVEN\)$/],
    ['event', { ...event, note: 'x' }, /note: expected a text, .*\(NOT_PROVEN\)$/],
    ['event', { ...event, verifierKey: 'x' }, /verifierKey: expected .*\(INVALID_ARGUMENT\)$/],
    ['event', { ...event, verifierKey: undefined }, /verifierKey: expected .*note is verified/],
    ['event', { ...event, size: 10 }, /size: expected it without a note/],
    ['event', { ...event, position: 11 }, /position from 1 to 10, found 11 \(INVALID_ARGUMENT\)$/],
    ['event', { ...event, eventId: 'x' }, /expected one of eventId, position, and streamId/],
    ['event', { ...event, position: undefined }, /expected one of eventId, position/],
    ['event', { ...event, instanceId: 'order' }, /did you mean "orders"\? \(INSTANCE_NOT_FOUND\)$/],
    ['consistency', { ...trees, oldNote: newNote, newNote: oldNote }, /\(INVALID_ARGUMENT\)$/],
    ['consistency', { ...trees, newNote: note }, /newNote: expected a signature .*\(NOT_PROVEN\)$/],
    ['consistency', { ...trees, newNote: undefined }, /oldNote and newNote together/],
    ['consistency', { ...trees, oldSize: 10 }, /sizes or notes/],
    ['consistency', { ...sizes, newSize: 99 }, /newSize: expected at most .*, found 99/],
    ['consistency', { instanceId: 'orders' }, /oldSize: expected .* found nothing/],
  ]) {
    const found = await text(`eventlog_prove_${tool}`, given);
    t.regex(found, pattern);
    t.true(found.startsWith('Error: '), found);
  }
});

test('a proof that is longer than an answer is refused', async (t) => {
  const { log, text } = await signedOrders(t, ['--max-characters', '1200']);
  const payload = { text: 'x'.repeat(2000) };
  await log.appendEvent({ instanceId: 'orders', eventType: 'long', payload });
  const { signingKey: key } = await generateKeys('example.com/shop');
  await log.checkpoint({ instance: 'orders', key });
  const found = await text('eventlog_prove_event', { instanceId: 'orders', position: 16 });
  t.regex(found, /expected a proof of at most 1200 characters, found \d+: .*\(LIMIT_EXCEEDED\)$/);
  t.regex(await text('eventlog_prove_event', { instanceId: 'orders', position: 1 }), /^ok: /);
});
