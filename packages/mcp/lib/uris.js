// The addresses of what can be read and subscribed to.

const ROOT = 'eventlog://instances';

/** The address of an instance. */
export const INSTANCE_TEMPLATE = `${ROOT}/{instanceId}`;

/** The address of a stream. */
export const STREAM_TEMPLATE = `${ROOT}/{instanceId}/streams/{streamId}`;

const ADDRESS = /^eventlog:\/\/instances\/(?<instance>[^/?#]+)(?:\/streams\/(?<stream>[^/?#]+))?$/;

/** @param {string} instance - Its id. */
export function instanceUri(instance) {
  return `${ROOT}/${encodeURIComponent(instance)}`;
}

/**
 * @param {string} instance - The id of its instance.
 * @param {string} stream - Its id.
 */
export function streamUri(instance, stream) {
  return `${instanceUri(instance)}/streams/${encodeURIComponent(stream)}`;
}

/**
 * @param {unknown} uri - An address.
 * @returns {{ instance: string, stream: string | undefined } | undefined} What it is of; `undefined` if it is none of these.
 */
export function parseUri(uri) {
  const found = typeof uri === 'string' ? ADDRESS.exec(uri)?.groups : undefined;
  if (found === undefined) return undefined;
  try {
    const stream = found.stream === undefined ? undefined : decodeURIComponent(found.stream);
    return { instance: decodeURIComponent(found.instance), stream };
  } catch {
    return undefined;
  }
}
