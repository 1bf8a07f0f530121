#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"
#include "options.h"
#include "sdp.h"
#include "signalling.h"

enum { KEEPALIVE_US = 20000000, EVENTS_BEFORE_OFFER = 4 };

// Just enough JSON for what Janus answers: the place behind "key":, or null.
static const char *json_after(const char *json, const char *key)
{
    char pattern[64];
    snprintf(pattern, sizeof pattern, "\"%s\"", key);
    const char *at = json ? strstr(json, pattern) : 0;
    if (!at)
        return 0;
    at += strlen(pattern);
    return at + strspn(at, " :");
}

static u64 json_id(const char *json)
{
    const char *at = json_after(strstr(json, "\"data\""), "id");
    return at ? strtoull(at, 0, 10) : 0;
}

static int json_text(const char *json, const char *key, char *out, int capacity)
{
    const char *at = json_after(json, key);
    if (!at || *at++ != '"')
        return 0;
    int n = 0;
    for (; *at && *at != '"' && n < capacity - 1; at++) {
        if (*at != '\\') {
            out[n++] = *at;
            continue;
        }
        at++;
        out[n++] = *at == 'r' ? '\r' : *at == 'n' ? '\n' : *at;
    }
    out[n] = 0;
    return 1;
}

static void json_escape(char *to, const char *from)
{
    for (; *from; from++) {
        if (*from == '\r' || *from == '\n' || *from == '"' || *from == '\\')
            *to++ = '\\';
        *to++ = *from == '\r' ? 'r' : *from == '\n' ? 'n' : *from;
    }
    *to = 0;
}

static int call(const char *method, const char *url, const char *body)
{
    int status = http_request(method, url, "application/json", body);
    if (opt.verbose > 1)
        fprintf(stderr, "%s %s %s: %d %s\n", method, url, body ? body : "", status, http_body);
    return status == 200 ? 0 : -1;
}

// The offer comes as an event of the session, after an acknowledgement or two.
static int await_offer(const char *session, char *offer, int capacity)
{
    for (int i = 0; i < EVENTS_BEFORE_OFFER; i++) {
        if (call("GET", session, 0))
            return -1;
        if (json_text(http_body, "sdp", offer, capacity))
            return 0;
    }
    fprintf(stderr, "janus: no offer: %s\n", http_body);
    return -1;
}

static const char *next_section(const char *at)
{
    while ((at = strstr(at, "m=")))
        if (at[-1] == '\n')
            return at;
        else
            at += 2;
    return 0;
}

// Answers every section of the offer under its own mid and payload type.
static void write_answer(struct sdp *answer, const struct peer *p, const char *offer)
{
    char mid[32];
    sdp_begin(answer, p);
    sdp_append(answer, "a=group:BUNDLE");
    for (const char *m = next_section(offer); m; m = next_section(m + 2)) {
        sdp_append(answer, " %s", sdp_value(m, "a=mid:", mid, sizeof mid) ? mid : "0");
    }
    sdp_append(answer, "\r\n");
    for (const char *m = next_section(offer); m; m = next_section(m + 2)) {
        struct sdp_section section = { .video = !strncmp(m, "m=video", 7), .direction = "recvonly", .setup = "active" };
        section.mid = sdp_value(m, "a=mid:", mid, sizeof mid) ? mid : "0";
        sscanf(m, "m=%*s %*d %*s %d", &section.payload_type);
        sdp_section(answer, p, &section);
    }
}

int join_janus(struct peer *p)
{
    static char offer[SDP_MAX * 2], body[SDP_MAX * 3];
    struct sdp answer;
    char session[512], handle[600];
    if (call("POST", opt.janus, "{\"janus\":\"create\",\"transaction\":\"a\"}"))
        return -1;
    p->janus_session = json_id(http_body);
    snprintf(session, sizeof session, "%s/%llu", opt.janus, (unsigned long long)p->janus_session);
    if (call("POST", session, "{\"janus\":\"attach\",\"plugin\":\"janus.plugin.streaming\",\"transaction\":\"b\"}"))
        return -1;
    p->janus_handle = json_id(http_body);
    snprintf(handle, sizeof handle, "%s/%llu", session, (unsigned long long)p->janus_handle);
    snprintf(body, sizeof body, "{\"janus\":\"message\",\"transaction\":\"c\",\"body\":{\"request\":\"watch\",\"id\":%d}}", opt.mount);
    if (call("POST", handle, body) || await_offer(session, offer, sizeof offer))
        return -1;

    p->offerer = 0;
    write_answer(&answer, p, offer);
    if (sdp_apply(p, offer))
        return -1;
    int n = snprintf(body, sizeof body,
        "{\"janus\":\"message\",\"transaction\":\"d\",\"body\":{\"request\":\"start\"},\"jsep\":{\"type\":\"answer\",\"sdp\":\"");
    json_escape(body + n, answer.text);
    strcat(body, "\"}}");
    return call("POST", handle, body);
}

void janus_keepalive(void)
{
    static u64 next;
    u64 now = now_us();
    if (!next)
        next = now + KEEPALIVE_US;
    if (!opt.janus || now < next)
        return;
    next = now + KEEPALIVE_US;
    for (int i = 0; i < peer_count && !stopping; i++) {
        char url[512];
        snprintf(url, sizeof url, "%s/%llu", opt.janus, (unsigned long long)peers[i].janus_session);
        if (peers[i].janus_session)
            call("POST", url, "{\"janus\":\"keepalive\",\"transaction\":\"k\"}");
    }
}
