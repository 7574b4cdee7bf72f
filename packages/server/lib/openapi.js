// The description of the HTTP interface in OpenAPI 3.1, from the table of methods.

import { readFileSync } from 'node:fs';

import { components, successOf } from './answer-schemas.js';
import { BATCHED, CLOUD_EVENTS_PATH, STRUCTURED } from './cloud-events/modes.js';
import { statusOf } from './failures.js';
import { CALLS, READERS, SUBSCRIBE, methodNamed } from './methods.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** What any method can answer with, beside its own codes. */
const COMMON_ERRORS = [
  'INVALID_ARGUMENT',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'LIMIT_EXCEEDED',
  'BODY_TOO_LARGE',
  'OVERLOADED',
];

/** What a method that changes the log can answer with besides. */
const CHANGE_ERRORS = ['STORAGE_FAILED', 'OUTCOME_UNKNOWN'];

/** What is answered to parts that are right each, where a schema cannot say that they do not go together. */
function conflict(words) {
  return {
    409: jsonResponse(`INVALID_ARGUMENT: ${words}.`, { $ref: '#/components/schemas/Failure' }),
  };
}

/** What a reader answers that is to begin after the last event. */
const PAST_THE_END = conflict('it is past the last event');

/** What a query answers whose parts do not go together. */
const PARTS_APART = conflict(
  'the rows have no such column, or another one of this name; or bins do not ascend',
);

/** What is answered to who wants a proof of what is not there yet. */
const NO_SUCH_TREE = conflict('there is no such event or tree yet');

/** An option that is told of in words alone: what tries it would wait for something that nobody makes. */
const WAITING = 'awaitInstance';

/** @returns {object} The description. */
export function openApi() {
  const posts = [
    ...CALLS.map((row) => [
      row,
      { 200: jsonResponse('What was asked for.', successOf(row.name, row.data)) },
    ]),
    ...READERS.map((row) => [row, { 200: linesResponse() }]),
  ];
  return {
    openapi: '3.1.0',
    info: {
      title: 'codebolt-eventlog-server',
      version,
      description: 'The methods of an event log over HTTP.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths: {
      ...Object.fromEntries(
        posts.map(([row, success]) => [`/eventlog/${row.name}`, { post: post(row, success) }]),
      ),
      '/eventlog/subscribe': { get: subscribe() },
      [CLOUD_EVENTS_PATH]: { get: giveCloudEvents(), post: takeCloudEvents() },
      '/healthz': { get: plain('health', 'Whether the log answers.', healthResponse()) },
      '/metrics': { get: plain('metrics', 'Counters for Prometheus.', textResponse()) },
      '/openapi.json': {
        get: plain('openApi', 'This description.', jsonResponse('It.', { type: 'object' })),
      },
    },
    components: {
      schemas: components,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function post(row, success) {
  const { name, summary, parameters, changes, errors } = row;
  const own = [...errors, ...(changes ? CHANGE_ERRORS : []), 'UNSUPPORTED_MEDIA_TYPE'];
  return {
    operationId: name,
    summary,
    requestBody: {
      required: parameters.required !== undefined,
      content: { 'application/json': { schema: parameters } },
    },
    responses: {
      ...success,
      ...failures([...COMMON_ERRORS, ...own]),
      ...((row.read || name === 'eraseEvents') && PAST_THE_END),
      ...(name === 'queryEvents' && PARTS_APART),
      ...(name.startsWith('prove') && NO_SUCH_TREE),
    },
  };
}

function subscribe() {
  const { summary, parameters, errors } = SUBSCRIBE;
  const described = Object.entries(parameters.properties).filter(([name]) => name !== WAITING);
  const inQuery = described.map(([name, schema]) => ({
    name,
    in: 'query',
    required: parameters.required.includes(name),
    ...(name === 'where' ? { content: { 'application/json': { schema } } } : { schema }),
  }));
  const lastEventId = {
    name: 'Last-Event-ID',
    in: 'header',
    schema: { type: 'integer', minimum: 0 },
  };
  return {
    operationId: 'subscribe',
    summary: `${summary} As server-sent events; a WebSocket at the same address has a frame for each event.`,
    description: `With \`${WAITING}=true\`, the instance need not exist yet.`,
    parameters: [...inQuery, lastEventId],
    responses: {
      200: {
        description: 'Events.',
        content: { 'text/event-stream': { schema: { type: 'string' } } },
      },
      ...failures([...COMMON_ERRORS, ...errors]),
      ...PAST_THE_END,
    },
  };
}

/** What stands in the query string of a path. */
function queryParameter(name, schema, required = false) {
  return { name, in: 'query', required, schema };
}

const INSTANCE_IN_QUERY = queryParameter('instance', { type: 'string', minLength: 1 }, true);
const STREAM_IN_QUERY = queryParameter('stream', { type: 'string', minLength: 1 });

const CLOUD_EVENT = { $ref: '#/components/schemas/CloudEvent' };

function takeCloudEvents() {
  const rows = ['appendEvent', 'appendEvents'].map(methodNamed);
  const [one, many] = rows.map((row) => successOf(row.name, row.data));
  const errors = [...rows[0].errors, ...CHANGE_ERRORS, 'UNSUPPORTED_MEDIA_TYPE'];
  return {
    operationId: 'takeCloudEvents',
    summary:
      'Appends a CloudEvent in structured mode, or several in batched mode: all of them, or none.',
    description:
      'Binary mode has the attributes in headers such as `ce-id`, and the data as the body.',
    parameters: [
      INSTANCE_IN_QUERY,
      STREAM_IN_QUERY,
      queryParameter('create', { type: 'string', enum: ['true', 'false'] }),
    ],
    requestBody: {
      required: true,
      content: {
        [STRUCTURED]: { schema: CLOUD_EVENT },
        [BATCHED]: { schema: { type: 'array', items: CLOUD_EVENT } },
      },
    },
    responses: {
      200: jsonResponse('It is on disk.', { anyOf: [one, many] }),
      ...failures([...COMMON_ERRORS, ...errors]),
    },
  };
}

function giveCloudEvents() {
  return {
    operationId: 'giveCloudEvents',
    summary: 'Reads events as CloudEvents, in batched mode.',
    // In words alone: parameters cannot say that they exclude each other.
    description:
      'With `id`, and beside it no other parameter than `instance` and `mode` (`binary` or `structured`), it gives that event.',
    parameters: [
      INSTANCE_IN_QUERY,
      STREAM_IN_QUERY,
      queryParameter('afterPosition', {
        type: 'integer',
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
      }),
      queryParameter('limit', { type: 'integer', minimum: 0, maximum: 1000 }),
    ],
    responses: {
      200: {
        description:
          'The events, or the one with the `id`. In binary mode its data is of any type.',
        content: {
          [BATCHED]: { schema: { type: 'array', items: CLOUD_EVENT } },
          [STRUCTURED]: { schema: CLOUD_EVENT },
          '*/*': { schema: {} },
        },
      },
      ...failures([
        ...COMMON_ERRORS,
        'INSTANCE_NOT_FOUND',
        'NOT_FOUND',
        'TIMED_OUT',
        'KEY_UNAVAILABLE',
      ]),
      ...PAST_THE_END,
    },
  };
}

function plain(operationId, summary, success) {
  return {
    operationId,
    summary,
    responses: {
      200: success,
      ...failures(['INVALID_ARGUMENT', 'UNAUTHORIZED', 'FORBIDDEN', 'OVERLOADED']),
    },
  };
}

function failures(codes) {
  const schema = { $ref: '#/components/schemas/Failure' };
  const byStatus = {};
  for (const code of new Set(codes)) {
    const status = statusOf({ code });
    const others = byStatus[status] === undefined ? '' : `${byStatus[status].description}, `;
    byStatus[status] = jsonResponse(`${others}${code}`, schema);
  }
  return byStatus;
}

function jsonResponse(description, schema) {
  return { description, content: { 'application/json': { schema } } };
}

function healthResponse() {
  const schema = {
    type: 'object',
    properties: { success: { const: true } },
    required: ['success'],
  };
  return jsonResponse('It does.', schema);
}

function linesResponse() {
  return {
    description:
      'Events as JSON, one a line. A last line with `success: false` says why there are no more.',
    content: { 'application/x-ndjson': { schema: { type: 'string' } } },
  };
}

function textResponse() {
  return { description: 'Counters.', content: { 'text/plain': { schema: { type: 'string' } } } };
}
