#include "dtls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "options.h"

enum { MTU = 1200, PROFILE_AEAD_AES_128_GCM = 7 };

char dtls_fingerprint[128];
static SSL_CTX *context;
static BIO_METHOD *datagram_method;

static int bio_write(BIO *bio, const char *data, int length)
{
    peer_send(BIO_get_data(bio), data, length);
    return length;
}

static int bio_read(BIO *bio, char *out, int length)
{
    struct peer *p = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (!p->datagram) {
        BIO_set_retry_read(bio);
        return -1;
    }
    if (length > p->datagram_length)
        length = p->datagram_length;
    memcpy(out, p->datagram, length);
    p->datagram = 0;
    return length;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)number, (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DUP:
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
        return MTU;
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
        return 28;
    }
    return 0;
}

static int bio_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

// Certificates are self-signed, and a load generator believes every server.
static int accept_certificate(int ok, X509_STORE_CTX *store)
{
    (void)ok, (void)store;
    return 1;
}

static X509 *make_certificate(EVP_PKEY *key)
{
    X509 *x = X509_new();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -86400);
    X509_gmtime_adj(X509_getm_notAfter(x), 86400 * 30);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const u8 *)"wload", -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    X509_sign(x, key, EVP_sha256());
    return x;
}

void dtls_init(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = make_certificate(key);
    u8 digest[32];
    unsigned length;
    X509_digest(certificate, EVP_sha256(), digest, &length);
    for (unsigned i = 0; i < length; i++)
        sprintf(dtls_fingerprint + i * 3, i + 1 < length ? "%02X:" : "%02X", digest[i]);

    context = SSL_CTX_new(DTLS_method());
    SSL_CTX_use_certificate(context, certificate);
    SSL_CTX_use_PrivateKey(context, key);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, accept_certificate);
    SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    if (SSL_CTX_set_tlsext_use_srtp(context, opt.srtp))
        die("--srtp %s: not a profile OpenSSL knows", opt.srtp);

    datagram_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "peer");
    BIO_meth_set_write(datagram_method, bio_write);
    BIO_meth_set_read(datagram_method, bio_read);
    BIO_meth_set_ctrl(datagram_method, bio_control);
    BIO_meth_set_create(datagram_method, bio_create);
}

// Keys and salts come as client key, server key, client salt, server salt (RFC 5764 §4.2); ours are those of our role.
static void take_keys(struct peer *p)
{
    SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(p->ssl);
    if (!profile) {
        fprintf(stderr, "peer %d: no SRTP profile\n", p->id);
        p->state = PEER_DEAD;
        return;
    }
    u8 material[64];
    p->gcm = profile->id == PROFILE_AEAD_AES_128_GCM;
    int salt = p->gcm ? 12 : 14;
    SSL_export_keying_material(p->ssl, material, 32 + 2 * salt, "EXTRACTOR-dtls_srtp", 19, 0, 0, 0);
    if (p->dtls_server)
        srtp_init(&p->sender, material + 16, material + 32 + salt, p->gcm);
    else
        srtp_init(&p->sender, material, material + 32, p->gcm);

    // Spread, so that the checks and reports of many viewers do not come at once.
    u64 now = now_us();
    p->state = PEER_UP;
    p->next_check = now + (u64)opt.consent_ms * (500 + rand() % 500);
    p->next_report = now + (u64)opt.report_ms * (200 + rand() % 800);
}

static void step(struct peer *p)
{
    int result = SSL_do_handshake(p->ssl);
    if (result == 1) {
        take_keys(p);
        return;
    }
    int error = SSL_get_error(p->ssl, result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return;
    if (opt.verbose) {
        fprintf(stderr, "peer %d: DTLS error %d\n", p->id, error);
        ERR_print_errors_fp(stderr);
    }
    p->state = PEER_DEAD;
}

void dtls_start(struct peer *p)
{
    BIO *bio = BIO_new(datagram_method);
    BIO_set_data(bio, p);
    p->ssl = SSL_new(context);
    SSL_set_bio(p->ssl, bio, bio);
    SSL_set_mtu(p->ssl, MTU);
    if (p->dtls_server)
        SSL_set_accept_state(p->ssl);
    else
        SSL_set_connect_state(p->ssl);
    p->state = PEER_DTLS;
    step(p);
}

void dtls_receive(struct peer *p, const u8 *data, int length)
{
    if (!p->ssl)
        return;
    p->datagram = data;
    p->datagram_length = length;
    if (p->state == PEER_DTLS) {
        step(p);
    } else {
        u8 scratch[256];
        int result = SSL_read(p->ssl, scratch, sizeof scratch);
        if (result <= 0 && SSL_get_error(p->ssl, result) == SSL_ERROR_ZERO_RETURN) {
            if (opt.verbose)
                fprintf(stderr, "peer %d: closed by server\n", p->id);
            p->state = PEER_DEAD;
        }
    }
    p->datagram = 0;
}

void dtls_tick(struct peer *p)
{
    struct timeval left;
    if (DTLSv1_get_timeout(p->ssl, &left) && left.tv_sec == 0 && left.tv_usec == 0)
        DTLSv1_handle_timeout(p->ssl);
}
