// Has others verify checkpoints and proofs of this package, and this package those that they make of the same events: the crates
// signed_note and tlog_tiles, which C2SP's formats are implemented in, and the Python package pymerkle. All must agree on every
// root, note and proof. Without Python this says so, and goes without pymerkle.

import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';
import {
  generateKeys,
  verifyCheckpoint,
  verifyConsistency,
  verifyProof,
} from 'codebolt-eventlog/evidence';

import { root } from './command.mjs';
import { hasPython, run, withPython } from './python.mjs';

const { coveredBy, leafOf } = createRequire(import.meta.url)('../lib/evidence/leaf.js');

const PYMERKLE = 'pymerkle==7.0.0';

/** The programs that read evidence with packages of others. */
const PROGRAMS = join(root, 'scripts', 'check-evidence');

/** More than a tile of them, and an odd number. */
const EVENTS = 301;

const SIZES = [1, 2, 3, 4, 5, 8, 9, 255, 256, 257, 300, EVENTS];

const given = await makeEvidence();
process.exitCode = (await withCrates()) || (await withPymerkle());

/** A log's checkpoints and proofs, and the leaves that they are of. */
async function makeEvidence() {
  const { strict: log } = await EventLog.open(':memory:', { autoCreateInstances: true });
  const { signingKey, verifierKey } = await generateKeys('example.com/check');
  const instance = 'checked';
  const checkpoints = [];
  for (let position = 1; position <= EVENTS; position += 1) {
    const payload = { position, text: 'ö'.repeat(position % 7) };
    const streamId = `s${position % 3}`;
    await log.appendEvent({ instanceId: instance, streamId, eventType: 't', payload });
    if (SIZES.includes(position)) {
      checkpoints.push(await log.checkpoint({ instance, key: signingKey }));
    }
  }
  const inclusions = [];
  const consistencies = [];
  for (const size of SIZES) {
    for (const position of [1, 2, Math.ceil(size / 2), size - 1, size, 256]) {
      if (position < 1 || position > size) continue;
      inclusions.push(await log.proveInclusion({ instance, position, size }));
    }
    for (const oldSize of SIZES.filter((older) => older <= size)) {
      consistencies.push(await log.proveConsistency({ instance, oldSize, newSize: size }));
    }
  }
  const leaves = [];
  for (let position = 1; position <= EVENTS; position += 1) {
    const leaf = await leafOf(coveredBy(await log.proveInclusion({ instance, position })));
    leaves.push([...leaf]);
  }
  await log.close();
  return { signingKey, verifierKey, leaves, checkpoints, inclusions, consistencies };
}

/** Has the program in Rust look at the evidence. @returns {Promise<number>} An exit code. */
async function withCrates() {
  const folder = await mkdtemp(join(tmpdir(), 'codebolt-eventlog-evidence-'));
  try {
    await writeFile(join(folder, 'given.json'), JSON.stringify(given));
    const manifest = join(PROGRAMS, 'tlog', 'Cargo.toml');
    const target = join(root, 'target', 'check-evidence');
    const how = ['--quiet', '--locked', '--manifest-path', manifest, '--target-dir', target];
    // It has little to do, and takes longer to optimise than to run.
    const code = await run('cargo', ['run', ...how, '--config', 'profile.dev.opt-level=0'], folder);
    return code === 0 ? await verifyMade('signed_note and tlog_tiles', folder) : code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Has the program in Python look at it. @returns {Promise<number>} An exit code. */
async function withPymerkle() {
  if (!hasPython) {
    console.log('No Python with venv was found: pymerkle verifies no proofs here');
    return 0;
  }
  return withPython([PYMERKLE], async (programs, folder) => {
    await writeFile(join(folder, 'given.json'), JSON.stringify(given));
    await copyFile(join(PROGRAMS, 'pymerkle.py'), join(folder, 'check.py'));
    const code = await run(join(programs, 'python'), ['check.py'], folder);
    return code === 0 ? verifyMade('pymerkle', folder) : code;
  });
}

/** Verifies what others have made of the same leaves. @returns {Promise<number>} An exit code. */
async function verifyMade(by, folder) {
  const made = JSON.parse(await readFile(join(folder, 'made.json'), 'utf8'));
  const { notes = [], inclusions, consistencies = [] } = made;
  const trees = new Map();
  for (const { note, size } of given.checkpoints) {
    trees.set(size, await verifyCheckpoint(note, given.verifierKey));
  }
  for (const [at, note] of notes.entries()) {
    const { size, root: hash, extensions } = await verifyCheckpoint(note, given.verifierKey);
    const own = trees.get(given.checkpoints[at].size);
    if (size !== own.size || hash !== own.root || extensions.length !== 2) {
      throw new Error(`expected ${JSON.stringify(own)} in what ${by} has signed, found ${note}`);
    }
  }
  for (const [at, hashes] of inclusions.entries()) {
    const proof = { ...given.inclusions[at], hashes };
    await verifyProof(proof, trees.get(proof.size));
  }
  for (const [at, hashes] of consistencies.entries()) {
    const proof = { ...given.consistencies[at], hashes };
    await verifyConsistency(proof, trees.get(proof.oldSize), trees.get(proof.newSize));
  }
  const count = notes.length + inclusions.length + consistencies.length;
  console.log(`${count} notes and proofs of ${by} are verified here`);
  return 0;
}
