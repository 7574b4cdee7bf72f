// The events that are read: an agent's API requests, some 300 bytes of JSON each.

/** How many streams they are in, each of which has as many. */
export const streamCount = 1000;

export const streamNamed = (n) => `user-${n % streamCount}`;

/** The event of that number, from 0. */
export function eventAt(n) {
  return {
    streamId: streamNamed(n),
    eventType: 'api_call_made',
    payload: {
      n,
      endpoint: `/api/users/${n % 200}`,
      method: 'GET',
      responseTime: (n * 7) % 900,
      statusCode: 200,
      region: 'eu-central-1',
      cacheHit: n % 3 === 0,
      bytesSent: 18_000 + (n % 977),
      traceId: `4bf92f3577b34da6a3ce929d0e${(n % 1_000_000).toString(16).padStart(6, '0')}`,
    },
    metadata: { userAgent: 'codebolt-agent/1.4', host: `worker-${n % 17}`, attempt: 1 },
  };
}

/** The first so many of them, in batches. */
export function* batches(count, size = 5000) {
  for (let first = 0; first < count; first += size) {
    yield Array.from({ length: Math.min(size, count - first) }, (_, i) => eventAt(first + i));
  }
}
