// How many events of which type there are over time. A range of it can be dragged over, to see only that.

import { countOverTime } from '../events/count-over-time.js';
import { ownTimeZone } from '../events/spans.js';
import { isAborted } from '../log/call.js';
import { narrow, scope, show, view } from '../view/view.js';
import { colourOf, countText, numberText, timeText } from '../view/words.js';
import { Chart } from './chart.jsx';
import { useAnswer } from './use-answer.js';
import { useRange } from './use-range.js';

/** About how many bars there are at most. */
const BARS = 60;

/**
 * @param {object} props
 * @param {import('../view/session.js').Session} props.session - What is looked at.
 * @param {number} [props.height] - In pixels.
 */
export function Histogram({ session, height = 96 }) {
  const { range, moment, error: rangeError } = useRange(session);
  const { timeless, key } = scope.value;
  const { answer, error, isWaiting } = useAnswer(
    async (signal) => {
      if (range === undefined || timeless === undefined) return undefined;
      return { range, ...(await countOverTime(timeless, range, BARS, ownTimeZone(), signal)) };
    },
    [key, range?.from, range?.until, moment],
  );
  const failure = rangeError ?? error;
  if (failure !== undefined && !isAborted(failure)) {
    return <p class="hint">No histogram: {failure.message}</p>;
  }
  if (answer === undefined) {
    return <p class="histogram histogram-empty hint">{isWaiting && 'Counting over time…'}</p>;
  }
  const { types, length } = answer;
  const total = types.reduce((sum, type) => sum + type.total, 0);
  const [from, until] = [answer.range.from, answer.range.until].map(timeText);
  return (
    <figure class="histogram">
      <Chart
        kind="bars"
        height={height}
        label={`${countText(total, 'event')} from ${from} to ${until}, by type, in parts of ${length.name}`}
        range={answer.range}
        width={length.ms}
        starts={answer.starts}
        series={types.map(({ name, counts }) => ({
          name: name ?? '',
          colour: name === null ? 'other-types' : `colour-${colourOf(name)}`,
          values: counts,
        }))}
        onRange={(begin, end) => show({ from: begin, until: end })}
      />
      <figcaption class="legend">
        {types.map((type) => (
          <LegendEntry key={type.name} type={type} />
        ))}
        <span class="hint">{length.name} a bar</span>
        <WholeTime />
      </figcaption>
    </figure>
  );
}

function LegendEntry({ type: { name, total } }) {
  if (name === null) {
    return (
      <span class="legend-entry">
        <span class="dot other-types" aria-hidden="true" /> other types {numberText(total)}
      </span>
    );
  }
  return (
    <button
      type="button"
      class="legend-entry"
      title={`Only ${name}`}
      onClick={() => narrow({ field: 'event_type', operator: 'eq', value: name })}
    >
      <span class={`dot colour-${colourOf(name)}`} aria-hidden="true" />
      {name} <span class="hint">{numberText(total)}</span>
    </button>
  );
}

function WholeTime() {
  const { from, until } = view.value;
  if (from === undefined && until === undefined) return null;
  return (
    <button type="button" onClick={() => show({ from: undefined, until: undefined })}>
      All times
    </button>
  );
}
