// Sees the texts in which a result comes, since what they are made of shows in nothing else.

import { createRequire } from 'node:module';

/** What the package reads JSON by, whatever stands in the place of the global one. */
const { JSON } = createRequire(import.meta.url)('../../lib/intrinsics.js');

const PIECE = /^\[\d+,[45],/;

/**
 * Calls `see` with each piece of a result while it is being parsed, until the test ends. Only for
 * tests that run alone.
 */
export function watchPieces(t, see) {
  const { parse } = JSON;
  t.teardown(() => (JSON.parse = parse));
  JSON.parse = (text, ...rest) => {
    if (PIECE.test(text)) see(text);
    return parse(text, ...rest);
  };
}
