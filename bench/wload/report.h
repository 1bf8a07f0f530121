// What view prints: a line a window, a summary a step, and the same as a JSON line in the file --json names.
#ifndef WLOAD_REPORT_H
#define WLOAD_REPORT_H

#include "base.h"

enum { WINDOWS_MAX = 256 };

struct window {
    u64 packets, drops;
    long lost, rss_kb;
    double packets_s, mbit_s;
    double user_us, system_us, cores;                       // the server's, the first two a packet
    double own_us, own_cores, machine_cores, softirq_cores, foreign;
    int up, silent, quiet, late_p50, late_p99, late_max;    // late: milliseconds
};

struct step {
    int viewers, joined, gcm, window_count;
    long rss_start_kb;
    double connect_s, join_cpu_us;
    u64 join_packets;                                       // delivered while the viewers of this step joined
    struct window windows[WINDOWS_MAX];
};

void report_head(long rss_start_kb);
void report_window(const struct step *step, const struct window *w);
void report_step(const struct step *step);

#endif
