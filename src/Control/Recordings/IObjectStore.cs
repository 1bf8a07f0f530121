namespace Sluice.Control.Recordings;

/// <summary>The store refused, could not be reached, or keeps something else than was sent. The message is for the operator.</summary>
public sealed class ObjectStoreException : Exception
{
    public ObjectStoreException()
    {
    }

    public ObjectStoreException(string message)
        : base(message)
    {
    }

    public ObjectStoreException(string message, Exception cause)
        : base(message, cause)
    {
    }

    /// <summary>The store knows nothing of the upload or the object any more.</summary>
    public bool IsGone { get; init; }
}

/// <summary>
/// Where finished files are kept besides this disk, or instead of it: objects by key, uploaded in pieces so that an upload goes on where it was after a restart.
/// Every failure is an <see cref="ObjectStoreException"/>.
/// </summary>
public interface IObjectStore
{
    /// <summary>What it is, for the log: never with a secret.</summary>
    string Name { get; }

    /// <summary>Begins an upload and gives the store's name for it.</summary>
    Task<string> BeginAsync(string key, CancellationToken cancel);

    /// <summary>Sends one piece; what the store answered is verified and given back.</summary>
    /// <param name="key">The object's key.</param>
    /// <param name="uploadId">The store's name for the upload.</param>
    /// <param name="number">From 1 on.</param>
    /// <param name="piece">Its bytes.</param>
    /// <param name="cancel">Ends it.</param>
    Task<string> PutPieceAsync(string key, string uploadId, int number, ReadOnlyMemory<byte> piece, CancellationToken cancel);

    /// <summary>Makes the object of its pieces, and verifies that it is there with that length.</summary>
    Task CompleteAsync(string key, string uploadId, IReadOnlyList<string> pieces, long length, CancellationToken cancel);

    /// <summary>True where the upload is still known to the store with the pieces that were counted.</summary>
    Task<bool> KnowsAsync(string key, string uploadId, IReadOnlyList<string> pieces, CancellationToken cancel);

    /// <summary>Opens a part of an object for reading.</summary>
    Task<Stream> OpenAsync(string key, long offset, long length, CancellationToken cancel);

    /// <summary>Deletes an object; nothing where there is none.</summary>
    Task DeleteAsync(string key, CancellationToken cancel);
}
