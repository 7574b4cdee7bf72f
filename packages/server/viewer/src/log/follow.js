// New events of an instance, as they are committed.

/**
 * Follows an instance. Only how far it has come is told: what is seen of it is then asked for. A connection that is
 * lost is made again by the browser, and goes on where it was.
 *
 * @param {object} options
 * @param {string} options.instance - The instance.
 * @param {number} options.afterPosition - The last position that is known.
 * @param {(position: number) => void} options.onPosition - Called with each newer position.
 * @param {(state: 'open' | 'lost' | 'ended', why?: string) => void} options.onState - Called when the connection comes
 *   or goes. After `ended` there is nothing more.
 * @returns {() => void} What ends it.
 */
export function follow({ instance, afterPosition, onPosition, onState }) {
  const query = new URLSearchParams({ instance, afterPosition: String(afterPosition) });
  const source = new EventSource(`/eventlog/subscribe?${query}`);
  source.addEventListener('open', () => onState('open'));
  // The id of an event is its position, so that its text need not be parsed here.
  source.addEventListener('message', ({ lastEventId }) => onPosition(Number(lastEventId)));
  source.addEventListener('failure', ({ data }) => {
    source.close();
    onState('ended', JSON.parse(data).error);
  });
  source.addEventListener('error', () => {
    onState(source.readyState === EventSource.CLOSED ? 'ended' : 'lost');
  });
  return () => source.close();
}
