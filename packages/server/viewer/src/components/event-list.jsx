// The events of the view: a list with the newest at its end, as a terminal has it.

import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

import { isAborted } from '../log/call.js';
import { show, view } from '../view/view.js';
import { countText } from '../view/words.js';
import { EventRow, rowId } from './event-row.jsx';
import { useRowHeight } from './use-row-height.js';
import { VirtualList } from './virtual-list.jsx';

/** What a key does in the list that is on the page, for when the focus is elsewhere. */
export const listKeys = signal(undefined);

/** @param {{ session: import('../view/session.js').Session }} props - What is looked at. */
export function EventList({ session }) {
  const control = useRef({});
  const [chosen, setChosen] = useState(undefined);
  const [isAtEnd, setAtEnd] = useState(true);
  const rowHeight = useRowHeight();
  // Rows that have come are drawn.
  void session.revision.value;
  const total = session.total.value;
  // Keys can come faster than renders: each goes on from where the one before it came to.
  const latest = useRef(undefined);
  const select = (number) => {
    latest.current = number;
    setChosen(number);
  };
  const choose = (number, opens) => {
    select(number);
    control.current.reveal(number);
    const event = session.rows.row(number);
    if (opens && event !== undefined)
      show({ event: event.position }, { isReplacing: opens === 'too' });
  };
  const keys = (event) =>
    actionOf(event, { total: session.total.peek(), chosen: latest.current, choose, control });
  // Before the rows are painted: who sees them may press a key.
  useLayoutEffect(() => {
    listKeys.value = keys;
    return () => (listKeys.value = undefined);
  });
  useOpenEvent(session, select, control);
  if (total === 0) return <p class="empty">No events match.</p>;
  return (
    <div class="list-frame">
      <VirtualList
        total={total}
        rowHeight={rowHeight}
        label="Events, oldest first"
        activeId={chosen === undefined ? undefined : rowId(chosen)}
        control={control}
        onRange={(first, last) => session.rows.want(first, last)}
        onEnd={setAtEnd}
        onKeyDown={(event) => {
          const action = keys(event);
          if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
          event.preventDefault();
          action();
        }}
        renderRow={(number, top) => (
          <EventRow
            key={number}
            number={number}
            top={top}
            event={session.rows.row(number)}
            isChosen={number === chosen}
            onOpen={() => choose(number, 'alone')}
          />
        )}
      />
      {!isAtEnd && (
        <button type="button" class="to-end" onClick={() => control.current.toEnd()}>
          ↓ Newest
        </button>
      )}
      <Announcement session={session} isAtEnd={isAtEnd} />
    </div>
  );
}

/** Where the event of the address is in the list. */
function useOpenEvent(session, select, control) {
  const { event } = view.value;
  useEffect(() => {
    if (event === undefined) return undefined;
    const abort = new AbortController();
    const find = async () => {
      try {
        const number = await session.list.numberAt(event, abort.signal);
        const [found] = await session.list.positions(number, 1, abort.signal);
        if (abort.signal.aborted) return;
        // An event that the filter leaves out is no row. The list then shows where it would be.
        select(found === event ? number : undefined);
        if (found !== undefined) control.current.reveal(number, true);
      } catch (error) {
        if (!isAborted(error)) session.failure.value = error.message;
      }
    };
    find();
    return () => abort.abort();
  }, [event, session]);
}

/** What a key does; `undefined` if nothing. */
function actionOf({ key }, { total, chosen, choose, control }) {
  const isOpen = view.value.event !== undefined;
  const by = (step) => () => {
    const from = chosen ?? (step > 0 ? -1 : total);
    choose(Math.min(Math.max(0, from + step), total - 1), isOpen && 'too');
  };
  const to = (number) => () => choose(number, isOpen && 'too');
  const page = control.current.pageLength ?? 1;
  return {
    ArrowDown: by(1),
    j: by(1),
    ArrowUp: by(-1),
    k: by(-1),
    PageDown: by(page),
    PageUp: by(-page),
    Home: to(0),
    g: to(0),
    End: to(total - 1),
    G: to(total - 1),
    Enter: chosen === undefined ? undefined : () => choose(chosen, 'alone'),
  }[key];
}

/** Tells a screen reader of new events, not more often than it can speak. */
function Announcement({ session, isAtEnd }) {
  const [text, setText] = useState('');
  const told = useRef(session.total.peek());
  const total = session.total.value;
  useEffect(() => {
    if (total === told.current) return undefined;
    const timer = setTimeout(() => {
      setText(`${countText(total - told.current, 'new event')}${isAtEnd ? '' : ' at the end'}`);
      told.current = total;
    }, 2_000);
    return () => clearTimeout(timer);
  }, [total]);
  return (
    <p class="hidden" role="status">
      {text}
    </p>
  );
}
