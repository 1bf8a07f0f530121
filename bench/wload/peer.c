#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/rand.h>

#include "dtls.h"
#include "options.h"
#include "stun.h"

enum { CHECK_EVERY_US = 100000, ICE_LIMIT_US = 20000000, CONNECT_LIMIT_US = 30000000, REBASE_US = 30000000 };

struct peer *peers;
int peer_count;
u64 video_lateness[LATENESS_BINS], audio_lateness[LATENESS_BINS];
int measuring;
u64 unmatched_packets;

static void random_text(char *out, int length)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    u8 random[64];
    RAND_bytes(random, length);
    for (int i = 0; i < length; i++)
        out[i] = alphabet[random[i] % 62];
    out[length] = 0;
}

void peer_init(struct peer *p, int id, int socket, u32 base_ip)
{
    memset(p, 0, sizeof *p);
    p->id = id;
    p->socket = socket;
    p->address = htonl(base_ip + id);
    random_text(p->user, 8);
    random_text(p->password, 24);
    RAND_bytes((u8 *)&p->own_ssrc, 4);
}

// The socket is shared, so the source address is named for each datagram.
void peer_send(struct peer *p, const void *data, int length)
{
    struct iovec part = { (void *)data, length };
    char control[CMSG_SPACE(sizeof(struct in_pktinfo))] = {0};
    struct msghdr message = {
        .msg_name = &p->remote, .msg_namelen = sizeof p->remote, .msg_iov = &part, .msg_iovlen = 1,
        .msg_control = control, .msg_controllen = sizeof control,
    };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = IPPROTO_IP;
    header->cmsg_type = IP_PKTINFO;
    header->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
    struct in_pktinfo source = { .ipi_spec_dst.s_addr = p->address };
    memcpy(CMSG_DATA(header), &source, sizeof source);
    if (sendmsg(p->socket, &message, 0) < 0 && opt.verbose)
        perror("sendmsg");
}

// Lateness is arrival against RTP time, above the best this stream has shown. A best that is half a minute away is a new time base.
static void take_lateness(struct stream *s, const u8 *packet, u64 now)
{
    int audio = s->payload_type == opt.audio_pt, clock_khz = audio ? 48 : 90;
    if (!audio && !(packet[1] & 128))
        return;
    int64_t delay = (int64_t)now - (int64_t)((u64)get32(packet + 4) * 1000 / clock_khz);
    if (!s->has_best || delay < s->best_delay || delay - s->best_delay > REBASE_US) {
        s->best_delay = delay;
        s->has_best = 1;
    }
    if (!measuring)
        return;
    int64_t ms = (delay - s->best_delay) / 1000;
    (audio ? audio_lateness : video_lateness)[ms < LATENESS_BINS ? ms : LATENESS_BINS - 1]++;
}

static void receive_rtp(struct peer *p, const u8 *packet, int length, u64 now)
{
    u32 ssrc = get32(packet + 8);
    u16 sequence = get16(packet + 2);
    struct stream *s = 0;
    for (int i = 0; i < p->stream_count; i++)
        if (p->streams[i].ssrc == ssrc)
            s = &p->streams[i];
    if (!s) {
        if (p->stream_count == STREAMS_PER_PEER) {
            unmatched_packets++;
            return;
        }
        s = &p->streams[p->stream_count++];
        *s = (struct stream){ .ssrc = ssrc, .base = sequence, .highest = sequence, .payload_type = packet[1] & 127 };
    }
    u16 ahead = sequence - s->highest;
    if (ahead && ahead < 0x8000) {
        if (sequence < s->highest)
            s->cycles += 65536;
        s->highest = sequence;
    }
    s->packets++;
    s->bytes += length;
    take_lateness(s, packet, now);
}

static void receive_stun(struct peer *p, const u8 *data, int length, const struct sockaddr_in *from)
{
    u8 answer[STUN_MAX] = {0};
    switch (get16(data)) {
    case STUN_REQUEST:
        if (p->state == PEER_ICE)
            p->remote = *from;
        int n = stun_response(answer, data, length, p->password, from);
        struct sockaddr_in keep = p->remote;
        p->remote = *from;
        if (n)
            peer_send(p, answer, n);
        p->remote = keep;
        break;
    case STUN_SUCCESS:
        if (p->state == PEER_ICE) {
            p->remote = *from;
            dtls_start(p);
        }
        break;
    case STUN_ERROR:
        if (opt.verbose)
            fprintf(stderr, "peer %d: STUN error response\n", p->id);
        break;
    }
}

// The first byte tells the protocols apart (RFC 7983).
void peer_receive(struct peer *p, u8 *data, int length, int kept, const struct sockaddr_in *from, u64 now)
{
    if (length < 2)
        return;
    u8 first = data[0];
    if (first >= 128 && first < 192) {
        int rtcp = data[1] >= 192 && data[1] <= 223;
        if (!rtcp && kept >= 12)
            receive_rtp(p, data, length, now);
    } else if (first < 4) {
        if (kept < length)
            fprintf(stderr, "STUN message of %d bytes cut\n", length);
        else
            receive_stun(p, data, length, from);
    } else if (first >= 20 && first < 64) {
        if (p->state == PEER_ICE)
            dtls_start(p);
        if (kept == length)
            dtls_receive(p, data, length);
    }
}

static void send_check(struct peer *p)
{
    u8 b[STUN_MAX] = {0};
    int n = stun_request(b, p->id, p->remote_user, p->user, p->remote_password, p->offerer || p->remote_lite);
    peer_send(p, b, n);
}

static void send_report(struct peer *p)
{
    u8 b[256] = {0};
    int n = 8;
    for (int i = 0; i < p->stream_count; i++) {
        const struct stream *s = &p->streams[i];
        u64 expected = stream_expected(s);
        u64 lost = expected > s->packets ? expected - s->packets : 0;
        put32(b + n, s->ssrc);
        put32(b + n + 4, lost > 0x7fffff ? 0x7fffff : lost);
        put32(b + n + 8, s->cycles + s->highest);
        n += 24;
    }
    b[0] = 0x80 | p->stream_count;
    b[1] = 201;
    put16(b + 2, n / 4 - 1);
    put32(b + 4, p->own_ssrc);
    n = srtcp_protect(&p->sender, b, n);
    peer_send(p, b, n);
}

static void peer_tick(struct peer *p, u64 now)
{
    switch (p->state) {
    case PEER_ICE:
        if (now >= p->next_check) {
            p->next_check = now + CHECK_EVERY_US;
            send_check(p);
        }
        if (now - p->started > ICE_LIMIT_US) {
            if (opt.verbose)
                fprintf(stderr, "peer %d: ICE timeout\n", p->id);
            p->state = PEER_DEAD;
        }
        break;
    case PEER_DTLS:
        dtls_tick(p);
        if (now - p->started > CONNECT_LIMIT_US)
            p->state = PEER_DEAD;
        break;
    case PEER_UP:
        if (now >= p->next_check) {
            p->next_check = now + (u64)opt.consent_ms * (800 + rand() % 400);
            send_check(p);
        }
        if (opt.report_ms && now >= p->next_report) {
            p->next_report = now + (u64)opt.report_ms * (900 + rand() % 200);
            send_report(p);
        }
        break;
    default:
        break;
    }
}

void peers_tick(void)
{
    u64 now = now_us();
    for (int i = 0; i < peer_count; i++)
        peer_tick(&peers[i], now);
}
