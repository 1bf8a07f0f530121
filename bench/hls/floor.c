// What answering N who wait costs at least: a server that reads no request, only counts them, and every STEP ms sends the same bytes to all who asked, from several
// threads at once, each on a processor and with connections of its own.
// floor PORT ANSWER_FILE THREADS STEP TIMES_FILE: until its input ends
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int port, threads;
static int64_t step, begun;
static char answer[64 * 1024];
static ssize_t length;
static FILE *times;

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void *serve(void *number) {
    static const int most = 70000;
    cpu_set_t allowed, own;
    CPU_ZERO(&own);
    if (!sched_getaffinity(0, sizeof allowed, &allowed)) {
        int rank = (intptr_t)number % CPU_COUNT(&allowed), cpu = 0;
        while (!CPU_ISSET(cpu, &allowed) || rank-- > 0) cpu++;
        CPU_SET(cpu, &own);
        pthread_setaffinity_np(pthread_self(), sizeof own, &own);
    }

    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 4096)) return perror("listen"), exit(1), NULL;
    int poll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    int *waiting = malloc(most * sizeof *waiting), count = 0;
    struct epoll_event events[256];
    char request[4096];
    for (int64_t due = begun + step;;) {
        int64_t left = due - now();
        if (left <= 0) {
            if (number == 0) fprintf(times, "%lld\n", (long long)due);
            for (int i = 0; i < count; i++) {
                send(waiting[i], answer, length, MSG_DONTWAIT | MSG_NOSIGNAL);
            }
            count = 0;
            due += step;
            continue;
        }

        struct timespec wait = {left / 1000000000, left % 1000000000};
        int ready = epoll_pwait2(poll, events, 256, &wait, NULL);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                    event = (struct epoll_event){.events = EPOLLIN, .data.fd = fd};
                    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
                }
                continue;
            }

            ssize_t got = read(fd, request, sizeof request);
            if (got <= 0) close(fd);
            else if (got >= 4 && !memcmp(request + got - 4, "\r\n\r\n", 4) && count < most) waiting[count++] = fd;
        }
    }
}

int main(int argc, char **argv) {
    if (argc != 6) return fprintf(stderr, "floor PORT ANSWER_FILE THREADS STEP TIMES_FILE\n"), 2;
    port = atoi(argv[1]);
    FILE *file = fopen(argv[2], "rb");
    if (!file) return perror(argv[2]), 1;
    length = fread(answer, 1, sizeof answer, file);
    threads = atoi(argv[3]);
    step = atol(argv[4]) * 1000000LL;
    times = fopen(argv[5], "w");
    if (!times) return perror(argv[5]), 1;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    begun = now();
    for (intptr_t i = 0; i < threads; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, (void *)i)) return perror("thread"), 1;
    }

    while (getchar() != EOF) {
    }
    fclose(times);
    return 0;
}
