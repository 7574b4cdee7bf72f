'use strict';

// Whether a log is whole.

const { VERIFYING, noteIn, verifierKeys } = require('../evidence.js');
const { CommandFailure, dataOf, invalid } = require('../failure.js');
const { withProgress } = require('../progress.js');

const REPORT = [
  { key: 'intact', title: 'intact' },
  { key: 'instances', title: 'instances', kind: 'count' },
  { key: 'streams', title: 'streams', kind: 'count' },
  { key: 'events', title: 'events', kind: 'count' },
  { key: 'bytes', title: 'bytes', kind: 'bytes' },
  { key: 'problemCount', title: 'problems', kind: 'count' },
];

const PROBLEM = [
  { key: 'instanceId', title: 'INSTANCE' },
  { key: 'position', title: 'POSITION', align: 'right' },
  { key: 'what', title: 'PROBLEM' },
];

/** What is told of a checkpoint, by its file. */
function byFile(response, files) {
  if (response.success) return response;
  const error = response.error.replace(
    /^options\.checkpoints\[(\d+)\](?:\.key)?(?=[.:])/,
    (_, at) => `--checkpoint ${files[at]}`,
  );
  return { ...response, error };
}

/** The checkpoints that the log is compared with. */
async function checkpointsOf({ instance, checkpoint: files, ...values }) {
  const beside = ['verifier-key', 'origin'].find((name) => values[name] !== undefined);
  if (files === undefined) {
    const found = instance === undefined ? beside : 'instance';
    if (found === undefined) return undefined;
    throw invalid(`--${found}: expected it with --checkpoint`);
  }
  if (instance === undefined) throw invalid('--checkpoint: expected --instance with it');
  const key = await verifierKeys(values);
  const checkpoints = [];
  for (const file of files) {
    const { note } = await noteIn('--checkpoint', file);
    checkpoints.push({ instance, note, key, origin: values.origin });
  }
  return checkpoints;
}

module.exports = {
  summary: 'checks a whole log: that all can be read, and that its parts agree',
  details: [
    'A log with problems is a failure with the exit code of CORRUPTED. With --checkpoint, the events of an instance are',
    'compared with those that the checkpoint was made of: what was changed, removed, put in or moved since is a problem.',
  ],
  words: [],
  options: {
    instance: { value: 'INSTANCE', about: 'whose checkpoints they are' },
    checkpoint: {
      value: 'FILE',
      isMultiple: true,
      about: 'the signed note of a checkpoint; again for one more',
    },
    ...VERIFYING,
  },
  examples: [
    ['verify', 'the default log'],
    ['verify data/orders.redb -o json', 'the log in a file, as JSON'],
    [
      'verify --instance orders --checkpoint monday.note --verifier-key @shop.pub',
      'also that an instance still is what it was',
    ],
  ],

  async run({ open, output, values, settings, signal }) {
    const checkpoints = await checkpointsOf(values);
    const log = await open();
    const response = await withProgress('verify', settings, (onProgress) =>
      log.verify({ signal, onProgress, checkpoints }),
    );
    const report = dataOf(byFile(response, values.checkpoint));
    const { problems, problemCount, intact } = report;
    await output.one(report, REPORT);
    if (intact) return;
    if (output.format === 'table') {
      await output.text('\n');
      await output.all(problems, PROBLEM);
    }
    const text = `the log has ${problemCount} problems, of which ${problems.length} are listed`;
    throw new CommandFailure('CORRUPTED', text);
  },
};
