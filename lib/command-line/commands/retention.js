'use strict';

// The rule by which an instance keeps its events.

const { dataOf, invalid } = require('../failure.js');
const { wholeNumberAt } = require('../options.js');
const { ageOf } = require('../times.js');

const RULE = [
  { key: 'instanceId', title: 'instance' },
  { key: 'maxAgeMs', title: 'max age ms' },
  { key: 'maxEvents', title: 'max events', kind: 'count' },
  { key: 'maxBytes', title: 'max bytes', kind: 'bytes' },
  { key: 'streams', title: 'streams' },
  { key: 'archive', title: 'archive' },
  { key: 'force', title: 'force' },
  { key: 'error', title: 'error' },
];

const APPLIED = [
  { key: 'instanceId', title: 'INSTANCE', style: 'green' },
  { key: 'firstPosition', title: 'FIRST', align: 'right' },
  { key: 'events', title: 'EVENTS', align: 'right', kind: 'count' },
  { key: 'bytes', title: 'BYTES', align: 'right', kind: 'bytes' },
  { key: 'heldBy', title: 'HELD BY' },
];

/** The rule that the options ask for; `null` to have none, and `undefined` if they ask for neither. */
function ruleOf({
  'max-age': age,
  'max-events': events,
  'max-bytes': bytes,
  archive,
  force,
  none,
}) {
  const number = (place, text) =>
    text === undefined ? undefined : wholeNumberAt(place, text, { min: 1 });
  const rule = {
    maxAgeMs: age === undefined ? undefined : ageOf('--max-age', age),
    maxEvents: number('--max-events', events),
    maxBytes: number('--max-bytes', bytes),
    archive: archive === undefined ? undefined : { path: archive },
    force,
  };
  const isGiven = Object.values(rule).some((value) => value !== undefined);
  if (none && isGiven) throw invalid('expected --none or a rule, found both');
  if (none) return null;
  return isGiven ? rule : undefined;
}

/** A rule as it is printed. */
function printed({ id, retention, retentionError }) {
  const { archive, ...limits } = retention ?? {};
  return { instanceId: id, ...limits, archive: archive?.path, error: retentionError?.error };
}

module.exports = {
  summary: 'prints or sets how long an instance keeps its events; or applies that',
  details: [
    'Without options, it prints the rule of the instance. A rule takes the place of the whole one before. What is over it',
    'goes by itself while some process has the log open to write, and with --apply at once: from INSTANCE, or from all.',
    'What has gone cannot be brought back, but from an archive.',
  ],
  words: ['[INSTANCE]'],
  options: {
    'max-age': { value: 'AGE', about: 'how old events are at most, such as 90s, 12h, 30d' },
    'max-events': { value: 'NUMBER', about: 'how many events are kept' },
    'max-bytes': { value: 'NUMBER', about: 'how many bytes of events are kept' },
    archive: { value: 'FOLDER', about: 'where events are archived before they go' },
    force: { about: 'also have go what a consumer has not acknowledged' },
    none: { about: 'keep all events from now on' },
    apply: { about: 'have all go that is over the rule' },
  },
  examples: [
    ['retention orders', 'how long the instance keeps its events'],
    ['retention orders --max-age 30d --archive /var/archive', 'keep a month, archive the rest'],
    [
      'retention --apply --log data/orders.redb',
      'have go what is over, of each instance with a rule',
    ],
  ],

  async run({ open, output, values, words: [instance], signal }) {
    const retention = ruleOf(values);
    if (instance === undefined && !(values.apply && retention === undefined)) {
      throw invalid('expected an INSTANCE, or --apply alone');
    }
    const log = await open({ changes: values.apply === true || retention !== undefined });
    if (retention !== undefined) dataOf(await log.updateInstance(instance, { retention }));
    if (values.apply) {
      const { instances } = dataOf(await log.applyRetention({ instance, signal }));
      const rows = instances.map((row) => ({ ...row, heldBy: row.heldBy?.consumer }));
      await output.all(rows, APPLIED);
      return;
    }
    await output.one(printed(dataOf(await log.getInstance(instance)).instance), RULE);
  },
};
