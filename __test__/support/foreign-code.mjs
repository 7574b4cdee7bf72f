// A log, and calls of it with code of the program that throws.

import { EventLog } from '../../index.mjs';

/** What a test may not import that is run by nobody. */
const inFiles = process.env.CODEBOLT_TEST_POSTGRES === undefined;

/** Exceptions that nobody has caught. */
export const uncaught = [];
process.on('uncaughtException', (error) => uncaught.push(error));

export const log = await EventLog.open(process.argv[1]);
await log.appendEvents({
  instanceId: 'i',
  autoCreateInstance: true,
  events: Array.from({ length: 10 }, (_, n) => ({ eventType: 't', payload: { n } })),
});

/** Lets exceptions come that promises raise. */
export const raised = () => new Promise((resolve) => setImmediate(resolve));

function no() {
  throw new Error('no');
}

function noText() {
  throw Object.create(null);
}

/** A signal by its shape, with a part that throws or does something else; `aborted` after so many looks at it. */
export function signalThat(what, looks = 0) {
  const signal = {
    aborted: false,
    reason: undefined,
    addEventListener() {},
    removeEventListener() {},
  };
  const getter = (name, get) => Object.defineProperty(signal, name, { get });
  const parts = {
    'aborted throws': () => {
      let left = looks;
      return getter('aborted', () => {
        left -= 1;
        return left < 0 ? no() : false;
      });
    },
    'addEventListener throws': () => Object.assign(signal, { addEventListener: no }),
    'addEventListener throws what has no text': () =>
      Object.assign(signal, { addEventListener: noText }),
    'listener is called at once': () =>
      Object.assign(signal, { addEventListener: (_, listener) => listener() }),
    'listener is called as it is removed': () =>
      Object.assign(signal, { removeEventListener: (_, listener) => listener() }),
    'removeEventListener throws': () => Object.assign(signal, { removeEventListener: no }),
    'reason throws': () => {
      signal.aborted = true;
      return getter('reason', no);
    },
  };
  return parts[what]();
}

let copies = 0;
const text = (await log.exportEvents().toArray()).join('');

async function all(events) {
  for await (const event of events) if (event.position === 10) return;
}

/** Each method that takes a signal, called with one. */
export const METHODS = {
  queryEvents: (signal) => log.queryEvents({ from: { instance: 'i' } }, { signal }),
  'queryEvents with the signal': (signal) => log.queryEvents({ from: { instance: 'i' } }, signal),
  readAll: (signal) => all(log.readAll({ instance: 'i', signal })),
  readStream: (signal) => all(log.readStream({ instance: 'i', stream: 'default', signal })),
  subscribe: (signal) => all(log.subscribe({ instance: 'i', signal })),
  project: (signal) => log.project({ instance: 'i', apply: () => 1, signal }),
  exportEvents: (signal) => log.exportEvents({ signal }).toArray(),
  importEvents: (signal) => log.importEvents([text], { signal }),
  verify: (signal) => log.verify({ signal }),
  backup: (signal) => log.backup(`copy ${(copies += 1)}`, { signal }),
  compact: (signal) => log.compact({ signal }),
};
if (!inFiles) {
  delete METHODS.backup;
  delete METHODS.compact;
}

/** What becomes of a call. */
async function refused(running) {
  try {
    const response = await running;
    if (response?.success === false) return response;
    return { code: 'success' };
  } catch ({ code, message }) {
    return { code, error: message };
  }
}

/** What becomes of a call among 128 others, and how many of those succeed. */
export async function among(call) {
  const read = () => log.getInstance('i');
  const others = Array.from({ length: 64 }, read);
  const running = call();
  others.push(...Array.from({ length: 64 }, read));
  const [outcome, ...responses] = await Promise.all([refused(running), ...others]);
  return { ...outcome, others: responses.filter(({ success }) => success).length };
}
