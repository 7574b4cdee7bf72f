/**
 * Loads the addon of a platform. `codebolt-eventlog` calls this for a path that begins with
 * `postgres://`. Programs need not.
 *
 * @param platform - Such as `linux-x64-gnu`.
 * @returns The addon; `undefined` if the package of that platform is not there.
 * @throws If the addon is there and cannot be loaded.
 */
export declare function load(platform: string): unknown;
