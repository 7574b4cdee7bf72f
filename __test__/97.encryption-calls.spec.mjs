// Calls that are made again, guards, decisions and projections, with events that are encrypted and forgotten.

import test from 'ava';

import { appended, failed, opened, succeeded } from './support/encrypted.mjs';
import { all } from './support/reading.mjs';
import * as responses from './support/response.mjs';

test('a call that is made again is compared with what it has encrypted', async (t) => {
  const { log } = await opened(t);
  const event = {
    instanceId: 'log',
    eventType: 'x',
    payload: { n: 1 },
    encrypt: { subject: 'a' },
    idempotencyKey: 'k',
  };
  const first = appended(t, await log.appendEvent(event));
  const again = succeeded(t, await log.appendEvent(event));
  t.true(again.duplicate);
  t.is(again.event.id, first.id);
  const code = 'IDEMPOTENCY_MISMATCH';
  failed(t, await log.appendEvent({ ...event, payload: { n: 2 } }), code, /payload differs/);
  failed(t, await log.appendEvent({ ...event, encrypt: undefined }), code, /encrypt differs/);
  failed(
    t,
    await log.appendEvent({ ...event, encrypt: { subject: 'b' } }),
    code,
    /encrypt differs/,
  );
  succeeded(t, await log.forgetSubject('a'));
  const { event: shown, duplicate } = succeeded(t, await log.appendEvent(event));
  t.true(duplicate);
  t.deepEqual(shown, { ...first, payload: {}, metadata: {}, forgotten: { subject: 'a' } });

  // Guards look into what is encrypted.
  const guarded = {
    instanceId: 'log',
    eventType: 'y',
    payload: { n: 7 },
    encrypt: { subject: 'b' },
  };
  const failIf = { where: [{ field: 'n', operator: 'eq', value: 7 }] };
  succeeded(t, await log.appendEvent({ ...guarded, failIf }));
  responses.conditionFailed(
    t,
    await log.appendEvent({ ...guarded, failIf }),
    'appendEvent',
    /position 2/,
  );
  succeeded(t, await log.forgetSubject('b'));
  succeeded(t, await log.appendEvent({ ...guarded, failIf }));
});

test('decisions and projections have what is encrypted, and know what was forgotten', async (t) => {
  const { log } = await opened(t);
  const options = {
    instance: 'log',
    stream: 's',
    initial: 0,
    apply: (sum, { payload, forgotten }) => (forgotten ? sum : sum + payload.n),
    decide: (sum) => [{ eventType: 'x', payload: { n: sum + 1 }, encrypt: { subject: `c${sum}` } }],
    idempotencyKey: 'first',
  };
  t.deepEqual((await log.decide(options)).events[0].payload, { n: 1 });
  const again = await log.decide(options);
  t.true(again.duplicate);
  t.deepEqual(again.events[0].payload, { n: 1 });
  const { idempotencyKey: _, ...next } = options;
  t.deepEqual((await log.decide(next)).events[0].payload, { n: 2 });
  t.is((await log.project({ ...options, decide: undefined, idempotencyKey: undefined })).state, 3);
  succeeded(t, await log.forgetSubject('c0'));
  t.is((await log.project({ ...options, decide: undefined, idempotencyKey: undefined })).state, 2);
  const upcasters = { x: [{ from: 1, to: 2, up: ({ n }) => ({ n: n * 10 }) }] };
  const raised = await all(log.typed({ upcasters }).readAll({ instance: 'log' }));
  t.deepEqual(
    raised.map(({ payload }) => payload),
    [{}, { n: 20 }],
  );
});
