#define _GNU_SOURCE
#include "loop.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "options.h"
#include "peer.h"

// Once every peer is up only RTP headers and short control messages matter, so little is copied.
enum { BATCH = 128, ROUNDS = 64, WHOLE = 2048, HEAD = 320, CONTROL = 64 };

int *sockets;
int socket_count;

int socket_open(int port)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0), one = 1, size = 64 << 20;
    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_ANY) };
    if (bind(fd, (struct sockaddr *)&any, sizeof any))
        die("UDP port %d: %s", port, strerror(errno));
    return fd;
}

static u32 destination(struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo to;
            memcpy(&to, CMSG_DATA(c), sizeof to);
            return ntohl(to.ipi_addr.s_addr);
        }
    return 0;
}

static int all_settled(void)
{
    for (int i = 0; i < peer_count; i++)
        if (peers[i].state != PEER_UP && peers[i].state != PEER_DEAD)
            return 0;
    return peer_count > 0;
}

// Receives one batch of one socket; returns how many came.
static int drain_batch(int fd, int capacity)
{
    static u8 buffers[BATCH][WHOLE];
    static char controls[BATCH][CONTROL];
    static struct mmsghdr messages[BATCH];
    static struct iovec parts[BATCH];
    static struct sockaddr_in from[BATCH];
    for (int i = 0; i < BATCH; i++) {
        parts[i] = (struct iovec){ buffers[i], capacity };
        messages[i].msg_hdr = (struct msghdr){
            .msg_iov = &parts[i], .msg_iovlen = 1, .msg_name = &from[i], .msg_namelen = sizeof from[i],
            .msg_control = controls[i], .msg_controllen = CONTROL,
        };
    }
    int n = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT | MSG_TRUNC, 0);
    u64 now = now_us();
    for (int i = 0; i < n; i++) {
        int id = (int)(destination(&messages[i].msg_hdr) - opt.base_ip), length = messages[i].msg_len;
        if (id < 0 || id >= peer_count || fd != peers[id].socket)
            unmatched_packets++;
        else
            peer_receive(&peers[id], buffers[i], length, length < capacity ? length : capacity, &from[i], now);
    }
    return n;
}

void drain(void)
{
    int capacity = all_settled() ? HEAD : WHOLE;
    for (int s = 0; s < socket_count; s++)
        for (int round = 0; round < ROUNDS; round++)
            if (drain_batch(sockets[s], capacity) < BATCH)
                break;
}

void pump(u64 until)
{
    while (!stopping) {
        u64 now = now_us();
        if (now >= until)
            return;
        drain();
        peers_tick();
        u64 next = now + opt.poll_us;
        sleep_until(next < until ? next : until);
    }
}
