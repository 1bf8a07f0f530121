#include "sdp.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "dtls.h"
#include "options.h"

void sdp_append(struct sdp *sdp, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int room = SDP_MAX - sdp->length, n = vsnprintf(sdp->text + sdp->length, room, format, arguments);
    va_end(arguments);
    sdp->length += n < room ? n : room - 1;
}

void sdp_begin(struct sdp *sdp, const struct peer *p)
{
    sdp->length = 0;
    sdp_append(sdp, "v=0\r\no=- %u 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n", p->own_ssrc);
}

static int own_port(const struct peer *p)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    getsockname(p->socket, (struct sockaddr *)&address, &length);
    return ntohs(address.sin_port);
}

static void append_video(struct sdp *sdp, int pt)
{
    sdp_append(sdp, "a=rtpmap:%d %s/90000\r\n", pt, opt.vp8 ? "VP8" : "H264");
    sdp_append(sdp, "a=rtcp-fb:%d nack\r\na=rtcp-fb:%d nack pli\r\na=rtcp-fb:%d ccm fir\r\n", pt, pt, pt);
    if (opt.twcc)
        sdp_append(sdp, "a=rtcp-fb:%d transport-cc\r\n", pt);
    if (!opt.vp8)
        sdp_append(sdp, "a=fmtp:%d level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n", pt);
}

void sdp_section(struct sdp *sdp, const struct peer *p, const struct sdp_section *s)
{
    char ip[32];
    inet_ntop(AF_INET, &p->address, ip, sizeof ip);
    sdp_append(sdp, "m=%s 9 UDP/TLS/RTP/SAVPF %d\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n", s->video ? "video" : "audio", s->payload_type);
    sdp_append(sdp, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=fingerprint:sha-256 %s\r\n", p->user, p->password, dtls_fingerprint);
    sdp_append(sdp, "a=setup:%s\r\na=mid:%s\r\na=%s\r\na=rtcp-mux\r\na=rtcp-rsize\r\n", s->setup, s->mid, s->direction);
    if (s->video)
        append_video(sdp, s->payload_type);
    else
        sdp_append(sdp, "a=rtpmap:%d opus/48000/2\r\na=fmtp:%d minptime=10;useinbandfec=1\r\n", s->payload_type, s->payload_type);
    if (s->ssrc)
        sdp_append(sdp, "a=msid:wload wload%s\r\na=ssrc:%u cname:wload\r\na=ssrc:%u msid:wload wload%s\r\n", s->mid, s->ssrc, s->ssrc, s->mid);
    sdp_append(sdp, "a=candidate:1 1 udp 2130706431 %s %d typ host\r\na=end-of-candidates\r\n", ip, own_port(p));
}

int sdp_value(const char *sdp, const char *key, char *out, int capacity)
{
    int length = strlen(key);
    for (const char *line = sdp; line && *line; line = strchr(line, '\n'), line = line ? line + 1 : 0)
        if (!strncmp(line, key, length)) {
            snprintf(out, capacity, "%.*s", (int)strcspn(line + length, "\r\n"), line + length);
            return 1;
        }
    return 0;
}

// --remote-ip wins, then loopback, then host candidates.
static int score_of(const char *ip, const char *type)
{
    if (opt.remote_ip && !strcmp(ip, opt.remote_ip))
        return 9;
    return !strcmp(ip, "127.0.0.1") ? 3 : !strcmp(type, "host") ? 2 : 1;
}

static int choose_candidate(struct peer *p, const char *sdp)
{
    int best = -1;
    for (const char *c = sdp; (c = strstr(c, "a=candidate:")); c++) {
        char protocol[16], ip[64], type[16];
        int component, port;
        struct in_addr address;
        if (sscanf(c, "a=candidate:%*63s %d %15s %*u %63s %d typ %15s", &component, protocol, ip, &port, type) != 5
            || component != 1 || strcasecmp(protocol, "udp") || inet_pton(AF_INET, ip, &address) != 1 || score_of(ip, type) <= best)
            continue;
        best = score_of(ip, type);
        p->remote = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr = address, .sin_port = htons(port) };
    }
    return best;
}

int sdp_apply(struct peer *p, const char *sdp)
{
    char value[64] = "";
    if (!sdp_value(sdp, "a=ice-ufrag:", p->remote_user, sizeof p->remote_user)
        || !sdp_value(sdp, "a=ice-pwd:", p->remote_password, sizeof p->remote_password)) {
        fprintf(stderr, "no ICE credentials in:\n%s\n", sdp);
        return -1;
    }
    p->remote_lite = sdp_value(sdp, "a=ice-lite", value, sizeof value);
    sdp_value(sdp, "a=setup:", value, sizeof value);
    if (p->offerer)
        p->dtls_server = !strcmp(value, "active");
    if (choose_candidate(p, sdp) < 0) {
        fprintf(stderr, "no candidate in:\n%s\n", sdp);
        return -1;
    }
    p->state = PEER_ICE;
    p->started = now_us();
    p->next_check = 0;
    return 0;
}
