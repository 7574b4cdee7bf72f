// What the modes of CloudEvents are known by over HTTP.

/** Where CloudEvents go to and come from. */
export const CLOUD_EVENTS_PATH = '/cloudevents';

/** The media type of one CloudEvent, in structured mode. */
export const STRUCTURED = 'application/cloudevents+json';

/** The media type of several, in batched mode. */
export const BATCHED = 'application/cloudevents-batch+json';
