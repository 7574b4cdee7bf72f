'use strict';

// What becomes of events that a consumer cannot handle, as the options of its subscription say.

const { describeValue, invalid, invalidBy } = require('../failure.js');
const { givenOf, unknownOption } = require('../given.js');

/** The longest delay, in milliseconds: that of a timer. */
const DELAY_MAX = 2_147_483_647;

const OUTCOMES = ['stop', 'skip', 'park'];

/**
 * How often events are given out, after which delay, and what follows the last attempt.
 *
 * @param {{ consumer?: unknown, retry?: unknown, onFailed?: unknown }} options - What was asked for.
 */
function failingOf({ consumer, retry, onFailed }) {
  if (consumer === undefined && (retry !== undefined || onFailed !== undefined)) {
    const key = retry === undefined ? 'onFailed' : 'retry';
    throw invalid(`consumer: expected the name of a consumer, with ${key}, found nothing`);
  }
  return { ...retryOf(retry), onFailed: outcomeOf(onFailed ?? 'stop') };
}

function outcomeOf(onFailed) {
  if (OUTCOMES.includes(onFailed)) return onFailed;
  throw invalid(`onFailed: expected "stop", "skip" or "park", found ${describeValue(onFailed)}`);
}

function retryOf(retry) {
  if (retry === undefined) return { attempts: 1, delayMs: 0 };
  if (typeof retry !== 'object' || Array.isArray(retry)) {
    throw invalid(`retry: expected an object with attempts, found ${describeValue(retry)}`);
  }
  const { attempts, delayMs = 0, ...others } = givenOf(retry);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw unknownOption(unknown, ['attempts', 'delayMs'], 'retry');
  if (!(Number.isSafeInteger(attempts) && attempts > 0)) {
    throw invalid(
      `retry.attempts: expected a whole number from 1, found ${describeValue(attempts)}`,
    );
  }
  if (typeof delayMs !== 'function') checkDelay('retry.delayMs', delayMs, ' or a function');
  return { attempts, delayMs };
}

/** Refuses what is no delay, which stands at `path`. */
function checkDelay(path, value, otherwise = '') {
  if (typeof value === 'number' && value >= 0 && value <= DELAY_MAX) return;
  const expected = `expected milliseconds from 0 to ${DELAY_MAX}${otherwise}`;
  throw invalid(`${path}: ${expected}, found ${describeValue(value)}`);
}

/** How long to wait after an attempt that has failed, in milliseconds. */
function delayAfter(attempt, delayMs) {
  if (typeof delayMs === 'number') return delayMs;
  let ms;
  try {
    ms = delayMs(attempt);
  } catch (error) {
    throw invalidBy('retry.delayMs: it threw', error);
  }
  checkDelay(`retry.delayMs(${attempt})`, ms);
  return ms;
}

module.exports = { delayAfter, failingOf };
