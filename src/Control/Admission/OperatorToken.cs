using Sluice.Control.Channels;

namespace Sluice.Control.Admission;

/// <summary>Where the hash of the operator's token is kept between starts.</summary>
public interface IOperatorTokenStore
{
    /// <summary>The kept hash, or null at the first start.</summary>
    ValueTask<SecretHash?> FindAsync(CancellationToken cancellation);

    /// <summary>Keeps a hash.</summary>
    ValueTask SaveAsync(SecretHash hash, CancellationToken cancellation);
}

/// <summary>The token of the person who runs the node: given by configuration, else made at the first start and kept hashed.</summary>
public sealed class OperatorToken
{
    private const int MaxLength = 256;
    private SecretHash? _hash;

    /// <summary>
    /// Takes the given token, or the kept one, or makes one. Returns the plain text where this process knows it (given or just made), so
    /// that it can be shown once; null where only its hash is known.
    /// </summary>
    public async ValueTask<string?> OpenAsync(string? given, IOperatorTokenStore store, CancellationToken cancellation = default)
    {
        if (!string.IsNullOrWhiteSpace(given))
        {
            _hash = SecretHash.Of(given);
            return given;
        }
        _hash = await store.FindAsync(cancellation);
        if (_hash is not null)
            return null;
        var made = StreamSecret.New();
        _hash = SecretHash.Of(made);
        await store.SaveAsync(_hash, cancellation);
        return made;
    }

    /// <summary>True where the text is the operator's token.</summary>
    public bool Matches(string token) => _hash is not null && token.Length <= MaxLength && _hash.Matches(token);
}
