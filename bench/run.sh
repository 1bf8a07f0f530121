#!/usr/bin/env bash
# Everything that is measured about forwarding, in one go: the table with its floor and bars, the plot, and the comparison with Janus. About half an hour on an
# idle machine. Results in artifacts/bench: fanout.txt, fanout.json, fanout.svg; artifacts/compare. Options go to `sluice bench fanout`.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1
. eng/prepare.sh
need_dotnet
out=artifacts/bench
mkdir -p "$out"
dotnet build src/Server -c Release -v quiet --nologo || exit 1
code=0
src/Server/bin/Release/net10.0/sluice bench fanout --scenario all --json "$out/fanout.json" --svg "$out/fanout.svg" "$@" | tee "$out/fanout.txt" || code=1
if [ "$(id -u)" = 0 ]; then
    bench/compare/run.sh || code=1
else
    echo "not measured  the comparison with Janus: network namespaces need root (sudo bench/compare/run.sh)"
fi
exit $code
