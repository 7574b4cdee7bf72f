// The streams of the instance, each with its last event.

import { useState } from 'preact/hooks';

import { call, query } from '../log/call.js';
import { addressWith, show, view } from '../view/view.js';
import { agoText, numberText, timeText } from '../view/words.js';
import { Notice } from './notice.jsx';
import { TableHead } from './table-head.jsx';
import { useAnswer } from './use-answer.js';

/** How many streams are listed, and how many more each time. */
const PAGE = 100;

const COLUMNS = [
  { name: 'Stream' },
  { name: 'Events', class: 'number' },
  { name: 'Last event' },
  { name: 'Type' },
  { name: 'Position', class: 'number wide' },
];

export function StreamsPanel() {
  const { instance } = view.value;
  const [prefix, setPrefix] = useState('');
  const [limit, setLimit] = useState(PAGE);
  const { answer, error } = useAnswer(
    (signal) => call('listStreams', { instance, prefix, limit }, signal),
    [instance, prefix, limit],
  );
  const { answer: lastEvents } = useAnswer(
    async (signal) => eventsAt(instance, answer?.streams ?? [], signal),
    [instance, answer],
  );
  return (
    <section class="sheet" aria-label="Streams">
      <label class="search">
        Streams that begin with
        <input
          value={prefix}
          onInput={({ currentTarget }) => {
            setPrefix(currentTarget.value);
            setLimit(PAGE);
          }}
        />
      </label>
      {error && <Notice kind="error">{error.message}</Notice>}
      {answer && (
        <table>
          <TableHead columns={COLUMNS} />
          <tbody>
            {answer.streams.map((stream) => (
              <StreamRow
                key={stream.stream_id}
                stream={stream}
                last={lastEvents?.get(stream.position)}
              />
            ))}
          </tbody>
        </table>
      )}
      {answer?.streams.length === 0 && <p class="empty">No streams.</p>}
      {answer?.hasMore && (
        <button type="button" onClick={() => setLimit(Math.min(10_000, limit + 5 * PAGE))}>
          More streams
        </button>
      )}
    </section>
  );
}

/** The last events of streams by their positions, as much of them as is shown. */
async function eventsAt(instance, streams, signal) {
  if (streams.length === 0) return new Map();
  const positions = streams.map(({ position }) => position);
  const where = [{ field: 'position', operator: 'in', value: positions }];
  const select = ['position', 'event_type'];
  const { events } = await query({ from: { instance }, where, select }, signal);
  return new Map(events.map((event) => [event.position, event]));
}

function StreamRow({ stream, last }) {
  const { stream_id: id, sequence_number: count, position, timestamp } = stream;
  const link = (changes) => ({
    href: addressWith(changes),
    onClick: (click) => {
      if (click.metaKey || click.ctrlKey || click.shiftKey) return;
      click.preventDefault();
      show(changes);
    },
  });
  return (
    <tr>
      <td>
        <a {...link({ panel: 'events', stream: id, event: undefined })}>{id}</a>
      </td>
      <td class="number">{numberText(count)}</td>
      <td title={timestamp}>
        <a {...link({ panel: 'events', stream: id, event: position })}>{timeText(timestamp)}</a>{' '}
        <span class="hint">{agoText(timestamp)}</span>
      </td>
      <td>{last?.event_type}</td>
      <td class="number wide">{numberText(position)}</td>
    </tr>
  );
}
