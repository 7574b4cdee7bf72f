// One event, whole: its JSON, what can be done with it, and where it leads.

import { useEffect, useRef } from 'preact/hooks';

import { EVERYTHING } from '../filter/tree.js';
import { query } from '../log/call.js';
import { addressWith, show, view } from '../view/view.js';
import { numberText, timeText } from '../view/words.js';
import { CopyButton } from './copy-button.jsx';
import { EventLinks } from './event-links.jsx';
import { JsonNode } from './json-node.jsx';
import { Notice } from './notice.jsx';
import { useAnswer } from './use-answer.js';

/** @param {{ position: number }} props - Which event of the instance. */
export function EventDetail({ position }) {
  const { instance } = view.value;
  const { answer, error, isWaiting } = useAnswer(
    async (signal) => ({ shown: position, event: await eventAt(instance, position, signal) }),
    [instance, position],
  );
  // The last event is shown until the next one is there, under its own name: what is clicked then is about that one.
  const { shown, event } = answer ?? { shown: position };
  const title = useRef(null);
  useEffect(() => {
    // On a phone it covers the list, so that the keys belong to it.
    if (matchMedia('(max-width: 900px)').matches) title.current.focus();
  }, []);
  return (
    <aside class="detail" aria-label="Event" aria-busy={isWaiting}>
      <div class="detail-head">
        <h2 ref={title} tabIndex={-1}>
          Event {numberText(shown)}
        </h2>
        <button
          type="button"
          class="plain"
          aria-label="Close the event"
          title="Close (Esc)"
          onClick={() => show({ event: undefined })}
        >
          ×
        </button>
      </div>
      {error && <Notice kind="error">{error.message}</Notice>}
      {event && <Whole event={event} position={shown} />}
      {!event && !isWaiting && !error && <p class="empty">There is no such event.</p>}
    </aside>
  );
}

function Whole({ event, position }) {
  const isNarrowed = view.value.filter.items.length > 0 || view.value.stream !== undefined;
  return (
    <>
      <p class="detail-title">
        <strong>{event.event_type}</strong> {timeText(event.timestamp)}
      </p>
      <div class="row detail-actions">
        <CopyButton label="Copy JSON" text={() => JSON.stringify(event, null, 2)} />
        <CopyButton label="Copy link" text={() => addressOf(position)} />
        {isNarrowed && (
          <button
            type="button"
            onClick={() =>
              show({ filter: EVERYTHING, stream: undefined, from: undefined, until: undefined })
            }
          >
            Show among all
          </button>
        )}
      </div>
      <EventLinks event={event} />
      <div class="json" aria-label="JSON" role="group">
        {['payload', 'metadata'].map((root) => (
          <JsonNode key={root} root={root} keys={[]} value={event[root]} isLast />
        ))}
        {['id', 'stream_id', 'event_type', 'timestamp', 'sequence_number'].map((root) => (
          <JsonNode key={root} root={root} keys={[]} value={event[root]} isLast />
        ))}
      </div>
    </>
  );
}

const KEYS = [
  'id',
  'instanceId',
  'stream_id',
  'event_type',
  'payload',
  'metadata',
  'timestamp',
  'sequence_number',
];

/** The whole address of the event in this view. */
function addressOf(position) {
  return new URL(addressWith({ event: position }), location.href).href;
}

async function eventAt(instance, position, signal) {
  const where = [{ field: 'position', operator: 'eq', value: position }];
  const { events } = await query({ from: { instance }, where, select: KEYS }, signal);
  return events[0];
}
