// What every response has to look like, whatever the method.

const ISO_MILLISECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** What the `code` of a failure can be. */
export const CODES = [
  'INVALID_ARGUMENT',
  'LIMIT_EXCEEDED',
  'INSTANCE_NOT_FOUND',
  'INSTANCE_EXISTS',
  'SEQUENCE_CONFLICT',
  'CONDITION_FAILED',
  'CONSUMER_NOT_FOUND',
  'CHECKPOINT_CONFLICT',
  'IDEMPOTENCY_MISMATCH',
  'TRIMMED',
  'IMPORT_CONFLICT',
  'CLOSED',
  'ABORTED',
  'OVERLOADED',
  'KEY_UNAVAILABLE',
  'LOCKED',
  'STORAGE_FAILED',
  'OUTCOME_UNKNOWN',
  'CORRUPTED',
  'UNSUPPORTED_FORMAT',
  'INTERNAL',
];

function checkEnvelope(t, response, method, own) {
  t.is(response.type, `eventLog.${method}`);
  t.regex(response.timestamp, ISO_MILLISECONDS);
  t.regex(response.requestId, UUID);
  const keys = Object.keys(response).filter((key) => key !== 'message');
  t.deepEqual(keys.sort(), [...own, 'requestId', 'success', 'timestamp', 'type'].sort());
  if ('message' in response) {
    t.is(typeof response.message, 'string');
    t.not(response.message, '');
  }
}

/** Asserts that `response` is the success of `method`, and returns its `data`. */
export function succeeded(t, response, method) {
  t.is(response.success, true, `${response.code}: ${response.error}`);
  checkEnvelope(t, response, method, ['data']);
  return response.data;
}

/** Asserts that `response` is a failure of `method` with the given code, and returns its text. */
export function failed(t, response, method, code, pattern = /./) {
  return failedWith(t, response, method, code, pattern, ['code', 'error']).error;
}

/** Asserts that `response` is a failure of `method` because of a stream, and returns which. */
export function conflicted(t, response, method, pattern = /./) {
  const own = ['code', 'conflict', 'error'];
  return failedWith(t, response, method, 'SEQUENCE_CONFLICT', pattern, own).conflict;
}

/** Asserts that `response` is a failure of `method` because of a consumer, and returns where that stands. */
export function outrun(t, response, method, pattern = /./) {
  const own = ['code', 'conflict', 'error'];
  return failedWith(t, response, method, 'CHECKPOINT_CONFLICT', pattern, own).conflict;
}

/** Asserts that `response` is a failure of `method` because of an event, and returns which. */
export function conditionFailed(t, response, method, pattern = /./) {
  const own = ['code', 'conflict', 'error'];
  return failedWith(t, response, method, 'CONDITION_FAILED', pattern, own).conflict;
}

function failedWith(t, response, method, code, pattern, own) {
  t.is(response.success, false, `expected ${code}, found a success: ${JSON.stringify(response)}`);
  t.is(response.code, code, response.error);
  t.true(CODES.includes(code));
  checkEnvelope(t, response, method, own);
  t.regex(response.error, pattern);
  return response;
}

/** The instance of a success. */
export async function created(t, log, name, description) {
  return succeeded(t, await log.createInstance(name, description), 'createInstance').instance;
}

/** Appends one event that must succeed, and returns it. */
export async function appended(t, log, params) {
  return succeeded(t, await log.appendEvent(params), 'appendEvent').event;
}

/** The result of a query that must succeed. */
export async function queried(t, log, query) {
  return succeeded(t, await log.queryEvents(query), 'queryEvents').result;
}

/** Every event of `instance`, in append order. */
export async function eventsOf(t, log, instance, stream) {
  const from = stream === undefined ? { instance } : { instance, stream };
  const { events } = await queried(t, log, { from });
  return events;
}

/** Asserts that the sequence numbers of `events`, all of one stream, are 1, 2, 3 … */
export function assertGapless(t, events) {
  t.deepEqual(
    events.map((event) => event.sequence_number),
    events.map((_, index) => index + 1),
  );
}
