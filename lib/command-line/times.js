'use strict';

// Times on a command line.

const { invalid } = require('./failure.js');

const AGE = /^(\d{1,9})(ms|s|m|h|d|w)$/;

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A date, or a date and a time, with a zone or not. */
const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/i;

/** The time that an option names, as ISO 8601 in UTC. An age is before now. A time without a zone is in UTC. */
function timeOf(place, text, now = Date.now()) {
  if (text === undefined) return undefined;
  const age = AGE.exec(text);
  const ms = age === null ? absolute(text) : now - Number(age[1]) * UNIT_MS[age[2]];
  const time = new Date(ms);
  if (!Number.isNaN(time.getTime()) && time.getUTCFullYear() >= 0) return time.toISOString();
  throw invalid(
    `${place}: expected an ISO 8601 date or time such as 2026-01-31T12:00:00Z (UTC where no zone is given), or an age ` +
      `such as 90s, 15m, 2h, 7d, found "${text}"`,
  );
}

/** How long something is, which an option says, in milliseconds. */
function ageOf(place, text) {
  const age = AGE.exec(text);
  const ms = age === null ? 0 : Number(age[1]) * UNIT_MS[age[2]];
  if (ms > 0) return ms;
  throw invalid(`${place}: expected a time such as 90s, 15m, 2h, 7d, found "${text}"`);
}

function absolute(text) {
  const found = ISO.exec(text);
  if (found === null) return NaN;
  const hasTime = text.length > 10;
  const zone = hasTime && found[1] === undefined ? 'Z' : '';
  return Date.parse(text.replace(' ', 'T') + zone);
}

module.exports = { ageOf, timeOf };
