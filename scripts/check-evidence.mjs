// Has pymerkle verify proofs of this package, and this package those that pymerkle makes: both must agree on every root, and
// on every proof that an event is in a tree. Without Python this says so, and ends well.
//
// Proofs of consistency are not compared: pymerkle's are not in the form of RFC 9162. Where the older tree is a subtree of the
// newer one, it goes further down.

import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { EventLog } from 'codebolt-eventlog';
import { generateKeys, verifyCheckpoint, verifyProof } from 'codebolt-eventlog/evidence';

import { hasPython, run, withPython } from './python.mjs';

const { coveredBy, leafOf } = createRequire(import.meta.url)('../lib/evidence/leaf.js');

const PYMERKLE = 'pymerkle==7.0.0';

/** More than a tile of them, and an odd number. */
const EVENTS = 301;

const SIZES = [1, 2, 3, 4, 5, 8, 9, 255, 256, 257, 300, EVENTS];

const PROGRAM = `
import base64, json, sys
from pymerkle import InclusionProof, InmemoryTree, verify_inclusion

with open("given.json") as file:
    given = json.load(file)
tree = InmemoryTree(algorithm="sha256")
for leaf in given["leaves"]:
    # It counts leaves from one, as the log counts positions.
    tree.append_entry(base64.b64decode(leaf))

made = []
for proof in given["proofs"]:
    position, size = proof["position"], proof["size"]
    own = tree.prove_inclusion(position, size)
    root = tree.get_root(size)
    leaf = tree.get_leaf(position)
    assert base64.b64encode(root).decode() == proof["root"], (position, size)
    hashes = [base64.b64decode(text) for text in proof["hashes"]]
    theirs = InclusionProof("sha256", True, size, position, own.rule, [leaf, *hashes])
    verify_inclusion(leaf, root, theirs, index=position, size=size)
    made.append([base64.b64encode(digest).decode() for digest in own.path[1:]])
with open("made.json", "w") as file:
    json.dump(made, file)
print(f"pymerkle verifies {len(made)} proofs of {len(given['leaves'])} events")
`;

if (hasPython) {
  process.exitCode = await withPython([PYMERKLE], check);
} else {
  console.log('No Python with venv was found: pymerkle verifies no proofs here');
}

/** @returns {Promise<number>} An exit code. */
async function check(programs, folder) {
  const { strict: log } = await EventLog.open(':memory:');
  const { signingKey: key, verifierKey } = await generateKeys('example.com/check');
  const instance = 'checked';
  const checkpoints = new Map();
  for (let position = 1; position <= EVENTS; position += 1) {
    const payload = { position, text: 'ö'.repeat(position % 7) };
    await log.appendEvent({
      instanceId: instance,
      streamId: `s${position % 3}`,
      eventType: 't',
      payload,
      autoCreateInstance: true,
    });
    if (SIZES.includes(position)) {
      const { note } = await log.checkpoint({ instance, key });
      checkpoints.set(position, await verifyCheckpoint(note, verifierKey));
    }
  }
  const proofs = [];
  for (const size of SIZES) {
    for (const position of [1, 2, Math.ceil(size / 2), size - 1, size, 256]) {
      if (position < 1 || position > size) continue;
      proofs.push(await log.proveInclusion({ instance, position, size }));
    }
  }
  const leaves = [];
  for (let position = 1; position <= EVENTS; position += 1) {
    const leaf = await leafOf(coveredBy(await log.proveInclusion({ instance, position })));
    leaves.push(Buffer.from(leaf).toString('base64'));
  }
  await log.close();
  await writeFile(join(folder, 'given.json'), JSON.stringify({ leaves, proofs }));
  await writeFile(join(folder, 'check.py'), PROGRAM);
  const code = await run(join(programs, 'python'), ['check.py'], folder);
  if (code !== 0) return code;
  const made = JSON.parse(await readFile(join(folder, 'made.json'), 'utf8'));
  for (const [index, hashes] of made.entries()) {
    const proof = { ...proofs[index], hashes };
    await verifyProof(proof, checkpoints.get(proof.size));
  }
  console.log(`${made.length} proofs of pymerkle are verified here`);
  return 0;
}
