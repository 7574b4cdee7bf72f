// Schemas of the tests' own.

/** A schema of ours, whose `validate` says what is wrong. */
export function schema(validate) {
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

/** One that takes everything. */
export const accepting = schema((value) => ({ value }));
