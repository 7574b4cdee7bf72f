// Where an event leads: its stream, what belongs together, what has caused it, and what it has caused.

import { query } from '../log/call.js';
import { formatAddress } from '../view/address.js';
import { EVERYTHING } from '../filter/tree.js';
import { show, view } from '../view/view.js';
import { useAnswer } from './use-answer.js';

/** @param {{ event: object }} props - The event. */
export function EventLinks({ event }) {
  const { correlationId, causationId } = event.metadata;
  return (
    <nav class="links" aria-label="From this event">
      <Link changes={{ stream: event.stream_id }}>Same stream: {event.stream_id}</Link>
      {isId(correlationId) && (
        <Link changes={{ filter: having('metadata.correlationId', correlationId) }}>
          Same correlation: {correlationId}
        </Link>
      )}
      {isId(causationId) && <Cause key={causationId} id={causationId} />}
      <Link changes={{ filter: having('metadata.causationId', event.id) }}>
        Caused by this event
      </Link>
    </nav>
  );
}

/** The event that has caused this one, if that is an event of the instance: it can be a command. */
function Cause({ id }) {
  const { instance } = view.value;
  const { answer: position } = useAnswer(
    async (signal) => {
      const where = [{ field: 'id', operator: 'eq', value: id }];
      const asked = { from: { instance }, where, select: ['position'], limit: 1 };
      return (await query(asked, signal)).events[0]?.position;
    },
    [instance, id],
  );
  return (
    <>
      {position !== undefined && (
        <Link changes={{ event: position }} isSameList>
          Its cause: event {position}
        </Link>
      )}
      <Link changes={{ filter: having('metadata.causationId', id) }}>Same cause: {id}</Link>
    </>
  );
}

/** Shows other events of the instance. The event stays open. */
function Link({ changes, isSameList, children }) {
  const other = isSameList
    ? changes
    : {
        stream: undefined,
        filter: EVERYTHING,
        from: undefined,
        until: undefined,
        panel: 'events',
        ...changes,
      };
  return (
    <a
      href={formatAddress({ ...view.value, ...other })}
      onClick={(click) => {
        if (click.metaKey || click.ctrlKey || click.shiftKey) return;
        click.preventDefault();
        show(other);
      }}
    >
      {children}
    </a>
  );
}

function having(field, value) {
  return { mode: 'all', items: [{ field, operator: 'eq', value }] };
}

function isId(value) {
  return typeof value === 'string' && value !== '';
}
