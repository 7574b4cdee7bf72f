// Every documented example of appendEvent runs as it is written, but for its import line.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { runFile } from './support/child.mjs';
import { eventsOf, succeeded } from './support/response.mjs';
import { openAt, temporaryFolder } from './support/temporary.mjs';

const examples = new URL('support/examples/', import.meta.url);
const prelude = new URL('support/example-prelude.mjs', import.meta.url).href;

/** What each example stores, and what it prints. */
const EXPECTED = {
  '1-log-user-login.mjs': {
    instance: 'user-activity-log',
    stream: 'user-123',
    type: 'user_login',
    payload: { userId: 'user-123', timestamp: 0, method: 'password', ip: '192.168.1.1' },
    metadata: { source: 'web-app', version: '1.0.0' },
    stdout: 'Event logged, sequence: 1\n',
  },
  '2-record-api-call.mjs': {
    instance: 'api-log',
    stream: 'api-calls',
    type: 'api_request',
    payload: {
      endpoint: '/api/users',
      method: 'GET',
      userId: 'user-123',
      responseTime: 125,
      statusCode: 200,
    },
    metadata: { userAgent: 'Mozilla/5.0...', timestamp: 0 },
  },
  '3-track-order-events.mjs': {
    instance: 'order-events',
    stream: 'order-1001',
    type: 'OrderCreated',
    payload: {
      orderId: '1001',
      customerId: 'customer-456',
      items: [{ productId: 'prod-1', quantity: 2, price: 29.99 }],
      totalAmount: 59.98,
      createdAt: 0,
    },
    metadata: {},
  },
  '4-log-system-error.mjs': {
    instance: 'system-errors',
    stream: 'errors',
    type: 'error_occurred',
    payload: {
      errorType: 'DatabaseConnectionError',
      message: 'Failed to connect to database',
      stack: 'Error: Failed to connect\n    at ...',
      service: 'payment-service',
      severity: 'critical',
    },
    metadata: { hostname: 'server-01', environment: 'production', timestamp: 0 },
  },
  '5-record-state-change.mjs': {
    instance: 'state-changes',
    stream: 'workflow-42',
    type: 'WorkflowStateChanged',
    payload: {
      workflowId: '42',
      oldState: 'pending',
      newState: 'in_progress',
      changedBy: 'system',
      reason: 'Timer triggered',
    },
    metadata: {},
  },
  '6-auto-create-instance.mjs': {
    instance: 'new-instance',
    stream: 'events',
    type: 'test_event',
    payload: { data: 'test' },
    metadata: {},
    stdout: 'Event logged (instance auto-created if needed)\n',
    createsInstance: true,
  },
};

/** Puts 0 in the place of the example's `Date.now()`, after checking that it was a number. */
function withoutClock(t, value) {
  for (const key of ['timestamp', 'createdAt']) {
    if (!(key in value)) continue;
    t.true(Number.isInteger(value[key]) && value[key] > 0);
    value[key] = 0;
  }
  return value;
}

function runExample(t, name, env) {
  const file = fileURLToPath(new URL(name, examples));
  return runFile(t, file, { flags: ['--import', prelude], env });
}

test('every example is run', async (t) => {
  t.deepEqual((await readdir(examples)).sort(), Object.keys(EXPECTED));
});

for (const [name, expected] of Object.entries(EXPECTED)) {
  test(`${name} stores its event`, async (t) => {
    const path = join(await temporaryFolder(t), 'log.redb');
    const env = { CODEBOLT_EVENTLOG_PATH: path };
    if (!expected.createsInstance) env.EXAMPLE_INSTANCE = expected.instance;
    const ended = await runExample(t, name, env);
    t.is(ended.stderr, '');
    t.is(ended.code, 0);
    t.is(ended.stdout, expected.stdout ?? '');

    const log = await openAt(t, path);
    const [event, ...more] = await eventsOf(t, log, expected.instance);
    t.deepEqual(more, []);
    t.is(event.stream_id, expected.stream);
    t.is(event.event_type, expected.type);
    t.deepEqual(withoutClock(t, event.payload), expected.payload);
    t.deepEqual(withoutClock(t, event.metadata), expected.metadata);
    t.is(event.sequence_number, 1);
  });
}

test('an example that creates no instance makes it, unless the environment says that none is to be made', async (t) => {
  for (const [autoCreate, made] of [
    [undefined, ['api-log']],
    ['0', []],
  ]) {
    const path = join(await temporaryFolder(t), 'log.redb');
    const env = { CODEBOLT_EVENTLOG_PATH: path };
    if (autoCreate !== undefined) env.CODEBOLT_EVENTLOG_AUTO_CREATE = autoCreate;
    const ended = await runExample(t, '2-record-api-call.mjs', env);
    t.is(ended.code, 0, ended.stderr);
    const log = await openAt(t, path);
    const { instances } = succeeded(t, await log.listInstances(), 'listInstances');
    const names = instances.map((instance) => instance.name);
    t.deepEqual(names, made);
  }
});
