// The one test of types that a compiler can run: that two types are the same.

/** `true` if two types are the same, or else `false`. */
export type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles for `true` alone. */
export const holds = <T extends true>(): T | undefined => undefined;
