// A counter that is decided on. Processes that a test starts have it too, which have no test runner.

/** The counter of the stream `counter`, which events count by as much as they say. */
export const counter = {
  instance: 'log',
  stream: 'counter',
  initial: { count: 0, types: [], last: 0 },
  apply: ({ count, types }, { event_type, payload, position }) => ({
    count: count + (payload.by ?? 0),
    types: [...types, event_type],
    last: position,
  }),
};
