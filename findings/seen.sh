# What the findings share; each begins with `. "$(dirname "$0")/seen.sh"`. It goes to a new folder, which is removed at
# the end, and has two functions.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# Installs packages of the npm registry into the folder.
install() {
  echo '{ "private": true }' > package.json
  npm install --no-audit --no-fund --ignore-scripts --loglevel=error "$@" > /dev/null
}

# Fails if what is seen (the second) is not what was seen before (the first).
compare() {
  if [ "$1" = "$2" ]; then
    printf 'as described:\n%s\n' "$2"
  else
    printf 'this has changed: expected\n%s\nfound\n%s\n' "$1" "$2" >&2
    exit 1
  fi
}
