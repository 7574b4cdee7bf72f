'use strict';

// What the functions of this folder throw. They know nothing of the rest of the package, so that an auditor needs neither a
// log nor the addon.

/** Evidence that proves nothing, or an argument that is none. */
class EvidenceError extends Error {
  /**
   * @param {'NOT_PROVEN' | 'INVALID_ARGUMENT'} code - Which of the two.
   * @param {string} message - What is wrong, for a person.
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}
Object.defineProperty(EvidenceError.prototype, 'name', {
  value: 'EvidenceError',
  configurable: true,
  writable: true,
});

/** The failure of evidence. `text` says what was expected and what was found. */
const notProven = (text) => new EvidenceError('NOT_PROVEN', text);

/** The refusal of what the caller has given, which is not evidence but what it is looked at with. */
const invalid = (text) => new EvidenceError('INVALID_ARGUMENT', text);

/** What was found in the place of something else, for a person, without showing it. */
function kindOf(value) {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

module.exports = { EvidenceError, invalid, kindOf, notProven };
