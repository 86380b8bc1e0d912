#!/bin/sh
# Installs the npm packages of the lock file if they are missing or older than it, then runs the command given.
# Asks nothing; a second run starts at once. Not `npm ci`: it refuses a registry that lacks the builds of one package for
# other systems, which nothing here needs; `npm install --no-save` takes the same versions and leaves the lock file alone.
set -eu
cd "$(dirname "$0")/.."
stamp=node_modules/.postern-installed
if ! cmp -s package-lock.json "$stamp"; then
  echo "Installing the npm packages of package-lock.json …" >&2
  npm install --no-save --no-audit --no-fund --loglevel=error >&2
  cp package-lock.json "$stamp"
fi
exec "$@"
