// One event in the list, on one line, or on two where there is no room.

import { clockText, colourOf, dateText, numberText, summaryOf, timeText } from '../view/words.js';

/**
 * @param {object} props
 * @param {number} props.number - The number of the row.
 * @param {number} props.top - How many pixels it is from the top of the window.
 * @param {object} [props.event] - The event, if it is there.
 * @param {boolean} props.isChosen - Whether it is the chosen one.
 * @param {() => void} props.onOpen - Called when it is to be opened.
 */
export function EventRow({ number, top, event, isChosen, onOpen }) {
  return (
    <div
      id={rowId(number)}
      class={`event-row${isChosen ? ' chosen' : ''}${event === undefined ? ' waiting' : ''}`}
      role="row"
      aria-rowindex={number + 1}
      aria-selected={isChosen}
      data-position={event?.position}
      style={{ transform: `translateY(${top}px)` }}
      onClick={onOpen}
    >
      {event === undefined ? <Waiting number={number} /> : <Cells event={event} />}
    </div>
  );
}

/** The id of the element of a row. */
export function rowId(number) {
  return `event-row-${number}`;
}

function Cells({ event }) {
  const { event_type: type, stream_id: stream, sequence_number: sequence, timestamp } = event;
  return (
    <>
      <span class="cell cell-time" role="gridcell" title={`${timeText(timestamp)} (${timestamp})`}>
        <span class="date">{dateText(timestamp)}</span> {clockText(timestamp)}
      </span>
      <span class="cell cell-type" role="gridcell" title={type}>
        <span class={`dot colour-${colourOf(type)}`} aria-hidden="true" />
        <span class="cell">{type}</span>
      </span>
      <span class="cell cell-stream" role="gridcell" title={`${stream}, number ${sequence}`}>
        {stream}
        <span class="sequence"> {numberText(sequence)}</span>
      </span>
      <span class="cell cell-summary" role="gridcell">
        {summaryOf(event.payload)}
      </span>
    </>
  );
}

function Waiting({ number }) {
  return (
    <span class="cell" role="gridcell">
      {numberText(number + 1)} …
    </span>
  );
}
