// Calls that are refused before anything is looked up, each with its code.

import fc from 'fast-check';

function cycle() {
  const value = {};
  value.self = value;
  return value;
}

const long = 'x'.repeat(1025);
const good = { instanceId: 'a', eventType: 'made', autoCreateInstance: true };
const from = { instance: 'a' };

const CALLS = [
  ['createInstance', [''], 'INVALID_ARGUMENT'],
  ['createInstance', ['\ud800'], 'INVALID_ARGUMENT'],
  ['createInstance', [long], 'LIMIT_EXCEEDED'],
  ['createInstance', ['new', 5], 'INVALID_ARGUMENT'],
  ['getInstance', [5], 'INVALID_ARGUMENT'],
  ['updateInstance', ['a', { name: '' }], 'INVALID_ARGUMENT'],
  ['deleteInstance', [undefined], 'INVALID_ARGUMENT'],
  ['getInstanceStats', [{}], 'INVALID_ARGUMENT'],
  ['appendEvent', [{ ...good, instanceId: '' }], 'INVALID_ARGUMENT'],
  ['appendEvent', [{ ...good, instanceId: long }], 'LIMIT_EXCEEDED'],
  ['appendEvent', [{ ...good, eventType: undefined }], 'INVALID_ARGUMENT'],
  ['appendEvent', [{ ...good, event_type: 'paid' }], 'INVALID_ARGUMENT'],
  ['appendEvent', [{ ...good, streamId: '\udc00' }], 'INVALID_ARGUMENT'],
  ['appendEvent', [{ ...good, streamId: long }], 'LIMIT_EXCEEDED'],
  ['appendEvent', [{ ...good, payload: 'text' }], 'INVALID_ARGUMENT'],
  ['appendEvent', [{ ...good, payload: { big: 1n } }], 'INVALID_ARGUMENT'],
  ['appendEvent', [{ ...good, metadata: cycle() }], 'INVALID_ARGUMENT'],
  ['appendEvent', [{ ...good, timestamp: 'soon' }], 'INVALID_ARGUMENT'],
  ['appendEvents', [{ ...good, events: [], autoCreateInstance: 1 }], 'INVALID_ARGUMENT'],
  [
    'appendEvents',
    [{ instanceId: 'a', autoCreateInstance: true, events: [good, {}] }],
    'INVALID_ARGUMENT',
  ],
  ['appendEvents', [{ instanceId: 'a', events: 'made' }], 'INVALID_ARGUMENT'],
  ['queryEvents', [{ from: {} }], 'INVALID_ARGUMENT'],
  ['queryEvents', [{ from, were: [] }], 'INVALID_ARGUMENT'],
  [
    'queryEvents',
    [{ from, where: [{ field: 'a', operator: 'like', value: 1 }] }],
    'INVALID_ARGUMENT',
  ],
  ['queryEvents', [{ from, limit: -1 }], 'INVALID_ARGUMENT'],
  ['queryEvents', [{ from, reduce: { type: 'sum' } }], 'INVALID_ARGUMENT'],
];

/** A call with the code that it has to be refused with. */
export const badCall = fc
  .constantFrom(...CALLS)
  .map(([method, args, refused]) => ({ method, args, refused }));
