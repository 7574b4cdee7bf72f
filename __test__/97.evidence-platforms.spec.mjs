// What auditors verify, where there is less than Node.js.

import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { runInNewContext } from 'node:vm';

import test from 'ava';

const require = createRequire(import.meta.url);
const { checkpointText, signNote } = require('../lib/evidence/note.js');
const { signingKeyOf } = require('../lib/evidence/keys.js');
const { WebPrimitives, primitives } = require('../lib/evidence/primitives.js');

const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const base64 = (bytes) => Buffer.from(bytes).toString('base64');

test('it is the same by the cryptography of the web platform', async (t) => {
  const web = new WebPrimitives();
  const seed = sha256(Buffer.of(7));
  const publicKey = await web.publicKeyOf(seed);
  t.deepEqual(publicKey, await primitives.publicKeyOf(seed));
  const bytes = Buffer.from('text');
  t.deepEqual(await web.sha256(bytes), await primitives.sha256(bytes));
  const signature = await web.sign(seed, bytes);
  t.deepEqual(signature, await primitives.sign(seed, bytes));
  for (const one of [web, primitives]) {
    t.true(await one.verify(publicKey, bytes, signature));
    t.false(await one.verify(publicKey, Buffer.from('other'), signature));
  }
});

test('it needs nothing of Node.js', async (t) => {
  // As a bundler for browsers would, with nothing but what browsers have.
  const loaded = new Map();
  const { crypto, TextEncoder, TextDecoder, atob, btoa, Uint8Array } = globalThis;
  const browser = { crypto, TextEncoder, TextDecoder, atob, btoa, Uint8Array };
  const { readFileSync } = await import('node:fs');
  const load = (path) => {
    const url = new URL(path, new URL('../lib/evidence/', import.meta.url));
    if (!loaded.has(url.href)) {
      const module = { exports: {} };
      loaded.set(url.href, module);
      const run = runInNewContext(
        `((module, require) => {${readFileSync(url, 'utf8')}\n})`,
        browser,
      );
      run(module, load);
    }
    return loaded.get(url.href).exports;
  };
  const own = load('./exports.js');
  const { verifierKey, signingKey } = await own.generateKeys('log');
  const text = checkpointText('log', 1, base64(sha256()));
  const note = await signNote(text, await signingKeyOf(signingKey));
  t.is((await own.verifyCheckpoint(note, verifierKey)).size, 1);
});
