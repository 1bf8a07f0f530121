#include "srtp.h"

#include <string.h>

#include <openssl/hmac.h>

enum { LABEL_RTP = 0, LABEL_RTCP = 3, GCM_TAG = 16, SHA1_TAG = 10 };

static void derive(const u8 *key, const u8 *salt, int salt_length, int label, u8 *out, int length)
{
    u8 iv[16] = {0}, zeros[32] = {0};
    int n;
    memcpy(iv, salt, salt_length);
    iv[7] ^= label;
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(cipher, EVP_aes_128_ctr(), 0, key, iv);
    EVP_EncryptUpdate(cipher, out, &n, zeros, length);
    EVP_CIPHER_CTX_free(cipher);
}

static void key_init(struct srtp_key *k, const u8 *key, const u8 *salt, int gcm, int label)
{
    int salt_length = gcm ? 12 : 14;
    u8 encryption[16];
    k->gcm = gcm;
    derive(key, salt, salt_length, label, encryption, 16);
    derive(key, salt, salt_length, label + 1, k->auth, 20);
    derive(key, salt, salt_length, label + 2, k->salt, salt_length);
    k->cipher = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(k->cipher, gcm ? EVP_aes_128_gcm() : EVP_aes_128_ctr(), 0, encryption, 0);
}

void srtp_init(struct srtp_sender *sender, const u8 *key, const u8 *salt, int gcm)
{
    key_init(&sender->rtp, key, salt, gcm, LABEL_RTP);
    key_init(&sender->rtcp, key, salt, gcm, LABEL_RTCP);
    sender->rtcp_index = 0;
}

int srtp_protect(struct srtp_sender *sender, u8 *packet, int length, u32 rollover)
{
    struct srtp_key *k = &sender->rtp;
    int header = 12 + (packet[0] & 15) * 4, n;
    if (packet[0] & 16)
        header += 4 + 4 * get16(packet + header + 2);
    u32 ssrc = get32(packet + 8), sequence = get16(packet + 2);

    if (k->gcm) {
        u8 iv[12] = {0};
        put32(iv + 2, ssrc);
        put32(iv + 6, rollover);
        put16(iv + 10, sequence);
        for (int i = 0; i < 12; i++)
            iv[i] ^= k->salt[i];
        EVP_EncryptInit_ex(k->cipher, 0, 0, 0, iv);
        EVP_EncryptUpdate(k->cipher, 0, &n, packet, header);
        EVP_EncryptUpdate(k->cipher, packet + header, &n, packet + header, length - header);
        EVP_EncryptFinal_ex(k->cipher, packet + length, &n);
        EVP_CIPHER_CTX_ctrl(k->cipher, EVP_CTRL_GCM_GET_TAG, GCM_TAG, packet + length);
        return length + GCM_TAG;
    }

    u8 iv[16] = {0}, index[10], digest[20];
    memcpy(iv, k->salt, 14);
    put32(index, ssrc);
    put32(index + 4, rollover);
    put16(index + 8, sequence);
    for (int i = 0; i < 10; i++)
        iv[4 + i] ^= index[i];
    EVP_EncryptInit_ex(k->cipher, 0, 0, 0, iv);
    EVP_EncryptUpdate(k->cipher, packet + header, &n, packet + header, length - header);

    // The roll-over counter is authenticated behind the packet but not sent: the tag overwrites it.
    unsigned digest_length;
    put32(packet + length, rollover);
    HMAC(EVP_sha1(), k->auth, 20, packet, length + 4, digest, &digest_length);
    memcpy(packet + length, digest, SHA1_TAG);
    return length + SHA1_TAG;
}

int srtcp_protect(struct srtp_sender *sender, u8 *packet, int length)
{
    struct srtp_key *k = &sender->rtcp;
    u32 index = sender->rtcp_index++ & 0x7fffffff, ssrc = get32(packet + 4);
    u8 trailer[4];
    int n;
    put32(trailer, index | 0x80000000u);

    if (k->gcm) {
        u8 iv[12] = {0};
        put32(iv + 2, ssrc);
        put32(iv + 8, index);
        for (int i = 0; i < 12; i++)
            iv[i] ^= k->salt[i];
        EVP_EncryptInit_ex(k->cipher, 0, 0, 0, iv);
        EVP_EncryptUpdate(k->cipher, 0, &n, packet, 8);
        EVP_EncryptUpdate(k->cipher, 0, &n, trailer, 4);
        EVP_EncryptUpdate(k->cipher, packet + 8, &n, packet + 8, length - 8);
        EVP_EncryptFinal_ex(k->cipher, packet + length, &n);
        EVP_CIPHER_CTX_ctrl(k->cipher, EVP_CTRL_GCM_GET_TAG, GCM_TAG, packet + length);
        memcpy(packet + length + GCM_TAG, trailer, 4);
        return length + GCM_TAG + 4;
    }

    u8 iv[16] = {0}, digest[20];
    unsigned digest_length;
    memcpy(iv, k->salt, 14);
    for (int i = 0; i < 4; i++) {
        iv[4 + i] ^= packet[4 + i];
        iv[10 + i] ^= i == 0 ? trailer[0] & 0x7f : trailer[i];
    }
    EVP_EncryptInit_ex(k->cipher, 0, 0, 0, iv);
    EVP_EncryptUpdate(k->cipher, packet + 8, &n, packet + 8, length - 8);
    memcpy(packet + length, trailer, 4);
    HMAC(EVP_sha1(), k->auth, 20, packet, length + 4, digest, &digest_length);
    memcpy(packet + length + 4, digest, SHA1_TAG);
    return length + 4 + SHA1_TAG;
}
