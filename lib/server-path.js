'use strict';

// Paths of logs that a server keeps.

/** With what such a path begins, as in `src/request/options/server.rs`. */
const BEGINNING = /^postgres(?:ql)?:\/\//i;

/** Any URL, cut as `postgres/src/url.rs` cuts one: what can have a user ends at the first `/`, `?` or `#`. */
const PARTS = /^([a-z][\w+.-]*:\/\/)([^/?#]*)([^?]*)(?:\?(.*))?$/is;

/** Hosts with their ports. */
const HOSTS = /^(?:(?:\[[^\]@]*\]|[^@:,[\]]*)(?::\d*)?(?:,|$))*$/;

/** The parameters that may well have an `@`. */
const WITH_AT = /^(?:user|password|dbname|application_name|options|schema|ssl\w+)=/;

/** An argument that has a URL: itself, as an option, or as the value of one. */
const ARGUMENT = /^(?:--?(?:[\w-]*=)?)?([a-z][\w+.-]*:\/\/.*)$/is;

/** Whether a path names a log that a server keeps. */
function isServerPath(path) {
  return typeof path === 'string' && BEGINNING.test(path);
}

/**
 * A path as it may be shown: a URL with its hosts and its database alone. Where it is cut in another way than its writer
 * meant, such as by a `?` in a password, any of its parts may be of the password, and only the scheme is shown.
 */
function withoutSecrets(path) {
  const [, scheme, authority, rest, parameters = ''] = PARTS.exec(path) ?? [];
  if (scheme === undefined) return path;
  if (!isServerPath(path)) return path.includes('@') ? `${scheme}…` : path;
  const at = authority.indexOf('@');
  const hosts = authority.slice(at + 1);
  const isPlain = at >= 0 || !(rest.includes('@') || hasStrayAt(parameters));
  return isPlain && HOSTS.test(hosts) && !rest.startsWith('#')
    ? `${scheme}${hosts}${rest}`
    : `${scheme}…`;
}

/** Whether an `@` may have been meant to end a password. */
function hasStrayAt(parameters) {
  return parameters.split('&').some((text) => text.includes('@') && !WITH_AT.test(text));
}

/** A text about arguments, in which each URL that they have is as it may be shown. */
function withoutSecretsOf(args, text) {
  const urls = args.flatMap((argument) => ARGUMENT.exec(argument)?.[1] ?? []);
  return urls.reduce((told, url) => {
    const quoted = JSON.stringify(url).slice(1, -1);
    return told
      .replaceAll(url, () => withoutSecrets(url))
      .replaceAll(quoted, () => withoutSecrets(url));
  }, text);
}

module.exports = { isServerPath, withoutSecrets, withoutSecretsOf };
