// An instance that nobody has made yet: who makes it, who takes the one that is there, and who waits for it.

import { join } from 'node:path';

import test from 'ava';

import { EventLog } from '../index.mjs';
import { addon, runForJson } from './support/child.mjs';
import { appended, created, failed, queried, succeeded } from './support/response.mjs';
import { all } from './support/reading.mjs';
import { openAt, openLog, temporaryFolder, temporaryPath } from './support/temporary.mjs';

const event = { instanceId: 'orders', eventType: 'made' };
const events = [{ eventType: 'made' }];

/** What appends answer that name an instance nobody has made, without a flag and with either. */
async function codes(log) {
  const answers = [
    log.appendEvent({ ...event, instanceId: 'a' }),
    log.appendEvent({ ...event, instanceId: 'b', autoCreateInstance: true }),
    log.appendEvent({ ...event, instanceId: 'c', autoCreateInstance: false }),
    log.appendEvents({ instanceId: 'd', events }),
    log.appendEvents({ instanceId: 'e', events, autoCreateInstance: true }),
    log.appendEvents({ instanceId: 'f', events, autoCreateInstance: false }),
  ];
  return (await Promise.all(answers)).map(({ code }) => code ?? 'stored');
}

const NEVER = 'INSTANCE_NOT_FOUND';
const WITHOUT = [NEVER, 'stored', NEVER, NEVER, 'stored', NEVER];
const WITH = ['stored', 'stored', NEVER, 'stored', 'stored', NEVER];

test('a log that was opened by name makes instances only where it or the call says so', async (t) => {
  t.deepEqual(await codes(await openLog(t)), WITHOUT);
  t.deepEqual(await codes(await openLog(t, { autoCreateInstances: false })), WITHOUT);
  t.deepEqual(await codes(await openLog(t, { autoCreateInstances: true })), WITH);
});

test('each log of a file goes by its own option', async (t) => {
  const path = await temporaryPath(t);
  const making = await openAt(t, path, { autoCreateInstances: true });
  const plain = await openAt(t, path);
  failed(t, await plain.appendEvent(event), 'appendEvent', NEVER);
  await appended(t, making, event);
  await appended(t, plain, event);
});

const PROGRAM = `
  import { EventLog, eventLog } from '${addon}';
  const events = [{ eventType: 'made' }];
  const event = { eventType: 'made' };
  ${codes}
  const log = await EventLog.open('named.redb');
  console.log(JSON.stringify([await codes(eventLog), await codes(log)]));
`;

for (const [value, ofDefault, ofNamed] of [
  [undefined, WITH, WITHOUT],
  ['', WITH, WITHOUT],
  ['1', WITH, WITH],
  ['true', WITH, WITH],
  ['0', WITHOUT, WITHOUT],
  ['false', WITHOUT, WITHOUT],
]) {
  test(`appends to the default log make instances; the environment says otherwise by ${value}`, async (t) => {
    const cwd = await temporaryFolder(t);
    const env = value === undefined ? {} : { CODEBOLT_EVENTLOG_AUTO_CREATE: value };
    t.deepEqual(await runForJson(t, PROGRAM, { cwd, env }), [ofDefault, ofNamed]);
  });
}

test('an option goes before the environment, and what that cannot mean is refused', async (t) => {
  const cwd = await temporaryFolder(t);
  const source = `
    import { EventLog, eventLog } from '${addon}';
    const log = await EventLog.open('named.redb', { autoCreateInstances: false });
    const { code } = await log.appendEvent({ instanceId: 'orders', eventType: 'made' });
    process.env.CODEBOLT_EVENTLOG_AUTO_CREATE = 'perhaps';
    const answer = await eventLog.listInstances();
    const opening = await EventLog.open('other.redb').catch(({ code, message }) => [code, message]);
    console.log(JSON.stringify({ code, answer, opening }));
  `;
  const env = { CODEBOLT_EVENTLOG_AUTO_CREATE: '1' };
  const { code, answer, opening } = await runForJson(t, source, { cwd, env });
  t.is(code, NEVER);
  const pattern = /^CODEBOLT_EVENTLOG_AUTO_CREATE: expected 1 or 0, found "perhaps"$/;
  failed(t, answer, 'listInstances', 'INVALID_ARGUMENT', pattern);
  t.is(opening[0], 'INVALID_ARGUMENT');
  t.regex(opening[1], pattern);
});

test('methods that read, change or delete an instance make none', async (t) => {
  const log = await openLog(t, { autoCreateInstances: true });
  for (const [method, args] of Object.entries({
    getInstance: ['orders'],
    getInstanceStats: ['orders'],
    updateInstance: ['orders', { name: 'new' }],
    deleteInstance: ['orders'],
    queryEvents: [{ from: { instance: 'orders' } }],
    listStreams: [{ instance: 'orders' }],
    listConsumers: [{ instance: 'orders' }],
  })) {
    failed(t, await log[method](...args), method, NEVER);
  }
  await t.throwsAsync(all(log.readAll({ instance: 'orders' })), { code: NEVER });
  t.deepEqual((await log.listInstances()).data.instances, []);
});

test('an append that is refused makes no instance', async (t) => {
  const log = await openLog(t, { autoCreateInstances: true });
  await log.appendEvent({ ...event, payload: 'text' });
  await log.appendEvent({ ...event, expectedSequence: 1 });
  t.deepEqual((await log.listInstances()).data.instances, []);
});

test('createInstance gives the instance that is there, if it is asked to', async (t) => {
  const log = await openLog(t);
  const get = { ifExists: 'get' };
  const made = succeeded(t, await log.createInstance('orders', 'text', get), 'createInstance');
  t.is(made.instance.description, 'text');
  for (const name of ['orders', made.instance.id]) {
    const found = await log.createInstance(name, 'another text', get);
    t.deepEqual(succeeded(t, found, 'createInstance'), made);
  }
  for (const options of [undefined, null, {}, { ifExists: undefined }, { ifExists: 'fail' }]) {
    const response = await log.createInstance('orders', undefined, options);
    failed(t, response, 'createInstance', 'INSTANCE_EXISTS');
  }
  t.is((await log.listInstances()).data.instances.length, 1);
});

test('many that make the same instance at once get the same one', async (t) => {
  const log = await openLog(t);
  const calls = Array.from({ length: 20 }, () =>
    log.createInstance('a', null, { ifExists: 'get' }),
  );
  const ids = (await Promise.all(calls)).map(({ data }) => data.instance.id);
  t.is(new Set(ids).size, 1);
});

test('what else is to happen is refused', async (t) => {
  const log = await openLog(t);
  for (const [options, pattern] of [
    [{ ifExists: 'replace' }, /^options\.ifExists: expected "fail" or "get", found "replace"/],
    [{ ifExists: true }, /^options\.ifExists: expected/],
    [{ ifexists: 'get' }, /^options\.ifexists: unknown key.*did you mean ifExists/],
    ['get', /^options: expected an object/],
  ]) {
    const response = await log.createInstance('orders', 'text', options);
    failed(t, response, 'createInstance', 'INVALID_ARGUMENT', pattern);
  }
});

/** Appends once somebody else has begun to wait: it is waited for by whoever asks for events. */
async function makeLater(log) {
  await log.createInstance('other');
  await log.appendEvent({ ...event, payload: { n: 1 }, autoCreateInstance: true });
}

for (const [name, more] of Object.entries({ subscription: {}, consumer: { consumer: 'c' } })) {
  test(`a ${name} waits for its instance`, async (t) => {
    const log = await openLog(t);
    const following = log.subscribe({ instance: 'orders', awaitInstance: true, ...more });
    const first = following.next();
    await makeLater(log);
    t.is((await first).value.payload.n, 1);
    await appended(t, log, { ...event, payload: { n: 2 } });
    t.is((await following.next()).value.payload.n, 2);
    await following.return();
  });

  test(`a ${name} without that fails, or where the instance is there begins`, async (t) => {
    const log = await openLog(t);
    for (const awaitInstance of [undefined, null, false]) {
      const following = log.subscribe({ instance: 'orders', awaitInstance, ...more });
      await t.throwsAsync(following.next(), { code: NEVER });
    }
    await appended(t, log, { ...event, autoCreateInstance: true });
    const following = log.subscribe({ instance: 'orders', awaitInstance: true, ...more });
    t.is((await following.next()).value.event_type, 'made');
    await following.return();
  });

  test(`the wait of a ${name} is called off, ended, and closed`, async (t) => {
    const log = await openLog(t);
    const controller = new AbortController();
    const options = { instance: 'orders', awaitInstance: true, ...more };
    const aborted = log.subscribe({ ...options, signal: controller.signal }).next();
    const left = log.subscribe(options);
    const [leaving, closing] = [left.next(), log.subscribe(options).next()];
    await log.createInstance('other');
    controller.abort();
    await t.throwsAsync(aborted, { code: 'ABORTED' });
    await left.return();
    t.true((await leaving).done);
    await log.close();
    t.true((await closing).done);
    await t.throwsAsync(log.subscribe(options).next(), { code: 'CLOSED' });
  });
}

test('a subscription that waits notices an instance that is deleted and made again at once', async (t) => {
  for (let run = 0; run < 20; run += 1) {
    // Where no disk is waited for, all of it comes before the second look.
    const log = await openAt(t, ':memory:');
    const following = log.subscribe({ instance: 'orders', awaitInstance: true });
    const first = following.next().then(
      ({ value }) => value.payload.n,
      ({ code }) => code,
    );
    await log.createInstance('orders');
    await log.deleteInstance('orders');
    await appended(t, log, { ...event, payload: { n: 1 }, autoCreateInstance: true });
    // It has begun with the first one, or with the second.
    t.true([1, NEVER].includes(await first));
  }
});

test('a subscription waits for an instance that another process makes', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  const first = log.subscribe({ instance: 'orders', awaitInstance: true }).next();
  const source = `
    import { EventLog } from '${addon}';
    const log = await EventLog.open(process.argv.at(-1), { autoCreateInstances: true });
    console.log(JSON.stringify(await log.appendEvent({ instanceId: 'orders', eventType: 'made' })));
    await log.close();
  `;
  const response = await runForJson(t, source, { args: [path] });
  t.is((await first).value.id, response.data.event.id);
});

test('a projection waits for its instance', async (t) => {
  const log = await openLog(t);
  const options = {
    instance: 'orders',
    initial: 0,
    apply: (state, { payload }) => state + payload.n,
  };
  await t.throwsAsync(log.project(options), { code: NEVER });
  const projected = log.project({ ...options, awaitInstance: true });
  await makeLater(log);
  t.true([0, 1].includes((await projected).state));
  t.is((await log.project({ ...options, awaitInstance: true })).state, 1);
});

test('the wait of a projection is called off, and closed', async (t) => {
  const log = await openLog(t);
  const options = { instance: 'orders', initial: 0, apply: () => 0, awaitInstance: true };
  const controller = new AbortController();
  const aborted = log.project({ ...options, signal: controller.signal });
  const closed = log.project(options);
  controller.abort();
  await t.throwsAsync(aborted, { code: 'ABORTED' });
  await log.close();
  await t.throwsAsync(closed, { code: 'CLOSED' });
});

test('whether to wait is a boolean, for what follows and what is projected alone', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'orders');
  const code = 'INVALID_ARGUMENT';
  const wrong = { instance: 'orders', awaitInstance: 'yes' };
  const message = /^awaitInstance: expected a boolean, found a string/;
  await t.throwsAsync(log.subscribe(wrong).next(), { code, message });
  await t.throwsAsync(log.project({ ...wrong, initial: 0, apply: () => 0 }), { code, message });
  const reading = log.readAll({ instance: 'orders', awaitInstance: true });
  await t.throwsAsync(reading.next(), { code, message: /^awaitInstance: unknown key/ });
});

test('the default log of a program that appends at once is queried by the next one', async (t) => {
  const cwd = await temporaryFolder(t);
  const source = `
    import { eventLog } from '${addon}';
    await eventLog.appendEvent({ instanceId: 'orders', eventType: 'made' });
  `;
  await runForJson(t, `${source} console.log('{}');`, { cwd });
  const log = await EventLog.open(join(cwd, '.codebolt', 'eventlog.redb'));
  t.teardown(() => log.close());
  t.is((await queried(t, log, { from: { instance: 'orders' } })).total, 1);
});
