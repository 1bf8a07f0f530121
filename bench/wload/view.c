// view: many viewers from one thread, and what they cost the server.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounts.h"
#include "commands.h"
#include "dtls.h"
#include "loop.h"
#include "options.h"
#include "report.h"
#include "signalling.h"

enum { STEPS_MAX = 32, JOIN_LIMIT_US = 20000000, FAILED_JOINS_MAX = 10, QUIET_TRIES = 60, QUIET_TRY_US = 500000 };

// What all viewers together have received so far.
struct totals {
    u64 packets, bytes, expected;
    int up, silent;
};

// silent counts the viewers that got nothing since the last call; `seen` keeps what each had then.
static struct totals sum_up(u64 *seen)
{
    struct totals t = {0};
    for (int i = 0; i < peer_count; i++) {
        const struct peer *p = &peers[i];
        u64 packets = 0;
        for (int k = 0; k < p->stream_count; k++) {
            packets += p->streams[k].packets;
            t.bytes += p->streams[k].bytes;
            t.expected += stream_expected(&p->streams[k]);
        }
        t.up += p->state == PEER_UP;
        t.silent += packets == seen[i];
        t.packets += packets;
        seen[i] = packets;
    }
    return t;
}

static int connecting(void)
{
    int n = 0;
    for (int i = 0; i < peer_count; i++)
        n += peers[i].state == PEER_ICE || peers[i].state == PEER_DTLS;
    return n;
}

// Brings viewers up to `wanted`, --rate a second, and waits until each is connected or given up.
static void join_until(int wanted)
{
    int failures = 0;
    while (peer_count < wanted && !stopping) {
        u64 began = now_us(), gap = 1000000 / opt.rate;
        int id = peer_count++;
        peer_init(&peers[id], id, sockets[id / opt.per_socket], opt.base_ip);
        if (opt.janus ? join_janus(&peers[id]) : join_whep(&peers[id])) {
            peers[id].state = PEER_DEAD;
            if (++failures > FAILED_JOINS_MAX)
                die("too many failed joins");
        }
        u64 now = now_us();
        pump(now - began < gap ? began + gap : now + 1000);
    }
    for (u64 limit = now_us() + JOIN_LIMIT_US; connecting() && !stopping && now_us() < limit;)
        pump(now_us() + 50000);
}

static void await_quiet(void)
{
    for (int i = 0; i < QUIET_TRIES && !stopping; i++) {
        foreign_start();
        pump(now_us() + QUIET_TRY_US);
        if (foreign_cores() * 1000 < opt.quiet_ms)
            break;
    }
}

// The smallest number of milliseconds that `share` of the bins' content does not exceed, or -1 when there is none.
static int percentile(const u64 *bins, double share)
{
    u64 sum = 0, passed = 0;
    for (int i = 0; i < LATENESS_BINS; i++)
        sum += bins[i];
    for (int i = 0; sum && i < LATENESS_BINS; i++)
        if ((passed += bins[i]) >= sum * share)
            return i;
    return -1;
}

static struct window measure_window(u64 *seen)
{
    await_quiet();
    janus_keepalive();
    drain();
    struct totals from = sum_up(seen);
    memset(video_lateness, 0, sizeof video_lateness);
    memset(audio_lateness, 0, sizeof audio_lateness);
    measuring = 1;
    struct cpu_time server = cpu_of(opt.pids);
    struct machine_time machine = machine_cpu();
    double own = own_cpu();
    u64 drops = udp_drops(), began = now_us();
    foreign_start();

    pump(began + (u64)opt.window_s * 1000000);

    struct window w = { .foreign = foreign_cores() };
    struct cpu_time server_end = cpu_of(opt.pids);
    struct machine_time machine_end = machine_cpu();
    double us = now_us() - began;
    w.own_cores = (own_cpu() - own) / us;
    measuring = 0;
    struct totals to = sum_up(seen);
    u64 packets = to.packets - from.packets;
    double each = packets ? packets : 1;

    w.packets = packets;
    w.packets_s = packets / us * 1e6;
    w.mbit_s = (to.bytes - from.bytes) * 8 / us;
    w.lost = (long)(to.expected - from.expected) - (long)packets;
    w.user_us = (server_end.user - server.user) / each;
    w.system_us = (server_end.system - server.system) / each;
    w.cores = (cpu_sum(server_end) - cpu_sum(server)) / us;
    w.own_us = w.own_cores * us / each;
    w.machine_cores = (machine_end.busy - machine.busy) / us;
    w.softirq_cores = (machine_end.softirq - machine.softirq) / us;
    w.drops = udp_drops() - drops;
    w.up = to.up;
    w.silent = to.silent;
    w.quiet = w.foreign * 1000 < opt.quiet_ms;

    // Frames are what viewers wait for; a stream without any is judged by its audio packets.
    const u64 *lateness = percentile(video_lateness, 1) >= 0 ? video_lateness : audio_lateness;
    w.late_p50 = percentile(lateness, 0.5);
    w.late_p99 = percentile(lateness, 0.99);
    w.late_max = percentile(lateness, 1);
    w.rss_kb = rss_kb_of(opt.pids);
    return w;
}

// Joins, settles, then measures until enough windows were quiet, or too many were not (--most-windows, four times --windows unless given).
static void run_step(int wanted, u64 *seen, long rss_start)
{
    struct step step = { .rss_start_kb = rss_start };
    int before = peer_count, quiet = 0, most = opt.most_windows > 0 ? opt.most_windows : opt.windows * 4;
    struct totals from = sum_up(seen);
    double cpu = cpu_sum(cpu_of(opt.pids));
    u64 began = now_us();
    join_until(wanted);
    struct totals to = sum_up(seen);
    step.viewers = peer_count;
    step.joined = peer_count - before;
    step.connect_s = (now_us() - began) / 1e6;
    step.join_cpu_us = cpu_sum(cpu_of(opt.pids)) - cpu;
    step.join_packets = to.packets - from.packets;

    janus_keepalive();
    pump(now_us() + (u64)opt.settle_s * 1000000);
    for (int i = 0; i < peer_count; i++)
        step.gcm |= peers[i].gcm;
    for (int i = 0; quiet < opt.windows && i < most && i < WINDOWS_MAX && !stopping; i++) {
        struct window w = measure_window(seen);
        if (stopping)
            break;
        step.windows[step.window_count++] = w;
        quiet += w.quiet;
        report_window(&step, &w);
    }
    report_step(&step);
}

int command_view(void)
{
    int steps[STEPS_MAX], step_count = 0, most = 0;
    if (!opt.url && !opt.janus)
        die("--url or --janus");
    for (char *list = strdup(opt.steps), *s = strtok(list, ","); s && step_count < STEPS_MAX; s = strtok(0, ",")) {
        steps[step_count] = atoi(s);
        most = steps[step_count] > most ? steps[step_count] : most;
        step_count++;
    }
    dtls_init();
    socket_count = (most + opt.per_socket - 1) / opt.per_socket;
    sockets = calloc(socket_count, sizeof *sockets);
    for (int i = 0; i < socket_count; i++)
        sockets[i] = socket_open(opt.first_port + i);
    peers = calloc(most, sizeof *peers);
    u64 *seen = calloc(most, sizeof *seen);
    long rss_start = rss_kb_of(opt.pids);
    janus_keepalive();
    report_head(rss_start);
    for (int i = 0; i < step_count && !stopping; i++)
        run_step(steps[i], seen, rss_start);

    for (int i = 0; i < peer_count; i++)
        if (peers[i].state == PEER_UP)
            SSL_shutdown(peers[i].ssl);
    if (unmatched_packets)
        printf("# unmatched packets %llu\n", (unsigned long long)unmatched_packets);
    return 0;
}
