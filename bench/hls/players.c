// Players that wait: N connections ask for the next part of a playlist by blocking reload, again and again, each ROUND_TRIP ms after the last answer, as
// players at some distance do. Writes when each answer arrived.
// Says "connected" and reads the first sequence number to ask for.
// players ADDRESS PORT PATH N SECONDS PARTS_A_SEGMENT ROUND_TRIP > answers (lines: sequence part status asked arrived bytes, times in nanoseconds)
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct player {
    int fd;
    long sequence;
    int part;
    int64_t asked;
    long missing;    // bytes of the body still to come; -1 while the head is read
    int head_length;
    char head[4096];
};

struct answer {
    int32_t sequence;
    int16_t part;
    int16_t status;
    int64_t asked;
    int64_t at;
    int32_t bytes;
};

static const char *address, *path;
static int port, parts;
static struct answer *answers;
static size_t count, room;

static int64_t round_trip;

// Who asks next, in order: the delay is the same for all.
static struct { struct player *who; int64_t at; } *turns;
static size_t turn_first, turn_count, turn_room;

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void ask(struct player *p) {
    char request[512];
    int length = snprintf(request, sizeof request,
        "GET %s?_HLS_msn=%ld&_HLS_part=%d&_HLS_skip=YES HTTP/1.1\r\nHost: %s:%d\r\nAccept-Encoding: gzip\r\nUser-Agent: players\r\n\r\n",
        path, p->sequence, p->part, address, port);
    p->missing = -1;
    p->head_length = 0;
    p->asked = now();
    if (write(p->fd, request, length) != length) {
        perror("write");
        exit(1);
    }
}

static void done(struct player *p, int status, long bytes, int64_t at) {
    if (count < room) answers[count++] = (struct answer){p->sequence, p->part, status, p->asked, at, bytes};
    if (status == 200 && ++p->part == parts) {
        p->part = 0;
        p->sequence++;
    }
    turns[(turn_first + turn_count++) % turn_room] = (typeof(*turns)){p, now() + round_trip};
}

// Reads, and says when what was read had reached this machine: not when this program got round to it.
static ssize_t receive(int fd, void *to, size_t room, int64_t *at) {
    char control[128];
    struct iovec piece = {to, room};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t got = recvmsg(fd, &message, MSG_DONTWAIT);
    *at = now();
    if (got <= 0) return got;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_TIMESTAMPNS) continue;
        struct timespec wall, stamp;
        memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
        clock_gettime(CLOCK_REALTIME, &wall);
        *at -= (wall.tv_sec - stamp.tv_sec) * 1000000000LL + (wall.tv_nsec - stamp.tv_nsec);
    }
    return got;
}

// True while there was something to read.
static int take(struct player *p) {
    static char buffer[64 * 1024];
    ssize_t got;
    int64_t at;
    static long body_length;
    if (p->missing < 0) {
        got = receive(p->fd, p->head + p->head_length, sizeof p->head - 1 - p->head_length, &at);
        if (got <= 0) return got < 0 && errno == EAGAIN ? 0 : (fprintf(stderr, "closed\n"), exit(1), 0);
        p->head_length += got;
        p->head[p->head_length] = 0;
        char *end = strstr(p->head, "\r\n\r\n");
        if (!end) return 1;
        char *length = strcasestr(p->head, "content-length:");
        body_length = length ? atol(length + 15) : 0;
        p->missing = body_length - (p->head_length - (end + 4 - p->head));
    } else {
        got = receive(p->fd, buffer, p->missing < (long)sizeof buffer ? p->missing : (long)sizeof buffer, &at);
        if (got <= 0) return got < 0 && errno == EAGAIN ? 0 : (fprintf(stderr, "closed\n"), exit(1), 0);
        p->missing -= got;
    }
    if (p->missing == 0) {
        done(p, atoi(p->head + 9), body_length, at);
        return 0;
    }
    return 1;
}

int main(int argc, char **argv) {
    if (argc != 8) return fprintf(stderr, "players ADDRESS PORT PATH N SECONDS PARTS_A_SEGMENT ROUND_TRIP\n"), 2;
    address = argv[1];
    port = atoi(argv[2]);
    path = argv[3];
    int n = atoi(argv[4]);
    double seconds = atof(argv[5]);
    parts = atoi(argv[6]);
    round_trip = atol(argv[7]) * 1000000LL;
    turn_room = n + 1;
    turns = calloc(turn_room, sizeof *turns);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    if (files.rlim_max < (rlim_t)n + 64 || setrlimit(RLIMIT_NOFILE, &files)) return fprintf(stderr, "too few files may be open\n"), 1;
    room = (size_t)(n * seconds * 20) + 1000;
    answers = malloc(room * sizeof *answers);
    struct player *players = calloc(n, sizeof *players);
    int poll = epoll_create1(0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, address, &to.sin_addr);
    for (int i = 0; i < n; i++) {
        struct player *p = &players[i];
        p->fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(p->fd, (struct sockaddr *)&to, sizeof to)) return perror("connect"), 1;
        int one = 1;
        setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        setsockopt(p->fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = p};
        epoll_ctl(poll, EPOLL_CTL_ADD, p->fd, &event);
    }

    long first;
    puts("connected");
    fflush(stdout);
    if (scanf("%ld", &first) != 1) return 1;
    for (int i = 0; i < n; i++) {
        players[i].sequence = first;
        ask(&players[i]);
    }

    int64_t end = now() + (int64_t)(seconds * 1e9);
    struct epoll_event events[512];
    while (now() < end) {
        int ready = epoll_wait(poll, events, 64, !turn_count ? 100 : turns[turn_first].at <= now() ? 0 : 1);
        for (int i = 0; i < ready; i++) take(events[i].data.ptr);
        // A few at a time: what one player asks does not delay what another hears.
        for (int asked = 0; asked < 64 && turn_count && turns[turn_first].at <= now(); asked++, turn_count--) {
            ask(turns[turn_first].who);
            turn_first = (turn_first + 1) % turn_room;
        }
    }
    for (size_t i = 0; i < count; i++)
        printf("%d %d %d %lld %lld %d\n", answers[i].sequence, answers[i].part, answers[i].status, (long long)answers[i].asked, (long long)answers[i].at, answers[i].bytes);
    return 0;
}
