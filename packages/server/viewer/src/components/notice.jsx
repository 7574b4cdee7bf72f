// A sentence that has to be noticed.

/** @param {{ kind: 'error' | 'info', children: unknown }} props - What kind, and what it says. */
export function Notice({ kind, children }) {
  return (
    <p class={`notice notice-${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
      {children}
    </p>
  );
}
