// What every file of wload uses: short integer names, network byte order, the clock, and giving up.
#ifndef WLOAD_BASE_H
#define WLOAD_BASE_H

#include <signal.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

// Set by SIGINT and SIGTERM; every loop looks at it.
extern volatile sig_atomic_t stopping;

static inline void put16(u8 *p, u32 v) { p[0] = v >> 8; p[1] = v; }
static inline void put32(u8 *p, u32 v) { p[0] = v >> 24; p[1] = v >> 16; p[2] = v >> 8; p[3] = v; }
static inline u32 get16(const u8 *p) { return p[0] << 8 | p[1]; }
static inline u32 get32(const u8 *p) { return (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3]; }

// Microseconds of the monotonic clock.
u64 now_us(void);
void sleep_until(u64 us);

// Prints one line to stderr and exits with 1.
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
