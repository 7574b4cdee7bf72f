// A number that goes up as time passes, while the page is seen.

import { useEffect, useState } from 'preact/hooks';

/** @param {number} ms - How often. */
export function useTicks(ms) {
  const [ticks, setTicks] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setTicks((count) => count + 1);
    }, ms);
    return () => clearInterval(timer);
  }, [ms]);
  return ticks;
}
