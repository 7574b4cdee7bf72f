// Projections that are refused or called off, or whose instance goes.

import test from 'ava';

import { fill } from './support/reading.mjs';
import { appended, created, failed, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';
import { rejects } from './support/deciding.mjs';
import { counting, deleted, initial } from './support/projecting.mjs';

test('an instance that is deleted and made anew in between is noticed', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 5);
  const { apply } = counting();
  const options = { instance: 'log', initial, apply, name: 'sum', snapshotEvery: 1 };
  await log.project(options);
  await fill(log, 'log', 1, { first: 5 });
  const replaced = log.project({
    ...options,
    apply: async (state, event) => {
      succeeded(t, await log.deleteInstance('log'), 'deleteInstance');
      await fill(log, 'log', 40);
      return apply(state, event);
    },
  });
  await rejects(t, replaced, 'INSTANCE_NOT_FOUND');
  t.is(await deleted(t, log), 0);
});

test('what is not understood is refused', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'log');
  await appended(t, log, { instanceId: 'log', eventType: 'made' });
  const { apply } = counting();
  const good = { instance: 'log', initial, apply };
  for (const [options, code, pattern] of [
    [undefined, 'INVALID_ARGUMENT', /^options: expected an object, found nothing$/],
    [{ ...good, more: 1 }, 'INVALID_ARGUMENT', /^options: unknown option "more"/],
    [{ instance: 'log', initial }, 'INVALID_ARGUMENT', /^apply: .* found nothing$/],
    [{ ...good, instance: undefined }, 'INVALID_ARGUMENT', /^instance: .* found nothing$/],
    [{ ...good, instance: 'other' }, 'INSTANCE_NOT_FOUND', /"other"/],
    [{ ...good, initial: { f() {} } }, 'INVALID_ARGUMENT', /^initial: /],
    [{ ...good, snapshotEvery: 5 }, 'INVALID_ARGUMENT', /^name: .* with snapshotEvery/],
    [{ ...good, version: 5 }, 'INVALID_ARGUMENT', /^name: .* with version/],
    [{ ...good, name: 'n', version: {} }, 'INVALID_ARGUMENT', /^version: .* another object$/],
    [{ ...good, name: 'n', snapshotEvery: 0 }, 'INVALID_ARGUMENT', /^snapshotEvery: .* found 0$/],
    [{ ...good, name: '' }, 'INVALID_ARGUMENT', /^name: expected a string that is not empty/],
    [{ ...good, name: 'a\0b' }, 'INVALID_ARGUMENT', /^name: expected a name without U\+0000/],
    [
      { ...good, name: 'é'.repeat(129) },
      'LIMIT_EXCEEDED',
      /^name: .* 256 bytes of UTF-8, found 258$/,
    ],
    [{ ...good, where: [{ field: 'x' }] }, 'INVALID_ARGUMENT', /^where\[0\]/],
    [{ ...good, where: [1n] }, 'INVALID_ARGUMENT', /./],
    [{ ...good, stream: 7 }, 'INVALID_ARGUMENT', /^stream: .* found 7$/],
    [{ ...good, signal: 1 }, 'INVALID_ARGUMENT', /^signal: expected an AbortSignal/],
    [{ ...good, signal: AbortSignal.abort() }, 'ABORTED', /./],
  ]) {
    await rejects(t, log.project(options), code, pattern);
  }
  failed(t, await log.deleteSnapshots({}), 'deleteSnapshots', 'INVALID_ARGUMENT', /^instance: /);
  await log.close();
  await rejects(t, log.project(good), 'CLOSED');
});

test('a signal calls a run off between its events', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 20_000);
  const caller = new AbortController();
  const { apply, calls } = counting();
  const aborted = log.project({
    instance: 'log',
    initial,
    signal: caller.signal,
    apply: (state, event) => {
      if (event.position === 7000) caller.abort();
      return apply(state, event);
    },
  });
  await rejects(t, aborted, 'ABORTED');
  t.is(calls.count, 7000);
});
