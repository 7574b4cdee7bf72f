// JSON Schemas of what tools answer. A client that has listed the tools refuses an answer with a key more.

const string = { type: 'string' };
const number = { type: 'integer' };

/**
 * @param {Record<string, object>} properties - The keys.
 * @param {string[]} [optional] - Those that may be missing.
 */
export function object(properties, optional = []) {
  const required = Object.keys(properties).filter((key) => !optional.includes(key));
  return { type: 'object', properties, required, additionalProperties: false };
}

/** @param {object} items - The schema of each element. */
export function array(items) {
  return { type: 'array', items };
}

/** An instance, as the log returns it. */
export const instance = object(
  {
    id: string,
    name: string,
    description: string,
    createdAt: string,
    updatedAt: string,
    retention: { type: 'object' },
    retentionError: { type: 'object' },
  },
  ['description', 'retention', 'retentionError'],
);

/** An event, or what a query has selected of it. */
export const event = { type: 'object' };

/** An event that was appended, without what the caller knows. */
export const receipt = object({
  id: string,
  stream_id: string,
  event_type: string,
  timestamp: string,
  sequence_number: number,
});

/** That the rest is data. */
export const notice = string;

/** Where the next page begins. */
export const nextCursor = {
  type: 'string',
  description: 'Only if there is more: give it as "cursor", with the same arguments',
};

/** What the agent should know beside the data. */
export const remarks = { type: 'array', items: string };

export { number, string };
