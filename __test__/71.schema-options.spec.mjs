// Schemas that a log is not opened with.

import test from 'ava';

import { EventLog } from '../index.mjs';
import { accepting } from './support/schemas.mjs';

for (const [options, message] of [
  [{ events: [] }, /^options\.events: expected an object by types of events, found an array/],
  [
    { events: { A: { type: 'object' } } },
    /^options\.events\.A: expected a Standard Schema .*, found another object/,
  ],
  [
    { events: { A: () => true } },
    /^options\.events\.A: expected a Standard Schema .*, found a function/,
  ],
  [{ events: { A: { '~standard': { version: 2, validate() {} } } } }, /^options\.events\.A: /],
  [
    {
      events: {
        get A() {
          throw new Error('own');
        },
      },
    },
    /^options: own/,
  ],
  [
    {
      events: {
        A: {
          get '~standard'() {
            throw new Error('own');
          },
        },
      },
    },
    /^options\.events\.A: .*own/,
  ],
  [
    { validateReads: true },
    /^options\.events: expected schemas .*with validateReads, found nothing/,
  ],
  [{ unknownEvents: 'refuse' }, /^options\.events: .*with unknownEvents/],
  [
    { events: {}, unknownEvents: true },
    /^options\.unknownEvents: expected "store" or "refuse", found a boolean/,
  ],
  [{ events: {}, validateReads: 'yes' }, /^options\.validateReads: expected a boolean/],
  [
    { events: new Map([['Sold', accepting]]) },
    /^options\.events: expected an object by types of events, found a Map: give Object\.fromEntries\(map\)$/,
  ],
  [{ events: new Date(0) }, /^options\.events: .*found another object$/],
  [
    { events: { Sold: undefined } },
    /^options\.events\.Sold: expected a Standard Schema .*found nothing$/,
  ],
  [{ events: { Sold: null } }, /^options\.events\.Sold: expected a Standard Schema .*found null$/],
  [{ event: { Sold: accepting } }, /^options: unknown option "event": did you mean "events"\?$/],
  [
    { schemas: { Sold: accepting } },
    /^options: unknown option "schemas": expected one of exclusive, .*upcasters$/,
  ],
  [{ evnts: {} }, /unknown option "evnts".*did you mean "events"/],
]) {
  test(`opening with ${String(message)} is refused`, async (t) => {
    const opening = EventLog.open(':memory:', options);
    await t.throwsAsync(opening, { code: 'INVALID_ARGUMENT', message });
  });
}
