'use strict';

// What an auditor verifies, without a log.

const { VERIFYING, noteIn, verified, verifierKeys } = require('../evidence.js');
const { CommandFailure, invalid } = require('../failure.js');
const { fileText } = require('../input.js');

const fields = (...keys) => keys.map((key) => ({ key, title: key }));

const CHECKPOINT = fields('origin', 'size', 'root', 'signers');
const CONTINUED = [
  ...fields('origin'),
  { key: 'oldSize', title: 'old size' },
  { key: 'newSize', title: 'new size' },
];
const EVENT = fields(
  'origin',
  'size',
  'position',
  'id',
  'stream_id',
  'event_type',
  'timestamp',
  'sequence_number',
  'payload',
  'metadata',
);

/** The start of a text that has a proof and its checkpoint. */
const PROOF_TEXT = 'c2sp.org/tlog-proof@';

/** The JSON of a proof. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    const expected = 'a signed note, a proof as text, or a proof as JSON';
    throw new CommandFailure('NOT_PROVEN', `FILE: expected ${expected}, found another text`);
  }
}

/** Refuses files that this kind of evidence is not verified with, and asks for those that it is. */
function expectFiles(values, needed, what) {
  for (const name of ['checkpoint', 'older']) {
    if ((values[name] !== undefined) === needed.includes(name)) continue;
    const found = values[name] === undefined ? 'none' : 'one';
    const number = needed.includes(name) ? 'a file' : 'nothing';
    throw invalid(`--${name}: expected ${number} for ${what}, found ${found}`);
  }
}

/** An auditor, with the keys and the origin that are expected. */
class Audit {
  #evidence = require('../../evidence/exports.js');
  #values;
  #keys;

  constructor(values, keys) {
    this.#values = values;
    this.#keys = keys;
  }

  /** What `text` proves, and how that is shown. */
  async of(text) {
    if (text.startsWith(PROOF_TEXT)) {
      expectFiles(this.#values, [], 'a proof that has its checkpoint');
      const { proof, note } = await verified('FILE', () => this.#evidence.readProof(text));
      return this.#event(proof, note, 'FILE');
    }
    if (!text.trimStart().startsWith('{')) {
      expectFiles(this.#values, [], 'a signed note');
      return [await this.#checkpoint(text, 'FILE'), CHECKPOINT];
    }
    const proof = parsed(text);
    if (Object.hasOwn(proof, 'oldSize')) return this.#continued(proof);
    expectFiles(this.#values, ['checkpoint'], 'a proof of an event as JSON');
    const { note } = await noteIn('--checkpoint', this.#values.checkpoint);
    return this.#event(proof, note, '--checkpoint');
  }

  #checkpoint(note, place) {
    const { origin } = this.#values;
    return verified(place, () => this.#evidence.verifyCheckpoint(note, this.#keys, { origin }));
  }

  async #event(proof, note, place) {
    const checkpoint = await this.#checkpoint(note, place);
    const event = await verified('FILE', () => this.#evidence.verifyProof(proof, checkpoint));
    const { origin, size } = checkpoint;
    return [{ origin, size, ...event }, EVENT];
  }

  async #continued(proof) {
    expectFiles(this.#values, ['checkpoint', 'older'], 'a proof that one continues another');
    const notes = [];
    for (const name of ['older', 'checkpoint']) {
      const { note } = await noteIn(`--${name}`, this.#values[name]);
      notes.push(await this.#checkpoint(note, `--${name}`));
    }
    const [older, newer] = notes;
    await verified('FILE', () => this.#evidence.verifyConsistency(proof, older, newer));
    return [{ origin: newer.origin, oldSize: older.size, newSize: newer.size }, CONTINUED];
  }
}

module.exports = {
  summary: 'verifies a checkpoint or a proof, without a log',
  details: [
    'FILE is a signed note, or a proof as prove prints it; - is standard input. What is proven is printed: nothing of it is',
    'believed before. What is not proven is a failure with the exit code of NOT_PROVEN. Payload and metadata are printed',
    'as the JSON text that was stored.',
  ],
  words: ['FILE'],
  hasLog: false,
  options: {
    ...VERIFYING,
    checkpoint: { value: 'FILE', about: 'the note that a proof as JSON is of' },
    older: { value: 'FILE', about: 'the note that it continues' },
  },
  examples: [
    ['audit monday.note --verifier-key @shop.pub', 'a checkpoint'],
    ['audit 17.tlog-proof --verifier-key @shop.pub', 'that an event is in a checkpoint'],
    [
      'audit continued.json --older monday.note --checkpoint tuesday.note --verifier-key @shop.pub',
      'that one continues the other',
    ],
  ],

  async run({ output, values, words: [file] }) {
    const keys = await verifierKeys(values);
    const text = await fileText('FILE', file);
    const [proven, columns] = await new Audit(values, keys).of(text);
    await output.one(proven, columns);
  },
};
