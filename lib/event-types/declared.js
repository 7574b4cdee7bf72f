'use strict';

// Which options declare types of events. What is done with them is loaded by programs that do so.

const { Refusal, describe, invalid, invalidBy } = require('../failure.js');
const { givenOf, unknownOption } = require('../given.js');

/** The options by which types of events are declared. */
const DECLARED = ['events', 'unknownEvents', 'validateReads', 'upcasters'];

/** The types of events that these options declare. */
function declared(options) {
  const { EventTypes } = require('./event-types.js');
  return new EventTypes(options);
}

/** What a program declares of its types of events among options, of which there are others; `undefined` if that is nothing. */
function declaredIn(options) {
  const given = Object.fromEntries(
    DECLARED.filter((key) => options[key] !== undefined).map((key) => [key, options[key]]),
  );
  return Object.keys(given).length === 0 ? undefined : declared(given);
}

/** What a program declares of its types of events by options that are of nothing else. */
function eventTypesOf(options) {
  try {
    if (typeof options !== 'object' || options === null || Array.isArray(options)) {
      throw invalid(`options: expected an object, found ${describe(options)}`);
    }
    const given = givenOf(options);
    const unknown = Object.keys(given).find((key) => !DECLARED.includes(key));
    if (unknown !== undefined) throw unknownOption(unknown, DECLARED);
    return declared(given);
  } catch (error) {
    // A getter may have thrown.
    throw error instanceof Refusal ? error : invalidBy('options', error);
  }
}

module.exports = { DECLARED, declaredIn, eventTypesOf };
