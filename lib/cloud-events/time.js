'use strict';

// The time of a CloudEvent: RFC 3339, with any offset and any number of digits after the second.

const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))$/;

/** The times that a log keeps: of the years 0000 to 9999 in UTC. */
const TIME_MIN = -62_167_219_200_000;
const TIME_MAX = 253_402_300_799_999;

/**
 * When a time is, cut to the millisecond.
 *
 * @param {string} text - What is to be a time of RFC 3339.
 * @returns {number | undefined} Milliseconds since 1970 in UTC; `undefined` for what is none.
 */
function millisecondsOf(text) {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const sign = match[9] === '-' ? -1 : 1;
  const offset = match[8] === undefined ? sign * (Number(match[10]) * 60 + Number(match[11])) : 0;
  // A second 60 is a leap second. Here it is the second after it, as for the clocks of computers.
  const isTime = hour <= 23 && minute <= 59 && second <= 60;
  const isOffset = match[8] !== undefined || (Number(match[10]) <= 23 && Number(match[11]) <= 59);
  if (!isTime || !isOffset) return undefined;
  const date = new Date(0);
  // Not `Date.UTC`, for which the years 0 to 99 are those of the last century.
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const milliseconds = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const time = date.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000 + milliseconds;
  return time >= TIME_MIN && time <= TIME_MAX ? time : undefined;
}

module.exports = { TIME_MAX, TIME_MIN, millisecondsOf };
