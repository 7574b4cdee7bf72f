// Failures of a client.

/** What readers and subscriptions throw, and `connect` rejects with: an error with the code of a response. */
export class EventLogError extends Error {
  constructor(code, message, options) {
    super(message, options);
    this.code = code;
  }
}
Object.defineProperty(EventLogError.prototype, 'name', {
  value: 'EventLogError',
  configurable: true,
  writable: true,
});

/** A failed response that the client makes itself. */
export function failedResponse(type, code, error) {
  const requestId = globalThis.crypto.randomUUID();
  return { type, success: false, error, code, timestamp: new Date().toISOString(), requestId };
}

/** The `data` of a response; a failed one is thrown. */
export function unwrap(response) {
  if (response.success) return response.data;
  const error = new EventLogError(response.code, response.error);
  if (response.conflict !== undefined) error.conflict = response.conflict;
  throw error;
}
