using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Server.Startup;

namespace Sluice.Server.Media;

/// <summary>A certificate with its key in PEM files, read again when they change. A pair that cannot be read leaves the one before in use.</summary>
internal sealed partial class TlsFiles : IDisposable
{
    private readonly Func<(string? Certificate, string? Key)> _files;
    private readonly ILogger<TlsFiles> _logger;
    private readonly Lock _gate = new();
    private SslStreamCertificateContext _context;
    private (string? Certificate, string? Key) _read;
    private (DateTime Certificate, DateTime Key) _written;

    /// <summary>Reads the files. Throws <see cref="StartupException"/> where there is no usable pair.</summary>
    /// <param name="section">Whose settings they are: Rtmp, Http.</param>
    /// <param name="files">Where they are now.</param>
    /// <param name="logger">Says when they were read again.</param>
    public TlsFiles(string section, Func<(string? Certificate, string? Key)> files, ILogger<TlsFiles> logger)
    {
        _files = files;
        _logger = logger;
        var named = files();
        if (named.Certificate is null) throw new StartupException($"{section}:TlsEnabled needs {section}:TlsCertificate, the path of a PEM file.");
        try
        {
            _context = Load(named);
        }
        catch (Exception failure) when (failure is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new StartupException($"{section}:TlsCertificate {named.Certificate} cannot be used: {failure.Message}", failure);
        }
    }

    /// <summary>The settings of a connection that was just accepted.</summary>
    public SslServerAuthenticationOptions ForConnection()
    {
        lock (_gate)
        {
            var named = _files();
            if (named.Certificate is not null && (named != _read || TimesOf(named) != _written)) Renew(named);
            return new SslServerAuthenticationOptions { ServerCertificateContext = _context };
        }
    }

    public void Dispose() => _context.TargetCertificate.Dispose();

    private void Renew((string? Certificate, string? Key) named)
    {
        try
        {
            _context = Load(named);
            LogRenewed(named.Certificate!);
        }
        catch (Exception failure) when (failure is IOException or CryptographicException or UnauthorizedAccessException)
        {
            // Half written, as a rule: the next connection looks again once the times change.
            LogRefused(named.Certificate!, failure.Message);
        }
    }

    private SslStreamCertificateContext Load((string? Certificate, string? Key) named)
    {
        _read = named;
        _written = TimesOf(named);
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(named.Certificate!);
        var certificate = X509Certificate2.CreateFromPemFile(named.Certificate!, named.Key);
        all.RemoveAt(0);
        return SslStreamCertificateContext.Create(certificate, all, offline: true);
    }

    private static (DateTime Certificate, DateTime Key) TimesOf((string? Certificate, string? Key) named) =>
        (File.GetLastWriteTimeUtc(named.Certificate!), named.Key is null ? default : File.GetLastWriteTimeUtc(named.Key));

    [LoggerMessage(Level = LogLevel.Information, Message = "The certificate {File} was read again")]
    private partial void LogRenewed(string file);

    [LoggerMessage(Level = LogLevel.Error, Message = "The changed certificate {File} was not taken: {Reason}")]
    private partial void LogRefused(string file, string reason);
}
