// A decision that is called off, or whose log is closed.

import test from 'ava';

import { counter, event, one, opened, rejects, stored } from './support/deciding.mjs';
import { created } from './support/response.mjs';
import { openAt, temporaryPath } from './support/temporary.mjs';

/** An event whose payload calls back while it is written: after that, the call is on its way. */
function calling(call) {
  const toJSON = () => {
    queueMicrotask(call);
    return { by: 1 };
  };
  return { eventType: 'counted', payload: { toJSON } };
}

test('a signal calls off what is not on its way yet', async (t) => {
  const log = await opened(t);
  for (let n = 0; n < 3; n += 1) await log.appendEvent(event);
  const abortedIn = async (make) => {
    const controller = new AbortController();
    const abort = () => controller.abort(new Error('enough'));
    const call = log.decide({ ...counter, ...make(abort), signal: controller.signal });
    const error = await rejects(t, call, 'ABORTED', /enough/);
    t.is(error.cause.message, 'enough');
    t.is((await stored(log)).length, 3);
  };
  const never = () => t.fail('it was decided');
  // Before it looks at anything.
  await abortedIn((abort) => {
    abort();
    return { decide: never, instance: 'none' };
  });
  // While it reads.
  await abortedIn((abort) => ({
    decide: never,
    apply: (state, entry) => {
      if (entry.sequence_number === 2) abort();
      t.true(entry.sequence_number < 3);
      return counter.apply(state, entry);
    },
  }));
  // With nothing left to read.
  await abortedIn((abort) => ({
    decide: never,
    apply: (state, entry) => {
      if (entry.sequence_number === 3) abort();
      return counter.apply(state, entry);
    },
  }));
  for (const empty of [{ stream: 'empty' }, { instance: 'none', autoCreateInstance: true }]) {
    await abortedIn((abort) => ({
      ...empty,
      initial: () => {
        abort();
        return counter.initial;
      },
      decide: never,
    }));
  }
  // While it decides, at once, and where that never ends.
  await abortedIn((abort) => ({
    decide: () => {
      abort();
      return one();
    },
  }));
  await abortedIn((abort) => ({
    decide: () => {
      queueMicrotask(abort);
      return new Promise(() => {});
    },
  }));
  await abortedIn((abort) => ({
    decide: async () => {
      abort();
      throw new Error('too late to be heard');
    },
  }));
  await abortedIn((abort) => ({
    decide: () => {
      abort();
      throw new Error('too late to be heard');
    },
  }));
});

test('a signal ends the tries, and takes nothing back that is on its way', async (t) => {
  const log = await opened(t);
  const controller = new AbortController();
  const { signal } = controller;
  const abort = () => controller.abort();
  let calls = 0;
  const late = async () => {
    calls += 1;
    await log.appendEvent(event);
    return calling(abort);
  };
  await rejects(
    t,
    log.decide({ ...counter, decide: late, signal }),
    'ABORTED',
    /^the decision was /,
  );
  t.is(calls, 1);
  t.is((await stored(log)).length, 1);

  const next = new AbortController();
  const decide = () => calling(() => next.abort());
  const { state } = await log.decide({ ...counter, decide, signal: next.signal });
  t.true(next.signal.aborted);
  t.is(state.count, 2);
  t.is((await stored(log)).length, 2);
});

test('closing the log ends it, but for what is on its way', async (t) => {
  const path = await temporaryPath(t);
  let log = await openAt(t, path);
  await created(t, log, 'log');
  let closing;
  const close = () => (closing = log.close());
  const { state, events } = await log.decide({ ...counter, decide: () => calling(close) });
  t.deepEqual([state.count, events.length], [1, 1]);
  await closing;
  await rejects(t, log.decide({ ...counter, decide: one }), 'CLOSED');

  log = await openAt(t, path);
  const decide = () => {
    close();
    return one();
  };
  await rejects(t, log.decide({ ...counter, decide }), 'CLOSED');
  await closing;
  log = await openAt(t, path);
  t.is((await stored(log)).length, 1);
});

/** Each function of a program that may promise what it returns, and here never keeps that. */
const promising = (begun) => {
  const never = () => {
    begun();
    return new Promise(() => {});
  };
  return {
    initial: { initial: never, stream: 'empty', decide: one },
    apply: { apply: never, decide: one },
    decide: { decide: never },
  };
};

for (const name of ['initial', 'apply', 'decide']) {
  test(`the wait for what ${name} promises is called off, and closed`, async (t) => {
    const log = await opened(t);
    await log.appendEvent(event);
    const waiting = async (more, end, code) => {
      let begun;
      const isBegun = new Promise((resolve) => (begun = resolve));
      const options = { ...counter, ...promising(begun)[name], ...more };
      const calls = [log.decide(options)];
      if (name !== 'decide') {
        const { decide: _, ...projected } = options;
        calls.push(log.project(projected));
      }
      await isBegun;
      end();
      for (const call of calls) await rejects(t, call, code);
    };
    const controller = new AbortController();
    await waiting({ signal: controller.signal }, () => controller.abort(), 'ABORTED');
    await waiting({}, () => log.close(), 'CLOSED');
  });
}

for (const [end, code] of [
  ['the signal', 'ABORTED'],
  ['`close`', 'CLOSED'],
]) {
  test(`${end} ends the wait for what apply never answers on an event that is stored`, async (t) => {
    const path = await temporaryPath(t);
    const log = await openAt(t, path);
    await created(t, log, 'log');
    let begun;
    const isBegun = new Promise((resolve) => (begun = resolve));
    const apply = () => {
      begun();
      return new Promise(() => {});
    };
    const controller = new AbortController();
    const { signal } = controller;
    const call = log.decide({ ...counter, apply, decide: () => [one(), one()], signal });
    await isBegun;
    if (code === 'ABORTED') controller.abort(new Error('enough'));
    else await log.close();
    const pattern =
      /^apply: it had not answered on event 1 of the stream "counter", which is stored/;
    const error = await rejects(t, call, 'APPLY_FAILED', pattern);
    t.is(error.cause.code, code);
    t.is(error.cause.cause?.message, code === 'ABORTED' ? 'enough' : undefined);
    t.deepEqual([error.decision.sequence, error.decision.events.length], [2, 2]);
    t.is((await stored(await openAt(t, path))).length, 2);
  });
}

test('what apply promises of an event that is stored is waited for', async (t) => {
  const log = await opened(t);
  const controller = new AbortController();
  const apply = async (state, entry) => {
    controller.abort();
    log.close();
    await Promise.resolve();
    return counter.apply(state, entry);
  };
  const { signal } = controller;
  const { state } = await log.decide({ ...counter, apply, decide: one, signal });
  t.is(state.count, 1);
});
