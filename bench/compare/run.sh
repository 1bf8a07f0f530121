#!/usr/bin/env bash
# Compares Sluice with Janus and Pion under one load: run.sh [--quick] [--row NAME]... [--report]. See README.md.
# Installs what is missing; a rival that is not to be had is left out by name.
set -uo pipefail
here=$(dirname "$(readlink -f "$0")")
started_in=$PWD
cd "$here/../.." || exit 1
. eng/prepare.sh
packages=(python3)
if [[ " $* " != *" --report "* ]]; then
    need_dotnet
    packages+=(iproute2 curl gcc make libssl-dev janus)
    [[ " $* " == *" --quick "* ]] || packages+=(golang-go golang-github-pion-webrtc.v3-dev)
fi
need_packages "${packages[@]}" || true
cd "$started_in" || exit 1
exec python3 -B "$here/compare.py" "$@"
