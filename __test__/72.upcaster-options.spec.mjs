// Upcasters that a log is not opened with.

import test from 'ava';

import { EventLog } from '../index.mjs';
import { Sold } from './support/upcasting.mjs';

const up = (payload) => payload;
for (const [upcasters, message] of [
  [new Map([['Sold', Sold]]), /^options\.upcasters: .*found a Map: give Object\.fromEntries/],
  [{ Sold: undefined }, /^options\.upcasters\.Sold: expected an array .*found nothing$/],
  [[], /^options\.upcasters: expected an object by types of events, found an array$/],
  [
    { Sold: {} },
    /^options\.upcasters\.Sold: expected an array of \{ from, to, up \}, found another object$/,
  ],
  [{ Sold: [] }, /^options\.upcasters\.Sold: .*found an empty array$/],
  [{ Sold: [7] }, /^options\.upcasters\.Sold\[0\]: expected \{ from, to, up \}, found a number$/],
  [
    { Sold: [{ from: 1, to: 2 }] },
    /^options\.upcasters\.Sold\[0\]\.up: expected a function, found nothing$/,
  ],
  [
    { Sold: [{ to: 2, up }] },
    /^options\.upcasters\.Sold\[0\]\.from: expected a whole number from 1, found nothing$/,
  ],
  [{ Sold: [{ from: 0, to: 2, up }] }, /\[0\]\.from: expected a whole number from 1, found 0$/],
  [{ Sold: [{ from: 2, to: 2, up }] }, /\[0\]\.to: expected a whole number from 3, found 2$/],
  [
    { Sold: [{ from: 1, to: 2, upp: up, up }] },
    /^options\.upcasters\.Sold\[0\]: unknown option "upp": did you mean "up"\?$/,
  ],
  [
    {
      Sold: [
        { from: 1, to: 2, up },
        { from: 1, to: 2, up },
      ],
    },
    /\[1\]\.from: expected one step from 1, found another one$/,
  ],
  [
    { Sold: [{ from: 2, to: 3, up }] },
    /^options\.upcasters\.Sold: expected a step from each version below 3, found none from 1$/,
  ],
  [
    {
      Sold: [
        { from: 1, to: 2, up },
        { from: 3, to: 4, up },
      ],
    },
    /below 4, found none from 2$/,
  ],
  [{ Sold: [{ from: 1, to: 3, up }] }, /below 3, found none from 2$/],
]) {
  test(`opening with ${String(message)} is refused`, async (t) => {
    await t.throwsAsync(EventLog.open(':memory:', { upcasters }), {
      code: 'INVALID_ARGUMENT',
      message,
    });
  });
}
