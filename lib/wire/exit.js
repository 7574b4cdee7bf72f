'use strict';

// What is done when the process ends. The listener for that is never given back, and so has a module of its own: it
// holds nothing of the load of the package that has added it.

/** Where the process has what is to be drained, whatever number of times the package is loaded. */
const KEY = Symbol.for('codebolt-eventlog.drains');

/**
 * Has `drain` of that object called when the process ends in a way that can be noticed, unless nothing holds the object
 * any more: a load of the package that is given up is not kept.
 */
function drainAtExit(object) {
  const drained = process[KEY] ?? listen();
  for (const reference of drained) {
    if (reference.deref() === undefined) drained.delete(reference);
  }
  drained.add(new WeakRef(object));
}

/** Makes the process's one listener. */
function listen() {
  const drained = new Set();
  Object.defineProperty(process, KEY, { value: drained });
  process.on('exit', () => drained.forEach((reference) => reference.deref()?.drain()));
  return drained;
}

module.exports = { drainAtExit };
