// The description of the HTTP interface in OpenAPI 3.1, from the table of methods.

import { readFileSync } from 'node:fs';

import { statusOf } from './failures.js';
import { CALLS, READERS, SUBSCRIBE } from './methods.js';
import { components, object } from './schemas.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** What any method can answer with, beside its own codes. */
const COMMON_ERRORS = [
  'INVALID_ARGUMENT',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'LIMIT_EXCEEDED',
  'OVERLOADED',
];

/** What a method that changes the log can answer with besides. */
const CHANGE_ERRORS = ['STORAGE_FAILED', 'OUTCOME_UNKNOWN'];

const time = { type: 'string', format: 'date-time' };

/** @returns {object} The description. */
export function openApi() {
  const posts = [
    ...CALLS.map((row) => [row, { 200: jsonResponse('What was asked for.', envelope(row)) }]),
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
    requestBody: { required: true, content: { 'application/json': { schema: parameters } } },
    responses: { ...success, ...failures([...COMMON_ERRORS, ...own]) },
  };
}

function subscribe() {
  const { summary, parameters, errors } = SUBSCRIBE;
  const inQuery = Object.entries(parameters.properties).map(([name, schema]) => ({
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
    parameters: [...inQuery, lastEventId],
    responses: {
      200: {
        description: 'Events.',
        content: { 'text/event-stream': { schema: { type: 'string' } } },
      },
      ...failures([...COMMON_ERRORS, ...errors]),
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

function envelope({ name, data }) {
  return object(
    {
      type: { const: `eventLog.${name}` },
      success: { const: true },
      data,
      message: { type: 'string' },
      timestamp: time,
      requestId: { type: 'string' },
    },
    ['type', 'success', 'data', 'timestamp', 'requestId'],
  );
}

function failures(codes) {
  const byStatus = new Map();
  for (const code of codes)
    byStatus.set(statusOf(code), [...(byStatus.get(statusOf(code)) ?? []), code]);
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      status,
      jsonResponse([...new Set(names)].join(', '), { $ref: '#/components/schemas/Failure' }),
    ]),
  );
}

function jsonResponse(description, schema) {
  return { description, content: { 'application/json': { schema } } };
}

function healthResponse() {
  return jsonResponse('It does.', object({ success: { const: true } }, ['success']));
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
