// Whether new events come in, and how many wait.

import { countText, numberText } from '../view/words.js';

/** @param {{ session: import('../view/session.js').Session }} props - What is looked at. */
export function LiveButton({ session }) {
  const isLive = session.isLive.value;
  const connection = session.connection.value;
  const waiting = session.newest.value - session.lastPosition.value;
  const state = isLive ? (connection === 'open' ? 'live' : 'connecting') : 'paused';
  const word = { live: 'Live', connecting: 'Connecting', paused: 'Paused' }[state];
  return (
    <button
      type="button"
      class={`live live-${state}`}
      aria-pressed={isLive}
      aria-label={isLive ? 'Live: pause new events' : 'Paused: let new events come'}
      title={isLive ? 'Pause new events (p)' : 'Let new events come (p)'}
      onClick={() => session.setLive(!isLive)}
    >
      <span class="live-sign" aria-hidden="true">
        {isLive ? '❚❚' : '▶'}
      </span>
      {word}
      {!isLive && waiting > 0 && (
        <span class="live-waiting" title={`${countText(waiting, 'new event')} in the instance`}>
          +{numberText(waiting)}
        </span>
      )}
    </button>
  );
}
