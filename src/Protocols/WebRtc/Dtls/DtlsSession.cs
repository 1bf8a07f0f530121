using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.WebRtc.Dtls;

/// <summary>
/// One DTLS-SRTP association (RFC 5763, RFC 5764) with no socket and no clock: datagrams and time go in, datagrams and keys come out.
/// <para><b>Handle one thing, then take everything, then sleep until <see cref="NextTimeout"/>.</b></para>
/// <para>Feed it datagrams of an ICE-validated path only: an unprotected handshake record of a stranger can end a handshake.</para>
/// <para>OpenSSL keeps the protocol; its own retransmission timer reads a clock and is put out of action. Retransmission is done here:
/// the last flight is sent again after 200 ms and then at doubling intervals, and whenever the peer repeats its own last flight.</para>
/// <para>OpenSSL's session is freed with the end of the handshake; keys, the last flight and a <see cref="DtlsEpilogue"/> stay.</para>
/// <para>One thread at a time.</para>
/// </summary>
public sealed unsafe class DtlsSession : IDisposable
{
    /// <summary>Larger datagrams are dropped.</summary>
    public const int MaxDatagram = 4096;

    /// <summary>How many datagrams with DTLS records a handshake may take; then it fails as <see cref="DtlsFailure.Flooded"/>.</summary>
    public const int MaxHandshakeDatagrams = 256;

    /// <summary>The same in bytes.</summary>
    public const int MaxHandshakeBytes = 128 * 1024;

    /// <summary>How long a handshake may take from <see cref="Start"/>.</summary>
    public static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(30);

    /// <summary>The wait before the first retransmission; it doubles each time.</summary>
    public static readonly TimeSpan FirstRetransmission = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait between retransmissions (RFC 6347 §4.2.4.1).</summary>
    public static readonly TimeSpan LongestRetransmission = TimeSpan.FromSeconds(60);

    /// <summary>After the handshake the last flight is repeated at most this often, whatever the peer sends.</summary>
    private static readonly TimeSpan RepeatInterval = TimeSpan.FromMilliseconds(50);

    [ThreadStatic]
    private static DtlsSession? t_verifying;

    private readonly DtlsRole _role;
    private readonly DtlsFingerprint[] _expected;
    private readonly SslHandle _ssl;
    private readonly nint _input;
    private readonly nint _output;
    private readonly DtlsFlight _flight = new();
    private byte[] _exported = [];
    private DtlsEpilogue? _epilogue;
    private TimerTable<Timer> _timers;
    private TimeSpan _backoff = FirstRetransmission;
    private Instant _lastRepeat;
    private int _datagrams;
    private int _bytes;
    private bool _started;
    private bool _disposed;
    private bool _fingerprintMismatch;

    /// <summary>Prepares a session; nothing is sent before <see cref="Start"/>.</summary>
    /// <param name="context">The shared certificate and rules.</param>
    /// <param name="role">Which side opens the handshake.</param>
    /// <param name="expectedFingerprints">What the peer's SDP announced; its certificate must fit at least one of them.</param>
    /// <exception cref="ArgumentException">No fingerprint is given.</exception>
    public DtlsSession(DtlsContext context, DtlsRole role, params ReadOnlySpan<DtlsFingerprint> expectedFingerprints)
    {
        if (expectedFingerprints.IsEmpty) throw new ArgumentException("A peer without fingerprint cannot be told from others.", nameof(expectedFingerprints));
        _role = role;
        _expected = expectedFingerprints.ToArray();
        _ssl = context.NewSession();
        if (_ssl.IsInvalid) throw new CryptographicException("OpenSSL made no session.");
        _input = NewMemoryBio();
        _output = NewMemoryBio();
        OpenSsl.SSL_set_bio(_ssl, _input, _output); // the session owns them from here on
        OpenSsl.SSL_ctrl(_ssl, OpenSsl.ControlSetMtu, DtlsFlight.MaxDatagram, 0);
        OpenSsl.SSL_ctrl(_ssl, OpenSsl.ControlSetLinkMtu, DtlsFlight.MaxDatagram, 0);
        OpenSsl.DTLS_set_timer_cb(_ssl, &NeverByItself);
        if (role == DtlsRole.Client) OpenSsl.SSL_set_connect_state(_ssl);
        else OpenSsl.SSL_set_accept_state(_ssl);
    }

    private enum Timer
    {
        /// <summary>The peer has not answered our last flight: send it again.</summary>
        Retransmission,

        /// <summary>The handshake has taken too long.</summary>
        HandshakeLimit,
    }

    /// <summary>Where the session stands.</summary>
    public DtlsState State { get; private set; }

    /// <summary>Why it failed; meaningful in <see cref="DtlsState.Failed"/>.</summary>
    public DtlsFailure Failure { get; private set; }

    /// <summary>The agreed profile from <see cref="DtlsState.Connected"/> on, else <see cref="SrtpProfile.None"/>.</summary>
    public SrtpProfile SrtpProfile { get; private set; }

    /// <summary>True while OpenSSL keeps a session for this one.</summary>
    internal bool HoldsOpenSslSession => !_ssl.IsClosed;

    /// <summary>When to call <see cref="HandleTimeout"/>.</summary>
    public Instant NextTimeout => _timers.Next();

    /// <summary>Starts the handshake: a client has its ClientHello to send, a server begins to wait for one. Further calls do nothing.</summary>
    public void Start(Instant now)
    {
        if (_started || State != DtlsState.Handshaking) return;
        _started = true;
        _timers.Set(Timer.HandshakeLimit, now + HandshakeLimit);
        if (_role == DtlsRole.Client) Advance(now);
    }

    /// <summary>
    /// Takes one datagram of the peer. What is not DTLS, comes late, comes twice or comes after the end is dropped. A server that was
    /// not started is started by it.
    /// </summary>
    public void HandleDatagram(Instant now, ReadOnlySpan<byte> datagram)
    {
        if (_disposed || State is DtlsState.Failed or DtlsState.Closed || datagram.Length > MaxDatagram) return;
        var records = new DtlsRecords(datagram);
        if (!records.MoveNext()) return;
        if (State == DtlsState.Connected)
        {
            HandleConnected(now, records);
            return;
        }

        if (!_started)
        {
            if (_role == DtlsRole.Client) return;
            Start(now);
        }

        _bytes += datagram.Length;
        if (++_datagrams > MaxHandshakeDatagrams || _bytes > MaxHandshakeBytes)
        {
            Fail(DtlsFailure.Flooded);
            return;
        }

        Feed(datagram);
        Advance(now);
    }

    /// <summary>Sends the last flight again, or gives up.</summary>
    public void HandleTimeout(Instant now)
    {
        while (_timers.TryExpire(now, out var timer))
        {
            if (State != DtlsState.Handshaking) continue;
            if (timer == Timer.HandshakeLimit)
            {
                Fail(DtlsFailure.TimedOut);
                _flight.Clear();
                return;
            }

            _flight.Rewind();
            _backoff = _backoff * 2 > LongestRetransmission ? LongestRetransmission : _backoff * 2;
            _timers.Set(Timer.Retransmission, now + _backoff);
        }
    }

    /// <summary>Writes the next datagram to send; none is longer than 1200 bytes.</summary>
    /// <exception cref="ArgumentException">The destination is too small for it.</exception>
    public bool TryTakeTransmit(Span<byte> destination, out int length) => _flight.TryTake(destination, out length);

    /// <summary>
    /// Exports the SRTP master keys (RFC 5764 §4.2). The results are the caller's to dispose. False before
    /// <see cref="DtlsState.Connected"/>.
    /// </summary>
    /// <param name="local">The keys we send with.</param>
    /// <param name="remote">The keys the peer sends with.</param>
    public bool TryExportKeys(out SrtpKeys? local, out SrtpKeys? remote)
    {
        local = null;
        remote = null;
        if (State != DtlsState.Connected || _disposed) return false;
        SrtpKeys.Split(SrtpProfile, _exported, _role == DtlsRole.Client, out local, out remote);
        return true;
    }

    /// <summary>Ends the session; after a handshake a close_notify is left to send.</summary>
    public void Close()
    {
        if (_disposed || State is DtlsState.Failed or DtlsState.Closed) return;
        if (State == DtlsState.Connected)
        {
            _flight.TryAdd(_epilogue!.Farewell);
        }
        else
        {
            _flight.Clear();
        }

        End(DtlsState.Closed);
    }

    /// <summary>Frees OpenSSL's memory. The session sends nothing more.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        if (State != DtlsState.Failed) End(DtlsState.Closed);
        _flight.Clear();
        Forget();
    }

    /// <summary>
    /// OpenSSL asks whether the peer's certificate is the right one. Chains and dates do not matter here, the announced hash alone does.
    /// </summary>
    [UnmanagedCallersOnly]
    internal static int VerifyPeerCertificate(nint store, nint argument)
    {
        try
        {
            if (t_verifying is { } session && session.Expects(OpenSsl.X509_STORE_CTX_get0_cert(store))) return 1;
        }
        catch (Exception e) when (e is CryptographicException or OutOfMemoryException)
        {
            // An exception must not cross native frames; the certificate counts as wrong.
        }

        OpenSsl.X509_STORE_CTX_set_error(store, OpenSsl.ErrorApplicationVerification);
        return 0;
    }

    /// <summary>OpenSSL asks how long to wait before it retransmits, in microseconds: longer than any handshake lives.</summary>
    [UnmanagedCallersOnly]
    private static uint NeverByItself(nint ssl, uint previous) => uint.MaxValue;

    private bool Expects(nint certificate)
    {
        if (certificate == 0) return false;
        var length = OpenSsl.i2d_X509(certificate, null);
        if (length is <= 0 or > DtlsContext.MaxHandshakeMessage) return false;
        var encoded = new byte[length];
        fixed (byte* first = encoded)
        {
            var output = first;
            if (OpenSsl.i2d_X509(certificate, &output) != length) return false;
        }

        foreach (var fingerprint in _expected)
        {
            if (fingerprint.Matches(encoded)) return true;
        }

        _fingerprintMismatch = true;
        return false;
    }

    private void Feed(ReadOnlySpan<byte> datagram)
    {
        OpenSsl.BIO_ctrl(_input, OpenSsl.BioControlReset, 0, 0);
        fixed (byte* first = datagram)
        {
            if (OpenSsl.BIO_write(_input, first, datagram.Length) != datagram.Length) throw new InsufficientMemoryException();
        }
    }

    private void Advance(Instant now)
    {
        OpenSsl.ERR_clear_error();
        t_verifying = this;
        var result = OpenSsl.SSL_do_handshake(_ssl);
        var error = result == 1 ? 0 : OpenSsl.SSL_get_error(_ssl, result);
        t_verifying = null;
        OpenSsl.ERR_clear_error();

        if (!TakeOutput(now))
        {
            Fail(DtlsFailure.HandshakeFailed);
        }
        else if (result == 1)
        {
            Complete();
        }
        else if (error != OpenSsl.ErrorWantRead)
        {
            Fail(_fingerprintMismatch ? DtlsFailure.FingerprintMismatch : DtlsFailure.HandshakeFailed);
        }
    }

    private void Complete()
    {
        var profile = OpenSsl.SSL_get_selected_srtp_profile(_ssl);
        var number = profile == 0 ? SrtpProfile.None : (SrtpProfile)((nuint*)profile)[1]; // struct { const char *name; unsigned long id; }
        if (!number.IsSupported())
        {
            SendCloseNotify();
            Fail(DtlsFailure.NoSrtpProfile);
            return;
        }

        _exported = new byte[number.ExportLength()];
        if (!TryExport(_exported) || !TryMakeEpilogue())
        {
            Fail(DtlsFailure.HandshakeFailed);
            return;
        }

        _ssl.Dispose();
        SrtpProfile = number;
        State = DtlsState.Connected;
        _timers = default;

        // The server's Finished ends the handshake, so only a client can still be waiting for something we sent.
        if (_role == DtlsRole.Client) _flight.Clear();
    }

    private bool TryExport(Span<byte> destination)
    {
        var label = "EXTRACTOR-dtls_srtp"u8;
        fixed (byte* first = destination)
        fixed (byte* firstOfLabel = label)
        {
            return OpenSsl.SSL_export_keying_material(
                _ssl, first, (nuint)destination.Length, firstOfLabel, (nuint)label.Length, null, 0, 0) == 1;
        }
    }

    // The farewell is sealed now, as nobody can seal it later.
    private bool TryMakeEpilogue()
    {
        Span<byte> farewell = stackalloc byte[DtlsEpilogue.MaxFarewell];
        OpenSsl.SSL_shutdown(_ssl);
        var length = (int)OpenSsl.BIO_ctrl(_output, OpenSsl.BioControlPending, 0, 0);
        if (length <= 0 || length > farewell.Length) return false;
        fixed (byte* first = farewell)
        {
            if (OpenSsl.BIO_read(_output, first, length) != length) return false;
        }

        OpenSsl.ERR_clear_error();
        _epilogue = DtlsEpilogue.Take(_ssl, farewell[..length], _role == DtlsRole.Client);
        return _epilogue is not null;
    }

    private void HandleConnected(Instant now, DtlsRecords records)
    {
        do
        {
            switch (records.Content)
            {
                case DtlsContent.Handshake or DtlsContent.ChangeCipherSpec:
                    // The peer repeats its last flight, so ours was lost. Nothing else is made of it, which also rules renegotiation out.
                    if (_role == DtlsRole.Server && !_flight.IsEmpty && now - _lastRepeat >= RepeatInterval)
                    {
                        _flight.Rewind();
                        _lastRepeat = now;
                    }

                    return;
                case DtlsContent.Alert when _epilogue!.IsEnd(records.Record):
                    _flight.Clear();
                    End(DtlsState.Closed);
                    return;
            }

            // Application data has no meaning here: media runs beside DTLS, not in it.
        }
        while (records.MoveNext());
    }

    private void SendCloseNotify()
    {
        OpenSsl.ERR_clear_error();
        OpenSsl.SSL_shutdown(_ssl);
        OpenSsl.ERR_clear_error();
        TakeOutput(Instant.Never);
    }

    /// <summary>Makes what OpenSSL has written our flight and starts its timer.</summary>
    private bool TakeOutput(Instant now)
    {
        var pending = (int)OpenSsl.BIO_ctrl(_output, OpenSsl.BioControlPending, 0, 0);
        if (pending <= 0) return true;
        if (pending > DtlsFlight.MaxBytes) return false;
        var records = new byte[pending];
        fixed (byte* first = records)
        {
            if (OpenSsl.BIO_read(_output, first, pending) != pending) return false;
        }

        if (!_flight.TryAdd(records)) return false;
        _backoff = FirstRetransmission;
        _timers.Set(Timer.Retransmission, now + _backoff);
        return true;
    }

    private void Fail(DtlsFailure failure)
    {
        Failure = failure;
        End(DtlsState.Failed);
    }

    private void End(DtlsState state)
    {
        State = state;
        SrtpProfile = SrtpProfile.None;
        _timers = default;
        Forget();
    }

    private void Forget()
    {
        CryptographicOperations.ZeroMemory(_exported);
        _epilogue?.Dispose();
        _ssl.Dispose();
    }

    private static nint NewMemoryBio()
    {
        var bio = OpenSsl.BIO_new(OpenSsl.BIO_s_mem());
        if (bio == 0) throw new CryptographicException("OpenSSL made no memory BIO.");
        OpenSsl.BIO_ctrl(bio, OpenSsl.BioControlSetMemoryEofReturn, -1, 0); // an empty BIO says 'later', not 'end'
        return bio;
    }
}
