// The table of what the server offers of a log. The WebSocket protocol, HTTP and the OpenAPI description are made from
// it.
//
// A row has:
// - `name`, and `summary` for a person;
// - `changes`: whether it changes the log;
// - `instances(params)`: the instances that a request names, each with its place, as the allow list sees them;
// - `parameters`, `data`: their JSON Schemas; `errors`: the codes that it adds to those of every method;
// - calls: `call(log, params, options)`, which answers with a response; `isLong`: whether its response can be large
//   or late, so that a connection has few at a time; `isAbortable`: whether `options.signal` aborts it;
// - `isJson`: whether calls can be made with the JSON text of their argument;
// - `withheld`: parameters of the method that a client cannot give, each with the reason;
// - `signs`: whether it signs with the key of the server, which is `options.signingKey`;
// - `known`: the parameters that there are, where others are ignored with a remark, and perhaps an `example` of them;
// - readers and subscriptions: `read(log, options)`, which gives events one by one.

import { data } from './answer-schemas.js';
import { Failure } from './failures.js';
import {
  appendEventParameters,
  appendEventsParameters,
  parameters,
  readAllParameters,
  readStreamParameters,
  subscribeParameters,
} from './schemas.js';

const byInstanceId = ({ instanceId }) => [['instanceId', instanceId]];
const byInstance = ({ instance }) => [['instance', instance]];

/** An append names the instance that it appends to, and can name another whose consumer it moves. */
function byAppend({ instanceId, checkpoint }) {
  const other = checkpoint?.instance ?? undefined;
  const own = [['instanceId', instanceId]];
  return other === undefined ? own : [...own, ['checkpoint.instance', other]];
}

const APPEND_ERRORS = [
  'INSTANCE_NOT_FOUND',
  'SEQUENCE_CONFLICT',
  'CONDITION_FAILED',
  'CONSUMER_NOT_FOUND',
  'CHECKPOINT_CONFLICT',
  'IDEMPOTENCY_MISMATCH',
  'TRIMMED',
  'KEY_UNAVAILABLE',
];

/** A retention that has no archive: a client has no files written where the server is. */
function withoutArchive(retention) {
  if (retention?.archive === undefined || retention.archive === null) return retention;
  throw new Failure(
    'FORBIDDEN',
    'retention.archive: expected none, as a server writes no files for its clients: set it where the log is',
  );
}

const OWN_KEY = 'a server signs with a key of its own';

/** A method that takes an object of options, as its parameters. */
function byOptions(name, summary, schema, more) {
  return {
    name,
    summary,
    parameters: schema,
    data: data.any,
    errors: ['INSTANCE_NOT_FOUND'],
    instances: byInstance,
    call: (log, params) => log[name](params),
    ...more,
  };
}

/** The methods that answer with one response. */
export const CALLS = [
  {
    name: 'createInstance',
    summary: 'Creates an instance: a container of streams.',
    changes: true,
    parameters: parameters.createInstance,
    data: data.instance,
    errors: ['INSTANCE_EXISTS'],
    instances: ({ name }) => [['name', name]],
    known: ['name', 'description', 'ifExists', 'retention'],
    call: (log, { name, description, ifExists, retention }) => {
      const options = { ifExists, retention: withoutArchive(retention) };
      return log.createInstance(name, description, options);
    },
  },
  {
    name: 'getInstance',
    summary: 'Reads one instance.',
    parameters: parameters.instanceId,
    data: data.instance,
    errors: ['INSTANCE_NOT_FOUND'],
    instances: byInstanceId,
    known: ['instanceId'],
    call: (log, params) => log.getInstance(params.instanceId),
  },
  {
    name: 'listInstances',
    summary: 'Reads all instances, oldest first.',
    isLong: true,
    parameters: parameters.nothing,
    data: data.instances,
    errors: [],
    instances: () => [],
    known: [],
    call: (log) => log.listInstances(),
  },
  {
    name: 'updateInstance',
    summary: 'Changes the name, the description or the retention of an instance.',
    changes: true,
    parameters: parameters.updateInstance,
    data: data.instance,
    errors: ['INSTANCE_NOT_FOUND', 'INSTANCE_EXISTS'],
    // A new name outside of the list would take the instance from those who may use it.
    instances: ({ instanceId, name }) => {
      const own = [['instanceId', instanceId]];
      return (name ?? undefined) === undefined ? own : [...own, ['name', name]];
    },
    call: (log, { instanceId, ...updates }) => {
      withoutArchive(updates.retention);
      return log.updateInstance(instanceId, updates);
    },
  },
  {
    name: 'deleteInstance',
    summary: 'Deletes an instance with all its events.',
    changes: true,
    parameters: parameters.instanceId,
    data: data.instance,
    errors: ['INSTANCE_NOT_FOUND'],
    instances: byInstanceId,
    known: ['instanceId'],
    call: (log, params) => log.deleteInstance(params.instanceId),
  },
  {
    name: 'appendEvent',
    summary: 'Appends one event to a stream.',
    changes: true,
    parameters: appendEventParameters,
    data: data.event,
    errors: APPEND_ERRORS,
    instances: byAppend,
    isJson: true,
    call: (log, params) => log.appendEvent(params),
  },
  {
    name: 'appendEvents',
    summary: 'Appends events to one or more streams of an instance: all of them, or none.',
    changes: true,
    isLong: true,
    parameters: appendEventsParameters,
    data: data.events,
    errors: APPEND_ERRORS,
    instances: byAppend,
    isJson: true,
    call: (log, params) => log.appendEvents(params),
  },
  {
    name: 'queryEvents',
    summary: 'Finds events of an instance, or computes a value from them.',
    isLong: true,
    isAbortable: true,
    parameters: parameters.queryEvents,
    data: data.result,
    errors: ['INSTANCE_NOT_FOUND', 'TIMED_OUT', 'KEY_UNAVAILABLE'],
    instances: ({ query }) => [['query.from.instance', query?.from?.instance]],
    known: ['query'],
    example: '{ "query": { "from": { "instance": … } } }',
    isJson: true,
    call: (log, { query }, { signal }) => log.queryEvents(query, { signal }),
  },
  {
    name: 'getInstanceStats',
    summary: 'Counts what an instance holds.',
    parameters: parameters.instanceId,
    data: data.stats,
    errors: ['INSTANCE_NOT_FOUND'],
    instances: byInstanceId,
    known: ['instanceId'],
    call: (log, params) => log.getInstanceStats(params.instanceId),
  },
  byOptions('listStreams', 'Lists the streams of an instance.', parameters.listStreams, {
    isLong: true,
  }),
  byOptions('listConsumers', 'Lists the consumers of an instance.', parameters.listConsumers, {
    isLong: true,
  }),
  byOptions('listParked', 'Lists the parked events of a consumer.', parameters.listParked, {
    isLong: true,
    errors: ['INSTANCE_NOT_FOUND', 'CONSUMER_NOT_FOUND'],
  }),
  ...[
    ['resetConsumer', 'Moves a consumer.', parameters.resetConsumer],
    ['deleteConsumer', 'Deletes a consumer.', parameters.consumer],
    ['retryParked', 'Puts parked events back.', parameters.parked],
    ['discardParked', 'Discards parked events.', parameters.parked],
  ].map(([name, summary, schema]) =>
    byOptions(name, summary, schema, {
      changes: true,
      errors: ['INSTANCE_NOT_FOUND', 'CONSUMER_NOT_FOUND'],
    }),
  ),
  byOptions('trimEvents', 'Trims the oldest events of an instance.', parameters.trimEvents, {
    changes: true,
    data: data.trimmed,
    errors: ['INSTANCE_NOT_FOUND', 'CHECKPOINT_CONFLICT'],
    withheld: { archive: 'a server writes no files for its clients' },
  }),
  byOptions('trimStream', 'Trims the first events of a stream.', parameters.trimStream, {
    changes: true,
    data: data.trimmedStream,
    errors: ['INSTANCE_NOT_FOUND', 'CHECKPOINT_CONFLICT'],
    withheld: { archive: 'a server writes no files for its clients' },
  }),
  byOptions('eraseEvents', 'Erases events, or fields of them.', parameters.eraseEvents, {
    changes: true,
    isLong: true,
    data: data.erased,
    errors: ['INSTANCE_NOT_FOUND', 'KEY_UNAVAILABLE'],
  }),
  byOptions('listErasures', 'Lists what was erased of an instance.', parameters.instance, {
    isLong: true,
    data: data.erasures,
  }),
  byOptions('applyRetention', 'Has go what is over the retention.', parameters.applyRetention, {
    changes: true,
    // A log would take all instances for it.
    needed: 'instance',
    data: data.applied,
  }),
  byOptions('deleteSnapshots', 'Deletes snapshots of projections.', parameters.deleteSnapshots, {
    changes: true,
  }),
  byOptions('checkpoint', 'Signs what an instance is now.', parameters.instance, {
    changes: true,
    isLong: true,
    isAbortable: true,
    signs: true,
    data: data.checkpoint,
    errors: ['INSTANCE_NOT_FOUND', 'TRIMMED', 'CORRUPTED', 'TIMED_OUT'],
    withheld: {
      key: OWN_KEY,
      keyFile: OWN_KEY,
      // With that of another instance, the note would be evidence of what that one never was.
      origin: 'the key of the server and the id of the instance are the origin',
    },
    call: (log, params, { signal, signingKey: key }) => log.checkpoint({ ...params, key, signal }),
  }),
  byOptions('proveInclusion', 'Proves that an event is in a tree.', parameters.proveInclusion, {
    isLong: true,
    data: data.inclusion,
    errors: ['INSTANCE_NOT_FOUND', 'TRIMMED', 'CORRUPTED'],
  }),
  byOptions(
    'proveConsistency',
    'Proves that the tree of an instance begins with an older one.',
    parameters.proveConsistency,
    {
      isLong: true,
      data: data.consistency,
      errors: ['INSTANCE_NOT_FOUND', 'TRIMMED', 'CORRUPTED'],
    },
  ),
];

/** The methods that give events one by one, and end. */
export const READERS = [
  {
    name: 'readStream',
    summary: 'Reads the events of one stream.',
    parameters: readStreamParameters,
    errors: ['INSTANCE_NOT_FOUND', 'TRIMMED', 'KEY_UNAVAILABLE'],
    instances: byInstance,
    read: (log, options) => log.readStream(options),
  },
  {
    name: 'readAll',
    summary: 'Reads the events of all streams of an instance.',
    parameters: readAllParameters,
    errors: ['INSTANCE_NOT_FOUND', 'TRIMMED', 'KEY_UNAVAILABLE'],
    instances: byInstance,
    read: (log, options) => log.readAll(options),
  },
];

/** What gives the events that exist, and then each new one. */
export const SUBSCRIBE = {
  name: 'subscribe',
  summary: 'Follows an instance, or one of its streams.',
  parameters: subscribeParameters,
  errors: ['INSTANCE_NOT_FOUND', 'TRIMMED', 'KEY_UNAVAILABLE'],
  instances: byInstance,
  isEndless: true,
  known: Object.keys(subscribeParameters.properties),
  read: (log, options) => log.subscribe(options),
};

const TABLE = new Map([...CALLS, ...READERS, SUBSCRIBE].map((row) => [row.name, row]));

/** The row of that name; `undefined` without one. */
export function methodNamed(name) {
  return TABLE.get(name);
}
