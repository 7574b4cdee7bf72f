// Copies that follow the log that they are of, until a signal or the end of either.

import test from 'ava';

import { EventLog } from '../index.mjs';
import { append, filled, shown } from './support/copying.mjs';
import { handle } from './support/parking.mjs';
import { all } from './support/reading.mjs';
import { failed, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

function deferred() {
  const made = {};
  made.promise = new Promise((resolve) => (made.resolve = resolve));
  return made;
}

test('a copy follows: what is appended, renamed, deleted and made anew', async (t) => {
  const source = await openLog(t);
  await filled(t, source);
  const target = await openLog(t);
  const end = new AbortController();
  const reports = [];
  let heard = () => {};
  const onProgress = (progress) => {
    reports.push(progress);
    heard();
  };
  /** Waits until the other log shows what `is` asks for. */
  const until = async (is) => {
    for (;;) {
      const next = new Promise((resolve) => (heard = resolve));
      if (await is()) return;
      await next;
    }
  };
  const copying = source.copyTo(target, { follow: true, until: end.signal, onProgress });
  await until(() => reports.some(({ done, total }) => done === total && done === 44));
  await append(source, 'log', 7, 200);
  await until(async () => (await target.strict.getInstanceStats('log')).eventCount === 48);
  await source.strict.updateInstance('described', { name: 'between' });
  await source.strict.updateInstance('other', { name: 'described' });
  await source.strict.updateInstance('between', { name: 'swapped' });
  await source.strict.deleteInstance('log');
  await append(source, 'log', 2, 300);
  await until(async () => (await target.getInstanceStats('log')).data?.eventCount === 2);
  await handle(source, 1, [1]);
  await append(source, 'last', 1);
  end.abort();
  const { instances } = succeeded(t, await copying, 'copyTo');
  t.is(instances, 5);
  t.deepEqual(await shown(t, target), await shown(t, source));
});

test('what somebody else appends to the copy ends one that follows', async (t) => {
  const source = await openLog(t);
  await append(source, 'log', 1);
  const target = await openLog(t);
  const caughtUp = deferred();
  const onProgress = ({ done }) => done === 1 && caughtUp.resolve();
  const copying = source.copyTo(target, { follow: true, onProgress });
  await caughtUp.promise;
  await append(target, 'log', 1, 7);
  await append(source, 'log', 1, 2);
  failed(t, await copying, 'copyTo', 'IMPORT_CONFLICT', /instance "log": /);
  const last = (await all(target.readAll({ instance: 'log' }))).at(-1);
  t.is(last.payload.n, 7);
});

test('a signal, and the closing of either log, end a copy that follows', async (t) => {
  for (const [code, end] of [
    ['ABORTED', ({ controller }) => controller.abort('enough')],
    ['CLOSED', ({ from }) => from.close()],
    ['CLOSED', ({ to }) => to.close()],
  ]) {
    const from = await EventLog.open(':memory:');
    const to = await EventLog.open(':memory:');
    await append(from, 'log', 1);
    const controller = new AbortController();
    const caughtUp = deferred();
    const onProgress = ({ done }) => done === 1 && caughtUp.resolve();
    const { signal } = controller;
    const copying = from.copyTo(to, { follow: true, signal, onProgress });
    await caughtUp.promise;
    await end({ controller, from, to });
    failed(t, await copying, 'copyTo', code);
    await Promise.all([from.close(), to.close()]);
  }
});
