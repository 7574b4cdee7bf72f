// What has to work wherever the package does, given the package as the program has imported or required it.

import { rmSync } from 'node:fs';

function expect(what, isSo) {
  if (!isSo) throw new Error(`expected ${what}`);
}

async function expectSuccess(promise) {
  const response = await promise;
  if (!response.success) throw new Error(`${response.code}: ${response.error}`);
  return response.data;
}

/** Reads the first event of a subscription, and calls it off. Returns the code of what it ends with. */
async function firstOf(log, options) {
  const controller = new AbortController();
  try {
    for await (const event of log.subscribe({ ...options, signal: controller.signal })) {
      expect('the event that was stored', event.payload.n === 1);
      controller.abort();
    }
  } catch (error) {
    return error.code;
  }
  return undefined;
}

/** Opens a log in the working directory, appends, queries, reads, follows and closes. */
export async function scenario(exported, codebolt) {
  const { Codebolt, EventLog, EventLogError, attach, eventLog, waitForReady } = exported;
  for (const each of [Codebolt, EventLog, EventLogError, attach, waitForReady]) {
    expect('the named exports', typeof each === 'function');
  }
  expect('one default log', codebolt.eventLog === eventLog && new Codebolt().eventLog === eventLog);

  const path = `scenario-${process.pid}.redb`;
  const log = await EventLog.open(path);
  try {
    const instanceId = 'orders';
    const event = { instanceId, eventType: 'made', payload: { n: 1 }, autoCreateInstance: true };
    const appended = await expectSuccess(log.appendEvent(event));
    expect('the first number', appended.event.sequence_number === 1);
    const { result } = await expectSuccess(log.queryEvents({ from: { instance: instanceId } }));
    expect(
      'the event in a result',
      result.total === 1 && result.events[0].id === appended.event.id,
    );
    let read = 0;
    for await (const { id } of log.readAll({ instance: instanceId })) {
      read += Number(id === appended.event.id);
    }
    expect('the event once in a row', read === 1);
    expect(
      'a subscription that is called off',
      (await firstOf(log, { instance: instanceId })) === 'ABORTED',
    );
  } finally {
    await log.close();
  }
  const { code } = await log.listInstances();
  expect('a closed log', code === 'CLOSED');
  rmSync(path);
  return 'the scenario has passed';
}
