#!/bin/sh
# Everything that must pass before a merge. Installs the Debian packages that the tests need where it may.
set -eu
cd "$(dirname "$0")/.."
node=node_modules/node/bin/node

missing=
for program in iptables-legacy:iptables iptables-nft:iptables nfacct:nfacct ipset:ipset conntrack:conntrack ip:iproute2 unshare:util-linux; do
  command -v "${program%%:*}" >/dev/null 2>&1 || missing="$missing ${program##*:}"
done
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Debian packages:$missing" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2
    # shellcheck disable=SC2086
    apt-get install -y -qq --no-install-recommends $missing >&2
  else
    echo "Not root: these Debian packages are missing, and the tests that need them will say so:$missing" >&2
  fi
fi

echo "== format and lint"
"$node" node_modules/@biomejs/biome/bin/biome check --error-on-warnings .
echo "== types"
"$node" node_modules/typescript/bin/tsc --noEmit
echo "== tests"
exec "$node" node_modules/vitest/vitest.mjs run "$@"
