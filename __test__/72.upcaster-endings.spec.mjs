// What ends the wait for an upcaster that does not answer, and what is known by then.

import test from 'ava';

import { appended, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';
import { Sold, at, grown } from './support/upcasting.mjs';

/** An upcaster of sales that never answers, and a promise that resolves once it was asked. */
function neverAnswering() {
  let asked;
  const isAsked = new Promise((resolve) => (asked = resolve));
  const never = () => {
    asked();
    return new Promise(() => {});
  };
  return { upcasters: { Sold: [{ from: 1, to: 3, up: never }, Sold[0]] }, isAsked };
}

for (const [method, which] of Object.entries({
  readAll: { instance: 'shop' },
  readStream: { instance: 'shop', stream: 'default' },
})) {
  test(`\`close\` ends the wait of ${method} for an upcaster`, async (t) => {
    const { upcasters, isAsked } = neverAnswering();
    const { log } = await grown(t, { upcasters });
    const reader = log[method](which);
    const step = reader.next();
    await isAsked;
    await log.close();
    await t.throwsAsync(step, { code: 'CLOSED' });
    t.deepEqual(await reader.next(), { done: true, value: undefined });
  });
}

for (const consumer of [undefined, 'c']) {
  const whose = consumer === undefined ? 'a subscription' : 'a consumer';
  test(`\`close\` ends ${whose} that waits for an upcaster`, async (t) => {
    const { upcasters, isAsked } = neverAnswering();
    const { log } = await grown(t, { upcasters });
    const subscription = log.subscribe({ instance: 'shop', consumer });
    const steps = [subscription.next(), subscription.next()];
    await isAsked;
    await log.close();
    // As if there were no more events: those behind it in the page are not given out without it.
    const ended = { done: true, value: undefined };
    t.deepEqual(await Promise.all(steps), [ended, ended]);
    await subscription.untilCaughtUp;
    t.false(subscription.caughtUp);
  });
}

for (const [end, code] of [
  ['`close`', 'CLOSED'],
  ['the signal', 'ABORTED'],
  ['an upcaster that throws', 'INVALID_EVENT'],
]) {
  test(`a subscription whose last event is not given out, because of ${end}, has not caught up`, async (t) => {
    let fail;
    let ask;
    const isAsked = new Promise((resolve) => (ask = resolve));
    const up = () => {
      ask();
      return new Promise((_, reject) => (fail = reject));
    };
    const log = await openLog(t, { upcasters: { Sold: [{ from: 1, to: 2, up }] } });
    const other = log.typed({});
    for (let n = 0; n < 3; n += 1) await appended(t, other, { ...at, eventType: 'Noted' });
    await appended(t, other, { ...at, eventType: 'Sold' });
    const controller = new AbortController();
    const { signal } = controller;
    const subscription = log.subscribe({ instance: 'shop', signal });
    for (let n = 0; n < 3; n += 1) await subscription.next();
    const step = subscription.next();
    await isAsked;
    const behind = async () => {
      const { followers } = succeeded(t, await log.metrics(), 'metrics');
      return followers.behind;
    };
    t.is(await behind(), 1);
    if (code === 'CLOSED') await log.close();
    else if (code === 'ABORTED') controller.abort();
    else fail(new Error('no'));
    if (code === 'CLOSED') t.true((await step).done);
    else await t.throwsAsync(step, { code });
    await subscription.untilCaughtUp;
    t.false(subscription.caughtUp);
  });
}
