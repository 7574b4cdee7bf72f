// The range of time that charts are drawn over: that of the view, or from the first event to the last.

import { timeRange } from '../log/time-range.js';
import { view } from '../view/view.js';
import { useAnswer } from './use-answer.js';
import { useThrottled } from './use-throttled.js';

/** How often charts are drawn again while events come, in milliseconds. */
const REFRESH_MS = 2_000;

/**
 * @param {import('../view/session.js').Session} session - What is looked at.
 * @returns {{ range?: { from: number, until: number }, moment: number, error?: Error }} The range, if there is one, and a
 *   number that changes when charts have to be drawn again.
 */
export function useRange(session) {
  const { instance, stream, from, until, panel } = view.value;
  // Where there are rows, they come first: charts look at more of the log.
  const hasRows = session.revision.value > 0 || session.total.value === 0 || panel !== 'events';
  const isReady = session.state.value === 'ready' && hasRows;
  const moment = useThrottled(session.lastPosition.value, REFRESH_MS);
  const isWhole = from === undefined || until === undefined;
  const { answer: whole, error } = useAnswer(
    async (signal) => (isReady && isWhole ? timeRange({ instance, stream }, signal) : undefined),
    [instance, stream, isWhole, isReady, moment],
  );
  if (!isReady || (isWhole && whole === undefined)) return { moment, error };
  const range = { from: from ?? whole.from, until: until ?? whole.until };
  return { range: range.from < range.until ? range : undefined, moment, error };
}
