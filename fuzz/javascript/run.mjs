// Looks for input that the JavaScript of the package does not answer as it should. What reaches new parts of the code is
// kept, and altered further.
//
//     node fuzz/javascript/run.mjs <target> <seconds> [<seed>]
//
// A worker does it, so that one that hangs, or takes too much memory, is noticed from here. The inputs that were kept are in
// fuzz/corpus/<target>, and one that has found something in fuzz/artifacts/<target>.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

import { Coverage } from './coverage.mjs';
import { Random, mutated } from './mutation.mjs';

const folder = dirname(dirname(fileURLToPath(import.meta.url)));

/** An input that takes longer hangs, in milliseconds. */
const PATIENCE_MS = 25_000;

/** How much memory the worker may take, in MiB. */
const MEMORY_MIB = 512;

/** More than the longest input, in bytes, after the number of the input and its length, of 4 bytes each. */
const SHARED_BYTES = 8 + (1 << 20);

const nameOf = (bytes) => createHash('sha1').update(bytes).digest('hex');

/** The input that the worker is at, and its number, as both threads see them. */
class Current {
  constructor(shared) {
    this.shared = shared;
    this.numbers = new Int32Array(shared, 0, 2);
    this.bytes = Buffer.from(shared, 8);
  }

  set(input) {
    input.copy(this.bytes);
    this.numbers[1] = input.length;
    Atomics.add(this.numbers, 0, 1);
  }

  get count() {
    return Atomics.load(this.numbers, 0);
  }

  get input() {
    return Buffer.from(this.bytes.subarray(0, this.numbers[1]));
  }
}

if (isMainThread) process.exitCode = await watch(...process.argv.slice(2));
else await look(workerData);

/**
 * @param {string} target - The name of a file of `targets/`.
 * @param {string} seconds - For how long to look.
 * @param {string} [seed] - What the random numbers begin with.
 * @returns {Promise<number>} The exit code.
 */
async function watch(target, seconds, seed = String(Date.now() % 2 ** 31)) {
  const current = new Current(new SharedArrayBuffer(SHARED_BYTES));
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { target, seconds: Number(seconds), seed: Number(seed), shared: current.shared },
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MIB },
  });
  let last = 0;
  const watching = setInterval(() => {
    if (current.count === last) {
      worker.terminate();
      found(target, current.input, new Error(`it takes longer than ${PATIENCE_MS} ms`));
    }
    last = current.count;
  }, PATIENCE_MS);
  const code = await new Promise((resolve) => {
    worker.on('message', ({ input, error, end }) => {
      if (end === undefined) return found(target, Buffer.from(input), error);
      console.log(`${target}: seed ${seed}: ${end}`);
      return resolve(0);
    });
    worker.on('error', (error) => {
      found(target, current.input, error);
      resolve(1);
    });
    worker.on('exit', () => resolve(1));
  });
  clearInterval(watching);
  return code;
}

function found(target, input, error) {
  const artifacts = join(folder, 'artifacts', target);
  mkdirSync(artifacts, { recursive: true });
  const path = join(artifacts, nameOf(input));
  writeFileSync(path, input);
  console.error(`${target}: expected nothing to be found, found ${path}:`, error);
}

/** Looks for as long as it is to. Ends with the first thing that is found. */
async function look({ target, seconds, seed, shared }) {
  const { run, seeds } = await import(`./targets/${target}.mjs`);
  const corpus = join(folder, 'corpus', target);
  mkdirSync(corpus, { recursive: true });
  const kept = readdirSync(corpus).map((name) => readFileSync(join(corpus, name)));
  const inputs = [...(await seeds()).map((bytes) => Buffer.from(bytes)), ...kept];
  const current = new Current(shared);
  const coverage = new Coverage();
  const random = new Random(seed);
  const tried = async (input) => {
    current.set(input);
    try {
      await run(input);
    } catch (error) {
      parentPort.postMessage({ input, error });
      return undefined;
    }
    return coverage.take();
  };
  for (const input of inputs) if ((await tried(input)) === undefined) return;
  const end = Date.now() + seconds * 1000;
  let count = 0;
  while (Date.now() < end) {
    const input = mutated(random.oneOf(inputs), random.oneOf(inputs), random);
    const reached = await tried(input);
    if (reached === undefined) return;
    if (reached > 0) {
      inputs.push(input);
      writeFileSync(join(corpus, nameOf(input)), input);
    }
    count += 1;
  }
  const total = `${count} inputs, ${coverage.blocks} blocks, ${inputs.length} inputs kept`;
  parentPort.postMessage({ end: total });
}
