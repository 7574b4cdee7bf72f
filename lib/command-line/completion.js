'use strict';

// What each shell is told of the commands: all of it comes from their table.

const { COMMON, optionsOf } = require('./options.js');

/** The name of the function that completes, in a shell. */
function functionOf(program) {
  return `_${program.replaceAll('-', '_')}`;
}

/** The options of each command, with those of every command. */
function optionsByCommand({ COMMANDS }) {
  return Object.entries(COMMANDS).map(([name, load]) => [
    name,
    { ...optionsOf(load()), ...COMMON },
  ]);
}

/** The ways to write an option. */
function spellings([name, { short }]) {
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
}

/** The words of a command that are completed, besides its options. */
function wordsOf(name) {
  return name === 'completion' ? SHELL_NAMES : [];
}

/** A text in single quotes. */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Options that take one of some words, with these. */
function choicesOf(options) {
  return Object.entries(options).filter(([, { choices }]) => choices !== undefined);
}

/** What is completed behind options of a command that take one of some words. */
function bashChoices(command, options) {
  const start = command === '*' ? '*' : quoted(command);
  return choicesOf(options).map(([name, option]) => {
    const patterns = spellings([name, option]).map((spelling) => start + quoted(` ${spelling}`));
    const words = quoted(option.choices.join(' '));
    return `    ${patterns.join('|')}) COMPREPLY=($(compgen -W ${words} -- "$current")); return ;;`;
  });
}

function bash(table) {
  const { COMMANDS, GROUP, PROGRAM, UPSTREAM } = table;
  const completes = functionOf(PROGRAM);
  const cases = optionsByCommand(table).map(([name, options]) => {
    const words = [...Object.entries(options).flatMap(spellings), ...wordsOf(name)];
    return `    ${name}) words=${quoted(words.join(' '))} ;;`;
  });
  const values = [
    ...Object.entries(COMMANDS).flatMap(([name, load]) => bashChoices(name, optionsOf(load()))),
    ...bashChoices('*', COMMON),
  ];
  const upstream = Object.entries(UPSTREAM).map(
    ([word, name]) => `      ${word}) command=${name} ;;`,
  );
  const first = [...Object.keys(COMMANDS), GROUP, 'help', '--help', '--version'];
  return `# bash completion of ${PROGRAM}
${completes}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local command="\${COMP_WORDS[1]}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W ${quoted(first.join(' '))} -- "$current"))
    return
  fi
  if [ "$command" = ${GROUP} ]; then
    if [ "$COMP_CWORD" -eq 2 ]; then
      COMPREPLY=($(compgen -W ${quoted(Object.keys(UPSTREAM).join(' '))} -- "$current"))
      return
    fi
    case "\${COMP_WORDS[2]}" in
${upstream.join('\n')}
    esac
  fi
  case "$command $previous" in
${values.join('\n')}
    *' --log'|*' --to'|*' --from') COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  if [ -z "$words" ] && [ "$command" = help ]; then words=${quoted(Object.keys(COMMANDS).join(' '))}; fi
  if [ -z "$words" ]; then
    case "$command" in
${cases.map((line) => `  ${line}`).join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  case "$current" in -*) ;; *) COMPREPLY+=($(compgen -f -- "$current")) ;; esac
}
complete -o filenames -F ${completes} ${PROGRAM}
`;
}

/** A text for a description in zsh, where a colon and brackets would end it. */
function described(text) {
  return text.replaceAll(/[\\:[\]]/g, '\\$&');
}

function zshOption([name, { short, value, isMultiple, choices, about }]) {
  const spelling = short === undefined ? `--${name}` : `{-${short},--${name}}`;
  const once = isMultiple ? "'*'" : '';
  const files = ['log', 'to', 'from'].includes(name);
  const list = choices === undefined ? (files ? '_files' : ' ') : `(${choices.join(' ')})`;
  const argument = value === undefined ? '' : `:${described(value)}:${list}`;
  return `${once}${spelling}${quoted(`[${described(about)}]${argument}`)}`;
}

function zsh(table) {
  const { COMMANDS, GROUP, PROGRAM, UPSTREAM } = table;
  const completes = functionOf(PROGRAM);
  const commands = Object.entries(COMMANDS).map(
    ([name, load]) => `    ${quoted(`${name}:${described(load().summary)}`)}`,
  );
  const cases = optionsByCommand(table).map(([name, options]) => {
    const lines = Object.entries(options).map(zshOption);
    const words = wordsOf(name);
    lines.push(words.length > 0 ? quoted(`*:word:(${words.join(' ')})`) : quoted('*:file:_files'));
    return `    ${name}) _arguments ${lines.join(' ')} ;;`;
  });
  const upstream = Object.entries(UPSTREAM).map(
    ([word, name]) => `      ${word}) command=${name} ;;`,
  );
  return `#compdef ${PROGRAM}
${completes}() {
  local -a commands
  commands=(
${commands.join('\n')}
    '${GROUP}:the words of the SDK'
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  if [[ $command == ${GROUP} ]]; then
    if (( CURRENT == 2 )); then
      _values word ${Object.keys(UPSTREAM).join(' ')}
      return
    fi
    case $words[2] in
${upstream.join('\n')}
    esac
    shift words
    (( CURRENT-- ))
  fi
  case $command in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _${PROGRAM} ]]; then
  ${completes} "$@"
else
  compdef ${completes} ${PROGRAM}
fi
`;
}

function fishOption([name, { short, value, choices, about }], program, condition) {
  const parts = [`complete -c ${program} -n ${quoted(condition)} -l ${name}`];
  if (short !== undefined) parts.push(`-s ${short}`);
  if (choices !== undefined) parts.push(`-x -a ${quoted(choices.join(' '))}`);
  else if (value !== undefined) parts.push('-r');
  parts.push(`-d ${quoted(about)}`);
  return parts.join(' ');
}

function fish(table) {
  const { COMMANDS, GROUP, PROGRAM, UPSTREAM } = table;
  const none = '__fish_use_subcommand';
  const lines = [`# fish completion of ${PROGRAM}`];
  for (const [name, load] of Object.entries(COMMANDS)) {
    const about = quoted(load().summary);
    lines.push(`complete -c ${PROGRAM} -f -n ${none} -a ${name} -d ${about}`);
  }
  lines.push(`complete -c ${PROGRAM} -f -n ${none} -a ${GROUP} -d 'the words of the SDK'`);
  const upstream = Object.keys(UPSTREAM).join(' ');
  const within = `__fish_seen_subcommand_from ${GROUP}; and not __fish_seen_subcommand_from ${upstream}`;
  lines.push(`complete -c ${PROGRAM} -f -n ${quoted(within)} -a ${quoted(upstream)}`);
  for (const [name, options] of optionsByCommand(table)) {
    const words = Object.keys(UPSTREAM).filter((word) => UPSTREAM[word] === name && word !== name);
    const condition = `__fish_seen_subcommand_from ${[name, ...words].join(' ')}`;
    for (const option of Object.entries(options))
      lines.push(fishOption(option, PROGRAM, condition));
    const own = wordsOf(name);
    if (own.length === 0) continue;
    lines.push(`complete -c ${PROGRAM} -f -n ${quoted(condition)} -a ${quoted(own.join(' '))}`);
  }
  return `${lines.join('\n')}\n`;
}

const SHELLS = { bash, zsh, fish };

const SHELL_NAMES = Object.keys(SHELLS);

/** The script for a shell. `table` is what `commands.js` has. */
function scriptFor(shell, table) {
  return SHELLS[shell](table);
}

module.exports = { SHELLS: SHELL_NAMES, scriptFor };
