#!/bin/sh
# Runs the project's own Node 24, whichever Node runs npm.
exec "$(dirname "$0")/../node_modules/node/bin/node" "$@"
