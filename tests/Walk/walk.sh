#!/usr/bin/env bash
# Walks every answer that docs/whip-whep.md lists, with curl, against a server of its own. Prints one line a step; the last line counts.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 1

sluice=src/Server/bin/Release/net10.0/sluice
[ -x "$sluice" ] || { echo "Build first: dotnet build src/Server -c Release"; exit 1; }
work=$(mktemp -d)
token=operator-token-of-the-walk
passed=0 failed=0

SLUICE_DATA="$work/data" SLUICE_ADMIN_TOKEN=$token "$sluice" serve --Http:Port=0 --Http:Address=127.0.0.1 --WebRtc:Port=0 --Rtmp:Port=0 \
    --Http:FailedLoginsPerMinutePerAddress=40 >"$work/log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do
    base=$(grep -oE 'http://[^/ ]+' "$work/log" | head -n 1)
    [ -n "$base" ] && curl -fso /dev/null "$base/readyz" && break
    kill -0 $server 2>/dev/null || { cat "$work/log"; exit 1; }
    sleep 0.1
done

# step NAME STATUS [HEADER-PATTERN ...] -- CURL-ARGS: one request; the status and each header or body pattern must be there.
step() {
    local name=$1 want=$2 patterns=() got
    shift 2
    while [ "$1" != -- ]; do patterns+=("$1"); shift; done
    shift
    got=$(curl -s -o "$work/body" -D "$work/headers" -w '%{http_code}' --max-time 20 "$@")
    local bad=""
    [ "$got" = "$want" ] || bad="answered $got"
    case "$want" in 4?? | 5??) patterns+=('^content-type: application/problem\+json') ;; esac
    # No pipe into grep -q: it leaves early, and what writes to it would count as failed.
    tr -d '\r' <"$work/headers" >"$work/answer"
    tr -d '\r' <"$work/body" >>"$work/answer"
    for pattern in ${patterns[@]+"${patterns[@]}"}; do
        grep -qiE "$pattern" "$work/answer" || bad="$bad lacks $pattern"
    done
    if [ -z "$bad" ]; then
        passed=$((passed + 1))
        printf 'ok      %s %s\n' "$want" "$name"
    else
        failed=$((failed + 1))
        printf 'not ok  %s %s:%s\n' "$want" "$name" " $bad"
        head -c 600 "$work/body"; echo
    fi
}

field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" | head -n 1; }
header() { tr -d '\r' <"$work/headers" | sed -n "s/^$1: //Ip" | head -n 1; }
channel() { curl -s -X POST -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d "$1" "$base/api/v1/channels"; }

key=$(channel '{"name":"Walk","id":"walk"}' | field key)
other=$(channel '{"name":"Other","id":"other"}' | field key)
channel '{"name":"Closed","id":"closed"}' >/dev/null
curl -s -X PATCH -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d '{"private":true}' "$base/api/v1/channels/closed" >"$work/patched"
watch=$(curl -s -X POST -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d '{"label":"walk"}' "$base/api/v1/channels/closed/watch-tokens" | field token)

offers=tests/Testing/Offers
publish=$offers/chromium-156/sendonly-default.sdp
view=$offers/chromium-156/recvonly-default.sdp
sdp=(-H 'Content-Type: application/sdp')
fragment=(-H 'Content-Type: application/trickle-ice-sdpfrag')
auth=(-H "Authorization: Bearer $key")
printf 'a=ice-ufrag:new1\r\na=ice-pwd:newnewnewnewnewnewnewnewnew\r\n' >"$work/restart"
printf 'a=ice-ufrag:abcd\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 2130706431 192.0.2.9 5000 typ host\r\n' >"$work/trickle"
grep -v '^a=ice-ufrag' "$work/trickle" >"$work/trickle.only" && mv "$work/trickle.only" "$work/trickle"
sed 's/ opus\// speex\//; s/ VP8\// H261\//; s/ VP9\// H261\//; s/ H264\// H261\//; s/ AV1\// H261\//; s/ H265\// H261\//' "$publish" >"$work/strange"

echo "# WHIP"
step "WHIP without a key" 401 '^www-authenticate: Bearer' -- "${sdp[@]}" --data-binary "@$publish" "$base/whip/walk"
step "WHIP with a wrong key" 403 -- "${sdp[@]}" -H 'Authorization: Bearer walk-wrongwrongwrongwrongwrongwrongwrong' --data-binary "@$publish" "$base/whip/walk"
step "WHIP with another channel's key" 403 -- "${sdp[@]}" -H "Authorization: Bearer $other" --data-binary "@$publish" "$base/whip/walk"
step "WHIP to an unknown channel" 404 -- "${sdp[@]}" "${auth[@]}" --data-binary "@$publish" "$base/whip/nobody"
step "WHIP with another content type" 415 '^accept-post: application/sdp' -- -H 'Content-Type: text/plain' "${auth[@]}" --data-binary "@$publish" "$base/whip/walk"
step "WHIP with an empty body" 400 -- "${sdp[@]}" "${auth[@]}" -X POST "$base/whip/walk"
step "WHIP with a body that is no SDP" 400 'line' -- "${sdp[@]}" "${auth[@]}" --data-binary 'hello' "$base/whip/walk"
step "WHIP that sends nothing" 400 -- "${sdp[@]}" "${auth[@]}" --data-binary "@$view" "$base/whip/walk"
step "WHIP without a codec we carry" 406 -- "${sdp[@]}" "${auth[@]}" --data-binary "@$work/strange" "$base/whip/walk"
head -c 70000 /dev/zero | tr '\0' a >"$work/large"
step "WHIP with a body too large" 413 -- "${sdp[@]}" "${auth[@]}" --data-binary "@$work/large" "$base/whip/walk"
for method in GET PUT; do
    step "WHIP by $method" 405 '^allow: .*POST' -- -X $method "${auth[@]}" "$base/whip/walk"
done
step "WHIP by OPTIONS" 204 '^allow: .*POST' '^accept-post: application/sdp' -- -X OPTIONS "$base/whip/walk"
step "WHIP preflight" 204 '^access-control-allow-origin: \*' '^access-control-allow-headers: .*authorization' -- -X OPTIONS -H 'Origin: https://elsewhere.example' \
    -H 'Access-Control-Request-Method: POST' -H 'Access-Control-Request-Headers: authorization,content-type' "$base/whip/walk"
step "WHIP refusal with CORS" 401 '^access-control-allow-origin: \*' -- "${sdp[@]}" -H 'Origin: https://elsewhere.example' --data-binary "@$publish" "$base/whip/walk"
step "WHIP by the alias with the key in the URL" 201 '^location: /whip/' -- "${sdp[@]}" --data-binary "@$publish" "$base/whip/stream/$key"
step "WHIP by the endpoint alias" 201 '^location: /whip/' -- "${sdp[@]}" "${auth[@]}" --data-binary "@$publish" "$base/whip/endpoint/walk"
step "WHIP with the secret alone" 201 '^location: /whip/walk/' -- "${sdp[@]}" -H "Authorization: Bearer ${key#*-}" --data-binary "@$publish" "$base/whip/walk"
step "WHIP with a right offer" 201 '^location: /whip/walk/' '^etag: "' '^accept-patch: application/trickle-ice-sdpfrag' '^content-type: application/sdp' \
    '^access-control-expose-headers: .*location' '^a=ice-lite' -- "${sdp[@]}" "${auth[@]}" -H 'Origin: https://elsewhere.example' --data-binary "@$publish" "$base/whip/walk"
session=$base$(header location) etag=$(header etag)
step "PATCH without a key" 401 -- -X PATCH "${fragment[@]}" --data-binary "@$work/trickle" "$session"
step "PATCH with a wrong key" 403 -- -X PATCH "${fragment[@]}" -H "Authorization: Bearer $other" --data-binary "@$work/trickle" "$session"
step "PATCH with candidates" 204 -- -X PATCH "${fragment[@]}" "${auth[@]}" -H "If-Match: $etag" --data-binary "@$work/trickle" "$session"
step "PATCH with candidates and no If-Match" 204 -- -X PATCH "${fragment[@]}" "${auth[@]}" --data-binary "@$work/trickle" "$session"
step "PATCH with an old entity tag" 412 -- -X PATCH "${fragment[@]}" "${auth[@]}" -H 'If-Match: "old"' --data-binary "@$work/trickle" "$session"
step "PATCH that restarts without If-Match" 428 -- -X PATCH "${fragment[@]}" "${auth[@]}" --data-binary "@$work/restart" "$session"
step "PATCH that restarts before there is a connection" 409 -- -X PATCH "${fragment[@]}" "${auth[@]}" -H 'If-Match: *' --data-binary "@$work/restart" "$session"
step "PATCH with another content type" 415 '^accept-patch: application/trickle-ice-sdpfrag' -- -X PATCH -H 'Content-Type: text/plain' "${auth[@]}" --data-binary x "$session"
step "PATCH with a fragment that cannot be read" 400 -- -X PATCH "${fragment[@]}" "${auth[@]}" --data-binary 'a=ice-ufrag:x' "$session"
step "PATCH of an unknown session" 404 -- -X PATCH "${fragment[@]}" "${auth[@]}" --data-binary "@$work/trickle" "$base/whip/walk/0123456789abcdef"
step "DELETE without a key" 401 -- -X DELETE "$session"
step "DELETE with another channel's key" 403 -- -X DELETE -H "Authorization: Bearer $other" "$session"
step "DELETE" 200 -- -X DELETE "${auth[@]}" "$session"
step "DELETE once more" 404 -- -X DELETE "${auth[@]}" "$session"
step "an unknown API path" 404 -- "$base/api/v1/nothing"

echo "# WHEP"
step "WHEP of an unknown channel" 404 -- "${sdp[@]}" --data-binary "@$view" "$base/whep/nobody"
step "WHEP with another content type" 415 '^accept-post: application/sdp' -- -H 'Content-Type: text/plain' --data-binary "@$view" "$base/whep/walk"
step "WHEP with a body that is no SDP" 400 -- "${sdp[@]}" --data-binary 'hello' "$base/whep/walk"
step "WHEP that receives nothing" 400 -- "${sdp[@]}" --data-binary "@$publish" "$base/whep/walk"
step "WHEP of a private channel without a token" 401 '^www-authenticate: Bearer' -- "${sdp[@]}" --data-binary "@$view" "$base/whep/closed"
step "WHEP of a private channel with a wrong token" 403 -- "${sdp[@]}" -H 'Authorization: Bearer wrong' --data-binary "@$view" "$base/whep/closed"
step "WHEP of a private channel with its token" 201 -- "${sdp[@]}" -H "Authorization: Bearer $watch" --data-binary "@$view" "$base/whep/closed"
step "WHEP of a private channel with the token in the URL" 201 -- "${sdp[@]}" --data-binary "@$view" "$base/whep/closed?token=$watch"
step "WHEP by GET" 405 '^allow: .*POST' -- "$base/whep/walk"
for alias in watch endpoint; do
    step "WHEP by the $alias alias" 201 -- "${sdp[@]}" --data-binary "@$view" "$base/whep/$alias/walk"
done
step "WHEP before there is a publisher" 201 '^location: /whep/walk/' '^etag: "' '^link: .*core:layer' '^link: .*core:server-sent-events' -- "${sdp[@]}" --data-binary "@$view" "$base/whep/walk"
session=$base$(header location)
step "PATCH with candidates" 204 -- -X PATCH "${fragment[@]}" --data-binary "@$work/trickle" "$session"
step "PATCH with an answer nobody waits for" 409 -- -X PATCH "${sdp[@]}" --data-binary "@$view" "$session"
step "a layer of an m-line there is not" 409 -- -X POST -H 'Content-Type: application/json' -d '{"mediaId":"nine","encodingId":"h"}' "$session/layer"
step "no layer in particular" 204 -- -X DELETE "$session/layer"
step "events that do not exist" 422 -- -X POST -H 'Content-Type: application/json' -d '["chat"]' "$session/events"
step "events" 201 '^location: ' -- -X POST -H 'Content-Type: application/json' -d '["active"]' "$session/events"
step "DELETE" 200 -- -X DELETE "$session"
step "DELETE once more" 404 -- -X DELETE "$session"
step "the server's offer" 201 '^content-type: application/sdp' '^a=setup:actpass' '^location: /whep/walk/' -- -X POST "$base/whep/walk"
session=$base$(header location)
step "an answer that is none" 400 -- -X PATCH "${sdp[@]}" --data-binary 'hello' "$session"
step "DELETE before the answer" 200 -- -X DELETE "$session"

echo "# Limits"
for _ in $(seq 40); do
    curl -s -o /dev/null "${sdp[@]}" -H 'Authorization: Bearer walk-wrong' --data-binary "@$publish" "$base/whip/walk"
done
step "WHIP after too many wrong keys" 429 '^retry-after: ' -- "${sdp[@]}" "${auth[@]}" --data-binary "@$publish" "$base/whip/walk"

printf '# pass %d\n# fail %d\n' "$passed" "$failed"
[ "$failed" = 0 ]
