#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

void report_head(long rss_start_kb)
{
    printf("# %s rss0 %ld kB, %d viewers a socket, poll %d us\n", opt.label, rss_start_kb, opt.per_socket, opt.poll_us);
    printf("# %5s %5s %6s | %9s %8s %8s | %8s %8s %6s %6s | %7s %6s | %7s %7s %7s | %8s %8s | %s\n", "N", "up", "silent", "pkt/s", "Mbit/s",
        "lost", "us/pkt", "usr", "sys", "cores", "own us", "own c", "late50", "late99", "max ms", "rss kB", "kB/view",
        "sys busy, softirq, udp drops, connect s, foreign cores");
}

static double rss_per_viewer(const struct step *step, long rss_kb)
{
    return step->viewers ? (double)(rss_kb - step->rss_start_kb) / step->viewers : 0;
}

void report_window(const struct step *step, const struct window *w)
{
    printf("  %5d %5d %6d | %9.0f %8.1f %8ld | %8.3f %8.3f %6.3f %6.3f | %7.3f %6.3f | %7d %7d %7d | %8ld %8.1f | %.3f %.3f %llu %.1f %sforeign %.2f\n",
        step->viewers, w->up, w->silent, w->packets_s, w->mbit_s, w->lost, w->user_us + w->system_us, w->user_us, w->system_us, w->cores,
        w->own_us, w->own_cores, w->late_p50, w->late_p99, w->late_max, w->rss_kb, rss_per_viewer(step, w->rss_kb), w->machine_cores,
        w->softirq_cores, (unsigned long long)w->drops, step->connect_s, w->quiet ? "" : "DISTURBED ", w->foreign);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

// CPU of a join without what the packets delivered meanwhile cost; the rest is handshakes and signalling.
static double join_ms(const struct step *step, double us_per_packet)
{
    double us = step->join_cpu_us - step->join_packets * us_per_packet;
    return step->joined && us > 0 ? us / step->joined / 1000 : 0;
}

static void write_json(const struct step *step, double us_per_packet)
{
    FILE *f = fopen(opt.json, "a");
    if (!f)
        die("--json %s: %s", opt.json, strerror(errno));
    fprintf(f, "{\"label\":\"%s\",\"viewers\":%d,\"joined\":%d,\"srtp\":\"%s\",\"connect_s\":%.2f,\"join_cpu_ms\":%.3f,\"join_cpu_with_media_ms\":%.3f,"
        "\"rss_start_kb\":%ld,\"windows\":[", opt.label, step->viewers, step->joined, step->gcm ? "GCM" : "CM_SHA1_80", step->connect_s,
        join_ms(step, us_per_packet), step->joined ? step->join_cpu_us / step->joined / 1000 : 0, step->rss_start_kb);
    for (int i = 0; i < step->window_count; i++) {
        const struct window *w = &step->windows[i];
        fprintf(f, "%s{\"quiet\":%s,\"up\":%d,\"silent\":%d,\"packets\":%llu,\"lost\":%ld,\"packets_s\":%.0f,\"mbit_s\":%.2f,\"user_us\":%.4f,"
            "\"system_us\":%.4f,\"cores\":%.4f,\"own_us\":%.4f,\"own_cores\":%.4f,\"machine_cores\":%.4f,\"softirq_cores\":%.4f,\"foreign_cores\":%.4f,"
            "\"drops\":%llu,\"late_p50_ms\":%d,\"late_p99_ms\":%d,\"late_max_ms\":%d,\"rss_kb\":%ld}", i ? "," : "", w->quiet ? "true" : "false", w->up,
            w->silent, (unsigned long long)w->packets, w->lost, w->packets_s, w->mbit_s, w->user_us, w->system_us, w->cores, w->own_us, w->own_cores,
            w->machine_cores, w->softirq_cores, w->foreign, (unsigned long long)w->drops, w->late_p50, w->late_p99, w->late_max, w->rss_kb);
    }
    fprintf(f, "]}\n");
    fclose(f);
}

void report_step(const struct step *step)
{
    double costs[WINDOWS_MAX], cores = 0, lost = 0, packets = 0;
    int n = 0;
    long rss = step->rss_start_kb;
    for (int i = 0; i < step->window_count; i++) {
        const struct window *w = &step->windows[i];
        rss = w->rss_kb;
        if (!w->quiet)
            continue;
        costs[n++] = w->user_us + w->system_us;
        cores += w->cores;
        lost += w->lost;
        packets += w->packets;
    }
    double median = 0;
    if (n) {
        qsort(costs, n, sizeof *costs, ascending);
        median = costs[n / 2];
        printf("= %s N=%d median %.3f us/pkt [%.3f..%.3f, %d quiet windows] %.2f cores loss %.4f%%  rss/viewer %.0f kB  join %.2f ms CPU/viewer"
            " (%.2f without media)  srtp %s\n", opt.label, step->viewers, median, costs[0], costs[n - 1], n, cores / n,
            packets > 0 ? 100 * lost / (packets + lost) : 0, rss_per_viewer(step, rss),
            step->joined ? step->join_cpu_us / step->joined / 1000 : 0, join_ms(step, median), step->gcm ? "GCM" : "CM_SHA1_80");
    }
    if (opt.json)
        write_json(step, median);
}
