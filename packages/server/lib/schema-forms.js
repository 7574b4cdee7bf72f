// The parts that schemas of parameters and results are made of.

export const string = (description, more = {}) => ({ type: 'string', description, ...more });
export const wholeNumber = (description, more = {}) => ({
  type: 'integer',
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description,
  ...more,
});
export const boolean = (description) => ({ type: 'boolean', description });
export const choice = (values, description) => ({ type: 'string', enum: values, description });
export const ref = (name) => ({ $ref: `#/components/schemas/${name}` });

/** An identifier. Its limit is in bytes, which a schema cannot say. */
export const identifier = (description) =>
  string(`${description} 1 to 1,024 bytes of UTF-8.`, { minLength: 1 });
export const shortName = (description) =>
  string(`${description} 1 to 256 bytes of UTF-8.`, { minLength: 1 });
export const longText = (description) => string(`${description} At most 65,536 bytes of UTF-8.`);
export const json = (description) => ({ type: ['object', 'array'], description });

/** What can also be `null`, which counts as not given. */
export function orNull({ description, ...schema }) {
  const described = description === undefined ? {} : { description };
  if (schema.enum) return { enum: [...schema.enum, null], ...described };
  if (schema.anyOf) {
    return { ...schema, anyOf: [...schema.anyOf, { type: 'null' }], ...described };
  }
  if (schema.type === undefined) return { anyOf: [schema, { type: 'null' }], ...described };
  return { ...schema, type: [schema.type, 'null'].flat(), ...described };
}

/** An object with these properties, of which those named are required. The others can be `null`. */
export function object(properties, required = [], more = {}) {
  const entries = Object.entries(properties).map(([name, schema]) => [
    name,
    required.includes(name) ? schema : orNull(schema),
  ]);
  return {
    type: 'object',
    properties: Object.fromEntries(entries),
    ...(required.length > 0 && { required }),
    ...more,
  };
}

/** Options: the log refuses an unknown one. */
export const options = (properties, required, description) =>
  object(properties, required, {
    additionalProperties: false,
    ...(description !== undefined && { description }),
  });

export const instanceId = {
  ...identifier('The id or the name of the instance.'),
  examples: ['orders'],
};
export const instance = instanceId;
/** Conditions that must all hold, or a tree of them: the components that are named. */
export const conditionsOf = (where, tree, description) => ({
  anyOf: [{ type: 'array', maxItems: 100, items: ref(where) }, ref(tree)],
  description,
});
export const conditions = conditionsOf(
  'Where',
  'Tree',
  'Conditions, which must all hold, or a tree of them.',
);
