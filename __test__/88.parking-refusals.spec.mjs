// What is asked of parked events and refused.

import test from 'ava';

import { fill } from './support/reading.mjs';
import { failed } from './support/response.mjs';
import { openAt, openLog, temporaryPath } from './support/temporary.mjs';
import { asked, handle, mailer, parkedOf } from './support/parking.mjs';

const BAD = [
  ['listParked', undefined, 'INVALID_ARGUMENT', /^options: expected an object, found nothing$/],
  ['listParked', { instance: 'log' }, 'INVALID_ARGUMENT', /^consumer: .* found nothing$/],
  ['listParked', { ...mailer, after: -1 }, 'INVALID_ARGUMENT', /^after: .*found -1$/],
  ['listParked', { ...mailer, limit: 10_001 }, 'LIMIT_EXCEEDED', /^limit: .* 10000 events/],
  ['listParked', { ...mailer, positions: [1] }, 'INVALID_ARGUMENT', /positions/],
  ['listParked', { ...mailer, consumer: 'other' }, 'CONSUMER_NOT_FOUND', /^consumer: .*"other"/],
  ['retryParked', { ...mailer, consumer: 'other' }, 'CONSUMER_NOT_FOUND', /^consumer: .*"other"/],
  ['retryParked', { ...mailer, instance: 'other' }, 'INSTANCE_NOT_FOUND', /"other"/],
  ['retryParked', { ...mailer, positions: 2 }, 'INVALID_ARGUMENT', /^positions: .*array.*found 2$/],
  ['retryParked', { ...mailer, positions: [2, '4'] }, 'INVALID_ARGUMENT', /^positions\[1\]: /],
  [
    'retryParked',
    { ...mailer, positions: [2, 3] },
    'INVALID_ARGUMENT',
    /^positions\[1\]: .*found 3$/,
  ],
  [
    'discardParked',
    { ...mailer, positions: [2, 99] },
    'INVALID_ARGUMENT',
    /^positions\[1\]: .*99$/,
  ],
  ['discardParked', { ...mailer, position: 2 }, 'INVALID_ARGUMENT', /position/],
  [
    'discardParked',
    { ...mailer, positions: Array.from({ length: 10_001 }, () => 2) },
    'LIMIT_EXCEEDED',
    /^positions: expected at most 10000 positions, found 10001$/,
  ],
];

test('what is not understood is refused, and changes nothing', async (t) => {
  const log = await openLog(t);
  await fill(log, 'log', 4);
  await handle(log, 4, [2, 4]);
  for (const [method, options, code, pattern] of BAD) {
    failed(t, await log[method](options), method, code, pattern);
  }
  t.deepEqual(await parkedOf(t, log), [2, 4]);
  t.deepEqual(await asked(t, log, 'retryParked', { positions: [] }), { count: 0 });
  t.deepEqual(await parkedOf(t, log, { after: null, limit: null }), [2, 4]);
  t.deepEqual(await parkedOf(t, log), [2, 4]);
  // What is null was not given.
  t.deepEqual(await asked(t, log, 'discardParked', { positions: null }), { count: 2 });
});

test('a log that is only read lists them', async (t) => {
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await fill(log, 'log', 2);
  await handle(log, 2, [1]);
  await log.close();
  const reader = await openAt(t, path, { readOnly: true });
  t.deepEqual(await parkedOf(t, reader), [1]);
  failed(t, await reader.retryParked(mailer), 'retryParked', 'INVALID_ARGUMENT', /readOnly/);
});
