#include "http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop.h"
#include "options.h"
#include "peer.h"

enum { ANSWER_MAX = 1 << 18, REQUEST_MAX = 1 << 17, GIVE_UP_US = 40000000, POLL_MS = 5 };

char http_body[1 << 18];
static char answer[ANSWER_MAX];

struct head {
    int length, content_length, chunked;
};

// Splits http://host[:port]/path; the host is an IPv4 address or localhost.
static int split(const char *url, char *host, int host_max, int *port, const char **path)
{
    const char *rest = strstr(url, "://");
    rest = rest ? rest + 3 : url;
    const char *slash = strchr(rest, '/');
    snprintf(host, host_max, "%.*s", slash ? (int)(slash - rest) : (int)strlen(rest), rest);
    char *colon = strchr(host, ':');
    *port = colon ? atoi(colon + 1) : 80;
    if (colon)
        *colon = 0;
    *path = slash ? slash : "/";
    return *port;
}

static int connect_to(const char *host, int port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
    inet_pton(AF_INET, strcmp(host, "localhost") ? host : "127.0.0.1", &to.sin_addr);
    if (!connect(fd, (struct sockaddr *)&to, sizeof to))
        return fd;
    close(fd);
    return -1;
}

static void read_head(struct head *head)
{
    char *end = strstr(answer, "\r\n\r\n");
    if (!end)
        return;
    head->length = end - answer + 4;
    for (char *line = strstr(answer, "\r\n") + 2; line < end + 2; line = strstr(line, "\r\n") + 2) {
        if (!strncasecmp(line, "content-length:", 15))
            head->content_length = atoi(line + 15);
        else if (!strncasecmp(line, "transfer-encoding:", 18))
            head->chunked = strstr(line, "chunked") != 0;
    }
}

// Reads until the answer is whole, the server closes, or time is up; returns the bytes got.
static int read_answer(int fd, struct head *head)
{
    int got = 0;
    u64 started = now_us();
    while (got < ANSWER_MAX - 1 && !stopping && now_us() - started < GIVE_UP_US) {
        struct pollfd wait = { fd, POLLIN, 0 };
        int ready = poll(&wait, 1, POLL_MS);
        drain();
        peers_tick();
        if (ready <= 0)
            continue;
        int n = read(fd, answer + got, ANSWER_MAX - 1 - got);
        if (n <= 0)
            break;
        got += n;
        answer[got] = 0;
        if (!head->length)
            read_head(head);
        if (head->length && head->content_length >= 0 && got - head->length >= head->content_length)
            break;
        if (head->length && head->chunked && got >= 5 && !memcmp(answer + got - 5, "0\r\n\r\n", 5))
            break;
    }
    return got;
}

static void join_chunks(const char *from, const char *end)
{
    char *to = http_body, *next;
    for (;;) {
        long size = strtol(from, &next, 16);
        next = strstr(next, "\r\n");
        if (!next || size <= 0 || next + 2 + size > end)
            break;
        memcpy(to, next + 2, size);
        to += size;
        from = next + 2 + size + 2;
    }
    *to = 0;
}

int http_request(const char *method, const char *url, const char *content_type, const char *body)
{
    static char request[REQUEST_MAX];
    char host[256];
    const char *path;
    int port;
    split(url, host, sizeof host, &port, &path);
    int fd = connect_to(host, port);
    if (fd < 0)
        return -1;

    int n = snprintf(request, sizeof request,
        "%s %s HTTP/1.1\r\nHost: %s:%d\r\n%s%s%sConnection: close\r\nAccept: */*\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
        method, path, host, port, opt.bearer ? "Authorization: Bearer " : "", opt.bearer ? opt.bearer : "", opt.bearer ? "\r\n" : "",
        content_type, body ? (int)strlen(body) : 0, body ? body : "");
    struct head head = { .content_length = -1 };
    int got = write(fd, request, n) == n ? read_answer(fd, &head) : 0;
    close(fd);
    if (!head.length)
        return -2;

    if (head.chunked) {
        join_chunks(answer + head.length, answer + got);
    } else {
        memcpy(http_body, answer + head.length, got - head.length);
        http_body[got - head.length] = 0;
    }
    return atoi(answer + 9);
}
