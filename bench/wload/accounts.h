// What /proc tells of CPU, memory and dropped datagrams. Times are microseconds since whatever counts began.
#ifndef WLOAD_ACCOUNTS_H
#define WLOAD_ACCOUNTS_H

#include "base.h"

struct cpu_time { double user, system; };
struct machine_time { double busy, softirq; };

// A comma-separated list of process ids, summed over.
struct cpu_time cpu_of(const char *pids);
long rss_kb_of(const char *pids);

double own_cpu(void);
struct machine_time machine_cpu(void);
u64 udp_drops(void);

// Cores used since foreign_start by processes that are neither ours nor named by --pid and --aux-pid.
void foreign_start(void);
double foreign_cores(void);

static inline double cpu_sum(struct cpu_time t) { return t.user + t.system; }

#endif
