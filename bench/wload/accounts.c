#include "accounts.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "options.h"

static double tick_us(void) { return 1e6 / sysconf(_SC_CLK_TCK); }

// The next id of the list, or 0 at its end.
static int next_pid(const char **list)
{
    if (!*list || !**list)
        return 0;
    char *end;
    int pid = strtol(*list, &end, 10);
    *list = *end == ',' ? end + 1 : end;
    return end == *list && !pid ? 0 : pid;
}

struct ticks { unsigned long user, system, children; };

// What /proc counts in ticks, of 10 ms as a rule.
static struct ticks ticks_of(int pid)
{
    char path[64], text[1024];
    struct ticks t = {0};
    unsigned long children_user = 0, children_system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    if (!f)
        return t;
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);

    // The name in brackets may hold anything, so fields count from its end.
    char *behind = strrchr(text, ')');
    if (behind)
        sscanf(behind + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %lu %lu", &t.user, &t.system, &children_user, &children_system);
    t.children = children_user + children_system;
    return t;
}

// The sum comes from the process's CPU clock, which is what /proc's ticks are rounded from; they tell only how it divides.
struct cpu_time cpu_of(const char *pids)
{
    struct cpu_time sum = {0};
    for (int pid; (pid = next_pid(&pids));) {
        struct ticks ticks = ticks_of(pid);
        struct cpu_time t = { ticks.user * tick_us(), ticks.system * tick_us() };
        clockid_t clock;
        struct timespec spent;
        if (!clock_getcpuclockid(pid, &clock) && !clock_gettime(clock, &spent))
            t.user = spent.tv_sec * 1e6 + spent.tv_nsec / 1e3 - t.system;
        sum.user += t.user;
        sum.system += t.system;
    }
    return sum;
}

long rss_kb_of(const char *pids)
{
    long sum = 0;
    for (int pid; (pid = next_pid(&pids));) {
        char path[64], line[256];
        snprintf(path, sizeof path, "/proc/%d/status", pid);
        FILE *f = fopen(path, "r");
        if (!f)
            continue;
        while (fgets(line, sizeof line, f))
            if (!strncmp(line, "VmRSS:", 6))
                sum += atol(line + 6);
        fclose(f);
    }
    return sum;
}

double own_cpu(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1e6 + r.ru_utime.tv_usec + r.ru_stime.tv_usec;
}

struct machine_time machine_cpu(void)
{
    unsigned long user, nice, system, idle, iowait, irq = 0, softirq = 0;
    FILE *f = fopen("/proc/stat", "r");
    if (!f || fscanf(f, "cpu %lu %lu %lu %lu %lu %lu %lu", &user, &nice, &system, &idle, &iowait, &irq, &softirq) != 7)
        die("/proc/stat cannot be read");
    fclose(f);
    return (struct machine_time){ (user + nice + system + irq + softirq) * tick_us(), (irq + softirq) * tick_us() };
}

u64 udp_drops(void)
{
    char line[1024];
    unsigned long long receive = 0, send = 0;
    FILE *f = fopen("/proc/net/snmp", "r");
    if (!f)
        return 0;
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "Udp: %*u %*u %*u %*u %llu %llu", &receive, &send) == 2)
            break;
    fclose(f);
    return receive + send;
}

static int is_listed(const char *pids, int pid)
{
    for (int listed; (listed = next_pid(&pids));)
        if (listed == pid)
            return 1;
    return 0;
}

// Each process with the children it has waited for, so that what ends within a window still counts. The machine's busy time would
// be simpler, but it is sampled at ticks, and paced senders wake at ticks.
static double foreign_cpu(void)
{
    double sum = 0;
    DIR *processes = opendir("/proc");
    for (struct dirent *entry; processes && (entry = readdir(processes));) {
        int pid = atoi(entry->d_name);
        if (pid > 0 && pid != getpid() && !is_listed(opt.pids, pid) && !is_listed(opt.aux_pids, pid)) {
            struct ticks t = ticks_of(pid);
            sum += t.user + t.system + t.children;
        }
    }
    if (processes)
        closedir(processes);
    return sum * tick_us();
}

static double foreign_at_start;
static u64 foreign_since;

void foreign_start(void)
{
    foreign_at_start = foreign_cpu();
    foreign_since = now_us();
}

double foreign_cores(void)
{
    return (foreign_cpu() - foreign_at_start) / (double)(now_us() - foreign_since);
}
