// A decision that is asked for again, by its idempotency key.

import test from 'ava';

import { counter, event, one, opened, rejects, stored } from './support/deciding.mjs';
import { created, eventsOf, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';
import { exportText, imported } from './support/transfer.mjs';

/** Has each of `count` callers wait until all have come. */
function meeting(count) {
  let open;
  const met = new Promise((resolve) => (open = resolve));
  let come = 0;
  return () => {
    come += 1;
    if (come === count) open();
    return met;
  };
}

test('a call that is made again is answered with what was stored, and decides nothing', async (t) => {
  const path = await temporaryPath(t);
  let log = await openAt(t, path);
  await created(t, log, 'log');
  const keyed = { ...counter, idempotencyKey: 'request 1' };
  const decide = () => [one(), { eventType: 'named', payload: { name: 'x' }, metadata: [1] }];
  const first = await log.decide({ ...keyed, decide });
  t.false('duplicate' in first);
  await log.appendEvent(event);
  const never = { ...keyed, decide: () => t.fail('it was decided again') };
  const again = {
    events: first.events,
    attempts: 0,
    duplicate: true,
    state: { count: 2, types: ['counted', 'named', 'counted'], last: 3 },
    position: 3,
    sequence: 3,
  };
  t.deepEqual(await log.decide(never), again);
  // From the tables, where a change of an instance puts what there is.
  await log.createInstance('other');
  t.deepEqual(await log.decide(never), again);
  await log.close();
  log = await openAt(t, path);
  t.deepEqual(await log.decide(never), again);
  const reader = await openAt(t, path, { readOnly: true });
  t.deepEqual(await reader.decide(never), again);
  // With the name that the instance gets.
  await log.updateInstance('log', { name: 'renamed' });
  t.deepEqual(await log.decide({ ...never, instance: 'renamed' }), again);
  t.is((await eventsOf(t, log, 'renamed')).length, 3);
});

test('of two calls with one key, what the first one has stored is what both have decided', async (t) => {
  const log = await opened(t);
  const met = meeting(2);
  const deciding = (by) =>
    log.decide({
      ...counter,
      idempotencyKey: 'request 1',
      decide: async () => {
        await met();
        return new Array(by).fill({ eventType: 'counted', payload: { by } });
      },
    });
  const decisions = await Promise.all([deciding(1), deciding(2)]);
  const events = await stored(log);
  t.true([1, 2].includes(events.length));
  for (const decision of decisions) {
    t.deepEqual(decision.events, events);
    t.deepEqual([decision.attempts, decision.sequence], [1, events.length]);
    t.is(decision.state.count, events.length ** 2);
  }
  t.is(decisions.filter(({ duplicate }) => duplicate).length, 1);
});

test('a key is that of one call, of appendEvents as well', async (t) => {
  const log = await opened(t);
  const batch = { instanceId: 'log', idempotencyKey: 'batch', events: [event, event] };
  const { instanceId, ...appended } = event;
  t.is(instanceId, 'log');
  batch.events = [appended, appended];
  const { events } = succeeded(t, await log.appendEvents(batch), 'appendEvents');
  const never = { ...counter, decide: () => t.fail('it was decided') };
  const same = await log.decide({ ...never, idempotencyKey: 'batch' });
  t.deepEqual(
    same.events,
    events.map((entry, at) => ({ ...entry, position: at + 1 })),
  );
  const elsewhere = { ...never, stream: 'other', idempotencyKey: 'batch' };
  const pattern = /^idempotencyKey: .*"batch".*in the stream "counter"/;
  await rejects(t, log.decide(elsewhere), 'IDEMPOTENCY_MISMATCH', pattern);
  // And if that is found only when it is stored.
  const late = async () => {
    await log.appendEvent({ ...event, idempotencyKey: 'late' });
    return one();
  };
  const call = log.decide({ ...counter, stream: 'other', idempotencyKey: 'late', decide: late });
  await rejects(t, call, 'IDEMPOTENCY_MISMATCH', /"late".*in the stream "counter"/);
  t.is((await eventsOf(t, log, 'log')).length, 3);
  // The other way round.
  await log.decide({ ...counter, idempotencyKey: 'decided', decide: one });
  const response = await log.appendEvent({ ...event, idempotencyKey: 'decided' });
  t.true(succeeded(t, response, 'appendEvent').duplicate);
});

test('a call that has stored nothing is not known again', async (t) => {
  const log = await opened(t);
  const keyed = { ...counter, idempotencyKey: 'request 1' };
  t.is((await log.decide({ ...keyed, decide: () => null })).attempts, 1);
  const thrown = new Error('refused');
  const refuse = () => Promise.reject(thrown);
  t.is(await t.throwsAsync(log.decide({ ...keyed, decide: refuse })), thrown);
  const { events, duplicate } = await log.decide({ ...keyed, decide: one });
  t.deepEqual([events.length, duplicate], [1, undefined]);
});

test('a copy knows a call by its key, unless it has only a part of it', async (t) => {
  const log = await opened(t);
  const keyed = { ...counter, idempotencyKey: 'request 1' };
  const { events } = await log.decide({ ...keyed, decide: () => [one(), one(), one()] });
  const lines = await exportText(log);
  const never = { ...keyed, decide: () => t.fail('it was decided again') };
  const copy = await openLog(t);
  await imported(t, copy, [lines]);
  const again = await copy.decide(never);
  t.deepEqual([again.events, again.duplicate], [events, true]);

  const cut = await openLog(t);
  const begun = lines.split('\n').slice(0, 4).join('\n');
  await imported(t, cut, [`${begun}\n{"end":{"instances":1,"events":2}}\n`]);
  const pattern = /3 events of which the log has only 2: /;
  await rejects(t, cut.decide(never), 'IDEMPOTENCY_MISMATCH', pattern);
  t.is((await stored(cut)).length, 2);
});
