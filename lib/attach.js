'use strict';

// A log on the SDK's own object. The SDK's tools hold that object, so its methods are replaced rather than itself.

const { eventLog: defaultLog } = require('./default-log.js');
const { describe, invalid, invalidBy } = require('./failure.js');

/** For each object that logs are attached to: what it had itself, and the logs, of which the last one shows. */
const attached = new WeakMap();

/** The methods of a log, by their names. */
function methodsOf(log) {
  return Object.entries(log).filter(([, method]) => typeof method === 'function');
}

/** The object that has the methods: the one that is there, or a new one. */
function holderIn(codebolt) {
  let there;
  try {
    there = codebolt.eventLog;
  } catch (error) {
    throw invalidBy('codebolt.eventLog: it threw', error);
  }
  if (typeof there === 'object' && there !== null) return there;
  const own = Object.getOwnPropertyDescriptor(codebolt, 'eventLog');
  if (own === undefined ? !Object.isExtensible(codebolt) : !own.configurable) {
    throw invalid('codebolt: expected an object that takes an eventLog, found one that is fixed');
  }
  const holder = {};
  // An assignment would fail where a class has a getter of that name.
  Object.defineProperty(codebolt, 'eventLog', {
    value: holder,
    configurable: true,
    enumerable: true,
    writable: true,
  });
  return holder;
}

/** Refuses an object that does not take all methods of a log: it would be of two logs. */
function checkTakes(holder, log) {
  const fixed = methodsOf(log).find(([name]) => {
    const own = Object.getOwnPropertyDescriptor(holder, name);
    return own === undefined ? !Object.isExtensible(holder) : !own.configurable;
  });
  if (fixed === undefined) return;
  throw invalid(
    `codebolt.eventLog: expected an object that takes methods, found one whose ${fixed[0]} is fixed`,
  );
}

/** Has `holder` show the methods of the last log, or what it had itself if there is none. */
function show(holder, { own, logs }) {
  for (const [name, descriptor] of own) {
    if (descriptor === undefined) delete holder[name];
    else Object.defineProperty(holder, name, descriptor);
  }
  own.clear();
  if (logs.length === 0) {
    attached.delete(holder);
    return;
  }
  for (const [name, method] of methodsOf(logs.at(-1).log)) {
    own.set(name, Object.getOwnPropertyDescriptor(holder, name));
    Object.defineProperty(holder, name, {
      value: method,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
}

function attach(codebolt, log) {
  if ((typeof codebolt !== 'object' && typeof codebolt !== 'function') || codebolt === null) {
    throw invalid(`codebolt: expected the object of the SDK, found ${describe(codebolt)}`);
  }
  const given = log ?? defaultLog;
  if (typeof given.appendEvent !== 'function') {
    throw invalid(`log: expected an EventLog, found ${describe(log)}`);
  }
  const holder = holderIn(codebolt);
  if (holder === given) return () => {};
  checkTakes(holder, given);
  if (!attached.has(holder)) attached.set(holder, { own: new Map(), logs: [] });
  const state = attached.get(holder);
  const layer = { log: given };
  state.logs.push(layer);
  show(holder, state);
  return () => {
    const at = state.logs.indexOf(layer);
    if (at === -1) return;
    state.logs.splice(at, 1);
    show(holder, state);
  };
}

module.exports = { attach };
