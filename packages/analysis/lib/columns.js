// The columns of an export: which there are, of what type, and whether each event has a value.

/** What each type of a column is: `json` is the text of any JSON value. */
const OWN = [
  { name: 'position', type: 'int64' },
  { name: 'instanceId', type: 'string' },
  { name: 'stream_id', type: 'string' },
  { name: 'sequence_number', type: 'int64' },
  { name: 'event_type', type: 'string' },
  { name: 'timestamp', type: 'timestamp' },
  { name: 'id', type: 'string' },
  { name: 'payload', type: 'json' },
  { name: 'metadata', type: 'json' },
];

/** What a column of an event's own keys has of it. */
const READ = {
  int64: (name) => (event) => event[name],
  string: (name) => (event) => event[name],
  json: (name) => (event) => event[name],
  timestamp: (name) => (event) => Date.parse(event[name]),
};

/**
 * All columns of an export: those that each event has, and those that were asked for.
 *
 * @param {{ name: string, type: string }[]} chosen - Those that were asked for, in the order of their values.
 * @returns {{ name: string, type: string, isRequired: boolean, read: (event: any) => any }[]} The columns.
 */
export function columnsFor(chosen) {
  return [
    ...OWN.map(({ name, type }) => ({ name, type, isRequired: true, read: READ[type](name) })),
    ...chosen.map(({ name, type }, index) => ({
      name,
      type,
      isRequired: false,
      read: (event) => event.columns[index],
    })),
  ];
}
