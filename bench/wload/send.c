// play and publish: a recording, looped and paced, as plain RTP or through WHIP.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "accounts.h"
#include "commands.h"
#include "dtls.h"
#include "loop.h"
#include "options.h"
#include "recording.h"
#include "signalling.h"

enum { START_AFTER_US = 50000, CONNECT_US = 15000000, SENDER_REPORT_US = 1000000, TIMESTAMP_OFFSET = 12345, PUBLISHER_PORT_OFFSET = 5000 };

static const u32 ssrcs[KINDS] = { 0x11223344, 0x55667788 };

struct output {
    struct peer *peer;                          // publish: the connection; play: null
    int fd;
    struct sockaddr_in to[KINDS];
    u16 sequence[KINDS];
    u32 rollover[KINDS], counts[KINDS];
    u64 octets[KINDS], base, next_report;
};

static struct sockaddr_in parse_address(const char *text)
{
    char host[64];
    if (!text || !strchr(text, ':'))
        die("--video and --audio IP:PORT");
    snprintf(host, sizeof host, "%s", text);
    char *colon = strchr(host, ':');
    *colon = 0;
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(colon + 1)) };
    if (inet_pton(AF_INET, host, &to.sin_addr) != 1)
        die("%s is no address", text);
    return to;
}

static struct peer *connect_publisher(const struct recording *r)
{
    dtls_init();
    socket_count = 1;
    sockets = calloc(1, sizeof *sockets);
    sockets[0] = socket_open(opt.first_port + PUBLISHER_PORT_OFFSET);
    peers = calloc(1, sizeof *peers);
    peer_count = 1;
    peer_init(peers, 0, sockets[0], opt.base_ip);
    if (join_whip(peers, r->has[AUDIO] ? ssrcs[AUDIO] : 0, r->has[VIDEO] ? ssrcs[VIDEO] : 0))
        exit(1);
    for (u64 limit = now_us() + CONNECT_US; peers->state != PEER_UP && now_us() < limit && !stopping;)
        pump(now_us() + 20000);
    if (peers->state != PEER_UP)
        die("publish: not connected (state %d)", peers->state);
    fprintf(stderr, "publishing (%s), loop %.2f s, %d packets\n", peers->gcm ? "GCM" : "CM", r->duration_us / 1e6, r->count);
    opt.report_ms = 0;
    return peers;
}

static void send_sender_report(struct output *out, int kind)
{
    u8 b[64] = { 0x80, 200, 0, 6 };
    struct timespec wall;
    clock_gettime(CLOCK_REALTIME, &wall);
    put32(b + 4, ssrcs[kind]);
    put32(b + 8, wall.tv_sec + 2208988800u);
    put32(b + 12, (u32)((double)wall.tv_nsec * 4.294967296));
    put32(b + 16, (u32)((now_us() - out->base) * (clock_rates[kind] / 1000) / 1000) + TIMESTAMP_OFFSET);
    put32(b + 20, out->counts[kind]);
    put32(b + 24, out->octets[kind]);
    peer_send(out->peer, b, srtcp_protect(&out->peer->sender, b, 28));
}

// Sequence numbers and timestamps go on over the seam of the loop.
static void send_packet(struct output *out, const struct recording *r, const struct recorded *p, u64 loop)
{
    int kind = p->kind, length = p->length;
    u8 b[PACKET_MAX];
    memcpy(b, p->packet, length);
    b[1] = (b[1] & 128) | (kind == VIDEO ? opt.video_pt : opt.audio_pt);
    put16(b + 2, out->sequence[kind]);
    put32(b + 4, get32(b + 4) - r->first_timestamp[kind] + (u32)(loop * r->duration_us * (clock_rates[kind] / 1000) / 1000) + TIMESTAMP_OFFSET);
    put32(b + 8, ssrcs[kind]);
    if (out->peer)
        peer_send(out->peer, b, srtp_protect(&out->peer->sender, b, length, out->rollover[kind]));
    else if (sendto(out->fd, b, length, 0, (struct sockaddr *)&out->to[kind], sizeof out->to[kind]) < 0 && opt.verbose)
        perror("sendto");
    out->counts[kind]++;
    out->octets[kind] += length - 12;
    if (!++out->sequence[kind])
        out->rollover[kind]++;
}

static void await(struct output *out, u64 due)
{
    if (due <= now_us() + 200)
        return;
    if (out->peer) {
        drain();
        peers_tick();
        if (out->peer->state == PEER_DEAD)
            die("publish: connection lost");
    }
    sleep_until(due);
}

static int send_looped(struct output *out, const struct recording *r)
{
    out->base = now_us() + START_AFTER_US;
    out->next_report = out->base + SENDER_REPORT_US;
    u64 end = opt.seconds > 0 ? out->base + (u64)(opt.seconds * 1e6) : ~0ull;
    for (u64 loop = 0; !stopping; loop++)
        for (int i = 0; i < r->count && !stopping; i++) {
            const struct recorded *p = &r->packets[i];
            u64 due = out->base + loop * r->duration_us + p->time;
            if (p->time >= r->duration_us)
                continue;
            if (due > end) {
                stopping = 1;
                break;
            }
            await(out, due);
            send_packet(out, r, p, loop);
            if (out->peer && now_us() >= out->next_report) {
                out->next_report += SENDER_REPORT_US;
                for (int kind = 0; kind < KINDS; kind++)
                    if (r->has[kind])
                        send_sender_report(out, kind);
            }
        }
    if (out->peer)
        SSL_shutdown(out->peer->ssl);
    fprintf(stderr, "sent %u packets, own CPU %.2f s\n", out->counts[VIDEO] + out->counts[AUDIO], own_cpu() / 1e6);
    return 0;
}

int command_play(void)
{
    struct recording r = recording_load(opt.file);
    struct output out = { .fd = socket(AF_INET, SOCK_DGRAM, 0), .sequence = { 1000, 2000 } };
    if (r.has[VIDEO])
        out.to[VIDEO] = parse_address(opt.video_to);
    if (r.has[AUDIO])
        out.to[AUDIO] = parse_address(opt.audio_to);
    return send_looped(&out, &r);
}

int command_publish(void)
{
    if (!opt.url)
        die("--url of the WHIP endpoint");
    struct recording r = recording_load(opt.file);
    struct output out = { .peer = connect_publisher(&r), .sequence = { 1000, 2000 } };
    return send_looped(&out, &r);
}
