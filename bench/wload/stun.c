#include "stun.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

enum {
    COOKIE = 0x2112a442,
    USERNAME = 0x0006, MESSAGE_INTEGRITY = 0x0008, XOR_MAPPED_ADDRESS = 0x0020, PRIORITY = 0x0024, USE_CANDIDATE = 0x0025,
    FINGERPRINT = 0x8028, ICE_CONTROLLED = 0x8029, ICE_CONTROLLING = 0x802a,
};

static u32 crc32_of(const u8 *p, int length)
{
    static u32 table[256];
    if (!table[1])
        for (u32 i = 0; i < 256; i++) {
            u32 c = i;
            for (int k = 0; k < 8; k++)
                c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
            table[i] = c;
        }
    u32 c = ~0u;
    while (length--)
        c = c >> 8 ^ table[(c ^ *p++) & 255];
    return ~c;
}

static int attribute(u8 *b, int n, int type, const void *value, int length)
{
    put16(b + n, type);
    put16(b + n + 2, length);
    if (length)
        memcpy(b + n + 4, value, length);
    n += 4 + length;
    while (n & 3)
        b[n++] = 0;
    return n;
}

// MESSAGE-INTEGRITY and FINGERPRINT, each over a header whose length already counts it.
static int seal(u8 *b, int n, const char *password)
{
    u8 digest[20], crc[4];
    unsigned digest_length;
    put16(b + 2, n - 20 + 24);
    HMAC(EVP_sha1(), password, strlen(password), b, n, digest, &digest_length);
    n = attribute(b, n, MESSAGE_INTEGRITY, digest, 20);
    put16(b + 2, n - 20 + 8);
    put32(crc, crc32_of(b, n) ^ 0x5354554e);
    return attribute(b, n, FINGERPRINT, crc, 4);
}

int stun_request(u8 *out, u32 id, const char *remote_user, const char *local_user, const char *remote_password, int controlling)
{
    char user[600];
    u8 value[8];
    put16(out, STUN_REQUEST);
    put32(out + 4, COOKIE);
    RAND_bytes(out + 8, 8);
    put32(out + 16, id);
    snprintf(user, sizeof user, "%.500s:%.60s", remote_user, local_user);
    int n = attribute(out, 20, USERNAME, user, strlen(user));
    if (controlling)
        n = attribute(out, n, USE_CANDIDATE, 0, 0);
    memset(value, 0x11, 8);
    put32(value + 4, id);
    n = attribute(out, n, controlling ? ICE_CONTROLLING : ICE_CONTROLLED, value, 8);
    put32(value, 0x6e0001ff);
    n = attribute(out, n, PRIORITY, value, 4);
    return seal(out, n, remote_password);
}

int stun_response(u8 *out, const u8 *request, int length, const char *local_password, const struct sockaddr_in *from)
{
    u8 mapped[8] = {0};
    if (length < 20)
        return 0;
    put16(out, STUN_SUCCESS);
    memcpy(out + 4, request + 4, 16);
    mapped[1] = 1;
    put16(mapped + 2, ntohs(from->sin_port) ^ (COOKIE >> 16));
    put32(mapped + 4, ntohl(from->sin_addr.s_addr) ^ COOKIE);
    int n = attribute(out, 20, XOR_MAPPED_ADDRESS, mapped, 8);
    return seal(out, n, local_password);
}
