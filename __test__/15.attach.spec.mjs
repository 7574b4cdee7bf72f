// A log on the SDK's own object, which the SDK's tools hold.

import test from 'ava';

import { attach, eventLog } from '../index.mjs';
import { created, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

/** Stands for the SDK: an object with its log, and a tool that holds the log. */
function sdk() {
  const module = { appendEvent: () => 'over the wire', ownMethod: () => 'own', version: 6 };
  return { codebolt: { chat: {}, eventLog: module }, tool: { eventLog: module } };
}

test('attach puts the methods onto the object that is there, which others hold', async (t) => {
  const log = await openLog(t);
  const { codebolt, tool } = sdk();
  const { chat, eventLog: module } = codebolt;
  attach(codebolt, log);
  t.is(codebolt.chat, chat);
  t.is(codebolt.eventLog, module);
  await created(t, tool.eventLog, 'orders');
  succeeded(t, await log.getInstance('orders'), 'getInstance');
  t.is(tool.eventLog.ownMethod(), 'own');
  t.is(tool.eventLog.version, 6);
  const { readAll } = tool.eventLog;
  t.is(readAll, log.readAll);
});

test('what attach returns takes the methods off again', async (t) => {
  const log = await openLog(t);
  const { codebolt } = sdk();
  const before = Object.getOwnPropertyDescriptors(codebolt.eventLog);
  const detach = attach(codebolt, log);
  t.not(codebolt.eventLog.appendEvent, before.appendEvent.value);
  detach();
  t.deepEqual(Object.getOwnPropertyDescriptors(codebolt.eventLog), before);
  detach();
  t.deepEqual(Object.getOwnPropertyDescriptors(codebolt.eventLog), before);
});

test('of several logs the last one shows, in whatever order they are taken off', async (t) => {
  const { codebolt } = sdk();
  const { appendEvent } = codebolt.eventLog;
  const [first, second, third] = [await openLog(t), await openLog(t), await openLog(t)];
  const detach = [first, second, third].map((log) => attach(codebolt, log));
  const shown = () => codebolt.eventLog.appendEvent;
  t.is(shown(), third.appendEvent);
  detach[1]();
  t.is(shown(), third.appendEvent);
  detach[2]();
  t.is(shown(), first.appendEvent);
  detach[1]();
  t.is(shown(), first.appendEvent);
  detach[0]();
  t.is(shown(), appendEvent);
});

test('methods that are inherited, or behind a getter, are found again', async (t) => {
  const log = await openLog(t);
  class Module {
    appendEvent() {
      return 'inherited';
    }
  }
  const module = new Module();
  class Sdk {
    get eventLog() {
      return module;
    }
  }
  const codebolt = new Sdk();
  const detach = attach(codebolt, log);
  t.is(codebolt.eventLog.appendEvent, log.appendEvent);
  detach();
  t.is(codebolt.eventLog.appendEvent(), 'inherited');
  t.deepEqual(Object.keys(module), []);
});

test('an SDK object without a log gets one', async (t) => {
  const log = await openLog(t);
  for (const codebolt of [{}, { eventLog: undefined }, { eventLog: null }]) {
    attach(codebolt, log);
    t.is(codebolt.eventLog.appendEvent, log.appendEvent);
  }
});

test('attach without a log, or with null, means the default one', (t) => {
  for (const given of [[], [undefined], [null]]) {
    const { codebolt } = sdk();
    attach(codebolt, ...given);
    t.is(codebolt.eventLog.appendEvent, eventLog.appendEvent);
  }
});

test('a log that is attached to itself stays what it is', (t) => {
  const codebolt = { eventLog };
  const { appendEvent } = eventLog;
  attach(codebolt)();
  t.is(codebolt.eventLog.appendEvent, appendEvent);
});

test('what cannot be attached is refused', async (t) => {
  const log = await openLog(t);
  for (const wrong of [undefined, null, 'sdk', 7]) {
    t.throws(() => attach(wrong, log), { code: 'INVALID_ARGUMENT', message: /^codebolt: / });
  }
  for (const wrong of ['log.redb', {}, 7]) {
    t.throws(() => attach({ eventLog: {} }, wrong), {
      code: 'INVALID_ARGUMENT',
      message: /^log: /,
    });
  }
  for (const fixed of [Object.freeze({}), Object.freeze({ eventLog: null })]) {
    const message = /^codebolt: expected an object that takes an eventLog/;
    t.throws(() => attach(fixed, log), { code: 'INVALID_ARGUMENT', message });
  }
  const thrown = new Error('not connected');
  const throwing = {
    get eventLog() {
      throw thrown;
    },
  };
  const error = t.throws(() => attach(throwing, log), { code: 'INVALID_ARGUMENT' });
  t.is(error.cause, thrown);
  const opening = { code: 'INVALID_ARGUMENT', message: /^log: .*found a promise: await it$/ };
  t.throws(() => attach({ eventLog: {} }, Promise.resolve(log)), opening);
  // Nothing is put onto an object that takes only some of it.
  const codebolt = { eventLog: Object.freeze({ appendEvent: () => 'over the wire' }) };
  t.throws(() => attach(codebolt, log), { code: 'INVALID_ARGUMENT', message: /eventLog/ });
  t.is(codebolt.eventLog.appendEvent(), 'over the wire');
});
