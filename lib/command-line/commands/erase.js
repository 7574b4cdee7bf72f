'use strict';

// The payload and the metadata of events, or fields of them, which go for good.

const { dataOf, invalid } = require('../failure.js');
const { conditionsOf, streamCondition } = require('../filters.js');
const { FILTERS, RELATIONS, wholeNumberAt } = require('../options.js');

const ERASED = [
  { key: 'instanceId', title: 'instance' },
  { key: 'events', title: 'events', kind: 'count' },
  { key: 'erasedBefore', title: 'erased before', kind: 'count' },
  { key: 'absent', title: 'without the fields', kind: 'count' },
  { key: 'dropped', title: 'not there any more', kind: 'count' },
  { key: 'at', title: 'at' },
];

const ERASURES = [
  { key: 'at', title: 'AT' },
  { key: 'events', title: 'EVENTS', align: 'right', kind: 'count' },
  { key: 'positions', title: 'POSITIONS' },
  { key: 'fields', title: 'FIELDS' },
  { key: 'reason', title: 'REASON' },
];

/** An erasure as it is printed. */
function printed({ at, events, positions, fields, reason }) {
  const runs = positions.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  return { at, events, positions: runs.join(' '), fields: fields?.join(' ') ?? 'all', reason };
}

/** Which events are meant: those at positions, or those that match. */
function asked(values) {
  const { position = [], stream } = values;
  const where = [...streamCondition(stream), ...conditionsOf(values)];
  if (position.length > 0 === where.length > 0) {
    const found = where.length > 0 ? 'both' : 'neither';
    throw invalid(`expected either --position or conditions on events, found ${found}`);
  }
  if (where.length > 0) return { where };
  return { positions: position.map((text) => wholeNumberAt('--position', text, { min: 1 })) };
}

module.exports = {
  summary:
    'erases the payload and metadata of events, or fields: their bytes are gone from the file',
  details: [
    'This cannot be undone. The events keep their place, type and time, and checkpoints and proofs stay right. With --field,',
    'the rest of payload and metadata is left. Events that were trimmed and are still in the file are reached too. Snapshots',
    'of projections of the instance go as well. It takes as long as compact does, and other processes wait meanwhile.',
    'Backups, exports and copies that were made before have what is erased: replace them. With --list it prints what was',
    'erased of the instance.',
  ],
  words: ['INSTANCE'],
  options: {
    reason: { value: 'TEXT', about: 'why; the events say it from then on' },
    position: {
      value: 'POSITION',
      isMultiple: true,
      about: 'the event at this position; again for one more',
    },
    field: {
      value: 'FIELD',
      isMultiple: true,
      about: 'only this field, such as payload.email; again for one more',
    },
    list: { about: 'print the erasures of the instance' },
    ...FILTERS,
    ...RELATIONS,
  },
  examples: [
    [
      "erase orders --where 'payload.customer = c-7' --reason 'request of 3 May'",
      'all events of a customer',
    ],
    ['erase data/orders.redb orders --position 17 --reason mistake', 'one event'],
    [
      "erase orders --where 'payload.customer = c-7' --field payload.email --reason 'request of 3 May'",
      'their addresses alone',
    ],
    ['erase orders --list', 'what was erased, when and why'],
  ],

  async run({ open, output, values, words: [instance], signal }) {
    if (values.list) {
      const log = await open();
      const { erasures } = dataOf(await log.listErasures({ instance }));
      await output.all(erasures.map(printed), ERASURES);
      return;
    }
    const chosen = asked(values);
    const { reason, field: fields } = values;
    if (reason === undefined) throw invalid('expected --reason with a text');
    const log = await open({ changes: true });
    await output.one(
      dataOf(await log.eraseEvents({ instance, ...chosen, fields, reason, signal })),
      ERASED,
    );
  },
};
