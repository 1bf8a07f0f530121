using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sluice.Protocols.WebRtc.Dtls;

/// <summary>
/// What a DTLS-SRTP association needs once its handshake is done: to understand the peer's alerts, and to say goodbye. A few hundred bytes
/// stand for the 50 kB that OpenSSL keeps for traffic that never comes, as media runs beside DTLS.
/// <para>Keys are derived when a record comes, which is once in an association's life. Replays are not looked for: an alert that ends the
/// association ends it once. Owned by one session; disposing overwrites the secrets.</para>
/// </summary>
internal sealed unsafe class DtlsEpilogue : IDisposable
{
    /// <summary>No close_notify is longer.</summary>
    public const int MaxFarewell = 64;

    /// <summary>
    /// Records that were no alerts of the peer, after which none is looked at: opening one costs far more than sending one. The peer's end
    /// is then learnt from its connectivity checks.
    /// </summary>
    public const int MaxForgeries = 64;

    private const int MasterLength = 48;
    private const int RandomLength = 32;
    private const int TagLength = 16;
    private const int ExplicitNonceLength = 8;
    private const int NonceLength = 12;

    private const int MaxKeyBlock = 2 * (32 + NonceLength);
    private readonly byte[] _secrets; // the master secret, the server's random, the client's random (in this order they seed the key block)
    private readonly byte[] _farewell;
    private readonly ushort _cipher;
    private readonly bool _isClient;
    private int _forgeries;

    private DtlsEpilogue(byte[] secrets, byte[] farewell, ushort cipher, bool isClient)
    {
        _secrets = secrets;
        _farewell = farewell;
        _cipher = cipher;
        _isClient = isClient;
    }

    /// <summary>Our close_notify, sealed while the session could do it: the record after our Finished, sent at most once.</summary>
    public ReadOnlySpan<byte> Farewell => _farewell;

    /// <summary>Takes what is needed from a session whose handshake is done; null where OpenSSL does not give it.</summary>
    /// <param name="ssl">The session; the caller frees it.</param>
    /// <param name="farewell">The close_notify it has written.</param>
    /// <param name="isClient">True where we opened the handshake.</param>
    public static DtlsEpilogue? Take(SslHandle ssl, ReadOnlySpan<byte> farewell, bool isClient)
    {
        var secrets = new byte[MasterLength + 2 * RandomLength];
        nuint master, server, client;
        fixed (byte* first = secrets)
        {
            master = OpenSsl.SSL_SESSION_get_master_key(OpenSsl.SSL_get_session(ssl), first, MasterLength);
            server = OpenSsl.SSL_get_server_random(ssl, first + MasterLength, RandomLength);
            client = OpenSsl.SSL_get_client_random(ssl, first + MasterLength + RandomLength, RandomLength);
        }

        var cipher = OpenSsl.SSL_CIPHER_get_protocol_id(OpenSsl.SSL_get_current_cipher(ssl));
        if (master == MasterLength && server == RandomLength && client == RandomLength && Suite.Of(cipher).KeyLength > 0)
        {
            return new DtlsEpilogue(secrets, farewell.ToArray(), cipher, isClient);
        }

        CryptographicOperations.ZeroMemory(secrets);
        return null;
    }

    /// <summary>True where the record is an authentic alert of the peer that ends the association: close_notify, or a fatal one.</summary>
    public bool IsEnd(ReadOnlySpan<byte> record)
    {
        const byte Fatal = 2, CloseNotify = 0;
        const ushort Encrypted = 1;
        Span<byte> alert = stackalloc byte[2];
        if (_forgeries == MaxForgeries || BinaryPrimitives.ReadUInt16BigEndian(record[DtlsRecords.EpochOffset..]) != Encrypted) return false;
        if (TryOpen(record, alert)) return alert[0] == Fatal || alert[1] == CloseNotify;
        _forgeries++;
        return false;
    }

    /// <summary>Overwrites the secrets.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_secrets);

    // RFC 6347 §4.1.2.1, RFC 5288 §3, RFC 7905 §2: an AEAD over epoch, sequence number, type, version and the plaintext's length.
    private bool TryOpen(ReadOnlySpan<byte> record, Span<byte> plain)
    {
        var suite = Suite.Of(_cipher);
        var body = record[DtlsRecords.HeaderLength..];
        var nonceInRecord = suite.IsGcm ? ExplicitNonceLength : 0;
        if (body.Length != nonceInRecord + plain.Length + TagLength) return false;

        Span<byte> block = stackalloc byte[MaxKeyBlock];
        block = block[..(2 * (suite.KeyLength + suite.SaltLength))];
        Expand(suite, block);
        var peer = _isClient ? 1 : 0; // the client's keys come first
        var key = block.Slice(peer * suite.KeyLength, suite.KeyLength);
        var salt = block.Slice(2 * suite.KeyLength + peer * suite.SaltLength, suite.SaltLength);
        Span<byte> nonce = stackalloc byte[NonceLength];
        salt.CopyTo(nonce);
        var number = record.Slice(DtlsRecords.EpochOffset, 8);
        if (suite.IsGcm) body[..nonceInRecord].CopyTo(nonce[suite.SaltLength..]);
        else for (var i = 0; i < number.Length; i++) nonce[NonceLength - number.Length + i] ^= number[i];

        Span<byte> associated = stackalloc byte[13];
        number.CopyTo(associated);
        record[..3].CopyTo(associated[8..]);
        BinaryPrimitives.WriteUInt16BigEndian(associated[11..], (ushort)plain.Length);
        var sealedText = body[nonceInRecord..^TagLength];
        var tag = body[^TagLength..];
        try
        {
            if (suite.IsGcm)
            {
                using var gcm = new AesGcm(key, TagLength);
                gcm.Decrypt(nonce, sealedText, tag, plain, associated);
            }
            else
            {
                using var chaCha = new ChaCha20Poly1305(key);
                chaCha.Decrypt(nonce, sealedText, tag, plain, associated);
            }

            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(block);
        }
    }

    // RFC 5246 §5 and §6.3: P_hash(master secret, "key expansion" + server random + client random).
    private void Expand(Suite suite, Span<byte> block)
    {
        var label = "key expansion"u8;
        Span<byte> seed = stackalloc byte[13 + 2 * RandomLength];
        label.CopyTo(seed);
        _secrets.AsSpan(MasterLength).CopyTo(seed[label.Length..]);
        ReadOnlySpan<byte> master = _secrets.AsSpan(0, MasterLength);
        Span<byte> input = stackalloc byte[48 + seed.Length];
        Span<byte> output = stackalloc byte[48];
        output = output[..suite.HashLength];
        input = input[..(suite.HashLength + seed.Length)];
        seed.CopyTo(input[suite.HashLength..]);
        suite.Hash(master, seed, input); // A(1)
        while (!block.IsEmpty)
        {
            suite.Hash(master, input, output);
            var length = Math.Min(output.Length, block.Length);
            output[..length].CopyTo(block);
            block = block[length..];
            suite.Hash(master, input[..suite.HashLength], output);
            output.CopyTo(input);
        }

        CryptographicOperations.ZeroMemory(output);
    }

    private readonly record struct Suite(int KeyLength, int SaltLength, int HashLength)
    {
        public bool IsGcm => SaltLength == 4;

        // The numbers of the suites that DtlsContext allows; ECDSA first, then RSA.
        public static Suite Of(ushort cipher) => cipher switch
        {
            0xc02b or 0xc02f => new Suite(16, 4, 32),
            0xc02c or 0xc030 => new Suite(32, 4, 48),
            0xcca9 or 0xcca8 => new Suite(32, NonceLength, 32),
            _ => default,
        };

        public void Hash(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input, Span<byte> destination)
        {
            if (HashLength == 48) HMACSHA384.HashData(key, input, destination);
            else HMACSHA256.HashData(key, input, destination);
        }
    }
}
