// XChaCha20-Poly1305, of Node.js's ChaCha20-Poly1305 and the function HChaCha20 of draft-irtf-cfrg-xchacha, section 2.2.

import { createDecipheriv } from 'node:crypto';

const rotated = (word, bits) => ((word << bits) | (word >>> (32 - bits))) >>> 0;

function quarterRound(state, a, b, c, d) {
  for (const [to, from, target, bits] of [
    [a, b, d, 16],
    [c, d, b, 12],
    [a, b, d, 8],
    [c, d, b, 7],
  ]) {
    state[to] = (state[to] + state[from]) >>> 0;
    state[target] = rotated(state[target] ^ state[to], bits);
  }
}

function hchacha20(key, nonce) {
  const state = new Uint32Array(16);
  const words = (bytes) => new Uint32Array(new Uint8Array(bytes).buffer);
  state.set(words(Buffer.from('expand 32-byte k')), 0);
  state.set(words(key), 4);
  state.set(words(nonce), 12);
  for (let round = 0; round < 10; round += 1) {
    for (let i = 0; i < 4; i += 1) quarterRound(state, i, i + 4, i + 8, i + 12);
    for (let i = 0; i < 4; i += 1) {
      quarterRound(state, i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4));
    }
  }
  return Buffer.from(Uint32Array.of(...state.slice(0, 4), ...state.slice(12)).buffer);
}

/** Decrypts a text of which the last 16 bytes are the tag. Throws unless it was encrypted like that. */
export function decrypt(key, nonce, associated, encrypted) {
  const own = Buffer.concat([Buffer.alloc(4), nonce.subarray(16)]);
  const derived = hchacha20(key, nonce.subarray(0, 16));
  const decipher = createDecipheriv('chacha20-poly1305', derived, own, { authTagLength: 16 });
  decipher.setAAD(associated);
  decipher.setAuthTag(encrypted.subarray(-16));
  return Buffer.concat([decipher.update(encrypted.subarray(0, -16)), decipher.final()]);
}
