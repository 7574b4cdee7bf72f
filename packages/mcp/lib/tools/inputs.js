// Inputs that several tools have.

/** Which instance a call is about. */
export const instanceInput = {
  type: 'string',
  description: 'ID of the event log instance, or its name',
  required: true,
};

/** Which event of an instance a call is about, by one of the ways in which events are named. */
export const eventInputs = {
  instanceId: instanceInput,
  eventId: { type: 'string', description: 'The id of the event' },
  position: { type: 'integer', description: 'Its position in the instance, from 1', minimum: 1 },
  streamId: { type: 'string', description: 'Its stream; with sequenceNumber' },
  sequenceNumber: {
    type: 'integer',
    description: 'Its sequence_number within the stream, from 1',
    minimum: 1,
  },
};

/** Which stream a call is about, if it is only one. */
export const streamInput = {
  type: 'string',
  description: 'Only this stream. Default: all streams of the instance',
};

/** Where a page begins. */
export const cursorInput = {
  type: 'string',
  description:
    'For the next page: the nextCursor of the answer before, with the same other arguments',
};

/**
 * @param {string} what - What is counted.
 * @param {number} maximum - How many at most.
 * @param {number} [normal] - How many without it.
 */
export function limitInput(what, maximum, normal = maximum) {
  return {
    type: 'integer',
    description: `How many ${what} a page has at most, up to ${maximum}. Default ${normal}`,
    minimum: 1,
    maximum,
  };
}
